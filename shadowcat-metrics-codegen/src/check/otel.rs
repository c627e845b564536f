//! `otel`: OpenTelemetry's names of metrics and labels.

use super::Checker;
use super::scope::Positions;
use crate::codes::{codes, errors};
use crate::diagnostic::Diagnostic;
use crate::model::{Label, Metric, Origin, OtelName, Registry};
use crate::name::{is_otel_name, otel_label_name, otel_metric_name};
use crate::parse::ast::Field;
use crate::source::Span;

codes! {
    table OTEL;

    /// `otel` is not a valid OpenTelemetry name.
    INVALID_OTEL_NAME = "SM0209" "invalid-otel-name": "an invalid OpenTelemetry name",
    "A name in OpenTelemetry begins with a letter and consists of ASCII letters, digits, `_`, `.`, `-` and `/`. It has \
     at most 255 characters. Its words are usually in lower case, separated by dots.",
    example: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
- otel = "http requests"
+ otel = "app.http.requests"
"#;

    /// Two metrics or labels have one OpenTelemetry name.
    DUPLICATE_OTEL_NAME = "SM0210" "duplicate-otel-name": "two metrics or labels with the same OpenTelemetry name",
    "OpenTelemetry receivers would merge two metrics with the same name, or two labels of one series. Metric names are \
     case-insensitive. Without `otel`, a metric is called `namespace.group.key`, and a label has its own name.",
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

impl Checker<'_> {
    /// Returns a valid name, and reports an invalid one.
    pub(super) fn check_otel_name(&mut self, otel: &Field<String>) -> Option<OtelName> {
        let given = otel.given()?;
        let name = given.value.clone();
        if is_otel_name(&name) {
            let span = given.span;
            return Some(OtelName { name, span });
        }
        let message = format!("`{name}` is not a valid OpenTelemetry name");
        self.report.push(
            Diagnostic::error(errors::INVALID_OTEL_NAME, given.span, message)
                .label("expected words of letters and digits joined by dots, such as `http.server.requests`"),
        );
        None
    }

    /// Reports every name that an earlier metric or label has too.
    pub(super) fn check_otel_names(&mut self) {
        let mut problems = Vec::new();
        let registry = &self.registry;
        let mut metrics = Positions::new();
        for (index, metric) in registry.metrics.iter().enumerate() {
            let name = otel_metric_name(registry, metric).to_ascii_lowercase();
            let first = *metrics.entry(name).or_insert(index);
            if first != index {
                problems.push(metrics_clash(registry, &registry.metrics[first], metric));
            }
        }
        let mut labels = Positions::new();
        let own = registry.labels.iter().enumerate();
        for (index, label) in own.filter(|(_, label)| label.origin == Origin::Schema) {
            let name = otel_label_name(label).to_owned();
            let first = *labels.entry(name).or_insert(index);
            if first != index {
                problems.push(labels_clash(&registry.labels[first], label));
            }
        }
        self.report.extend(problems);
    }
}

fn metrics_clash(registry: &Registry, one: &Metric, other: &Metric) -> Diagnostic {
    // Names derived by the rules differ, so the schema declares at least one of them.
    let (at, counterpart) = match (&one.otel, &other.otel) {
        (Some(_), None) => (one, other),
        (Some(_) | None, _) => (other, one),
    };
    let path = |metric: &Metric| match metric.origin {
        Origin::Schema => {
            let group = &registry.groups[metric.group.0].name;
            format!("`{group}.{}`", metric.key)
        }
        Origin::Library => "a metric of the library".to_owned(),
    };
    let name = otel_metric_name(registry, at);
    let message = format!(
        "{} and {} are both called `{name}` in OpenTelemetry",
        path(at),
        path(counterpart)
    );
    let span = counterpart
        .otel
        .as_ref()
        .map_or(counterpart.spans.key, |otel| otel.span);
    let other = (counterpart.origin == Origin::Schema).then_some((span, "the other metric"));
    duplicate(at.otel.as_ref(), at.spans.key, message, other)
}

fn labels_clash(one: &Label, other: &Label) -> Diagnostic {
    let (at, counterpart) = match (&one.otel, &other.otel) {
        (Some(_), None) => (one, other),
        (Some(_) | None, _) => (other, one),
    };
    let message = format!(
        "the labels `{}` and `{}` are both called `{}` in OpenTelemetry",
        at.name,
        counterpart.name,
        otel_label_name(at)
    );
    let span = counterpart
        .otel
        .as_ref()
        .map_or(counterpart.span, |otel| otel.span);
    duplicate(
        at.otel.as_ref(),
        at.span,
        message,
        Some((span, "the other label")),
    )
}

fn duplicate(
    otel: Option<&OtelName>,
    key: Span,
    message: String,
    other: Option<(Span, &str)>,
) -> Diagnostic {
    let span = otel.map_or(key, |otel| otel.span);
    let problem = Diagnostic::error(errors::DUPLICATE_OTEL_NAME, span, message)
        .label("expected a name that is not taken");
    match other {
        Some((span, label)) => problem.secondary(span, label),
        None => problem,
    }
}

#[test]
fn rules_of_otel_names() {
    crate::testing::rules(
        r#"
        x: counter, otel = ^"" => invalid-otel-name
        x: counter, otel = ^"app x" => invalid-otel-name
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
