//! Exports a schema as a registry in the format `definition/2`.
//!
//! A registry has keys for names, texts, instruments, units, stability, deprecation and attributes. Everything else is in the
//! annotation `shadowcat_metrics` of the item, in the schema language, so that an import returns the same schema.

use serde::{Serialize, Serializer};
use shadowcat_metrics_authoring::catalog;
use shadowcat_metrics_authoring::conditions::conditions;
use shadowcat_metrics_codegen::lint::metric_path;
use shadowcat_metrics_codegen::model::{
    Annotation, Annotations, Argument, BucketSet, Deprecation, Former, Group, Label, LabelId,
    LabelValue, LabelValues, Metric, MetricId, Native, Notes, Origin, Registry, Stability, Storage,
    Sum, SumUse, Unit,
};
use shadowcat_metrics_codegen::name::{otel_label_name, otel_metric_name};
use shadowcat_metrics_codegen::{Diagnostic, Span, Spanned};

use super::ANNOTATION;
use crate::kinds::KindRow;
use crate::model::Schema;
use crate::program::Part;
use crate::{Document, MARK};

shadowcat_metrics_codegen::codes! {
    NOT_IN_REGISTRY = "SM0921" "not-in-registry": "a part of a schema that a Weaver registry cannot represent",
    "`generate --format weaver` writes labels, groups and metrics. Properties that a registry has no keys for, such as \
     buckets, become annotations. `[slos]`, `[alerts]`, `[policy]` and `[operations]` are left out, because they are not part \
     of a registry. Dates and infinite numbers in annotations become strings.",
    example: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
- annotations = { reviewed = 2026-11-29 }
+ annotations = { reviewed = "2026-11-29" }
"#;
}

/// The folder of the program's registry below the folder of documents.
pub const FOLDER: &str = "weaver";

/// A registry, and the parts of the schema that it cannot represent.
#[derive(Debug)]
pub struct Export {
    /// The manifest and the definitions, by paths below the folder of documents.
    pub documents: Vec<Document>,
    /// A warning for each part that is omitted or changed.
    pub problems: Vec<Diagnostic>,
}

/// Exports each schema of a program as a registry of its own, because two schemas may have labels with the same name. The schema
/// URL of another schema has its namespace before the version. The problems of the other schemas are at the place that names them.
#[must_use]
pub fn export_program(schema: &Schema, parts: &[Part], schema_url: &str) -> Export {
    let mut all = export(schema, schema_url);
    let (start, version) = schema_url.rsplit_once('/').unwrap_or((schema_url, "0.0.0"));
    for part in parts {
        let namespace = &part.schema.registry.namespace;
        let url = format!("{start}/{namespace}/{version}");
        let Export {
            documents,
            problems,
        } = export(&part.schema, &url);
        all.documents.extend(documents);
        all.problems.extend(problems.into_iter().map(|problem| {
            let message = format!("in the schema of `{}`, {}", part.name, problem.message);
            let label = problem.label;
            let moved = Diagnostic::warning(problem.code, part.span, message).label(label);
            problem.help.into_iter().fold(moved, Diagnostic::help)
        }));
    }
    all
}

/// Exports a schema as a registry with this schema URL, such as `https://example.com/schemas/shop/1.0.0`.
#[must_use]
pub fn export(schema: &Schema, schema_url: &str) -> Export {
    let registry = &schema.registry;
    let sections = schema.sections.iter().map(|(section, span)| {
        let message = format!("the section `[{section}]` is not part of the registry");
        Diagnostic::warning(NOT_IN_REGISTRY, *span, message)
            .label("left out")
            .help("a registry describes metrics and attributes; keep the section in the schema")
    });
    let mut exporter = Exporter {
        registry,
        problems: sections.collect(),
    };
    let manifest = Manifest {
        schema_url,
        description: format!("Metrics of `{}`.", registry.namespace),
    };
    let document = |name: &str, content: String| Document {
        path: format!("{}/{name}", schema.file_name(FOLDER)),
        content: format!("# {MARK}: change metrics.toml.\n{content}"),
    };
    let documents = vec![
        document("manifest.yaml", yaml(&manifest)),
        document("metrics.yaml", yaml(&exporter.definition())),
    ];
    Export {
        documents,
        problems: exporter.problems,
    }
}

fn yaml(value: &impl Serialize) -> String {
    let options =
        serde_saphyr::ser_options! { folded_wrap_chars: 100_000, min_fold_chars: 100_000 };
    serde_saphyr::to_string_with_options(value, options)
        .expect("strings, numbers, lists and maps with string keys are always YAML")
}

#[derive(Debug, Serialize)]
struct Manifest<'a> {
    schema_url: &'a str,
    description: String,
}

/// A file of a registry.
#[derive(Debug, Serialize)]
struct Definition<'a> {
    file_format: &'static str,
    attributes: Vec<Attribute<'a>>,
    attribute_groups: Vec<AttributeGroup<'a>>,
    metrics: Vec<MetricDefinition<'a>>,
}

#[derive(Debug, Serialize)]
struct Attribute<'a> {
    key: &'a str,
    #[serde(rename = "type")]
    values: AttributeType<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    examples: Vec<&'a str>,
    #[serde(flatten)]
    common: Common<'a>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum AttributeType<'a> {
    Primitive(&'static str),
    Enum { members: Vec<Member<'a>> },
}

#[derive(Debug, Serialize)]
struct Member<'a> {
    id: String,
    value: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    brief: Option<&'a str>,
    stability: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    deprecated: Option<Deprecated>,
    #[serde(skip_serializing_if = "Data::is_empty")]
    annotations: Data,
}

#[derive(Debug, Serialize)]
struct AttributeGroup<'a> {
    id: String,
    visibility: &'static str,
    #[serde(flatten)]
    common: Common<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attributes: Vec<Reference<'a>>,
}

/// The requirement level of all metrics, because a program exposes each of them.
const EXPOSED: &str = "recommended";

#[derive(Debug, Serialize)]
struct MetricDefinition<'a> {
    name: String,
    instrument: &'static str,
    unit: String,
    requirement_level: &'static str,
    #[serde(flatten)]
    common: Common<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attributes: Vec<Reference<'a>>,
}

/// Keys that all definitions have.
#[derive(Debug, Serialize)]
struct Common<'a> {
    brief: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
    stability: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    deprecated: Option<Deprecated>,
    #[serde(skip_serializing_if = "Data::is_empty")]
    annotations: Data,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Reference<'a> {
    Group {
        ref_group: String,
    },
    Attribute {
        #[serde(rename = "ref")]
        key: &'a str,
        requirement_level: Requirement,
    },
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Requirement {
    Required,
    /// With the condition.
    ConditionallyRequired(String),
}

#[derive(Debug, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
enum Deprecated {
    /// The item has a new name, but is still exposed under this one.
    Renamed { renamed_to: String, note: String },
    /// The item should no longer be used.
    Uncategorized { note: String },
}

/// A table of annotations.
#[derive(Debug, Default)]
struct Data(Annotations);

impl Data {
    fn is_empty(&self) -> bool {
        self.0.0.is_empty()
    }
}

impl Serialize for Data {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        catalog::Annotations(&self.0).serialize(serializer)
    }
}

/// Keys of the schema language and their values.
#[derive(Debug, Default)]
struct Keys(Vec<(String, Annotation)>);

impl Keys {
    fn set(&mut self, key: &str, value: Annotation) {
        self.0.push((key.to_owned(), value));
    }

    fn text(&mut self, key: &str, text: Option<impl ToString>) {
        if let Some(text) = text {
            self.set(key, Annotation::Text(text.to_string()));
        }
    }

    fn flag(&mut self, key: &str, is_set: bool) {
        if is_set {
            self.set(key, Annotation::Boolean(true));
        }
    }

    fn texts(&mut self, key: &str, texts: impl IntoIterator<Item = String>) {
        let texts: Vec<_> = texts.into_iter().map(Annotation::Text).collect();
        if !texts.is_empty() {
            self.set(key, Annotation::List(texts));
        }
    }

    fn table(&mut self, key: &str, table: Self) {
        if !table.0.is_empty() {
            self.set(key, Annotation::Table(Annotations(table.0)));
        }
    }

    fn native(&mut self, native: Native) {
        let Native { factor, from, to } = native;
        let mut keys = Self::default();
        for (key, number) in [("factor", factor), ("from", from), ("to", to)] {
            keys.set(key, Annotation::Float(number));
        }
        self.table("native", keys);
    }

    fn otel(&mut self, otel: Option<&Spanned<String>>) {
        self.text("otel", otel.map(|otel| &otel.value));
    }

    fn allow(&mut self, allow: &[Spanned<String>]) {
        self.texts("allow", allow.iter().map(|allow| allow.value.clone()));
    }

    fn former(&mut self, former: Option<&Former>) {
        if let Some(former) = former {
            let mut keys = Self::default();
            keys.text("name", Some(&former.name));
            keys.text("until", Some(&former.until));
            self.table("renamed_from", keys);
        }
    }

    fn deprecated<R>(&mut self, why: Option<&Deprecation<R>>, name: impl Fn(&R) -> String) {
        if let Some(why) = why {
            let mut keys = Self::default();
            keys.text("since", why.since.as_ref());
            keys.text("use", why.replacement.as_ref().map(name));
            keys.text("note", why.note.as_ref());
            keys.text("remove_in", why.remove_in.as_ref());
            self.table("deprecated", keys);
        }
    }
}

/// Returns an entry of `labels`.
fn label_use(registry: &Registry, id: LabelId, optional: bool) -> Annotation {
    let name = registry.labels[id.0].key.clone();
    if !optional {
        return Annotation::Text(name);
    }
    let mut keys = Keys::default();
    keys.text("name", Some(name));
    keys.flag("optional", true);
    Annotation::Table(Annotations(keys.0))
}

fn absent_if_unknown() -> Requirement {
    Requirement::ConditionallyRequired("If it has a value.".to_owned())
}

struct Exporter<'r> {
    registry: &'r Registry,
    problems: Vec<Diagnostic>,
}

impl<'r> Exporter<'r> {
    fn definition(&mut self) -> Definition<'r> {
        let registry = self.registry;
        let labels = registry.labels.iter();
        let labels = labels.filter(|label| label.origin == Origin::Schema);
        let attributes = labels.map(|label| self.attribute(label)).collect();
        let groups = registry.groups.iter();
        let groups = groups.filter(|group| group.origin == Origin::Schema);
        let mut attribute_groups = vec![self.settings()];
        attribute_groups.extend(groups.map(|group| self.group(group)));
        let mut metrics = Vec::new();
        for metric in &registry.metrics {
            if metric.origin == Origin::Schema {
                metrics.push(self.metric(metric));
                metrics.extend(self.former_metric(metric));
            }
        }
        Definition {
            file_format: "definition/2",
            attributes,
            attribute_groups,
            metrics,
        }
    }

    /// Returns the settings of the whole schema as a group without attributes, because a definition cannot have annotations.
    fn settings(&mut self) -> AttributeGroup<'r> {
        let registry = self.registry;
        let mut keys = Keys::default();
        keys.text("namespace", Some(&registry.namespace));
        keys.texts("uses", registry.uses.iter().map(|used| used.value.clone()));
        let budget = i64::try_from(registry.series_budget).unwrap_or(i64::MAX);
        keys.set("series_budget", Annotation::Integer(budget));
        keys.allow(&registry.allow);
        let mut buckets = Keys::default();
        for set in &registry.bucket_sets {
            if let Some(name) = &set.name {
                buckets.set(name, bounds(set));
            }
        }
        keys.table("buckets", buckets);
        let mut sums = Keys::default();
        for sum in &registry.sums {
            sums.table(&sum.name, self.sum(sum));
        }
        keys.table("labels", sums);
        AttributeGroup {
            id: registry.namespace.clone(),
            visibility: "public",
            common: Common {
                brief: "Settings of the whole schema.",
                note: None,
                stability: stability(Stability::Experimental),
                deprecated: None,
                annotations: annotated(Annotations::default(), keys),
            },
            attributes: Vec::new(),
        }
    }

    /// Returns the keys of a sum label, which is not an attribute.
    fn sum(&mut self, sum: &Sum) -> Keys {
        let registry = self.registry;
        let of = &registry.labels[sum.of.0];
        let mut keys = Keys::default();
        keys.text("help", Some(&sum.help));
        keys.text("of", Some(&of.key));
        let mut with = Keys::default();
        for (value, items) in of.closed_values().iter().zip(&sum.with) {
            let items = items.iter().map(|item| match item {
                Argument::Label(id) => registry.labels[id.0].key.clone(),
                Argument::Sum(sum) => registry.sums[sum.0].name.clone(),
            });
            with.texts(&value.value, items);
        }
        // A sum label needs the key even if no value has extra labels.
        keys.set("with", Annotation::Table(Annotations(with.0)));
        keys.text("note", sum.notes.note.as_ref());
        keys.allow(&sum.allow);
        if !sum.notes.annotations.0.is_empty() {
            let annotations = &sum.notes.annotations;
            self.check_annotations(annotations, sum.span);
            keys.set("annotations", Annotation::Table(annotations.clone()));
        }
        keys
    }

    fn attribute(&mut self, label: &'r Label) -> Attribute<'r> {
        let mut keys = Keys::default();
        keys.text("label", Some(&label.key));
        let name = (label.name != label.key).then_some(&label.name);
        keys.text("name", name);
        keys.otel(label.otel.as_ref());
        let (values, examples) = match &label.values {
            LabelValues::Closed(values) => (members(label, values), Vec::new()),
            LabelValues::Open { max, overflow } => {
                let mut open = Keys::default();
                open.set("max", Annotation::Integer(i64::from(*max)));
                open.text("overflow", Some(overflow));
                keys.table("open", open);
                // Weaver requires examples, and this value does occur.
                let examples = if label.examples.is_empty() {
                    vec![&**overflow]
                } else {
                    label.examples.iter().map(|example| &**example).collect()
                };
                (AttributeType::Primitive("string"), examples)
            }
        };
        keys.flag("extensible", label.is_extensible);
        keys.text("fallback", label.fallback_value().map(|value| &value.value));
        keys.texts("examples", label.examples.iter().cloned());
        keys.allow(&label.allow);
        let common = self.common(&label.help, label.stability, &label.notes, label.span, keys);
        Attribute {
            key: otel_label_name(label),
            values,
            examples,
            common,
        }
    }

    fn group(&mut self, group: &'r Group) -> AttributeGroup<'r> {
        let mut keys = Keys::default();
        keys.text("group", Some(&group.name));
        if !group.optional.is_empty() || !group.sums.is_empty() {
            let labels = self.label_uses(group.arguments(), &group.optional);
            keys.set("labels", Annotation::List(labels.collect()));
        }
        keys.allow(&group.allow);
        let stability = Stability::Experimental;
        AttributeGroup {
            id: self.group_id(group),
            visibility: "public",
            common: self.common(&group.help, stability, &group.notes, group.span, keys),
            attributes: self.references(&group.labels, |id| {
                self.level(&group.sums, &group.optional, id)
            }),
        }
    }

    fn group_id(&self, group: &Group) -> String {
        format!("{}.{}", self.registry.namespace, group.name)
    }

    fn references(
        &self,
        labels: &[LabelId],
        level: impl Fn(LabelId) -> Requirement,
    ) -> Vec<Reference<'r>> {
        let reference = |id: &LabelId| Reference::Attribute {
            key: otel_label_name(&self.registry.labels[id.0]),
            requirement_level: level(*id),
        };
        labels.iter().map(reference).collect()
    }

    fn metric(&mut self, metric: &'r Metric) -> MetricDefinition<'r> {
        let registry = self.registry;
        let keys = self.metric_keys(metric);
        let notes = &metric.notes;
        let mut common = self.common(
            &metric.help,
            metric.stability,
            notes,
            metric.spans.key,
            keys,
        );
        common.deprecated = metric
            .deprecated
            .as_ref()
            .map(|why| deprecated(why, |id| self.otel_name(*id)));
        let (instrument, unit) = instrument(metric);
        MetricDefinition {
            name: otel_metric_name(registry, metric).into_owned(),
            instrument,
            unit,
            requirement_level: EXPOSED,
            common,
            attributes: self.attributes_of(metric),
        }
    }

    fn attributes_of(&self, metric: &Metric) -> Vec<Reference<'r>> {
        let group = &self.registry.groups[metric.group.0];
        let of_group = (!group.labels.is_empty()).then(|| Reference::Group {
            ref_group: self.group_id(group),
        });
        let own = &metric.labels[metric.group_labels..];
        let own = self.references(own, |id| self.level(&metric.sums, &metric.optional, id));
        let states = metric.kind.spec().states;
        let states = self.references(states.as_slice(), |_| Requirement::Required);
        of_group.into_iter().chain(own).chain(states).collect()
    }

    /// Returns whether all series of a metric or group have a label, or the condition under which they have it.
    fn level(&self, sums: &[SumUse], optional: &[LabelId], id: LabelId) -> Requirement {
        let registry = self.registry;
        let conditions = sums.iter().flat_map(|sum| conditions(registry, sum.sum));
        let conditions = conditions.filter(|condition| condition.label == id);
        let conditions: Vec<_> = conditions
            .map(|condition| {
                let of = otel_label_name(&registry.labels[condition.of.0]);
                let values = registry.values_at(condition.of, &condition.values);
                let values = values.into_iter().map(|value| format!("`{value}`"));
                let values: Vec<_> = values.collect();
                format!("`{of}` is {}", values.join(" or "))
            })
            .collect();
        if !conditions.is_empty() {
            Requirement::ConditionallyRequired(format!("If {}.", conditions.join(", or if ")))
        } else if optional.contains(&id) {
            absent_if_unknown()
        } else {
            Requirement::Required
        }
    }

    /// Returns labels and sum labels as the schema lists them.
    fn label_uses(
        &self,
        arguments: Vec<Argument>,
        optional: &[LabelId],
    ) -> impl Iterator<Item = Annotation> {
        let arguments = arguments.into_iter();
        arguments.map(|argument| match argument {
            Argument::Label(id) => label_use(self.registry, id, optional.contains(&id)),
            Argument::Sum(sum) => Annotation::Text(self.registry.sums[sum.0].name.clone()),
        })
    }

    /// Returns the keys of a metric that a Weaver registry cannot represent.
    fn metric_keys(&self, metric: &Metric) -> Keys {
        let registry = self.registry;
        let spec = metric.kind.spec();
        let mut keys = Keys::default();
        keys.text("metric", Some(metric_path(registry, metric)));
        keys.text("type", Some(spec.name));
        let own = self.label_uses(metric.own_arguments(), &metric.optional);
        let facts = metric.facts().iter();
        let facts = facts.map(|id| label_use(registry, *id, false));
        let own: Vec<_> = own.chain(facts).collect();
        if !own.is_empty() {
            keys.set("labels", Annotation::List(own));
        }
        if let Some(set) = spec.buckets {
            let set = &registry.bucket_sets[set.0];
            let buckets = match &set.name {
                Some(name) => Annotation::Text(name.clone()),
                None => bounds(set),
            };
            keys.set("buckets", buckets);
            if let Some(native) = metric.native.filter(|native| set.native != Some(*native)) {
                keys.native(native);
            }
        }
        keys.flag("quantiles", metric.quantiles);
        keys.text("states", spec.states.map(|id| &registry.labels[id.0].key));
        keys.flag("callback", spec.storage == Storage::Callback);
        keys.flag("bad", metric.bad);
        keys.flag("exemplars", metric.exemplars);
        if let Some((numerator, denominator)) = spec.operands {
            for (key, operands) in [("numerator", numerator), ("denominator", denominator)] {
                let paths = operands
                    .iter()
                    .map(|id| metric_path(registry, &registry.metrics[id.0]));
                keys.texts(key, paths);
            }
        }
        keys.text("name", metric.name_is_exact.then_some(&metric.exposed));
        keys.otel(metric.otel.as_ref());
        keys.text("since", metric.since.as_ref());
        keys.text("owner", metric.owner.as_ref());
        keys.deprecated(metric.deprecated.as_ref(), |id| {
            metric_path(registry, &registry.metrics[id.0])
        });
        keys.former(metric.former.as_ref());
        keys.allow(&metric.allow);
        keys
    }

    /// Exports the former name of a metric as a deprecated metric, because it is still exposed.
    fn former_metric(&self, metric: &'r Metric) -> Option<MetricDefinition<'r>> {
        let former = metric.former.as_ref()?;
        let name = otel_metric_name(self.registry, metric).into_owned();
        let (instrument, unit) = instrument(metric);
        let mut keys = Keys::default();
        keys.text("former_of", Some(metric_path(self.registry, metric)));
        Some(MetricDefinition {
            name: former.name.clone(),
            instrument,
            unit,
            requirement_level: EXPOSED,
            common: Common {
                brief: &metric.help,
                note: None,
                stability: stability(metric.stability),
                deprecated: Some(renamed(&name, former)),
                annotations: annotated(Annotations::default(), keys),
            },
            attributes: self.attributes_of(metric),
        })
    }

    fn otel_name(&self, id: MetricId) -> String {
        otel_metric_name(self.registry, &self.registry.metrics[id.0]).into_owned()
    }

    /// Reports annotations that become strings in the registry.
    fn check_annotations(&mut self, annotations: &Annotations, span: Span) {
        let mut changed = Vec::new();
        for (key, value) in &annotations.0 {
            unrepresentable(value, key, &mut changed);
        }
        for path in changed {
            let message = format!("the annotation `{path}` becomes a string in the registry");
            let problem = Diagnostic::warning(NOT_IN_REGISTRY, span, message)
                .label("has a date, or a number that is not finite")
                .help("write it as a string");
            self.problems.push(problem);
        }
    }

    fn common(
        &mut self,
        help: &'r str,
        is: Stability,
        notes: &'r Notes,
        span: Span,
        keys: Keys,
    ) -> Common<'r> {
        self.check_annotations(&notes.annotations, span);
        let mut annotations = notes.annotations.clone();
        let given = annotations.0.len();
        annotations.0.retain(|(key, _)| key != ANNOTATION);
        if annotations.0.len() < given {
            let message = format!("the annotation `{ANNOTATION}` is not in the registry");
            let problem = Diagnostic::warning(NOT_IN_REGISTRY, span, message)
                .label("left out: the registry has its own annotation with this name")
                .help("give the annotation another name");
            self.problems.push(problem);
        }
        Common {
            brief: help,
            note: notes.note.as_deref(),
            stability: stability(is),
            deprecated: None,
            annotations: annotated(annotations, keys),
        }
    }
}

fn members<'r>(label: &Label, values: &'r [LabelValue]) -> AttributeType<'r> {
    let mut members: Vec<Member<'_>> = Vec::new();
    let id = |value: &str, members: &[Member<'_>]| {
        let id = value.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
        let is_free = members.iter().all(|member| member.id != id);
        if is_free { id } else { value.to_owned() }
    };
    for value in values {
        let mut keys = Keys::default();
        keys.flag("bad", value.bad);
        keys.text("since", value.since.as_ref());
        keys.deprecated(value.deprecated.as_ref(), Clone::clone);
        keys.former(value.former.as_ref());
        members.push(Member {
            id: id(&value.value, &members),
            value: &value.value,
            brief: value.help.as_deref(),
            stability: stability(label.stability),
            deprecated: value
                .deprecated
                .as_ref()
                .map(|why| deprecated(why, Clone::clone)),
            annotations: annotated(Annotations::default(), keys),
        });
        if let Some(former) = &value.former {
            let mut keys = Keys::default();
            keys.text("former_of", Some(&value.value));
            members.push(Member {
                id: id(&former.name, &members),
                value: &former.name,
                brief: None,
                stability: stability(label.stability),
                deprecated: Some(renamed(&value.value, former)),
                annotations: annotated(Annotations::default(), keys),
            });
        }
    }
    AttributeType::Enum { members }
}

/// Adds the paths of dates and of floats that are not finite, which the registry contains as strings.
fn unrepresentable(value: &Annotation, path: &str, found: &mut Vec<String>) {
    match value {
        Annotation::Float(float) if float.is_finite() => {}
        Annotation::Datetime(_) | Annotation::Float(_) => found.push(path.to_owned()),
        Annotation::List(items) => {
            for item in items {
                unrepresentable(item, path, found);
            }
        }
        Annotation::Table(table) => {
            for (key, value) in &table.0 {
                unrepresentable(value, &format!("{path}.{key}"), found);
            }
        }
        Annotation::Text(_) | Annotation::Integer(_) | Annotation::Boolean(_) => {}
    }
}

fn annotated(mut annotations: Annotations, keys: Keys) -> Data {
    if !keys.0.is_empty() {
        let keys = Annotation::Table(Annotations(keys.0));
        annotations.0.push((ANNOTATION.to_owned(), keys));
    }
    Data(annotations)
}

fn bounds(set: &BucketSet) -> Annotation {
    let bounds = Annotation::List(set.bounds.iter().copied().map(Annotation::Float).collect());
    let Some(native) = set.native else {
        return bounds;
    };
    let mut keys = Keys::default();
    keys.set("bounds", bounds);
    keys.native(native);
    Annotation::Table(Annotations(keys.0))
}

/// Returns the stability level. A deprecated item is in development, because its deprecation says the rest.
const fn stability(stability: Stability) -> &'static str {
    match stability {
        Stability::Experimental | Stability::Deprecated => "development",
        Stability::Stable => "stable",
    }
}

fn deprecated<R>(why: &Deprecation<R>, name: impl Fn(&R) -> String) -> Deprecated {
    let replacement = why.replacement.as_ref();
    let replacement = replacement.map(|item| format!("Use `{}` instead.", name(item)));
    let sentences: Vec<_> = replacement.into_iter().chain(why.note.clone()).collect();
    Deprecated::Uncategorized {
        note: sentences.join(" "),
    }
}

fn renamed(to: &str, former: &Former) -> Deprecated {
    Deprecated::Renamed {
        renamed_to: to.to_owned(),
        note: format!("Also exposed under this name until {}.", former.until),
    }
}

/// Returns a metric's instrument and unit. The unit of a plain number is its key in braces, a UCUM annotation.
fn instrument(metric: &Metric) -> (&'static str, String) {
    let unit = match metric.unit {
        Unit::None => format!("{{{}}}", metric.key),
        unit => unit.ucum().to_owned(),
    };
    (KindRow::of(&metric.kind).instrument, unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{assert_rows, compiled};

    #[test]
    fn what_a_registry_cannot_represent_is_reported() {
        let rows = r#"
            done: counter, annotations = { team = "a" } =>
            done: counter, annotations = { shadowcat_metrics = 1, team = "a" } | [operations] | target_labels = ["cluster"] | [policy.house] | help = "H." | severity = "warning" | require = ["owner"] | types = ["gauge"] => the section `[policy]` is not part of the registry; the section `[operations]` is not part of the registry; the annotation `shadowcat_metrics` is not in the registry
            labels.place = { help = "P.", of = "mode", with = { on = ["host"] }, annotations = { reviewed = "2026-11-29" } } | done: counter, labels = ["place"] =>
            labels.place = { help = "P.", of = "mode", with = { on = ["host"] }, annotations = { reviewed = 2026-11-29 } } | done: counter, labels = ["place"] => the annotation `reviewed` becomes a string in the registry
        "#;
        assert_rows(rows, |tables| {
            let (outcome, _) = compiled(tables);
            let schema = outcome.schema().expect("it compiles");
            let Export { problems, .. } = export(schema, "https://example.com/schemas/t/1.0.0");
            let messages = problems.into_iter().map(|problem| {
                assert_eq!(problem.code, NOT_IN_REGISTRY);
                problem.message
            });
            messages.collect::<Vec<_>>().join("; ")
        });
    }
}
