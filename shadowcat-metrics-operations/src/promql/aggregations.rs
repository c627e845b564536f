//! Aggregations, `sum` and its like: what they keep of their operand.

use std::collections::BTreeSet;

use promql_parser::parser::{AggregateExpr, LabelModifier};

use super::check::{Walk, Yield};

impl Walk<'_> {
    pub(super) fn aggregate(&mut self, aggregate: &AggregateExpr) -> Yield {
        let place = self.places.aggregations.pop_front().unwrap_or_default();
        let op = self.query[place.op.clone()].to_ascii_lowercase();
        if let Some(param) = &aggregate.param {
            self.walk(param);
        }
        let of = self.walk(&aggregate.expr);
        let listed = aggregate.modifier.as_ref().map(LabelModifier::labels);
        let listed = listed.map_or(&[][..], |labels| labels.labels.as_slice());
        if let Some(known) = &of.labels {
            self.grouping(listed, &place.labels, known, &place.op);
        }
        // These choose among the series, and leave them as they are.
        let chooses = matches!(op.as_str(), "topk" | "bottomk" | "limitk" | "limit_ratio");
        let labels = match (op.as_str(), &aggregate.modifier) {
            _ if chooses => of.labels,
            ("count_values", _) => None,
            (_, None) => Some(BTreeSet::new()),
            (_, Some(LabelModifier::Include(_))) => Some(listed.iter().cloned().collect()),
            (_, Some(LabelModifier::Exclude(_))) => of.labels.map(|mut labels| {
                labels.retain(|label| !listed.contains(label));
                labels
            }),
        };
        let counts = matches!(
            op.as_str(),
            "count" | "group" | "count_values" | "stddev" | "stdvar"
        );
        let is_open = place.labels.iter().any(|label| self.is_variable(label));
        let mut pins = of.pins;
        pins.retain(|label, _| match &aggregate.modifier {
            _ if chooses => true,
            Some(LabelModifier::Include(_)) => listed.contains(label),
            Some(LabelModifier::Exclude(_)) => !is_open && !listed.contains(label),
            None => false,
        });
        let raw = of.raw.filter(|_| !counts);
        Yield {
            scalar: false,
            // A variable may be any label.
            labels: labels.filter(|_| !is_open),
            shape: None,
            summed: raw.is_some() && !chooses,
            raw,
            counted: matches!(op.as_str(), "count" | "group").then_some(place.op),
            pins,
            highest: of.highest,
            ceiling: of
                .ceiling
                .filter(|_| chooses || matches!(op.as_str(), "max" | "min" | "avg" | "quantile")),
        }
    }
}
