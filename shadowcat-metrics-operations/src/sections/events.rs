//! The events of an objective: `{ metric, where, under }`.

use shadowcat_metrics_authoring::language::{TEXT_OR_TEXTS, Value};
use shadowcat_metrics_codegen::codes::errors;
use shadowcat_metrics_codegen::model::{Label, LabelId, LabelValues, MetricId, Part, Unit};
use shadowcat_metrics_codegen::section::{
    self, Checker, Entry, Field, Given, Node, Reader, Spanned, Texts, table, text_or_texts,
    wrong_type,
};
use shadowcat_metrics_codegen::{Report, suggest};

use crate::kinds::KindRow;
use crate::model::{Matcher, Selection};

section_tables! {
    /// `{ metric, where, under }`.
    EVENTS = "events": "Events of a counter or a histogram.";
    Events,
    /// Whether the table has an unknown key. It was already reported, and may be a misspelling of a missing one.
    has_unknown_key: bool {
        metric: String, text => Value::Text, required, "Counter or histogram, as `group.metric`.";
        filters = "where": Filters, read(parse_filters) => Value::Named(&TEXT_OR_TEXTS),
            "Only series with these label values: labels, each with a value or a list of values.";
        under: Under, read(parse_under) => Value::Any(&[Value::Text, Value::Number]),
            "Only observations up to this bucket bound: `\"250ms\"`, or a number in the base unit.";
    }
}

shadowcat_metrics_codegen::codes! {
    table CODES;

    NOT_A_BOUND = "SM0804" "not-a-bound": "a limit that is not a bucket bound",
    "A histogram counts observations by bucket, so the number of observations up to a limit is only known if the \
     limit is a bucket bound. For any other limit, Prometheus could only estimate the number. Use the nearest bound, or add \
     the limit to the bounds of the histogram.",
    wrong: durations!(answers!(r#"good = { metric = "http.duration", under = "300ms" }"#)),
    right: durations!(answers!(r#"good = { metric = "http.duration", under = "250ms" }"#));

    MISPLACED_UNDER = "SM0805" "misplaced-under": "a misplaced `under`",
    "`under` is the bucket bound up to which an observation of a histogram is good. It is only allowed in `good`, and \
     only for a histogram: a counter has no buckets, and `total` counts all observations.",
    wrong: requests!(answers!(r#"good = { metric = "http.requests", under = "250ms" }"#)),
    right: durations!(answers!(r#"good = { metric = "http.duration", under = "250ms" }"#));

    NOT_EVENTS = "SM0806" "not-events": "an objective on a metric that does not count events",
    "An objective is about a share of events, so it needs a counter or a histogram. All other metrics show a \
     current value. Count the events in a counter instead.",
    wrong: r#"[metrics.http.open]
type = "updown_counter"
help = "Connections that are open."

[labels.outcome]
help = "How the request ended."
values = ["ok", "error"]

[metrics.http.requests]
type = "counter"
labels = ["outcome"]
help = "Requests answered."

[slos.answers]
help = "Requests are answered."
objective = 0.999
good = { metric = "http.open" }
total = { metric = "http.requests" }
"#,
    right: requests!(answers!(r#"good = { metric = "http.requests", where = { outcome = "ok" } }"#));

    LABEL_NOT_OF_METRIC = "SM0808" "label-not-of-metric": "a label that the metric lacks",
    "`where` and `by` refer to labels of the metric, including those of its group. A missing label is empty in Prometheus, so a \
     condition on it would silently select nothing. With a sum label, the labels in `where` must occur together.",
    wrong: requests!(answers!(r#"good = { metric = "http.requests", where = { status = "ok" } }"#)),
    right: requests!(answers!(r#"good = { metric = "http.requests", where = { outcome = "ok" } }"#));

    UNKNOWN_LABEL_VALUE = "SM0809" "unknown-label-value": "a label value that does not exist",
    "A closed label has only its declared values, so a condition on any other value never selects a series.",
    wrong: requests!(answers!(r#"good = { metric = "http.requests", where = { outcome = "okay" } }"#)),
    right: requests!(answers!(r#"good = { metric = "http.requests", where = { outcome = "ok" } }"#));
}

/// Labels, each with its values.
type Filters = Vec<(Spanned<String>, Texts)>;

/// A bound as written.
#[derive(Debug, Clone)]
pub(super) enum Under {
    /// With a unit of time.
    Text(String),
    /// In the histogram's base unit.
    Number(f64),
}

pub(super) fn parse(value: &Node, key: &str, report: &mut Report) -> Option<Events> {
    let expected = "a table such as `{ metric = \"group.metric\", where = { label = \"value\" } }`";
    let entries = table(value, key, expected, report)?;
    let place = format!("`{key}`");
    let before = report.errors().count();
    let mut events = Reader::new(entries, &place, Events::KEYS, report);
    Some(Events {
        has_unknown_key: events.report.errors().count() > before,
        ..Events::read(&mut events)
    })
}

fn parse_under(value: &Node, key: &str, report: &mut Report) -> Option<Under> {
    match &value.value {
        section::Value::Text(text) => Some(Under::Text(text.clone())),
        section::Value::Integer(integer) => Some(Under::Number(*integer as f64)),
        section::Value::Float(float) => Some(Under::Number(*float)),
        _ => {
            let expected = "a number, or a string such as \"250ms\"";
            wrong_type(value, key, expected, report)
        }
    }
}

fn parse_filters(value: &Node, key: &str, report: &mut Report) -> Option<Filters> {
    let expected = "a table of labels with their values, such as `{ outcome = [\"ok\"] }`";
    let entries = table(value, key, expected, report)?;
    let filter = |entry: &Entry| {
        let values = text_or_texts(&entry.value, &entry.key.value, report)?;
        Some((entry.key.clone(), values))
    };
    Some(entries.iter().filter_map(filter).collect())
}

pub(super) fn check_events(
    checker: &mut Checker<'_>,
    given: &Given<Events>,
    key: &str,
) -> Option<Selection> {
    let events = &given.value;
    let Field::Given(name) = &events.metric else {
        if events.metric.is_absent() {
            let owner = format!("`{key}`");
            checker.missing_key(&owner, "metric", given.span, "metric = \"group.metric\"");
        }
        return None;
    };
    let metric = checker.resolve_metric(&name.value, name.span)?;
    let found = &checker.registry().metrics[metric.0];
    if KindRow::of(&found.kind).events.is_none() {
        let (metric, kind, at) = (&name.value, found.kind.name(), found.spans.kind);
        let message = format!("`{metric}` is of type `{kind}`, which does not count events");
        checker
            .error(NOT_EVENTS, name.span, message)
            .label("expected a `counter` or a `histogram`")
            .secondary(at, "its type");
        return None;
    }
    let filters = events
        .filters
        .given()
        .map(|filters| filters.value.as_slice());
    let matchers = check_filters(checker, filters.unwrap_or_default(), metric);
    Some(Selection { metric, matchers })
}

fn check_filters(
    checker: &mut Checker<'_>,
    filters: &[(Spanned<String>, Texts)],
    metric: MetricId,
) -> Vec<Matcher> {
    let mut matchers = Vec::new();
    for (name, values) in filters {
        let Some(label) = label_of_metric(checker, name, metric) else {
            continue;
        };
        if values.is_empty() {
            let message = format!("`{}` has an empty list of values", name.value);
            checker
                .error(UNKNOWN_LABEL_VALUE, name.span, message)
                .label("expected at least one value");
        }
        for (place, value) in values.iter().enumerate() {
            let mut earlier = values[..place].iter();
            if let Some(other) = earlier.find(|other| other.value == value.value) {
                let message = format!("`{}` lists the value `{}` twice", name.value, value.value);
                checker
                    .error(errors::DUPLICATE_LABEL_VALUE, value.span, message)
                    .label("remove this one")
                    .secondary(other.span, "the first one");
                continue;
            }
            check_value(checker, value, label);
        }
        let values = values.iter().map(|value| value.value.clone()).collect();
        matchers.push(Matcher { label, values });
    }
    if matchers.len() == filters.len() {
        check_combination(checker, filters, &matchers, metric);
    }
    matchers
}

/// Reports conditions that no series fulfills, because some labels depend on the value of another.
fn check_combination(
    checker: &mut Checker<'_>,
    filters: &[(Spanned<String>, Texts)],
    matchers: &[Matcher],
    metric: MetricId,
) {
    let registry = checker.registry();
    let metric = &registry.metrics[metric.0];
    if metric.sums.is_empty() {
        return;
    }
    let parts = registry.parts(metric);
    let selects = |part: &Part, matcher: &Matcher| {
        let Some(label) = part.label(matcher.label) else {
            // An empty value selects series without the label.
            return matcher.values.iter().any(String::is_empty);
        };
        label.values.as_ref().is_none_or(|positions| {
            let values = registry.values_at(label.id, positions);
            let mut values = values.into_iter();
            values.any(|value| matcher.values.iter().any(|asked| asked == value))
        })
    };
    let is_empty = |matchers: &[Matcher]| {
        let mut parts = parts.iter();
        !parts.any(|part| matchers.iter().all(|matcher| selects(part, matcher)))
    };
    let first = (0..matchers.len()).find(|place| is_empty(&matchers[..=*place]));
    let Some((name, _)) = first.and_then(|place| filters.get(place)) else {
        return;
    };
    let message = format!(
        "no series of `{}` has all labels in `where`",
        metric.exposed
    );
    let key = metric.spans.key;
    checker
        .error(LABEL_NOT_OF_METRIC, name.span, message)
        .label("expected labels and values that occur together")
        .secondary(key, "the metric");
}

fn check_value(checker: &mut Checker<'_>, value: &Spanned<String>, label: LabelId) {
    if checker.has_faulty_values(label) {
        return;
    }
    let label = &checker.registry().labels[label.0];
    let LabelValues::Closed(values) = &label.values else {
        return;
    };
    let known = values.iter().map(|known| known.value.as_str());
    if known.clone().any(|known| known == value.value) {
        return;
    }
    let hint = suggest::expected(&value.value, known);
    let message = format!("the label `{}` has no value `{}`", label.name, value.value);
    let declared = label.span;
    let problem = checker.error(UNKNOWN_LABEL_VALUE, value.span, message);
    problem.label(hint).secondary(declared, "the label");
}

/// Finds a metric's label by name, and reports unknown names.
pub(super) fn label_of_metric(
    checker: &mut Checker<'_>,
    name: &Spanned<String>,
    metric: MetricId,
) -> Option<LabelId> {
    let registry = checker.registry();
    let found = &registry.metrics[metric.0];
    let labels = found.labels.iter().map(|id| (*id, &registry.labels[id.0]));
    let written = &name.value;
    if let Some((id, _)) = labels.clone().find(|(_, label)| label.name == *written) {
        return Some(id);
    }
    if checker.is_faulty_metric(metric) {
        return None;
    }
    let by_key = labels.clone().find(|(_, label)| label.key == *written);
    let names = labels.map(|(_, label)| label.name.as_str());
    let label = match by_key {
        Some((_, Label { name, .. })) => {
            format!("did you mean `{name}`? `{written}` is its key in the schema")
        }
        None if found.labels.is_empty() => "remove it: this metric has no labels".to_owned(),
        None => suggest::expected(written, names),
    };
    let message = format!("`{}` has no label `{written}`", found.exposed);
    let key = found.spans.key;
    let problem = checker.error(LABEL_NOT_OF_METRIC, name.span, message);
    problem.label(label).secondary(key, "the metric");
    None
}

pub(super) fn reject_under(checker: &mut Checker<'_>, events: &Events, key: &str) {
    let Field::Given(under) = &events.under else {
        return;
    };
    checker
        .error(
            MISPLACED_UNDER,
            under.key,
            format!("`{key}` takes no `under`"),
        )
        .label("only for `good`")
        .help("write `good = { metric = ..., under = ... }`");
}

/// Returns the bound in `under`, or `None` if the metric does not have it.
pub(super) fn check_under(
    checker: &mut Checker<'_>,
    events: &Events,
    of: &Selection,
) -> Option<f64> {
    let under = events.under.given()?;
    let metric = &checker.registry().metrics[of.metric.0];
    let Some(buckets) = metric.bucket_set() else {
        let message = format!("a metric of type `{}` takes no `under`", metric.kind.name());
        let kind = metric.spans.kind;
        checker
            .error(MISPLACED_UNDER, under.key, message)
            .label("remove it, or name a `histogram` in `metric`")
            .secondary(kind, "its type");
        return None;
    };
    let written = match &under.value {
        Under::Number(number) => Some(*number),
        Under::Text(text) if metric.unit == Unit::Seconds => parse_seconds(text),
        Under::Text(_) => None,
    };
    let bounds = &checker.registry().bucket_sets[buckets.0].bounds;
    let mut same = bounds
        .iter()
        .filter(|bound| written.is_some_and(|written| is_same(**bound, written)));
    if let Some(bound) = same.next() {
        return Some(*bound);
    }
    if checker.is_faulty_metric(of.metric) {
        return None;
    }
    let is_time = metric.unit == Unit::Seconds;
    let label = if let Some(written) = written {
        let suffix = if is_time { "s" } else { "" };
        let above = bounds.partition_point(|bound| *bound < written);
        let nearest = &bounds[above.saturating_sub(1)..(above + 1).min(bounds.len())];
        let nearest = nearest.iter().map(|bound| format!("`{bound}{suffix}`"));
        match nearest.collect::<Vec<_>>().as_slice() {
            [] => "it has no bounds".to_owned(),
            nearest => format!("expected a bucket bound, such as {}", nearest.join(" or ")),
        }
    } else if is_time {
        "expected a time with a unit, such as `\"250ms\"`, or a number of seconds".to_owned()
    } else {
        "expected a number in the histogram's base unit".to_owned()
    };
    let limit = match &under.value {
        Under::Number(number) => number.to_string(),
        Under::Text(text) => text.clone(),
    };
    let message = format!("`{limit}` is not a bucket bound of `{}`", metric.exposed);
    let buckets = metric.spans.buckets;
    checker
        .error(NOT_A_BOUND, under.span, message)
        .label(label)
        .secondary(buckets, "its buckets")
        .help("use one of the bounds, or add the limit to them");
    None
}

/// Returns whether two numbers are equal up to a rounding error.
fn is_same(bound: f64, written: f64) -> bool {
    (bound - written).abs() <= bound.abs() * 1e-12
}

/// Parses a fractional duration such as `102.4ms`, `3.125us` or `2s`. Returns seconds, rounded once.
fn parse_seconds(text: &str) -> Option<f64> {
    let unit = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(unit);
    let number = number.trim_end();
    if !number.chars().all(|c| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let (exponent, factor) = match unit {
        "ns" => (-9, 1.0),
        "us" => (-6, 1.0),
        "ms" => (-3, 1.0),
        "s" => (0, 1.0),
        "m" => (0, 60.0),
        "h" => (0, 3600.0),
        "d" => (0, 86_400.0),
        _ => return None,
    };
    // The exponent is part of the parsed text, so that 102.4ms is the float nearest to 0.1024.
    let seconds = format!("{number}e{exponent}").parse::<f64>().ok()? * factor;
    seconds.is_finite().then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{labels, rules};
    use super::*;

    #[test]
    fn rules_of_events() {
        let rows = r#"
            OBJECTIVE good = { metric = "web.took", under = ^"200ms" } => not-a-bound
            OBJECTIVE good = { metric = "web.took", under = ^"0.1" } => not-a-bound
            OBJECTIVE good = { metric = "web.took", under = 0.25 } =>
            OBJECTIVE good = { metric = "web.done", ^under = 1 } => misplaced-under
            OBJECTIVE bad = { metric = "web.took", where = { mode = "on" }, ^under = 1 } => misplaced-under
            level: gauge | OBJECTIVE good = { metric = ^"app.level" } => not-events
            OBJECTIVE good = { metric = ^"web.don", where = { mode = "on" } } => unknown-metric
            OBJECTIVE good = ^{ where = { mode = "on" } } => missing-key
            OBJECTIVE good = { metric = "web.done", where = { ^host = "on" } } => label-not-of-metric
            OBJECTIVE good = { metric = "web.done", where = { mode = ["on", ^"of"] } } => unknown-label-value
            OBJECTIVE good = { metric = "web.done", where = { ^mode = [] } } => unknown-label-value
            // A mistake in a metric or a label is only reported there.
            sent: counter, labels = [^3] | OBJECTIVE good = { metric = "app.sent", where = { host = "a" } } => wrong-type
            sent: counter, labels = [^{ optional = true }] | OBJECTIVE good = { metric = "app.sent", where = { host = "a" } } => missing-key
            sent: counter, ^label_list = ["host"] | OBJECTIVE good = { metric = "app.sent", where = { host = "a" } } => unknown-key
            groups.mail = { help = "M.", labels = [^3] } | mail.sent: counter | OBJECTIVE good = { metric = "mail.sent", where = { host = "a" } } => wrong-type
            SUM | sent: counter, labels = [{ name = ^"outcome", optional = true }] | OBJECTIVE good = { metric = "app.sent", where = { mode = "on" } } => misplaced-sum
            SUM | sent: counter, labels = [^"outcom"] | OBJECTIVE good = { metric = "app.sent", where = { mode = "on" } } => unknown-label
            SUM | sent: counter, labels = ["mode", ^"outcome"] | OBJECTIVE good = { metric = "app.sent", where = { reason = "slow" } } => duplicate-label
            labels.outcome = { help = "O.", of = "mode", with = { off = [^"resaon"] } } | sent: counter, labels = ["outcome"] | OBJECTIVE good = { metric = "app.sent", where = { reason = "slow" } } => unknown-label
            labels.state = { help = "S.", values = ^[] } | sent: counter, labels = ["state"] | OBJECTIVE good = { metric = "app.sent", where = { state = "a" } } => no-label-values
            labels.state = { help = "S.", values = ["b", ^3] } | sent: counter, labels = ["state"] | OBJECTIVE good = { metric = "app.sent", where = { state = "a" } } => wrong-type
            took: histogram, unit = "seconds", buckets = ^"zzz" | OBJECTIVE good = { metric = "app.took", under = "250ms" } => unknown-bucket-set
            took: histogram, unit = "seconds", buckets = ^[] | OBJECTIVE good = { metric = "app.took", under = "250ms" } => empty-buckets
            ^took: histogram, unit = "seconds" | OBJECTIVE good = { metric = "app.took", under = "250ms" } => missing-buckets
            buckets.few = ^3 | took: histogram, unit = "seconds", buckets = "few" | OBJECTIVE good = { metric = "app.took", under = "250ms" } => wrong-type
            took: histogram, unit = ^"zzz", buckets = [0.25] | OBJECTIVE good = { metric = "app.took", under = "250ms" } => unknown-unit
            metrics.app.^Sent = { type = "counter", help = "S.", labels = ["host"] } | OBJECTIVE good = { metric = "app.sent", where = { host = "a" } } => invalid-name
            OBJECTIVE good = { metric = "web.done", where = { mode = ["on", ^"on"] } } => duplicate-label-value
        "#;
        rules(&rows.replace("SUM", SUM));
    }

    #[test]
    fn a_threshold_between_bounds_gets_the_nearest_bounds() {
        labels(
            r#"
            OBJECTIVE good = { metric = "web.took", under = "200ms" } => expected a bucket bound, such as `0.1s` or `0.25s`; its buckets
            OBJECTIVE good = { metric = "web.took", under = 0 } => expected a bucket bound, such as `0.1s`; its buckets
            OBJECTIVE good = { metric = "web.took", under = "1h" } => expected a bucket bound, such as `1s`; its buckets
            OBJECTIVE good = { metric = "web.took", under = "100" } => expected a time with a unit, such as `"250ms"`, or a number of seconds; its buckets
            "#,
        );
    }

    #[test]
    fn the_key_of_a_label_leads_to_its_exposed_name() {
        let objective = r#"labels.kind = { help = "K.", values = ["a", "b"], name = "type" } | sent: counter, labels = ["kind"] | OBJECTIVE good = { metric = "app.sent", where = { ^kind = "a" } }"#;
        rules(&format!("{objective} => label-not-of-metric"));
        let label = "did you mean `type`? `kind` is its key in the schema; the metric";
        labels(&format!("{objective} => {label}"));
    }

    /// The outcome of a request and, where there is one, its reason.
    const SUM: &str = r#"labels.outcome = { help = "O.", of = "mode", with = { off = ["reason"] } } | labels.reason = { help = "R.", values = ["slow", "lost"] } | asked: counter, labels = ["outcome"]"#;

    #[test]
    fn objectives_select_series_that_exist() {
        let objectives = r#"
            SUM | OBJECTIVE bad = { metric = "app.asked", where = { mode = "on", ^reason = "slow" } } => label-not-of-metric
            SUM | OBJECTIVE bad = { metric = "app.asked", where = { mode = ["on", "off"], reason = "slow" } } =>
            SUM | OBJECTIVE bad = { metric = "app.asked", where = { reason = "lost" } } =>
            SUM | OBJECTIVE bad = { metric = "app.asked", where = { mode = "off" } } =>
        "#;
        rules(&objectives.replace("SUM", SUM));
        let apart =
            r#"OBJECTIVE bad = { metric = "app.asked", where = { mode = "on", reason = "slow" } }"#;
        let label = "expected labels and values that occur together; the metric";
        labels(&format!("{SUM} | {apart} => {label}"));
    }

    #[test]
    fn fractional_seconds_are_the_nearest_float() {
        let is = |text, seconds: f64| {
            assert_eq!(
                parse_seconds(text).map(f64::to_bits),
                Some(seconds.to_bits()),
                "{text}"
            );
        };
        is("102.4ms", 0.1024);
        is("3.125us", 0.000_003_125);
        is("0.3s", 0.3);
        is("2 s", 2.0);
        is("5m", 300.0);
        for wrong in ["", "5", "ms", "1.2.3s", "5 parsecs", "-1s", "1e3s", "NaNs"] {
            assert_eq!(parse_seconds(wrong), None, "{wrong}");
        }
    }
}
