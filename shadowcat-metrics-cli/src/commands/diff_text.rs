//! The changes of a schema as a table, for a terminal or for a pull request.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::report::count;
use crate::diff::{Change, Impact, Release};
use crate::failure::{BOLD, ERROR, GOOD};

/// "metric `request.duration` (stable)".
fn subject(change: &Change) -> String {
    if change.name.is_empty() {
        return change.subject.to_owned();
    }
    format!(
        "{} `{}` ({})",
        change.subject, change.name, change.stability
    )
}

/// "metric `request.duration` (stable): type: counter -> gauge".
pub(super) fn line(change: &Change) -> String {
    format!("{}: {}", subject(change), what(change))
}

/// "type: counter -> gauge".
fn what(change: &Change) -> String {
    let field = change.field;
    match (&change.old, &change.new) {
        (Some(old), Some(new)) => format!("{field}: {old} -> {new}"),
        (Some(old), None) if field == change.subject => format!("removed {old}"),
        (None, Some(new)) if field == change.subject => format!("added {new}"),
        (Some(old), None) => format!("{field}: no longer {old}"),
        (None, Some(new)) => format!("{field}: now {new}"),
        (None, None) => field.to_owned(),
    }
}

const fn style(impact: Impact) -> Style {
    match impact {
        Impact::Breaking => ERROR,
        Impact::Additive => GOOD,
        Impact::Cosmetic => Style::new(),
    }
}

fn summary(changes: &[Change]) -> String {
    let breaking = changes
        .iter()
        .filter(|change| change.impact() == Impact::Breaking)
        .count();
    format!(
        "{}, {breaking} breaking; next release: {}",
        count(changes.len(), "change"),
        Release::of(changes).name()
    )
}

pub(super) fn human(old: &str, new: &str, changes: &[Change]) -> String {
    let mut text = String::new();
    if !changes.is_empty() {
        let _ = writeln!(text, "{BOLD}DASHBOARDS  RUST      CHANGE{BOLD:#}");
    }
    for change in changes {
        let (dashboards, rust) = (style(change.dashboards), style(change.rust));
        let _ = writeln!(
            text,
            "{dashboards}{:<10}{dashboards:#}  {rust}{:<8}{rust:#}  {}",
            change.dashboards.name(),
            change.rust.name(),
            line(change),
        );
    }
    let cyan = AnsiColor::Cyan.on_default();
    let _ = writeln!(text, "{cyan}{old} -> {new}{cyan:#}: {}", summary(changes));
    text
}

pub(super) fn markdown(changes: &[Change]) -> String {
    let mut text = format!("**{}**\n", summary(changes));
    if !changes.is_empty() {
        text.push_str("\n| change | dashboards | Rust |\n| --- | --- | --- |\n");
    }
    for change in changes {
        let cell = |impact: Impact| match impact {
            Impact::Breaking => "**breaking**",
            Impact::Additive | Impact::Cosmetic => impact.name(),
        };
        let _ = writeln!(
            text,
            "| {}: {} | {} | {} |",
            subject(change),
            escaped(&what(change)),
            cell(change.dashboards),
            cell(change.rust),
        );
    }
    text
}

/// Text of a schema as text of a table's cell.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '\n' | '\r' => escaped.push(' '),
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' => escaped.extend(['\\', c]),
            _ => escaped.push(c),
        }
    }
    escaped
}
