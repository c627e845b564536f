//! Ratios: rules for the numerator and the denominator.

use super::Checker;
use crate::codes::codes;
use crate::model::{Kind, LabelId, Metric, MetricId, MetricSpans, SumUse, Unit};
use crate::parse::ast::{self, Field, Spanned, Texts};
use crate::sentence::with_article;

codes! {
    table RATIOS;

    MISSING_OPERANDS = "SM0601" "missing-operands": "a ratio without operands",
    "A ratio is the sum of the metrics in `numerator` divided by the sum of the metrics in `denominator`. Each lists \
     at least one metric, as `group.metric`.",
    example: r#"[metrics.http.hits]
type = "counter"
help = "Requests served from the cache."

+ [metrics.http.requests]
+ type = "counter"
+ help = "Requests answered."
+
[metrics.http.hit_ratio]
type = "ratio"
numerator = "http.hits"
+ denominator = "http.requests"
help = "Share of requests served from the cache."
"#;

    INVALID_OPERAND = "SM0602" "invalid-operand": "a ratio of metrics that cannot be divided",
    "The operands of a ratio are counters, gauges and up-down counters. Histograms, state metrics and info metrics \
     are not single numbers. Ratios cannot be operands either, because a sum of ratios has no meaning.",
    example: r#"+ [metrics.http.hits]
+ type = "counter"
+ help = "Requests served from the cache."
+
+ [metrics.http.requests]
+ type = "counter"
+ help = "Requests answered."
+
[metrics.http.hit_ratio]
type = "ratio"
- numerator = "http.hit_ratio"
- denominator = "http.hit_ratio"
+ numerator = "http.hits"
+ denominator = "http.requests"
help = "Share of requests served from the cache."
"#;

    DUPLICATE_OPERAND = "SM0603" "duplicate-operand": "a metric listed twice on one side of a ratio",
    "A metric that is listed twice would be added twice. A metric may be in both `numerator` and `denominator`, once \
     in each.",
    example: r#"[metrics.http.hits]
type = "counter"
help = "Requests served from the cache."

+ [metrics.http.misses]
+ type = "counter"
+ help = "Requests not served from the cache."
+
[metrics.http.hit_ratio]
type = "ratio"
numerator = "http.hits"
- denominator = ["http.hits", "http.hits"]
+ denominator = ["http.hits", "http.misses"]
help = "Share of requests served from the cache."
"#;

    RATIO_UNLIKE_KINDS = "SM0604" "ratio-unlike-kinds": "a ratio of counters and gauges",
    "A counter only grows, while a gauge goes up and down, so their quotient depends on how long the program has been running. \
     Divide counters by counters, and gauges or up-down counters by gauges or up-down counters.",
    example: r#"[metrics.http.hits]
type = "counter"
help = "Requests served from the cache."

- [metrics.http.active]
- type = "gauge"
- help = "Requests in progress."
+ [metrics.http.requests]
+ type = "counter"
+ help = "Requests answered."

[metrics.http.hit_ratio]
type = "ratio"
numerator = "http.hits"
- denominator = "http.active"
+ denominator = "http.requests"
help = "Share of requests served from the cache."
"#;

    RATIO_UNLIKE_UNITS = "SM0605" "ratio-unlike-units": "a ratio of different units",
    "A ratio is a share, so its operands have the same unit. Compute other quotients, such as bytes per request, in a \
     query.",
    example: r#"[metrics.http.sent]
type = "counter"
unit = "bytes"
help = "Bytes sent."

- [metrics.http.requests]
+ [metrics.http.received]
type = "counter"
- help = "Requests answered."
+ unit = "bytes"
+ help = "Bytes received."

[metrics.http.sent_ratio]
type = "ratio"
numerator = "http.sent"
- denominator = "http.requests"
- help = "Bytes sent per request."
+ denominator = ["http.sent", "http.received"]
+ help = "Share of the traffic that was sent."
"#;

    RATIO_UNLIKE_LABELS = "SM0606" "ratio-unlike-labels": "a ratio of metrics with different labels",
    "A ratio is computed for each combination of its labels, so every operand must have the same labels as the ratio, \
     in any order. The labels of a ratio are those of its group and its own.",
    example: r#"[labels.method]
help = "Method of the request."
values = ["GET", "POST"]

[metrics.http.hits]
type = "counter"
labels = ["method"]
help = "Requests served from the cache."

[metrics.http.requests]
type = "counter"
labels = ["method"]
help = "Requests answered."

[metrics.http.hit_ratio]
type = "ratio"
+ labels = ["method"]
numerator = "http.hits"
denominator = "http.requests"
help = "Share of requests served from the cache."
"#;
}

impl Checker<'_> {
    /// Resolves a ratio's operands, and checks that they are alike and have the ratio's labels.
    pub(super) fn check_ratio(&mut self, metric: &ast::Metric, index: usize) {
        if self.registry.metrics[index].kind.spec().operands.is_none() {
            return;
        }
        let above = self.check_operands(&metric.numerator, "numerator", metric, index);
        let below = self.check_operands(&metric.denominator, "denominator", metric, index);
        let operands = [above.as_slice(), &below].concat();
        if let Some((first, others)) = operands.split_first() {
            for operand in others {
                self.check_alike(first, operand);
            }
        }
        let ids = |side: Vec<Spanned<MetricId>>| {
            let mut ids = Vec::new();
            for operand in side {
                ids.push(operand.value);
            }
            ids
        };
        self.registry.metrics[index].kind = Kind::Ratio {
            numerator: ids(above),
            denominator: ids(below),
        };
    }

    fn check_operands(
        &mut self,
        field: &Field<Texts>,
        key: &str,
        metric: &ast::Metric,
        ratio: usize,
    ) -> Vec<Spanned<MetricId>> {
        if field.items().is_empty() && !matches!(field, Field::Invalid) {
            let message = format!("the ratio `{}` has no `{key}`", metric.key.value);
            let span = field.span().unwrap_or(metric.key.span);
            self.error(MISSING_OPERANDS, span, message).label(format!(
                "expected `{key} = [\"group.metric\"]`, with the metrics to sum"
            ));
        }
        let mut operands: Vec<Spanned<MetricId>> = Vec::new();
        for name in field.items() {
            let span = name.span;
            let Some(id) = self.resolve_metric(&name.value, span) else {
                continue;
            };
            if !self.check_operand(name, id, ratio) {
                continue;
            }
            if let Some(first) = operands.iter().find(|operand| operand.value == id) {
                let message = format!("the {key} counts `{}` twice", name.value);
                self.error(DUPLICATE_OPERAND, span, message)
                    .label("remove this one")
                    .secondary(first.span, "the first one");
            } else {
                operands.push(Spanned { value: id, span });
            }
        }
        operands
    }

    /// Returns whether a metric can be an operand of a ratio, and reports it otherwise.
    fn check_operand(&mut self, name: &Spanned<String>, id: MetricId, ratio: usize) -> bool {
        let operand = &self.registry.metrics[id.0];
        let (spans, written) = (operand.spans, &name.value);
        if operand.kind.spec().operand.is_none() {
            let message = if id.0 == ratio {
                format!("the ratio `{written}` has itself as an operand")
            } else {
                let kind = operand.kind.name();
                format!("`{written}` is of type `{kind}`, which cannot be divided")
            };
            self.error(INVALID_OPERAND, name.span, message)
                .label("expected a `counter`, a `gauge` or an `updown_counter`")
                .secondary(spans.kind, "its type");
            return false;
        }
        let quotient = &self.registry.metrics[ratio];
        if have_same_labels(operand, quotient) {
            return true;
        }
        if self.is_faulty_metric(id) || self.is_faulty_metric(MetricId(ratio)) {
            return false;
        }
        let (of_operand, of_ratio) = (
            self.describe_labels(operand),
            self.describe_labels(quotient),
        );
        let of_metric = |noun, spans: MetricSpans| {
            if spans.labels == spans.key {
                (spans.key, format!("the {noun}"))
            } else {
                (spans.labels, format!("labels of the {noun}"))
            }
        };
        let (at, operand_label) = of_metric("operand", spans);
        let (ratio, ratio_label) = of_metric("ratio", quotient.spans);
        let message = format!("`{written}` has {of_operand}, but the ratio has {of_ratio}");
        self.error(RATIO_UNLIKE_LABELS, name.span, message)
            .label("expected a metric with the same labels as the ratio")
            .secondary(at, operand_label)
            .secondary(ratio, ratio_label);
        true
    }

    fn check_alike(&mut self, first: &Spanned<MetricId>, operand: &Spanned<MetricId>) {
        let [one, other] = [first, operand].map(|operand| &self.registry.metrics[operand.value.0]);
        let (code, message, label) = if one.kind.spec().operand != other.kind.spec().operand {
            let [one, other] =
                [one, other].map(|metric| with_article(&format!("`{}`", metric.kind.name())));
            (
                RATIO_UNLIKE_KINDS,
                format!("a ratio cannot combine {one} with {other}"),
                "expected all counters, or all gauges and up-down counters",
            )
        } else if one.unit != other.unit {
            let [one, other] = [one, other].map(|metric| match metric.unit {
                Unit::None => "no unit",
                unit => unit.name(),
            });
            (
                RATIO_UNLIKE_UNITS,
                format!(
                    "the operands of the ratio have different units: {other} here, but {one} in the first operand"
                ),
                "expected operands with the same unit",
            )
        } else {
            return;
        };
        self.error(code, operand.span, message)
            .label(label)
            .secondary(first.span, "the first operand");
    }

    fn describe_labels(&self, metric: &Metric) -> String {
        let mut names = Vec::new();
        for label in &metric.labels {
            let name = &self.registry.labels[label.0].name;
            let optional = if metric.is_optional(*label) {
                " (optional)"
            } else {
                ""
            };
            names.push(format!("`{name}`{optional}"));
        }
        match names.as_slice() {
            [] => "no labels".to_owned(),
            [only] => format!("the label {only}"),
            [init @ .., last] => format!("the labels {} and {last}", init.join(", ")),
        }
    }
}

fn have_same_labels(one: &Metric, other: &Metric) -> bool {
    let same = |one: &[LabelId], other: &[LabelId]| {
        one.len() == other.len() && one.iter().all(|label| other.contains(label))
    };
    let is_there = |sum: &SumUse| other.sums.iter().any(|known| known.sum == sum.sum);
    same(&one.labels, &other.labels)
        && same(&one.optional, &other.optional)
        && one.sums.len() == other.sums.len()
        && one.sums.iter().all(is_there)
}

#[test]
fn rules_of_operands() {
    crate::testing::rules(
        r#"
        ^x: ratio, numerator = ^[] => missing-operands missing-operands
        x: ratio, numerator = ^"app.x", denominator = [^"app.x"] => invalid-operand invalid-operand

        hits: counter | s: ratio, numerator = "app.hits", denominator = "app.hits" =>
        idle: gauge | level: updown_counter | s: ratio, numerator = "app.idle", denominator = "app.level" =>
        hits: counter | idle: gauge | s: ratio, numerator = "app.hits", denominator = ^"app.idle" => ratio-unlike-kinds
        hits: counter | level: updown_counter | s: ratio, numerator = "app.level", denominator = ^"app.hits" => ratio-unlike-kinds
        hits: counter | sent: counter, unit = "bytes" | s: ratio, numerator = "app.hits", denominator = ^"app.sent" => ratio-unlike-units
        hits: counter | sent: counter, unit = "bytes" | s: ratio, numerator = "app.sent", denominator = ^"app.hits" => ratio-unlike-units
        hits: counter | web.x: counter | s: ratio, numerator = "app.hits", denominator = ^"web.x" => ratio-unlike-labels
        hits: counter, labels = [{ name = "host", optional = true }] | s: ratio, labels = ["host"], numerator = ^"app.hits", denominator = ^"app.hits" => ratio-unlike-labels ratio-unlike-labels
        hits: counter, labels = [{ name = "host", optional = true }] | s: ratio, labels = [{ name = "host", optional = true }], numerator = "app.hits", denominator = "app.hits" =>
        hits: counter | s: ratio, numerator = ["app.hits", ^"app.hits"], denominator = "app.hits" => duplicate-operand
        hits: counter, labels = [^3] | s: ratio, labels = ["host"], numerator = "app.hits", denominator = "app.hits" => wrong-type
        web.x: counter, labels = ["host"] | s: ratio, labels = ["host", "mode"], numerator = "web.x", denominator = "web.x" =>
    "#,
    );
}
