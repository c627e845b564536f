//! The keys of a metric.

use super::ast::Metric;
use super::reader::{Reader, intended, table, wrong_type};
use super::tree::{Entry, Node, Spanned, Value};
use crate::codes::{codes, errors};
use crate::diagnostic::{Diagnostic, Report};

codes! {
    table METRIC_TABLES;

    METRIC_WITHOUT_GROUP = "SM0013" "metric-without-group": "a metric without a group",
    "Declare a metric as `[metrics.GROUP.NAME]`. The group determines the recorder, adds its labels, and becomes part \
     of the exposed name.",
    example: r#"- [metrics.requests]
+ [metrics.http.requests]
type = "counter"
help = "Requests answered."
"#;
}

/// `[metrics.GROUP]` with a table for each metric.
pub(super) fn parse_group_of_metrics(
    group: &Entry,
    metrics: &mut Vec<Metric>,
    report: &mut Report,
) {
    let name = &group.key.value;
    let expected = format!("a table of metrics, as in `[metrics.{name}.requests]`");
    let Some(entries) = table(&group.value, name, &expected, report) else {
        return;
    };
    let is_key = |entry: &&Entry| {
        !matches!(entry.value.value, Value::Table(_))
            && Metric::KEYS.contains(&entry.key.value.as_str())
    };
    let misplaced = entries.iter().find(is_key);
    report.extend(misplaced.map(|entry| metric_without_group(name, entry, entries)));
    for entry in entries {
        match &entry.value.value {
            Value::Table(keys) => {
                let path = format!("metrics.{name}");
                let (signs, item) = (["type", "help"], ("metric", Metric::KEYS));
                for (key, keys) in intended(entry, keys, signs, &path, item, report) {
                    metrics.push(parse_metric(group, key, keys, report));
                }
            }
            // One message per mistake: the other keys of that metric have the same cause.
            _ if misplaced.is_some() => {}
            _ => {
                let expected = "a table with a metric's keys";
                table(&entry.value, &entry.key.value, expected, report);
            }
        }
    }
}

fn metric_without_group(name: &str, entry: &Entry, entries: &[Entry]) -> Diagnostic {
    let key = &entry.key.value;
    if name.split('.').filter(|part| !part.is_empty()).count() == 2 {
        let message = format!("`[metrics.\"{name}\"]` is a single name that contains a dot");
        return Diagnostic::error(errors::METRIC_WITHOUT_GROUP, entry.key.span, message)
            .label(format!("`{key}` is a key of a metric, which needs a group"))
            .help(format!("write `[metrics.{name}]`, without the quotes"));
    }
    let group = entries.iter().find_map(|entry| match &entry.value.value {
        Value::Text(group) if entry.key.value == "group" => Some(group),
        _ => None,
    });
    let help = match group {
        Some(group) => format!("write `[metrics.{group}.{name}]`, without the key `group`"),
        None => format!(
            "write `[metrics.GROUP.{name}]` with a group from `[groups]`, or `[metrics.{name}.METRIC]`"
        ),
    };
    Diagnostic::error(
        errors::METRIC_WITHOUT_GROUP,
        entry.key.span,
        format!("`[metrics.{name}]` is a group, not a metric"),
    )
    .label(format!(
        "`{key}` is a key of a metric, and a metric needs a group and a name"
    ))
    .help(help)
}

fn parse_metric(
    group: &Entry,
    key: Spanned<String>,
    keys: &[Entry],
    report: &mut Report,
) -> Metric {
    let place = format!("`[metrics.{}.{}]`", group.key.value, key.value);
    let before = report.diagnostics().len();
    let mut reader = Reader::new(keys, &place, Metric::KEYS, report);
    let metric = Metric::read(&mut reader);
    Metric {
        group: group.key.clone(),
        key,
        has_errors: reader.report.diagnostics().len() > before,
        given: reader.given,
        ..metric
    }
}

pub(super) fn parse_states(value: &Node, key: &str, report: &mut Report) -> Option<String> {
    let expected = "the name of a label, whose values are the states";
    match &value.value {
        Value::Text(label) => Some(label.clone()),
        _ => wrong_type(value, key, expected, report),
    }
}

#[test]
fn rules_of_groups_of_metrics() {
    crate::testing::rules(
        r#"
        metrics.hits = { ^type = "counter", help = "X." } => metric-without-group
    "#,
    );
}
