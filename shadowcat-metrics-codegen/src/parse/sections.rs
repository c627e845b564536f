//! The keys of the file, and its tables `[defaults]`, `[buckets]` and `[groups]`.

use super::ast::{Defaults, Deprecated, Group, NamedBuckets, Schema};
use super::reader::{Reader, parse_table, table};
use super::tree::{Entry, Node, Value};
use super::{buckets, labels, metrics};
use crate::diagnostic::Report;
use crate::language::{INCLUDED, Keys, SECTIONS};
use crate::model::{Annotation, Annotations};
use crate::section::Sections;

/// Parses the schema's own file, or an included one.
pub(super) fn parse_file(
    entries: &[Entry],
    keys: Keys,
    sections: Option<&mut (dyn Sections + '_)>,
    report: &mut Report,
) -> Schema {
    let mut file = Reader::new(entries, "the file", keys, report);
    let mut schema = Schema {
        format: file.integer("format"),
        namespace: file.text("namespace"),
        include: file.texts("include"),
        uses: file.texts("uses"),
        ..Schema::default()
    };
    for entry in file.entries("defaults") {
        if let Some(entries) = table(&entry.value, "defaults", "a table", file.report) {
            let (place, keys) = ("`[defaults]`", Defaults::KEYS);
            schema.defaults = Defaults::read(&mut Reader::new(entries, place, keys, file.report));
        }
    }
    for entry in children(&mut file, "labels", "a label") {
        labels::parse_labels(entry, &mut schema.labels, file.report);
    }
    for entry in children(&mut file, "buckets", "a bucket set") {
        let buckets = buckets::parse_buckets(&entry.value, &entry.key.value, file.report);
        schema.buckets.push(NamedBuckets {
            name: entry.key.clone(),
            buckets,
        });
    }
    for entry in children(&mut file, "groups", "a group") {
        schema.groups.extend(parse_group(entry, file.report));
    }
    for entry in children(&mut file, "metrics", "a group of metrics") {
        metrics::parse_group_of_metrics(entry, &mut schema.metrics, file.report);
    }
    let mut tables = Vec::new();
    for section in SECTIONS {
        for entry in file.entries(section) {
            tables.push((*section, entry));
            schema.has_sections |= INCLUDED.contains(section);
        }
    }
    if let Some(sections) = sections {
        sections.parse(&tables, file.report);
    }
    schema
}

/// Returns the entries of a table such as `[labels]`, whose keys the schema's author chooses.
fn children<'t>(file: &mut Reader<'t, '_>, section: &str, of: &str) -> Vec<&'t Entry> {
    let expected = format!("a table with {of} under each key");
    let mut children = Vec::new();
    for entry in file.entries(section) {
        children.extend(table(&entry.value, section, &expected, file.report).unwrap_or_default());
    }
    children
}

/// Parses `deprecated = { since, use, note, remove_in }` of a label's value.
pub(super) fn parse_deprecated_value(
    value: &Node,
    key: &str,
    report: &mut Report,
) -> Option<Deprecated> {
    let expected = "a table such as `{ since = \"1.2.0\", use = \"value\", note = \"Why.\" }`";
    let keys = Deprecated::KEYS;
    parse_table((value, key), expected, keys, report, Deprecated::read)
}

pub(super) fn parse_annotations(
    value: &Node,
    key: &str,
    report: &mut Report,
) -> Option<Annotations> {
    let expected = "a table, such as `{ team = \"payments\" }`";
    table(value, key, expected, report).map(annotations)
}

fn annotations(entries: &[Entry]) -> Annotations {
    let mut annotations = Annotations::default();
    for entry in entries {
        if let Some(value) = annotation(&entry.value) {
            annotations.0.push((entry.key.value.clone(), value));
        }
    }
    annotations
}

/// Converts a value. Returns `None` for a number that no type can represent, which was already reported.
fn annotation(value: &Node) -> Option<Annotation> {
    Some(match &value.value {
        Value::Text(text) => Annotation::Text(text.clone()),
        Value::Integer(integer) => Annotation::Integer(*integer),
        Value::Float(float) => Annotation::Float(*float),
        Value::Boolean(boolean) => Annotation::Boolean(*boolean),
        Value::Datetime(datetime) => Annotation::Datetime(datetime.clone()),
        Value::Array(items) => Annotation::List(items.iter().filter_map(annotation).collect()),
        Value::Table(entries) => Annotation::Table(annotations(entries)),
        Value::Unreadable => return None,
    })
}

fn parse_group(entry: &Entry, report: &mut Report) -> Option<Group> {
    let name = &entry.key.value;
    let expected = "a table with `help` and `labels`";
    let entries = table(&entry.value, name, expected, report)?;
    let place = format!("`[groups.{name}]`");
    let before = report.diagnostics().len();
    let group = Group::read(&mut Reader::new(entries, &place, Group::KEYS, report));
    Some(Group {
        name: entry.key.clone(),
        has_errors: report.diagnostics().len() > before,
        ..group
    })
}
