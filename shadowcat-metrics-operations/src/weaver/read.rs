//! Reads registries: attributes and metrics with positions, from YAML or JSON.
//!
//! Supports four formats: `definition/2` (ours and Weaver's), `resolved/2.0` (`weaver registry package`), and groups from
//! `weaver registry resolve`, with complete attributes or with references as in a definition of version 1.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use shadowcat_metrics_codegen::model::{Annotation, Annotations};
use shadowcat_metrics_codegen::{Code, Diagnostic, Span};

use super::ANNOTATION;
use super::import::{NOT_IMPORTED, UNREADABLE_REGISTRY};
use crate::files::tree::{self, Entry, Node, Text, Unreadable, Value, get, text};
use granit_parser::ScalarStyle;

/// The definitions in a registry's files.
#[derive(Debug, Default)]
pub(super) struct Registry {
    pub(super) attributes: Vec<Attribute>,
    pub(super) groups: Vec<Group>,
    pub(super) metrics: Vec<Metric>,
    /// Everything that cannot be read or resolved, with the index of the file.
    pub(super) problems: Vec<(usize, Diagnostic)>,
}

/// Keys that all items have.
#[derive(Debug, Clone, Default)]
pub(super) struct Common {
    pub(super) brief: String,
    pub(super) note: String,
    pub(super) is_stable: bool,
    /// Reason of the deprecation.
    pub(super) deprecated: Option<String>,
    /// The annotations of other programs.
    pub(super) annotations: Annotations,
    /// The keys of the schema language, if the item was exported.
    pub(super) own: Option<Annotations>,
    /// The file and the position of its name.
    pub(super) file: usize,
    pub(super) span: Span,
}

#[derive(Debug, Clone)]
pub(super) struct Attribute {
    pub(super) key: String,
    pub(super) values: Values,
    pub(super) examples: Vec<String>,
    pub(super) common: Common,
}

/// The type of an attribute.
#[derive(Debug, Clone)]
pub(super) enum Values {
    Members(Vec<Member>),
    Boolean,
    /// Strings and numbers.
    Any,
    /// A type that a label cannot have: `string[]`.
    Unsupported(String),
}

#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) value: String,
    pub(super) brief: Option<String>,
    pub(super) deprecated: Option<String>,
    pub(super) own: Option<Annotations>,
}

/// An attribute group. Only exported ones are used.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) attributes: Vec<Use>,
    pub(super) common: Common,
}

#[derive(Debug)]
pub(super) struct Metric {
    pub(super) name: String,
    pub(super) instrument: String,
    pub(super) unit: String,
    pub(super) attributes: Vec<Use>,
    pub(super) common: Common,
}

/// An attribute of a metric.
#[derive(Debug, Clone)]
pub(super) struct Use {
    pub(super) key: String,
    pub(super) level: Level,
}

/// Requirement level of an attribute in a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    OptIn,
    Recommended,
    ConditionallyRequired,
    Required,
}

/// The contents of all files, before references are resolved.
#[derive(Default)]
pub(super) struct Reader {
    file: usize,
    registry: Registry,
    /// Attribute groups and metrics by id: the groups that each refers to or extends, and its own attributes.
    groups: HashMap<String, (Vec<String>, Vec<Use>)>,
    /// Metrics, with the groups that they refer to or extend.
    pending: Vec<(Metric, Vec<String>)>,
    attributes: HashMap<String, usize>,
    /// Attributes that a file declares, not a metric that uses them.
    declared: HashSet<String>,
}

impl Reader {
    /// Reads a file. Returns its problem, if any. Files are numbered in the order of the calls.
    pub(super) fn file(&mut self, source: &str) -> Option<Diagnostic> {
        let problem = match tree::parse(source) {
            Ok(documents) => {
                let mut nodes = documents.nodes.iter();
                nodes.find_map(|node| self.document(node))
            }
            Err(Unreadable { message, at }) => Some(
                Diagnostic::error(UNREADABLE_REGISTRY, Span::new(at, at), message)
                    .label("fix the syntax here: the rest of the file was not read"),
            ),
        };
        self.file += 1;
        problem
    }

    fn document(&mut self, node: &Node) -> Option<Diagnostic> {
        let top = node.entries();
        let format = text(top, "file_format").map(|format| &*format.value);
        match format {
            Some("definition/2") => self.definition(top),
            Some("resolved/2.0") => {
                let catalog: Vec<_> = list(top, "attribute_catalog")
                    .iter()
                    .map(|attribute| self.attribute(attribute.entries()))
                    .collect();
                self.resolved(top, &catalog);
            }
            // The manifest of a package.
            Some(format) if format.starts_with("manifest/") => {}
            None if get(top, "groups").is_some() => self.version_1(top),
            None if get(top, "registry").is_some() => self.resolved(top, &[]),
            // The manifest of a registry.
            None if get(top, "schema_url").is_some() || get(top, "schema_base_url").is_some() => {}
            Some(_) | None => {
                let span = Span::new(node.span.start, node.span.start);
                let message = "the file is not a registry of OpenTelemetry";
                let problem = Diagnostic::error(UNREADABLE_REGISTRY, span, message)
                    .label("expected `groups`, `registry`, or `file_format: definition/2`")
                    .help(
                        "write one with `weaver registry resolve`, or name the files of its model",
                    );
                return Some(problem);
            }
        }
        None
    }

    fn definition(&mut self, top: &[Entry]) {
        for attribute in self.tables(top, "attributes") {
            if let Some(name) = self.name(attribute, &["key"]) {
                self.declare(name, attribute.entries());
            }
        }
        for group in self.tables(top, "attribute_groups") {
            let entries = group.entries();
            let (attributes, groups) = self.uses(entries);
            let id = string(entries, "id");
            let common = self.common(entries, "id");
            self.groups.insert(id, (groups, attributes.clone()));
            self.registry.groups.push(Group { attributes, common });
        }
        for metric in self.tables(top, "metrics") {
            let entries = metric.entries();
            let (attributes, groups) = self.uses(entries);
            if self.name(metric, &["name"]).is_some() {
                let metric = self.metric(entries, "name", attributes);
                self.pending.push((metric, groups));
            }
        }
    }

    /// The `attributes` of metrics refer to the catalog, or are in the metrics themselves.
    fn resolved(&mut self, top: &[Entry], catalog: &[Attribute]) {
        let registry = get(top, "registry").map(Node::entries).unwrap_or_default();
        for attribute in list(registry, "attributes") {
            let of_catalog = index(attribute).and_then(|index| catalog.get(index).cloned());
            let attribute = of_catalog.unwrap_or_else(|| self.attribute(attribute.entries()));
            self.define(attribute);
        }
        for group in self.tables(registry, "attribute_groups") {
            let entries = group.entries();
            let attributes = self.resolved_uses(entries, catalog);
            let common = self.common(entries, "id");
            self.registry.groups.push(Group { attributes, common });
        }
        for metric in self.tables(registry, "metrics") {
            let entries = metric.entries();
            let attributes = self.resolved_uses(entries, catalog);
            if self.name(metric, &["name"]).is_some() {
                let metric = self.metric(entries, "name", attributes);
                self.pending.push((metric, Vec::new()));
            }
        }
    }

    /// Returns the attributes of a resolved group or metric, and defines them.
    fn resolved_uses(&mut self, entries: &[Entry], catalog: &[Attribute]) -> Vec<Use> {
        let mut uses = Vec::new();
        for attribute in list(entries, "attributes") {
            let keys = attribute.entries();
            let base = get(keys, "base").and_then(index);
            let of_catalog = base.and_then(|index| catalog.get(index).cloned());
            let attribute = of_catalog.unwrap_or_else(|| self.attribute(keys));
            uses.push(Use {
                key: attribute.key.clone(),
                level: level(keys),
            });
            self.define(attribute);
        }
        uses
    }

    fn version_1(&mut self, top: &[Entry]) {
        for group in self.tables(top, "groups") {
            let entries = group.entries();
            let extends = text(entries, "extends").map(|id| id.value.clone());
            let extends: Vec<_> = extends.into_iter().collect();
            let is_definition = string(entries, "type") == "attribute_group";
            let mut uses = Vec::new();
            for attribute in self.tables(entries, "attributes") {
                let keys = attribute.entries();
                let Some(name) = self.name(attribute, &["ref", "id", "name"]) else {
                    continue;
                };
                uses.push(Use {
                    key: name.value.clone(),
                    level: level(keys),
                });
                // A metric may describe an attribute differently; the declaring group decides. A resolved group repeats the
                // attributes of others, with `name`.
                if text(keys, "ref").is_some() {
                } else if is_definition && text(keys, "id").is_some() {
                    self.declare(name, keys);
                } else {
                    let attribute = self.attribute(keys);
                    match self.attributes.get(&attribute.key) {
                        Some(known) if is_definition => {
                            self.registry.attributes[*known] = attribute;
                        }
                        Some(_) => {}
                        None => self.define(attribute),
                    }
                }
            }
            if string(entries, "type") == "metric" && self.name(group, &["metric_name"]).is_some() {
                let metric = self.metric(entries, "metric_name", uses.clone());
                self.pending.push((metric, extends.clone()));
            }
            self.groups.insert(string(entries, "id"), (extends, uses));
        }
    }

    /// Adds the declaration of an attribute, or reports a second one.
    fn declare(&mut self, name: &Text, entries: &[Entry]) {
        let attribute = self.attribute(entries);
        if !self.declared.insert(attribute.key.clone()) {
            let message = format!(
                "the attribute `{}` is declared twice; this declaration is left out",
                attribute.key
            );
            self.report(NOT_IMPORTED, &name.span, message);
            return;
        }
        match self.attributes.get(&attribute.key) {
            Some(known) => self.registry.attributes[*known] = attribute,
            None => self.define(attribute),
        }
    }

    fn report(&mut self, code: Code, at: &Range<usize>, message: String) {
        let span = Span::new(at.start, at.end);
        let problem = if code == UNREADABLE_REGISTRY {
            Diagnostic::error(code, span, message)
        } else {
            Diagnostic::warning(code, span, message)
        };
        self.registry.problems.push((self.file, problem));
    }

    /// Returns the tables of a list. Reports everything else.
    fn tables<'n>(&mut self, entries: &'n [Entry], key: &str) -> Vec<&'n Node> {
        let Some(node) = get(entries, key) else {
            return Vec::new();
        };
        match &node.value {
            Value::List(items) => {
                let is_table = |item: &&Node| matches!(item.value, Value::Map(_));
                let (tables, others): (Vec<_>, Vec<_>) = items.iter().partition(is_table);
                for other in others {
                    let message = format!("an item of `{key}` is not a table");
                    self.report(UNREADABLE_REGISTRY, &other.span, message);
                }
                tables
            }
            Value::Null => Vec::new(),
            Value::Map(_) | Value::Text(_) => {
                let message = format!("`{key}` is not a list");
                self.report(UNREADABLE_REGISTRY, &node.span, message);
                Vec::new()
            }
        }
    }

    /// Returns the name of an item, the first of some keys. Reports an item without one.
    fn name<'n>(&mut self, item: &'n Node, keys: &[&str]) -> Option<&'n Text> {
        let entries = item.entries();
        let mut names = keys.iter().filter_map(|key| text(entries, key));
        let name = names.find(|name| !name.value.is_empty());
        if name.is_none() {
            let keys: Vec<_> = keys.iter().map(|key| format!("`{key}`")).collect();
            let message = format!("the item has no {}", keys.join(", "));
            self.report(UNREADABLE_REGISTRY, &item.span, message);
        }
        name
    }

    /// Adds an attribute, unless it is already known.
    fn define(&mut self, attribute: Attribute) {
        let next = self.registry.attributes.len();
        let known = self.attributes.entry(attribute.key.clone()).or_insert(next);
        if *known == next {
            self.registry.attributes.push(attribute);
        }
    }

    fn attribute(&self, entries: &[Entry]) -> Attribute {
        let name = ["key", "id", "name"]
            .into_iter()
            .find(|key| text(entries, key).is_some());
        let name = name.unwrap_or("key");
        let members = get(entries, "type").map(|node| list(node.entries(), "members"));
        let kind = string(entries, "type");
        let values = match (members, &*kind) {
            (Some(members), _) if !members.is_empty() => {
                Values::Members(members.iter().map(|node| member(node.entries())).collect())
            }
            (_, "boolean") => Values::Boolean,
            (_, "string" | "int" | "double") => Values::Any,
            (_, "") => Values::Unsupported("unknown".to_owned()),
            (_, kind) => Values::Unsupported(kind.to_owned()),
        };
        let examples = match get(entries, "examples").map(|node| &node.value) {
            Some(Value::List(items)) => items.iter().filter_map(Node::text).collect(),
            Some(Value::Text(example)) => vec![example],
            Some(Value::Map(_) | Value::Null) | None => Vec::new(),
        };
        Attribute {
            key: string(entries, name),
            values,
            examples: examples
                .into_iter()
                .map(|text| text.value.clone())
                .collect(),
            common: self.common(entries, name),
        }
    }

    fn metric(&self, entries: &[Entry], name: &str, attributes: Vec<Use>) -> Metric {
        Metric {
            name: string(entries, name),
            instrument: string(entries, "instrument"),
            unit: string(entries, "unit"),
            attributes,
            common: self.common(entries, name),
        }
    }

    /// Returns the references to attributes, and the ids of groups.
    fn uses(&mut self, entries: &[Entry]) -> (Vec<Use>, Vec<String>) {
        let (mut uses, mut groups) = (Vec::new(), Vec::new());
        for reference in self.tables(entries, "attributes") {
            let keys = reference.entries();
            if let Some(id) = text(keys, "ref_group") {
                groups.push(id.value.clone());
            } else if let Some(key) = self.name(reference, &["ref"]) {
                uses.push(Use {
                    key: key.value.clone(),
                    level: level(keys),
                });
            }
        }
        (uses, groups)
    }

    fn common(&self, entries: &[Entry], name: &str) -> Common {
        let (annotations, own) = annotations(get(entries, "annotations"));
        let at = text(entries, name).map(|text| text.span.clone());
        let at = at.or_else(|| entries.first().map(|entry| entry.key.span.clone()));
        let at = at.unwrap_or_default();
        Common {
            brief: string(entries, "brief"),
            note: string(entries, "note"),
            is_stable: string(entries, "stability") == "stable",
            deprecated: deprecated(entries),
            annotations,
            own,
            file: self.file,
            span: Span::new(at.start, at.end),
        }
    }

    /// Resolves the references between groups. Returns the registry.
    pub(super) fn finish(mut self) -> Registry {
        let mut names = HashSet::new();
        for (mut metric, groups) in std::mem::take(&mut self.pending) {
            let name = &metric.name;
            self.file = metric.common.file;
            let at = metric.common.span.start..metric.common.span.end;
            if !names.insert(name.clone()) {
                let message =
                    format!("the metric `{name}` is defined twice; this definition is left out");
                self.report(NOT_IMPORTED, &at, message);
                continue;
            }
            let (order, lost) = self.inherited(&groups);
            for (id, why) in lost {
                let message = format!("the attribute group `{id}` of `{name}` {why}");
                self.report(NOT_IMPORTED, &at, message);
            }
            let mut uses = Vec::new();
            for id in order {
                let inherited = self.groups.get(&id).map(|(_, uses)| uses);
                merge(&mut uses, inherited.into_iter().flatten());
            }
            merge(&mut uses, metric.attributes.iter());
            metric.attributes = uses;
            self.registry.metrics.push(metric);
        }
        self.registry
    }

    /// Returns all groups that some groups refer to or extend, each after those that it refers to, and the groups that cannot be
    /// used, with the reason.
    fn inherited(&self, groups: &[String]) -> (Vec<String>, Vec<(String, &'static str)>) {
        let (mut order, mut lost) = (Vec::new(), Vec::new());
        // Groups whose references are being visited, and those that are done.
        let (mut open, mut done) = (HashSet::new(), HashSet::new());
        let mut next: Vec<(&String, bool)> = groups.iter().rev().map(|id| (id, false)).collect();
        while let Some((id, is_done)) = next.pop() {
            if is_done {
                open.remove(id);
                done.insert(id);
                order.push(id.clone());
            } else if open.contains(id) {
                lost.push((id.clone(), "contains itself"));
            } else if done.contains(id) {
            } else if let Some((above, _)) = self.groups.get(id) {
                open.insert(id);
                next.push((id, true));
                next.extend(above.iter().rev().map(|id| (id, false)));
            } else {
                lost.push((id.clone(), "is left out: no file defines it"));
            }
        }
        (order, lost)
    }
}

/// Adds references; a later one replaces an earlier one to the same attribute.
fn merge<'u>(uses: &mut Vec<Use>, more: impl Iterator<Item = &'u Use>) {
    for one in more {
        match uses.iter_mut().find(|known| known.key == one.key) {
            Some(known) => known.level = one.level,
            None => uses.push(one.clone()),
        }
    }
}

fn member(entries: &[Entry]) -> Member {
    let value = match get(entries, "value") {
        Some(value) => value.text(),
        None => text(entries, "id"),
    };
    let brief = string(entries, "brief");
    Member {
        value: value.map(|value| value.value.clone()).unwrap_or_default(),
        brief: (!brief.is_empty()).then_some(brief),
        deprecated: deprecated(entries),
        own: annotations(get(entries, "annotations")).1,
    }
}

fn level(entries: &[Entry]) -> Level {
    let Some(node) = get(entries, "requirement_level") else {
        return Level::Recommended;
    };
    let word = match &node.value {
        Value::Text(text) => &*text.value,
        Value::Map(entries) => entries.first().map_or("", |entry| &entry.key.value),
        Value::List(_) | Value::Null => "",
    };
    match word {
        "required" => Level::Required,
        "conditionally_required" => Level::ConditionallyRequired,
        "opt_in" => Level::OptIn,
        _ => Level::Recommended,
    }
}

/// Returns the reason of a deprecation, which is a string in old files.
fn deprecated(entries: &[Entry]) -> Option<String> {
    let reason = match &get(entries, "deprecated")?.value {
        Value::Text(text) => text.value.clone(),
        Value::Map(keys) => match (string(keys, "note"), text(keys, "renamed_to")) {
            (note, Some(name)) if note.is_empty() => format!("Use `{}` instead.", name.value),
            (note, _) => note,
        },
        Value::List(_) | Value::Null => return None,
    };
    let reason = words(&reason);
    Some(if reason.is_empty() {
        "The registry gives no reason.".to_owned()
    } else {
        reason
    })
}

fn annotations(node: Option<&Node>) -> (Annotations, Option<Annotations>) {
    let entries = node.map(Node::entries).unwrap_or_default();
    let (mut annotations, mut own) = (Vec::new(), None);
    for entry in entries {
        match (&*entry.key.value, annotation(&entry.node)) {
            (ANNOTATION, Some(Annotation::Table(keys))) => own = Some(keys),
            (key, Some(value)) => annotations.push((key.to_owned(), value)),
            (_, None) => {}
        }
    }
    (Annotations(annotations), own)
}

/// Returns `None` for `null`, which TOML does not have.
fn annotation(node: &Node) -> Option<Annotation> {
    Some(match &node.value {
        Value::Map(entries) => {
            let entries = entries.iter();
            let entries = entries
                .filter_map(|entry| Some((entry.key.value.clone(), annotation(&entry.node)?)));
            Annotation::Table(Annotations(entries.collect()))
        }
        Value::List(items) => Annotation::List(items.iter().filter_map(annotation).collect()),
        Value::Text(text) if text.style == ScalarStyle::Plain => {
            let word = text.value.as_str();
            let number = word.parse::<f64>();
            let number = number
                .ok()
                .filter(|_| word.contains(|c: char| c.is_ascii_digit()));
            match (word, word.parse::<i64>(), number) {
                ("true", ..) => Annotation::Boolean(true),
                ("false", ..) => Annotation::Boolean(false),
                (_, Ok(integer), _) => Annotation::Integer(integer),
                (_, Err(_), Some(float)) => Annotation::Float(float),
                (_, Err(_), None) => Annotation::Text(text.value.clone()),
            }
        }
        Value::Text(text) => Annotation::Text(text.value.clone()),
        Value::Null => return None,
    })
}

fn list<'n>(entries: &'n [Entry], key: &str) -> &'n [Node] {
    get(entries, key).map(Node::items).unwrap_or_default()
}

fn string(entries: &[Entry], key: &str) -> String {
    text(entries, key)
        .map(|text| text.value.clone())
        .unwrap_or_default()
}

fn index(node: &Node) -> Option<usize> {
    node.text()?.value.parse().ok()
}

/// Returns a text on one line.
pub(super) fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
