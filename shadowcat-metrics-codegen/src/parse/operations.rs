//! Which keys `[operations]`, objectives and alerts have, and what they are as written.

use super::ast::{Field, Texts};
use super::reader::{Reader, table, text, text_or_texts};
use super::tree::{Entry, Spanned, Value};
use super::wrong::wrong_type;
use crate::diagnostic::Report;
use crate::language;

/// `[operations]`.
#[derive(Debug, Default)]
pub(crate) struct Operations {
    pub(crate) external: Field<Texts>,
    pub(crate) target_labels: Field<Texts>,
    pub(crate) runbook_url: Field<String>,
    pub(crate) dashboard_url: Field<String>,
    pub(crate) reference_url: Field<String>,
    pub(crate) prometheus_url: Field<String>,
}

/// `[slos.NAME]`.
#[derive(Debug)]
pub(crate) struct Slo {
    pub(crate) name: Spanned<String>,
    pub(crate) help: Field<String>,
    pub(crate) objective: Field<f64>,
    pub(crate) window: Field<String>,
    pub(crate) good: Field<Events>,
    pub(crate) bad: Field<Events>,
    pub(crate) total: Field<Events>,
    pub(crate) by: Field<Texts>,
    pub(crate) impact: Field<String>,
    pub(crate) runbook: Field<String>,
    pub(crate) owner: Field<String>,
}

/// `{ metric, where, under }`.
#[derive(Debug, Clone)]
pub(crate) struct Events {
    pub(crate) metric: Field<String>,
    /// Each label with its values.
    pub(crate) filters: Field<Vec<(Spanned<String>, Texts)>>,
    pub(crate) under: Field<Under>,
}

/// The ways to write a bound.
#[derive(Debug, Clone)]
pub(crate) enum Under {
    /// With a unit of time.
    Text(String),
    /// In the histogram's base unit.
    Number(f64),
}

/// `[alerts.NAME]`.
#[derive(Debug)]
pub(crate) struct Alert {
    pub(crate) name: Spanned<String>,
    pub(crate) summary: Field<String>,
    pub(crate) expr: Field<String>,
    pub(crate) hold: Field<String>,
    pub(crate) severity: Field<String>,
    pub(crate) description: Field<String>,
    pub(crate) impact: Field<String>,
    pub(crate) runbook: Field<String>,
    pub(crate) owner: Field<String>,
    pub(crate) test: Field<AlertTest>,
}

/// `test = { fires, silent, at }`.
#[derive(Debug, Clone)]
pub(crate) struct AlertTest {
    pub(crate) fires: Field<Vec<Series>>,
    pub(crate) silent: Field<Vec<Series>>,
    pub(crate) at: Field<String>,
}

/// `"SERIES" = "VALUES"`.
#[derive(Debug, Clone)]
pub(crate) struct Series {
    pub(crate) series: Spanned<String>,
    pub(crate) values: Spanned<String>,
}

pub(super) fn parse_operations(entries: &[Entry], report: &mut Report) -> Operations {
    let mut operations = Reader::new(entries, "`[operations]`", &language::OPERATIONS, report);
    Operations {
        external: operations.texts("external"),
        target_labels: operations.texts("target_labels"),
        runbook_url: operations.text("runbook_url"),
        dashboard_url: operations.text("dashboard_url"),
        reference_url: operations.text("reference_url"),
        prometheus_url: operations.text("prometheus_url"),
    }
}

pub(super) fn parse_slo(entry: &Entry, report: &mut Report) -> Option<Slo> {
    let name = &entry.key.value;
    let expected = "a table with `help`, `objective` and either `good` or `bad`";
    let entries = table(&entry.value, name, expected, report)?;
    let place = format!("`[slos.{name}]`");
    let mut slo = Reader::new(entries, &place, &language::SLO, report);
    Some(Slo {
        name: entry.key.clone(),
        help: slo.text("help"),
        objective: slo.number("objective"),
        window: slo.text("window"),
        good: slo.read("good", |value, report| parse_events(value, "good", report)),
        bad: slo.read("bad", |value, report| parse_events(value, "bad", report)),
        total: slo.read("total", |value, report| {
            parse_events(value, "total", report)
        }),
        by: slo.texts("by"),
        impact: slo.text("impact"),
        runbook: slo.text("runbook"),
        owner: slo.text("owner"),
    })
}

fn parse_events(value: &Spanned<Value>, key: &str, report: &mut Report) -> Option<Events> {
    let expected = "a table such as `{ metric = \"group.metric\", where = { label = \"value\" } }`";
    let entries = table(value, key, expected, report)?;
    let place = format!("`{key}`");
    let mut events = Reader::new(entries, &place, &language::EVENTS, report);
    Some(Events {
        metric: events.text("metric"),
        filters: events.read("where", parse_filters),
        under: events.read("under", |value, report| match &value.value {
            Value::Text(text) => Some(Under::Text(text.clone())),
            Value::Integer(integer) => Some(Under::Number(*integer as f64)),
            Value::Float(float) => Some(Under::Number(*float)),
            _ => wrong_type(
                value,
                "under",
                "a number, or a string such as \"250ms\"",
                report,
            ),
        }),
    })
}

fn parse_filters(
    value: &Spanned<Value>,
    report: &mut Report,
) -> Option<Vec<(Spanned<String>, Texts)>> {
    let expected = "a table of labels with their values, such as `{ outcome = [\"ok\"] }`";
    let entries = table(value, "where", expected, report)?;
    let filter = |entry: &Entry| {
        let values = text_or_texts(&entry.value, &entry.key.value, report)?;
        Some((entry.key.clone(), values))
    };
    Some(entries.iter().filter_map(filter).collect())
}

pub(super) fn parse_alert(entry: &Entry, report: &mut Report) -> Option<Alert> {
    let name = &entry.key.value;
    let expected = "a table with `summary`, `expr` and `severity`";
    let entries = table(&entry.value, name, expected, report)?;
    let place = format!("`[alerts.{name}]`");
    let mut alert = Reader::new(entries, &place, &language::ALERT, report);
    Some(Alert {
        name: entry.key.clone(),
        summary: alert.text("summary"),
        expr: alert.text("expr"),
        hold: alert.text("for"),
        severity: alert.text("severity"),
        description: alert.text("description"),
        impact: alert.text("impact"),
        runbook: alert.text("runbook"),
        owner: alert.text("owner"),
        test: alert.read("test", parse_test),
    })
}

fn parse_test(value: &Spanned<Value>, report: &mut Report) -> Option<AlertTest> {
    let entries = table(value, "test", "a table with `fires` and `silent`", report)?;
    let mut test = Reader::new(entries, "`test`", &language::ALERT_TEST, report);
    Some(AlertTest {
        fires: test.read("fires", |value, report| {
            parse_series(value, "fires", report)
        }),
        silent: test.read("silent", |value, report| {
            parse_series(value, "silent", report)
        }),
        at: test.text("at"),
    })
}

fn parse_series(value: &Spanned<Value>, key: &str, report: &mut Report) -> Option<Vec<Series>> {
    let expected =
        "a table of series with their values, such as `{ \"{group.metric}\" = \"0+1x60\" }`";
    let entries = table(value, key, expected, report)?;
    let series = |entry: &Entry| {
        let values = text(&entry.value, &entry.key.value, report)?.to_owned();
        Some(Series {
            series: entry.key.clone(),
            values: Spanned {
                value: values,
                span: entry.value.span,
            },
        })
    };
    Some(entries.iter().filter_map(series).collect())
}
