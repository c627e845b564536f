//! The keys of the file, and its tables `[defaults]`, `[buckets]` and `[groups]`.

use super::ast::{Defaults, Deprecated, Group, NamedBuckets, Notes, Rename, Schema};
use super::reader::{Reader, table};
use super::tree::{Entry, Spanned, Value};
use super::{buckets, labels, metrics};
use crate::diagnostic::Report;
use crate::language::{self, Table};
use crate::model::{Annotation, Annotations};
use crate::section::Sections;

/// Parses the schema's own file, or an included one.
pub(super) fn parse_file(
    entries: &[Entry],
    table_of_keys: &'static Table,
    sections: Option<&mut (dyn Sections + '_)>,
    report: &mut Report,
) -> Schema {
    let mut file = Reader::new(entries, "the file", table_of_keys, report);
    let mut schema = Schema {
        format: file.integer("format"),
        namespace: file.text("namespace"),
        include: file.texts("include"),
        uses: file.texts("uses"),
        ..Schema::default()
    };
    for entry in file.entries("defaults") {
        if let Some(entries) = table(&entry.value, "defaults", "a table", file.report) {
            schema.defaults = parse_defaults(entries, file.report);
        }
    }
    for entry in children(&mut file, "labels", "a label") {
        schema
            .labels
            .extend(labels::parse_labels(entry, file.report));
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
    for section in language::sections() {
        let entries = file.entries(section);
        tables.extend(entries.into_iter().map(|entry| (section, entry)));
    }
    schema.has_sections = tables
        .iter()
        .any(|(section, _)| language::INCLUDED.key(section).is_some());
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

fn parse_defaults(entries: &[Entry], report: &mut Report) -> Defaults {
    let mut defaults = Reader::new(entries, "`[defaults]`", &language::DEFAULTS, report);
    Defaults::read(&mut defaults)
}

/// Parses `renamed_from = { name, until }` of a metric or of a label's value.
pub(super) fn parse_rename(value: &Spanned<Value>, report: &mut Report) -> Option<Rename> {
    let expected = "a table such as `{ name = \"former_name\", until = \"2.0.0\" }`";
    let entries = table(value, "renamed_from", expected, report)?;
    let mut rename = Reader::new(entries, "`renamed_from`", &language::RENAME, report);
    Some(Rename::read(&mut rename))
}

/// Parses `deprecated = { since, use, note, remove_in }` of a metric or of a label's value, with the keys of `table_of_keys`.
pub(super) fn parse_deprecated(
    value: &Spanned<Value>,
    table_of_keys: &'static Table,
    expected: &str,
    report: &mut Report,
) -> Option<Deprecated> {
    let entries = table(value, "deprecated", expected, report)?;
    let mut deprecated = Reader::new(entries, "`deprecated`", table_of_keys, report);
    Some(Deprecated::read(&mut deprecated))
}

pub(super) fn parse_annotations(
    value: &Spanned<Value>,
    report: &mut Report,
) -> Option<Annotations> {
    let expected = "a table, such as `{ team = \"payments\" }`";
    table(value, "annotations", expected, report).map(annotations)
}

fn annotations(entries: &[Entry]) -> Annotations {
    let annotation = |entry: &Entry| Some((entry.key.value.clone(), annotation(&entry.value)?));
    Annotations(entries.iter().filter_map(annotation).collect())
}

/// Converts a value. Returns `None` for a number that no type can represent, which was already reported.
fn annotation(value: &Spanned<Value>) -> Option<Annotation> {
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
    let entries = table(
        &entry.value,
        name,
        "a table with `help` and `labels`",
        report,
    )?;
    let place = format!("`[groups.{name}]`");
    let mut group = Reader::new(entries, &place, &language::GROUP, report);
    let (labels, optional) = labels::parse_label_list(&mut group);
    Some(Group {
        name: entry.key.clone(),
        labels,
        optional,
        notes: Notes::read(&mut group),
        ..Group::read(&mut group)
    })
}
