//! `coarse-buckets`: neighbouring bounds so far apart that a quantile between them is a guess.

use super::finding::{Finding, Item, metrics};
use crate::model::{Origin, Registry};

/// A decade is the widest step that people choose on purpose.
const WIDEST: f64 = 10.0;

pub(super) fn check(registry: &Registry, findings: &mut Vec<Finding>) {
    for (id, metric) in metrics(registry).filter(|(_, metric)| metric.origin == Origin::Schema) {
        let Some(bounds) = registry.bounds(metric) else {
            continue;
        };
        // A bound of zero is there for its own sake.
        let mut pairs = bounds.windows(2).filter(|pair| pair[0] > 0.0);
        // Written decades may be a rounding apart from ten.
        if let Some([low, high]) = pairs.find(|pair| pair[1] / pair[0] > WIDEST * 1.001) {
            let message = format!("`{}` cannot tell {low} from {high}", metric.key);
            let label = format!("nothing lies between {low} and {high}");
            let finding = Finding::new(Item::Metric(id), metric.spans.buckets, message, label);
            findings.push(finding.help(
                "a quantile is interpolated between bounds, so it may be off by what lies between them; twice the bound \
                 before is a good step",
            ));
        }
    }
}
