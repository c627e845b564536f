//! Reads registries: attributes and metrics with positions, from YAML or JSON.
//!
//! Supports four formats: `definition/2` (ours and Weaver's), `resolved/2.0` (`weaver registry package`), and groups from
//! `weaver registry resolve`, with complete attributes or with references as in a definition of version 1.

use std::collections::HashMap;

use shadowcat_metrics_codegen::model::{Annotation, Annotations};
use shadowcat_metrics_codegen::{Diagnostic, Span};

use super::{ANNOTATION, UNREADABLE_REGISTRY};
use crate::files::tree::{self, Entry, Node, Unreadable, Value, get, text};
use granit_parser::ScalarStyle;

/// The definitions in a registry's files.
#[derive(Debug, Default)]
pub(super) struct Registry {
    pub(super) attributes: Vec<Attribute>,
    pub(super) groups: Vec<Group>,
    pub(super) metrics: Vec<Metric>,
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
    /// Groups of version 1 by id: the group that each extends, and its own attributes.
    groups: HashMap<String, (Option<String>, Vec<Use>)>,
    /// Attribute groups of version 2 by id.
    referable: HashMap<String, Vec<Use>>,
    /// Metrics, with the groups that they refer to, and the one that they extend.
    pending: Vec<(Metric, Vec<String>, Option<String>)>,
    attributes: HashMap<String, usize>,
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
                    .label("cannot be read from here on"),
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
            None if get(top, "groups").is_some() => self.version_1(top),
            None if get(top, "registry").is_some() => self.resolved(top, &[]),
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
        for attribute in list(top, "attributes") {
            let attribute = self.attribute(attribute.entries());
            self.define(attribute);
        }
        for group in list(top, "attribute_groups") {
            let entries = group.entries();
            let (attributes, _) = Self::uses(entries);
            let id = string(entries, "id");
            let common = self.common(entries, "id");
            self.referable.insert(id, attributes.clone());
            self.registry.groups.push(Group { attributes, common });
        }
        for metric in list(top, "metrics") {
            let entries = metric.entries();
            let (attributes, groups) = Self::uses(entries);
            let metric = self.metric(entries, "name", attributes);
            self.pending.push((metric, groups, None));
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
        for metric in list(registry, "metrics") {
            let entries = metric.entries();
            let mut attributes = Vec::new();
            for attribute in list(entries, "attributes") {
                let keys = attribute.entries();
                let base = get(keys, "base").and_then(index);
                let of_catalog = base.and_then(|index| catalog.get(index).cloned());
                let attribute = of_catalog.unwrap_or_else(|| self.attribute(keys));
                attributes.push(Use {
                    key: attribute.key.clone(),
                    level: level(keys),
                });
                self.define(attribute);
            }
            let metric = self.metric(entries, "name", attributes);
            self.pending.push((metric, Vec::new(), None));
        }
    }

    fn version_1(&mut self, top: &[Entry]) {
        for group in list(top, "groups") {
            let entries = group.entries();
            let extends = text(entries, "extends").map(|id| id.value.clone());
            let is_definition = string(entries, "type") == "attribute_group";
            let mut uses = Vec::new();
            for attribute in list(entries, "attributes") {
                let keys = attribute.entries();
                let name = ["ref", "id", "name"].iter().find_map(|key| text(keys, key));
                let Some(name) = name else { continue };
                uses.push(Use {
                    key: name.value.clone(),
                    level: level(keys),
                });
                if text(keys, "ref").is_none() {
                    let attribute = self.attribute(keys);
                    // A metric may describe an attribute differently; the declaring group decides.
                    match self.attributes.get(&attribute.key) {
                        Some(known) if is_definition => {
                            self.registry.attributes[*known] = attribute;
                        }
                        Some(_) => {}
                        None => self.define(attribute),
                    }
                }
            }
            if string(entries, "type") == "metric" {
                let metric = self.metric(entries, "metric_name", uses);
                self.pending.push((metric, Vec::new(), extends));
            } else {
                self.groups.insert(string(entries, "id"), (extends, uses));
            }
        }
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
    fn uses(entries: &[Entry]) -> (Vec<Use>, Vec<String>) {
        let (mut uses, mut groups) = (Vec::new(), Vec::new());
        for reference in list(entries, "attributes") {
            let keys = reference.entries();
            groups.extend(text(keys, "ref_group").map(|id| id.value.clone()));
            uses.extend(text(keys, "ref").map(|key| Use {
                key: key.value.clone(),
                level: level(keys),
            }));
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
        for (mut metric, groups, extends) in std::mem::take(&mut self.pending) {
            let mut uses = Vec::new();
            for id in groups {
                merge(&mut uses, self.referable.get(&id).into_iter().flatten());
            }
            let mut chain = Vec::new();
            let mut next = extends;
            while let Some(id) = next.take() {
                let is_circle = chain.iter().any(|(known, _)| *known == id);
                if let (Some((above, uses)), false) = (self.groups.get(&id), is_circle) {
                    chain.push((id, uses));
                    next.clone_from(above);
                }
            }
            for (_, inherited) in chain.iter().rev() {
                merge(&mut uses, inherited.iter());
            }
            merge(&mut uses, metric.attributes.iter());
            metric.attributes = uses;
            self.registry.metrics.push(metric);
        }
        self.registry
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
    let value = text(entries, "value").or_else(|| text(entries, "id"));
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
