//! Checks of function calls and aggregations: their operands and results.

use std::collections::BTreeMap;

use crate::codes;
use promql_parser::label::MatchOp;
use promql_parser::parser::token::{
    T_AVG, T_BOTTOMK, T_COMMA, T_COUNT, T_COUNT_VALUES, T_GROUP, T_LEFT_PAREN, T_LIMIT_RATIO,
    T_LIMITK, T_MAX, T_MIN, T_QUANTILE, T_RIGHT_PAREN, T_STDDEV, T_STDVAR, T_SUM, T_TOPK,
};
use promql_parser::parser::{AggregateExpr, Call, Expr, LabelModifier, VectorSelector};

use shadowcat_metrics_codegen::suggest;

use super::histograms;
use super::labels::Labels;
use super::matchers::{is_valid_pattern, matches_any};
use super::query::Place;
use super::text::{is_variable, restore};
use super::vocabulary::{Ceiling, Renamed, Samples, Shape};
use super::walk::{Report, Role, Walk, Yield};
use super::write::{Histograms, exclude};

shadowcat_metrics_codegen::codes! {
    table CODES;

    FUNCTION_UNFIT = "SM0906" "function-unfit": "the wrong kind of metric for a function",
    "`rate`, `irate`, `increase` and `resets` take counters: they read a decrease as a reset. `delta`, \
     `deriv` and similar functions take gauges: they read a reset as a decrease. A sum of counters decreases when one \
     of them resets, so take the rate first and sum the rates. `sum_over_time` and `avg_over_time` of a \
     counter depend on when the program started.",
    wrong: alert_on!("rate({http.open}[5m]) > 1"),
    right: alert_on!("deriv({http.open}[5m]) > 1");

    QUANTILE_UNFIT = "SM0907" "quantile-unfit": "a quantile without buckets",
    "A quantile is computed from buckets, which differ in the label `le`. A sum that does not keep `le` has no buckets. A \
     quantile never exceeds the highest bucket bound, so a comparison with a higher value can never be true. This also applies \
     to quantiles that recording rules store.",
    wrong: alert_on!("histogram_quantile(0.9, sum(rate({http.duration}_bucket[5m]))) > 1"),
    right: alert_on!("histogram_quantile(0.9, sum by (le) (rate({http.duration}_bucket[5m]))) > 1");

    MIXED_GROUPING = "SM0926" "mixed-grouping": "grouping by a label that only some series have",
    "In a sum label, the value of the label in `of` decides which extra labels a series has. Grouping by an extra label sums \
     all series without it into one result with an empty label. Select the series that have the label, or also group by the \
     label in `of`.",
    wrong: alert_on_call!("sum by (tool) (rate({http.calls}[5m])) > 1"),
    right: alert_on_call!("sum by (tool) (rate({http.calls}{method='tools/call'}[5m])) > 1");

    RENAMED_COUNTED_TWICE = "SM0932" "renamed-counted-twice": "a sum that counts a renamed label value twice",
    "While a label value has `renamed_from`, its series are exposed under both names. A sum or count over the label adds up both. \
     Exclude the current name: only the former one has samples from before the renaming. When you remove `renamed_from`, the \
     matcher for the current name must go, too.",
    example: r#"[labels.result.values]
failed = "With an error."
ok = { help = "As intended.", renamed_from = { name = "success", until = "2.0.0" } }

[labels.result]
help = "How the request ended."

[metrics.http.requests]
type = "counter"
help = "Requests answered."
labels = ["result"]

[alerts.example]
summary = "An example."
- expr = "sum(rate({http.requests}[5m])) > 10"
+ expr = "sum(rate({http.requests}{result!='ok'}[5m])) > 10"
severity = "warning"
"#;
}

/// Functions for values that only go up.
const OF_COUNTERS: [&str; 4] = ["rate", "irate", "increase", "resets"];
/// Functions for values that go up and down.
const OF_GAUGES: [&str; 6] = [
    "delta",
    "idelta",
    "deriv",
    "predict_linear",
    "holt_winters",
    "double_exponential_smoothing",
];
/// Functions of the raw value, which for a counter depends on when its program started.
const OF_HEIGHTS: [&str; 6] = [
    "sum_over_time",
    "avg_over_time",
    "quantile_over_time",
    "stddev_over_time",
    "stdvar_over_time",
    "mad_over_time",
];
/// Functions whose result is of the same kind as their argument.
const KEEPING: [&str; 13] = [
    "abs",
    "ceil",
    "floor",
    "round",
    "clamp",
    "clamp_min",
    "clamp_max",
    "sort",
    "sort_desc",
    "last_over_time",
    "max_over_time",
    "min_over_time",
    "avg_over_time",
];

/// Functions among these whose result may be higher than their argument.
const RAISING: [&str; 5] = ["abs", "ceil", "round", "clamp", "clamp_min"];

impl Walk<'_> {
    pub(super) fn call(&mut self, call: &Call) -> Yield {
        let name = call.func.name;
        let place = self.pass();
        self.eat(T_LEFT_PAREN);
        let mut vector = None;
        for arg in &call.args.args {
            let yielded = self.walk(arg, Role::Guard);
            self.eat(T_COMMA);
            vector = vector.or(Some(yielded).filter(|yielded| !yielded.scalar));
        }
        self.eat(T_RIGHT_PAREN);
        let Some(vector) = vector else {
            return Yield {
                scalar: name != "vector",
                ..Yield::scalar()
            };
        };
        // The variable may stand for any function.
        if self.is_variable(&place) {
            return Yield::default();
        }
        let before = self.findings.len();
        let samples = histograms::called(self, name, &place, vector.samples);
        let result = self.result(call, name, place, vector, self.findings.len() > before);
        Yield { samples, ..result }
    }

    /// Returns the result of a function. `is_unfit` is true if it was reported that there is none.
    fn result(
        &mut self,
        call: &Call,
        name: &str,
        place: Place,
        vector: Yield,
        is_unfit: bool,
    ) -> Yield {
        let kept = Yield {
            labels: vector.labels.clone(),
            highest: vector.highest,
            pins: vector.pins.clone(),
            mixed: vector.mixed.clone(),
            doubled: vector.doubled.clone(),
            ..Yield::default()
        };
        match name {
            _ if is_unfit => kept,
            _ if OF_COUNTERS.contains(&name) => {
                self.of_counters(name, place, &vector);
                kept
            }
            _ if OF_GAUGES.contains(&name) => {
                if vector.raw.is_some() {
                    let message = format!("`{name}` misreads counter resets as decreases");
                    let label = "expected a gauge in it, or `rate` or `increase` instead";
                    self.find(codes::FUNCTION_UNFIT, place, message, label);
                }
                kept
            }
            _ if OF_HEIGHTS.contains(&name) && vector.raw.is_some() => {
                let message = if name == "sum_over_time" {
                    "`sum_over_time` of a counter adds its total again at every scrape".to_owned()
                } else {
                    format!("`{name}` of a counter depends on when the program started")
                };
                let expected = "expected `increase` or `rate` instead, or a gauge in it";
                self.find(codes::FUNCTION_UNFIT, place, message, expected);
                kept
            }
            _ if KEEPING.contains(&name) => Yield {
                shape: None,
                ceiling: vector.ceiling.filter(|_| !RAISING.contains(&name)),
                counted: None,
                ..vector
            },
            "histogram_quantile" => self.quantile(call, place, vector.samples, kept),
            "histogram_fraction" => {
                let mut share = self.of_buckets(&place, vector.samples, kept);
                share.ceiling = Some((Ceiling::Whole(1.0), place));
                share
            }
            // The count and the sum of a histogram are counters like the histogram itself.
            "histogram_count" | "histogram_sum" => Yield {
                raw: vector.raw,
                summed: vector.summed,
                ..kept
            },
            "label_replace" | "label_join" => self.relabel(call, &place, vector),
            "scalar" => Yield::scalar(),
            "absent" | "absent_over_time" => Yield {
                labels: Self::labels_of_absent(call),
                counted: Some(place),
                ..Yield::default()
            },
            "count_over_time" | "present_over_time" => Yield {
                counted: Some(place),
                ..kept
            },
            _ => kept,
        }
    }

    fn of_counters(&mut self, name: &str, place: Place, of: &Yield) {
        if of.shape == Some(Shape::Gauge) {
            let message = format!("`{name}` misreads decreases of a gauge as counter resets");
            let label = "expected a counter in it, or `delta` or `deriv` instead";
            self.find(codes::FUNCTION_UNFIT, place, message, label);
        } else if of.summed {
            let message = format!(
                "`{name}` of a sum of counters misreads the reset of one as a reset of all"
            );
            let label = format!("expected `{name}` of each counter, and the sum around it");
            self.find(codes::FUNCTION_UNFIT, place, message, label);
        }
    }

    fn quantile(&mut self, call: &Call, place: Place, samples: Samples, of: Yield) -> Yield {
        if let Some(Expr::NumberLiteral(quantile)) = call.args.args.first().map(|arg| &**arg)
            && !(0.0..=1.0).contains(&quantile.val)
        {
            let message = format!("{} is not a quantile", quantile.val);
            let label = "expected a number from 0 to 1";
            self.find(codes::QUANTILE_UNFIT, place.clone(), message, label);
        }
        let mut of = self.of_buckets(&place, samples, of);
        of.ceiling = of
            .highest
            .take()
            .map(|highest| (Ceiling::Bound(highest), place));
        of
    }

    /// Checks that an argument has buckets: the label `le`, or native histograms. Returns the result's labels.
    fn of_buckets(&mut self, place: &Place, samples: Samples, mut of: Yield) -> Yield {
        if let Some(labels) = &mut of.labels
            && !labels.remove("le")
            && samples == Samples::Numbers
        {
            let message = "the series have no label `le`, so there are no buckets";
            let label = if self.vocabulary.histograms == Histograms::Native {
                "expected native histograms"
            } else {
                "expected a histogram's `_bucket`, summed `by (le, ...)`"
            };
            self.find(codes::QUANTILE_UNFIT, place.clone(), message, label);
        }
        of
    }

    /// Handles `label_replace` and `label_join`, which add a label from existing labels.
    fn relabel(&mut self, call: &Call, place: &Place, of: Yield) -> Yield {
        let texts = call.args.args.iter().map(|arg| match &**arg {
            Expr::StringLiteral(text) => restore(&text.val),
            _ => String::new(),
        });
        let texts: Vec<_> = texts.collect();
        let texts: Vec<_> = texts.iter().map(String::as_str).collect();
        let replaces = call.func.name == "label_replace";
        if let ("label_replace", Some(pattern)) = (call.func.name, texts.get(4))
            && !is_variable(pattern)
            && !is_valid_pattern(pattern)
        {
            let message = format!("this is not PromQL: `{pattern}` is not a regular expression");
            let label = "expected a pattern in the syntax of RE2";
            let found = self.find(codes::PROMQL_SYNTAX, place.clone(), message, label);
            found.advise("Prometheus loads the query, but every evaluation fails");
        }
        // After the series and the new label come the replacement, the source and the pattern, or a separator
        // and the sources.
        let (target, sources) = match texts.as_slice() {
            // The idiom for adding a label with a constant value: the pattern matches any source.
            [_, target, value, _, pattern]
                if replaces && !value.contains('$') && matches_any(pattern, [""]) =>
            {
                (*target, Vec::new())
            }
            [_, target, _, source, _] if replaces => (*target, vec![(*source).to_owned()]),
            [_, target, _, sources @ ..] => (
                *target,
                sources.iter().map(|&label| label.to_owned()).collect(),
            ),
            _ => return Yield::default(),
        };
        let is_open = |label: &str| label.is_empty() || is_variable(label);
        if let Some(known) = &of.labels {
            let sources: Vec<_> = sources
                .into_iter()
                .filter(|label| !is_open(label))
                .collect();
            self.listed(&sources, &[], known, place, Report::All);
        }
        let with_target = |mut labels: Labels| {
            labels.insert(target);
            labels
        };
        let mut pins = of.pins;
        pins.retain(|label, _| label != target && !is_variable(target));
        Yield {
            labels: of.labels.filter(|_| !is_variable(target)).map(with_target),
            pins,
            ..of
        }
    }

    /// Returns the labels that `absent` derives from a selector's matchers: those that select one value. It
    /// derives none from other expressions.
    fn labels_of_absent(call: &Call) -> Option<Labels> {
        let mut arg = call.args.args.first().map(|arg| &**arg)?;
        while let Expr::Paren(paren) = arg {
            arg = &paren.expr;
        }
        let selector = match arg {
            Expr::VectorSelector(selector) => selector,
            Expr::MatrixSelector(matrix) => &matrix.vs,
            _ => return Some(Labels::default()),
        };
        let VectorSelector { matchers, .. } = selector;
        let is_open = matchers
            .matchers
            .iter()
            .any(|matcher| is_variable(&matcher.name));
        let selects_one = |name: &str| {
            let mut of_label = matchers
                .matchers
                .iter()
                .filter(|matcher| matcher.name == name);
            of_label.all(|matcher| matcher.op == MatchOp::Equal && !matcher.value.is_empty())
        };
        let names = matchers.matchers.iter().map(|matcher| matcher.name.clone());
        let names = names.filter(|name| name != "__name__" && selects_one(name));
        (!is_open).then(|| Labels::certain(names))
    }

    /// Warns of a label in an aggregation's `by` that only some of the series have, unless `by` also lists the label that
    /// decides which have it.
    fn mixed_grouping(
        &mut self,
        listed: &[String],
        places: &[Place],
        fallback: &Place,
        mixed: &BTreeMap<String, Vec<String>>,
    ) {
        for (at, label) in listed.iter().enumerate() {
            let Some(of) = mixed.get(label) else { continue };
            if of.iter().any(|of| listed.contains(of)) {
                continue;
            }
            let of = suggest::list(of.iter().map(String::as_str));
            let place = places.get(at).unwrap_or(fallback).clone();
            let message = format!("`by ({label})` adds up all series without `{label}`");
            let label = format!("some series lack it, depending on {of}");
            let found = self.find(codes::MIXED_GROUPING, place, message, label);
            found.advise(format!(
                "select the series that have the label, or also group by {of}"
            ));
        }
    }

    /// Warns of a sum or count over a label whose renamed values have series under both names.
    fn counted_twice(&mut self, op: &Place, added_up: &[Renamed]) {
        for all in added_up.chunk_by(|one, next| one.label == next.label) {
            let label = &all[0].label;
            let (mut current, mut both) = (Vec::new(), Vec::new());
            for renamed in all {
                current.push(renamed.current.as_str());
                both.push(format!(
                    "`{}` is also exposed as `{}`",
                    renamed.current, renamed.former
                ));
            }
            let op_name = &self.query[op.clone()];
            let message = format!("`{op_name}` counts renamed values of `{label}` twice");
            let code = codes::RENAMED_COUNTED_TWICE;
            let found = self.find(code, op.clone(), message, both.join(", and "));
            found.advise(format!(
                "exclude the current name until the former one is removed: {}",
                exclude(label, &current)
            ));
        }
    }

    pub(super) fn aggregate(&mut self, aggregate: &AggregateExpr) -> Yield {
        let op = self.pass();
        let before = self.eat_grouping();
        self.eat(T_LEFT_PAREN);
        if let Some(param) = &aggregate.param {
            self.walk(param, Role::Guard);
            self.eat(T_COMMA);
        }
        let of = self.walk(&aggregate.expr, Role::Guard);
        self.eat(T_COMMA);
        self.eat(T_RIGHT_PAREN);
        let places = before.or_else(|| self.eat_grouping()).unwrap_or_default();
        let is_open = places.iter().any(|label| self.is_variable(label));
        let listed = aggregate.modifier.as_ref().map(LabelModifier::labels);
        let listed = listed.map_or(&[][..], |labels| labels.labels.as_slice());
        let report = match &aggregate.modifier {
            Some(LabelModifier::Exclude(_)) => Report::Misspelt,
            Some(LabelModifier::Include(_)) | None => Report::All,
        };
        let before = self.findings.len();
        let listed = match &of.labels {
            Some(known) => self.listed(listed, &places, known, &op, report),
            None => listed.to_vec(),
        };
        if of.samples == Samples::Histograms {
            for finding in &mut self.findings[before..] {
                if &self.query[finding.range.clone()] == "le" {
                    "remove `le`: a native histogram contains its buckets"
                        .clone_into(&mut finding.label);
                }
            }
        }
        if let Some(LabelModifier::Include(_)) = &aggregate.modifier {
            self.mixed_grouping(&listed, &places, &op, &of.mixed);
        }
        let id = aggregate.op.id();
        // These select series and leave them unchanged.
        let selects = matches!(id, T_TOPK | T_BOTTOMK | T_LIMITK | T_LIMIT_RATIO);
        let mut labels = match &aggregate.modifier {
            _ if selects => of.labels,
            None => Some(Labels::default()),
            Some(LabelModifier::Include(_)) => match of.labels {
                Some(known) => Some(known.only(&listed)),
                None => Some(Labels::certain(listed.iter().cloned())),
            },
            Some(LabelModifier::Exclude(_)) => of.labels.map(|labels| labels.without(&listed)),
        };
        if id == T_COUNT_VALUES {
            labels = match aggregate.param.as_deref() {
                Some(Expr::StringLiteral(label)) if !is_variable(&label.val) => {
                    labels.map(|mut labels| {
                        labels.insert(&label.val);
                        labels
                    })
                }
                Some(_) | None => None,
            };
        }
        let keeps = |label: &String| match &aggregate.modifier {
            _ if selects => true,
            Some(LabelModifier::Include(_)) => listed.contains(label),
            Some(LabelModifier::Exclude(_)) => !is_open && !listed.contains(label),
            None => false,
        };
        let mut pins = of.pins;
        pins.retain(|label, _| keeps(label));
        let (doubled, added_up): (Vec<_>, Vec<_>) = of
            .doubled
            .into_iter()
            .partition(|renamed| keeps(&renamed.label));
        if matches!(id, T_SUM | T_COUNT) && !is_open {
            self.counted_twice(&op, &added_up);
        }
        let counts = matches!(id, T_COUNT | T_GROUP | T_COUNT_VALUES | T_STDDEV | T_STDVAR);
        let keeps_ceiling = selects || matches!(id, T_MAX | T_MIN | T_AVG | T_QUANTILE);
        let before = self.findings.len();
        let samples = histograms::aggregated(self, id, &op, of.samples);
        let is_unfit = self.findings.len() > before;
        let raw = of.raw.filter(|_| !counts && !is_unfit);
        Yield {
            scalar: false,
            // A variable may be any label.
            labels: labels.filter(|_| !is_open),
            shape: None,
            summed: raw.is_some() && !selects,
            raw,
            counted: matches!(id, T_COUNT | T_GROUP).then_some(op),
            samples,
            pins,
            mixed: BTreeMap::new(),
            doubled,
            highest: of.highest,
            ceiling: of.ceiling.filter(|_| keeps_ceiling),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::promql::testing::assert_rows;

    #[test]
    fn quantiles_need_buckets() {
        assert_rows(
            "
            histogram_quantile(0.9, sum by (server, le) (rate(app_http_duration_seconds_bucket[5m]))) =>
            histogram_quantile(0.9, sum by (server) (rate(app_http_duration_seconds_bucket[5m]))) => SM0907 histogram_quantile
            histogram_quantile(0.9, rate(app_http_duration_seconds_sum[5m])) => SM0907 histogram_quantile
            histogram_quantile(99, rate(app_http_duration_seconds_bucket[5m])) => SM0907 histogram_quantile
            histogram_quantile(0.9, sum without (le) (rate(app_http_duration_seconds_bucket[5m]))) => SM0907 histogram_quantile
        ",
        );
    }

    #[test]
    fn quantiles_are_never_above_the_highest_bound() {
        let quantile =
            "histogram_quantile(0.9, sum by (le) (rate(app_http_duration_seconds_bucket[5m])))";
        let rows = "
            Q > 5 =>
            Q >= 10 =>
            Q > 10 => SM0907 histogram_quantile
            12 <= Q => SM0907 histogram_quantile
            max(Q) > (12) => SM0907 histogram_quantile
            max_over_time(Q[1h:1m]) > bool 12 => SM0907 histogram_quantile
            Q * 1000 > 12 =>
            sum(Q) > 12 =>
            round(Q) > 12 =>
            Q < 12 =>
            Q > $limit =>
        ";
        assert_rows(&rows.replace('Q', quantile));
    }

    #[test]
    fn functions_and_kinds() {
        assert_rows(
            "
            rate(app_http_open[5m]) => SM0906 rate
            increase(app_http_mood[5m]) => SM0906 increase
            delta(app_http_open[5m]) =>
            deriv(app_http_requests_total[5m]) => SM0906 deriv
            delta(app_http_duration_seconds_count[5m]) => SM0906 delta
            rate(app_http_requests_total[5m:1m]) =>
            max_over_time(rate(app_http_requests_total[5m])[1h:]) =>
            rate(sum(app_http_requests_total)[5m:1m]) => SM0906 rate
            rate(topk(3, app_http_requests_total)[5m:1m]) =>
            rate(count(app_http_requests_total)[5m:1m]) =>
            app_http_requests_total > 5 => SM0908 app_http_requests_total
            sum by (server) (app_http_requests_total) * 2 >= 5 => SM0908 app_http_requests_total
            5 < max_over_time(app_http_requests_total[5m]) => SM0908 app_http_requests_total
            count(app_http_requests_total) > 5 =>
            changes(app_http_requests_total[5m]) > 5 =>
            app_http_open > 5 =>
        ",
        );
    }

    #[test]
    fn labels_are_followed() {
        assert_rows(
            r#"
            sum by (server) (absent(app_http_open{server="a"})) =>
            sum by (server) (absent(sum by (server) (app_http_open))) => SM0909 server
            sum by (server) (absent((app_http_open{server=~"a"}))) => SM0909 server
            sum by (server) (absent_over_time(app_http_open{server="a"}[5m])) =>
            sum by (value) (count_values("value", app_http_open)) =>
            sum by (server) (count_values("value", app_http_open)) => SM0909 server
            sum by (server) (count_values by (server) ("value", app_http_open)) =>
            sum by (job) (count_values without (server) ("value", app_http_open)) =>
            sum by (instance, cluster) (up) =>
            sum by (srvr) (up) => SM0909 srvr
            // Targets of other programs may have other labels.
            sum by (zone) (up{zone="a"}) =>
            sum by (zone) (job_server:app_http_retry_ratio:rate5m) => SM0909 zone
            sum by (cluster) (job_server:app_http_retry_ratio:rate5m) =>
            sum by (zone) (app_http_open or job_server:app_http_retry_ratio:rate5m) => SM0909 zone
            sum by (instance) (app_http_open or job_server:app_http_retry_ratio:rate5m) =>
        "#,
        );
    }
}
