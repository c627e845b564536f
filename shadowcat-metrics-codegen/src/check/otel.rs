//! `otel`: OpenTelemetry's names of metrics and labels.

use super::Checker;
use super::scope::Positions;
use crate::codes::codes;
use crate::model::Origin;
use crate::name::{is_otel_name, otel_label_name, otel_metric_name};
use crate::parse::ast::Field;
use crate::source::{Span, Spanned};

codes! {
    table OTEL;

    INVALID_OTEL_NAME = "SM0209" "invalid-otel-name": "an invalid OpenTelemetry name",
    "A name in OpenTelemetry begins with a letter and consists of ASCII letters, digits, `_`, `.`, `-` and `/`. It has \
     at most 255 characters. Its words are usually in lower case, separated by dots.",
    example: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
- otel = "http requests"
+ otel = "app.http.requests"
"#;

    DUPLICATE_OTEL_NAME = "SM0210" "duplicate-otel-name": "two metrics or labels with the same OpenTelemetry name",
    "OpenTelemetry receivers would merge metrics that have the same name. Within a series, they would merge labels that have the \
     same name. Metric names are case-insensitive. Without `otel`, a metric is called `namespace.group.key`, and a label has the \
     name of its key in the schema.",
    example: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
otel = "http.server.requests"

[metrics.http.replies]
type = "counter"
help = "Replies sent."
- otel = "http.server.requests"
+ otel = "http.server.replies"
"#;
}

/// A metric or label with its name in OpenTelemetry.
struct Named {
    name: String,
    /// How messages name it.
    shown: String,
    otel: Option<Span>,
    key: Span,
    origin: Origin,
}

impl Checker<'_> {
    /// Returns a valid name, and reports an invalid one.
    pub(super) fn check_otel_name(&mut self, otel: &Field<String>) -> Option<Spanned<String>> {
        let given = otel.given()?;
        let (value, span) = (given.value.clone(), given.span);
        if is_otel_name(&value) {
            return Some(Spanned { value, span });
        }
        let message = format!("`{value}` is not a valid OpenTelemetry name");
        self.error(INVALID_OTEL_NAME, span, message).label(
            "expected words of letters and digits joined by dots, such as `http.server.requests`",
        );
        None
    }

    /// Reports every name that an earlier metric or label has too.
    pub(super) fn check_otel_names(&mut self) {
        let registry = &self.registry;
        let (mut metrics, mut labels) = (Vec::new(), Vec::new());
        for metric in &registry.metrics {
            metrics.push(Named {
                name: otel_metric_name(registry, metric).into_owned(),
                shown: self.path(metric),
                otel: metric.otel.as_ref().map(|otel| otel.span),
                key: metric.spans.key,
                origin: metric.origin,
            });
        }
        for label in &registry.labels {
            if label.origin == Origin::Schema {
                labels.push(Named {
                    name: otel_label_name(label).to_owned(),
                    shown: format!("the label `{}`", label.name),
                    otel: label.otel.as_ref().map(|otel| otel.span),
                    key: label.span,
                    origin: label.origin,
                });
            }
        }
        self.check_unique(&metrics, str::to_ascii_lowercase, "the other metric");
        self.check_unique(&labels, str::to_owned, "the other label");
    }

    /// Reports items with the same name. `fold` makes names alike that count as the same.
    fn check_unique(&mut self, items: &[Named], fold: fn(&str) -> String, noun: &str) {
        let mut firsts = Positions::new();
        for (index, other) in items.iter().enumerate() {
            let first = *firsts.entry(fold(&other.name)).or_insert(index);
            if first == index {
                continue;
            }
            // Names derived by the rules differ, so the schema declares at least one of them.
            let one = &items[first];
            let (at, counterpart) = if one.otel.is_some() && other.otel.is_none() {
                (one, other)
            } else {
                (other, one)
            };
            let message = format!(
                "{} and {} are both called `{}` in OpenTelemetry",
                at.shown, counterpart.shown, at.name
            );
            let problem = self
                .error(DUPLICATE_OTEL_NAME, at.otel.unwrap_or(at.key), message)
                .label("expected a name that is not taken");
            if counterpart.origin == Origin::Schema {
                problem.secondary(counterpart.otel.unwrap_or(counterpart.key), noun);
            }
        }
    }
}

#[test]
fn rules_of_otel_names() {
    crate::testing::rules(
        r#"
        x: counter, otel = ^"" => invalid-otel-name
        x: counter, otel = ^"app x" => invalid-otel-name
        x: counter, otel = ^"1a" | y: counter, otel = ^".a" | z: counter, otel = ^"_a" => invalid-otel-name invalid-otel-name invalid-otel-name
        x: counter, otel = ^"é" | y: counter, otel = ^"a:b" | z: counter, otel = ^"a{b}" => invalid-otel-name invalid-otel-name invalid-otel-name
        x: counter, otel = "a" | y: counter, otel = "http.server.request.duration" | z: counter, otel = "A1-b/c_d" =>
        x: counter, otel = ^1 => wrong-type
        x: counter, otel = "A/b-c.d" | y: counter, otel = "A/b-c.e" =>
        x: counter, otel = "a.b" | y: gauge, otel = ^"A.B" => duplicate-otel-name
        x: counter, otel = ^"t.app.y" | y: gauge => duplicate-otel-name
        x: counter | y: gauge, otel = ^"t.app.x" => duplicate-otel-name
        x: counter, otel = ^"t.metrics.label_overflow" => duplicate-otel-name
        labels.x = { help = "X.", values = ["a"], otel = ^".a" } => invalid-otel-name
        labels.x = { help = "X.", values = ["a"], otel = "a.b" } | labels.y = { help = "X.", open = { max = 1 }, otel = ^"a.b" } => duplicate-otel-name
        labels.x = { help = "X.", values = ["a"], otel = ^"y" } | labels.y = { help = "X.", open = { max = 1 } } => duplicate-otel-name
    "#,
    );
}
