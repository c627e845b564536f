//! Drafts a schema for a registry: tables with keys of the schema language.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::ops::Range;

use shadowcat_metrics_authoring::annotations::{inline, quoted, toml_key};
use shadowcat_metrics_authoring::otel::translated_label;
use shadowcat_metrics_codegen::model::{Annotation, Annotations, Kind, Unit};
use shadowcat_metrics_codegen::name::{
    exposed_name, is_keyword, is_metrics_method, is_recorder_method, is_snake_case, pascal_case,
    to_snake_case, translated_metric,
};
use shadowcat_metrics_codegen::{Diagnostic, sentence};

use super::ANNOTATION;
use super::import::{IMPORT_GAP, Import, NOT_IMPORTED, UNREADABLE_REGISTRY};
use super::read::{Attribute, Common, Level, Metric, Registry, Use, Values, words};

/// Maximum number of values of an open label, before the budget is known.
const DEFAULT_MAX: i64 = 16;

/// A draft of a schema.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) namespace: String,
    pub(super) uses: Vec<Annotation>,
    pub(super) budget: Option<i64>,
    pub(super) allow: Vec<String>,
    pub(super) buckets: Annotations,
    pub(super) labels: Vec<Table>,
    pub(super) groups: Vec<Table>,
    pub(super) metrics: Vec<Table>,
    /// The labels by the names of their Rust types.
    pub(super) types: HashMap<String, String>,
    /// The attributes that can keep their keys as names of labels, by the names of their Rust types.
    pub(super) kept: HashMap<String, String>,
    /// The exposed names of labels.
    pub(super) exposed: BTreeSet<String>,
    /// Everything that is omitted, changed or missing, with the index of the file.
    pub(super) problems: Vec<(usize, Diagnostic)>,
}

/// A label, group or metric.
#[derive(Debug, Clone)]
pub(super) struct Table {
    /// Its name in the schema: `http_request_method`, `server` or `server.request_duration`.
    pub(super) name: String,
    pub(super) keys: Vec<(&'static str, Annotation)>,
    pub(super) allow: Vec<String>,
    /// Labels that the metric does not require, the least important one last.
    pub(super) spare: Vec<String>,
    /// Example bounds for a histogram without bounds.
    pub(super) gap: Option<&'static str>,
    /// Whether `generate` exported it, so that all its keys are decisions of the schema's author.
    pub(super) is_own: bool,
    pub(super) common: Common,
}

impl Table {
    fn new(name: String, common: &Common) -> Self {
        Self {
            name,
            keys: Vec::new(),
            allow: texts(own(common, "allow")),
            spare: Vec::new(),
            gap: None,
            is_own: common.own.is_some(),
            common: common.clone(),
        }
    }

    fn set(&mut self, key: &'static str, value: Annotation) {
        self.keys.push((key, value));
    }

    fn text(&mut self, key: &'static str, text: impl Into<String>) {
        self.set(key, Annotation::Text(text.into()));
    }

    /// Returns its name in the registry.
    pub(super) fn otel_name(&self) -> &str {
        self.get("otel").and_then(as_text).unwrap_or(&self.name)
    }

    pub(super) fn get(&self, key: &str) -> Option<&Annotation> {
        let found = self.keys.iter().find(|(known, _)| *known == key);
        found.map(|(_, value)| value)
    }

    /// Copies keys of the schema language from an exported item.
    fn copy(&mut self, keys: &[&'static str]) {
        let own = self.common.own.clone().unwrap_or_default();
        for key in keys {
            if let Some(value) = find(&own, key) {
                self.keys.push((key, value.clone()));
            }
        }
    }

    /// Sets the keys that all tables have.
    fn finish(&mut self) {
        let note = &self.common.note;
        let note = if self.is_own { note } else { note.trim() };
        let note = note.to_owned();
        if !note.is_empty() {
            self.text("note", note);
        }
        let annotations = self.common.annotations.clone();
        if !annotations.0.is_empty() {
            self.set("annotations", Annotation::Table(annotations));
        }
    }
}

/// Returns a key of the schema language from an exported item.
fn own<'a>(common: &'a Common, key: &str) -> Option<&'a Annotation> {
    find(common.own.as_ref()?, key)
}

/// Returns an entry of a table.
fn entry(key: &str, value: Annotation) -> (String, Annotation) {
    (key.to_owned(), value)
}

/// Returns the texts of a list.
fn texts(list: Option<&Annotation>) -> Vec<String> {
    let Some(Annotation::List(list)) = list else {
        return Vec::new();
    };
    let texts = list.iter().filter_map(as_text);
    texts.map(str::to_owned).collect()
}

pub(super) fn find<'a>(table: &'a Annotations, key: &str) -> Option<&'a Annotation> {
    let found = table.0.iter().find(|(known, _)| known == key);
    found.map(|(_, value)| value)
}

pub(super) fn as_text(value: &Annotation) -> Option<&str> {
    let Annotation::Text(text) = value else {
        return None;
    };
    Some(text)
}

/// Drafts a schema, which has no metrics if there are none to import.
pub(super) fn draft(registry: &Registry, options: &Import) -> Draft {
    let mut draft = Draft {
        problems: registry.problems.clone(),
        ..Draft::default()
    };
    let settings = registry.groups.iter().find_map(|group| {
        let own = group.common.own.as_ref()?;
        find(own, "namespace").map(|_| own)
    });
    if let Some(own) = settings {
        draft.settings(own);
    }
    let is_former = |common| own(common, "former_of").is_some();
    let wanted = registry.metrics.iter().filter(|metric| {
        let patterns = &options.only;
        let is_named = || patterns.iter().any(|pattern| pattern.matches(&metric.name));
        !is_former(&metric.common) && (patterns.is_empty() || is_named())
    });
    let mut metrics = Vec::new();
    for metric in wanted {
        if metric.common.own.is_none() && metric.common.deprecated.is_some() {
            let message = format!("the deprecated metric `{}` is left out", metric.name);
            draft.note(&metric.common, message);
        } else {
            metrics.push(metric);
        }
    }
    if let Some(namespace) = &options.namespace {
        draft.namespace.clone_from(namespace);
    } else if draft.namespace.is_empty() {
        let root = |metric: &Metric| metric.name.split('.').next().map(str::to_owned);
        let Some(first) = metrics.first().copied() else {
            return draft;
        };
        if let Some(other) = metrics.iter().find(|other| root(other) != root(first)) {
            let (one, two) = (&first.name, &other.name);
            let message = format!("the names `{one}` and `{two}` do not begin with the same word");
            let problem = Diagnostic::error(UNREADABLE_REGISTRY, other.common.span, message).help(
                "set the first part of exposed names with `--namespace`, or import a part of them with `--only 'http.*'`",
            );
            draft.problems.push((other.common.file, problem));
        }
        draft.namespace = to_snake_case(&root(first).unwrap_or_default());
    }
    let attributes: HashMap<_, _> = registry
        .attributes
        .iter()
        .map(|attribute| (attribute.key.as_str(), attribute))
        .collect();
    // An exported schema keeps all labels; from another registry, only labels of the chosen metrics are imported.
    let mut wanted_keys: BTreeSet<String> = BTreeSet::new();
    let mut uses = Vec::new();
    for metric in &metrics {
        let of_metric = draft.uses(metric, &attributes, options);
        wanted_keys.extend(of_metric.iter().map(|one| one.key.clone()));
        uses.push(of_metric);
    }
    let mut labels = HashMap::new();
    let attributes = registry.attributes.iter();
    let wanted: Vec<_> = attributes
        .filter(|it| it.common.own.is_some() || wanted_keys.contains(it.key.as_str()))
        .collect();
    let foreign = wanted.iter().filter(|it| it.common.own.is_none());
    let kept = foreign.map(|attribute| attribute.key.as_str());
    let kept = kept.filter(|key| label_name(key) == **key);
    draft.kept = kept.map(|key| (pascal_case(key), key.to_owned())).collect();
    for attribute in wanted {
        let name = draft.label(attribute);
        labels.insert(attribute.key.as_str(), name);
    }
    for group in &registry.groups {
        if let Some(name) = own(&group.common, "group").and_then(as_text) {
            draft.own_group(name, &group.common, &group.attributes, &labels);
        }
    }
    for (metric, uses) in metrics.into_iter().zip(&uses) {
        if metric.common.own.is_some() {
            draft.own_metric(metric);
        } else {
            draft.metric(metric, uses, &labels);
        }
    }
    draft
}

impl Draft {
    fn settings(&mut self, own: &Annotations) {
        let namespace = find(own, "namespace").and_then(as_text);
        namespace
            .unwrap_or_default()
            .clone_into(&mut self.namespace);
        if let Some(Annotation::List(uses)) = find(own, "uses") {
            self.uses.clone_from(uses);
        }
        if let Some(Annotation::Integer(budget)) = find(own, "series_budget") {
            self.budget = Some(*budget);
        }
        self.allow = texts(find(own, "allow"));
        if let Some(Annotation::Table(buckets)) = find(own, "buckets") {
            self.buckets = buckets.clone();
        }
        // Labels that are not attributes.
        if let Some(Annotation::Table(labels)) = find(own, "labels") {
            for (name, keys) in &labels.0 {
                let Annotation::Table(keys) = keys else {
                    continue;
                };
                if !is_snake_case(name) {
                    continue;
                }
                let common = Common {
                    own: Some(keys.clone()),
                    ..Common::default()
                };
                let mut table = Table::new(name.clone(), &common);
                table.copy(&["help", "of", "with", "note", "annotations"]);
                self.types.insert(pascal_case(name), name.clone());
                self.labels.push(table);
            }
        }
    }

    /// Reports a part that is omitted or changed.
    pub(super) fn note(&mut self, common: &Common, message: String) {
        let problem = Diagnostic::warning(NOT_IMPORTED, common.span, message);
        self.problems.push((common.file, problem));
    }

    /// Returns the attributes of a metric that can become labels.
    fn uses(
        &mut self,
        metric: &Metric,
        attributes: &HashMap<&str, &Attribute>,
        options: &Import,
    ) -> Vec<Use> {
        if metric.common.own.is_some() {
            return Vec::new();
        }
        let mut uses = Vec::new();
        let mut optional = Vec::new();
        for one in &metric.attributes {
            let name = &metric.name;
            let key = &one.key;
            let why = match attributes
                .get(key.as_str())
                .map(|attribute| &attribute.values)
            {
                None => "no file defines it".to_owned(),
                Some(Values::Unsupported(kind)) => {
                    format!("a label cannot hold a value of the type `{kind}`")
                }
                Some(Values::Members(_) | Values::Boolean | Values::Any) => {
                    if one.level > Level::OptIn || options.opt_in {
                        uses.push(one.clone());
                    } else {
                        optional.push(format!("`{key}`"));
                    }
                    continue;
                }
            };
            let message = format!("the attribute `{key}` of `{name}` is left out: {why}");
            self.note(&metric.common, message);
        }
        if !optional.is_empty() {
            let message = format!(
                "opt-in attributes of `{}` are left out: {}",
                metric.name,
                optional.join(", ")
            );
            let problem = Diagnostic::warning(NOT_IMPORTED, metric.common.span, message)
                .help("`--opt-in` imports them");
            self.problems.push((metric.common.file, problem));
        }
        // Required ones first, because series may lack the others.
        uses.sort_by_key(|one| std::cmp::Reverse(one.level));
        uses
    }

    fn label(&mut self, attribute: &Attribute) -> String {
        let common = &attribute.common;
        let is_own = common.own.is_some();
        let name = own(common, "label").and_then(as_text);
        let name = name.filter(|name| is_snake_case(name));
        let name = name.map_or_else(|| label_name(&attribute.key), str::to_owned);
        let name = self.free_label(name, attribute);
        let mut table = Table::new(name.clone(), common);
        if is_own {
            table.text("help", &*common.brief);
        } else {
            table.text("help", help(&common.brief));
        }
        self.values(attribute, &mut table);
        if is_own {
            table.copy(&["name", "open", "extensible", "fallback", "examples", "otel"]);
        } else {
            let exposed = translated_label(&attribute.key);
            let is_of_another = |key: &String| *key == exposed && *key != attribute.key;
            let is_free = !["le", "quantile"].contains(&&*exposed)
                && !self.kept.values().any(is_of_another)
                && self.exposed.insert(exposed.clone());
            if exposed != name && is_free {
                table.text("name", exposed);
            }
            table.text("otel", &*attribute.key);
        }
        if common.is_stable {
            table.text("stability", "stable");
        }
        table.finish();
        self.labels.push(table);
        name
    }

    /// Returns a name that no other label has, not even as a Rust type. Reports a changed name.
    fn free_label(&mut self, name: String, attribute: &Attribute) -> String {
        let rust = pascal_case(&name);
        let kept = self.kept.get(&rust).filter(|key| **key != attribute.key);
        let Some(other) = self.types.get(&rust).or(kept) else {
            self.types.insert(rust, name.clone());
            return name;
        };
        let mut numbered = (2_u64..).map(|number| format!("{name}_x{number}"));
        let is_taken = |name: &str| self.types.contains_key(name) || self.kept.contains_key(name);
        let free = numbered.find(|name| !is_taken(&pascal_case(name)));
        let free = free.unwrap_or_default();
        let message = format!(
            "the attribute `{}` becomes the label `{free}`, because `{other}` is the name of another one",
            attribute.key
        );
        self.types.insert(pascal_case(&free), free.clone());
        self.note(&attribute.common, message);
        free
    }

    fn values(&mut self, attribute: &Attribute, table: &mut Table) {
        let is_own = attribute.common.own.is_some();
        let members = match &attribute.values {
            Values::Members(members) => members,
            Values::Boolean => {
                let values = ["true", "false"].map(|value| Annotation::Text(value.to_owned()));
                table.set("values", Annotation::List(values.into()));
                return;
            }
            Values::Any | Values::Unsupported(_) => {
                if !is_own {
                    table.set("open", open(DEFAULT_MAX, None));
                    examples(attribute, table);
                }
                return;
            }
        };
        // `error.type` has a single member, but accepts any other string too.
        if let ([only], false) = (&members[..], is_own) {
            table.set("open", open(DEFAULT_MAX, Some(&only.value)));
            examples(attribute, table);
            return;
        }
        let mut values = Vec::new();
        let mut variants = BTreeSet::new();
        for member in members {
            let own = member.own.as_ref();
            if own.is_some_and(|own| find(own, "former_of").is_some()) {
                continue;
            }
            let variant = pascal_case(&member.value);
            let why = if variant.is_empty() {
                "it has no ASCII letter or digit"
            } else if !variants.insert(variant) && !is_own {
                "another value has the same letters and digits"
            } else {
                ""
            };
            if !why.is_empty() {
                let (value, key) = (&member.value, &attribute.key);
                let message = format!("the value `{value}` of `{key}` is left out: {why}");
                self.note(&attribute.common, message);
                continue;
            }
            let mut keys: Vec<(String, Annotation)> = Vec::new();
            if let Some(brief) = &member.brief {
                let plain = || without_links(&words(brief));
                let help = if is_own { brief.clone() } else { plain() };
                keys.push(entry("help", Annotation::Text(help)));
            }
            match (own, &member.deprecated) {
                (Some(own), _) => keys.extend(own.0.iter().cloned()),
                (None, Some(note)) if !is_own => {
                    let note = entry("note", Annotation::Text(note.clone()));
                    let deprecated = Annotation::Table(Annotations(vec![note]));
                    keys.push(entry("deprecated", deprecated));
                }
                (None, _) => {}
            }
            values.push((member.value.clone(), Annotation::Table(Annotations(keys))));
        }
        let is_bare =
            |value: &Annotation| matches!(value, Annotation::Table(keys) if keys.0.is_empty());
        let value = if values.iter().all(|(_, keys)| is_bare(keys)) {
            let values = values.iter();
            Annotation::List(
                values
                    .map(|(value, _)| Annotation::Text(value.clone()))
                    .collect(),
            )
        } else {
            Annotation::Table(Annotations(values.clone()))
        };
        table.set("values", value);
        if !is_own {
            // A registry lists only the known members, and may add more.
            table.set("extensible", Annotation::Boolean(true));
            let mut known = values.iter().map(|(value, _)| value);
            if let Some(other) = known.find(|value| ["_OTHER", "other"].contains(&value.as_str())) {
                table.text("fallback", other);
            }
        }
    }

    fn own_group(
        &mut self,
        name: &str,
        common: &Common,
        uses: &[Use],
        labels: &HashMap<&str, String>,
    ) {
        if !is_snake_case(name) || self.groups.iter().any(|group| group.name == name) {
            let message =
                format!("the group `{name}` is left out: its name is invalid or used twice");
            self.note(common, message);
            return;
        }
        let mut table = Table::new(name.to_owned(), common);
        table.text("help", &*common.brief);
        table.copy(&["labels"]);
        if table.get("labels").is_none() {
            set_labels(&mut table, uses, labels);
        }
        table.finish();
        self.groups.push(table);
    }

    fn own_metric(&mut self, metric: &Metric) {
        let own = |key| {
            own(&metric.common, key)
                .and_then(as_text)
                .unwrap_or_default()
        };
        let name = own("metric");
        let is_path = name
            .split_once('.')
            .is_some_and(|(group, key)| is_snake_case(group) && is_snake_case(key));
        if !is_path || self.metrics.iter().any(|metric| metric.name == name) {
            let message = format!(
                "the metric `{}` is left out: its annotation `{ANNOTATION}` has the name `{name}`, which is invalid or used twice",
                metric.name
            );
            self.note(&metric.common, message);
            return;
        }
        let mut table = Table::new(name.to_owned(), &metric.common);
        table.copy(&["type"]);
        table.text("help", &*metric.common.brief);
        let takes_unit =
            Kind::named(own("type")).is_some_and(|kind| kind.spec().keys.contains(&"unit"));
        if let (true, Some(unit)) = (takes_unit, base_unit(&metric.unit)) {
            table.text("unit", unit.name());
        }
        table.copy(&[
            "labels",
            "buckets",
            "native",
            "quantiles",
            "states",
            "callback",
            "bad",
            "exemplars",
            "numerator",
            "denominator",
            "name",
            "otel",
        ]);
        if metric.common.is_stable {
            table.text("stability", "stable");
        }
        table.copy(&["since", "owner", "deprecated", "renamed_from"]);
        table.finish();
        self.metrics.push(table);
    }

    fn metric(&mut self, metric: &Metric, uses: &[Use], labels: &HashMap<&str, String>) {
        let kind = match &*metric.instrument {
            "counter" => Kind::Counter { callback: false },
            "updowncounter" => Kind::UpDownCounter,
            "histogram" => Kind::Histogram {
                buckets: shadowcat_metrics_codegen::model::BucketSetId(0),
            },
            "gauge" => Kind::Gauge { callback: false },
            other => {
                let message = format!(
                    "the metric `{}` is left out: the instrument `{other}` is unknown",
                    metric.name
                );
                self.note(&metric.common, message);
                return;
            }
        };
        let unit = self.unit(metric, &kind);
        let (group, key) = self.place(&metric.name);
        let mut table = Table::new(format!("{group}.{key}"), &metric.common);
        table.text("type", kind.name());
        table.text("help", help(&metric.common.brief));
        if unit != Unit::None {
            table.text("unit", unit.name());
        }
        set_labels(&mut table, uses, labels);
        let optional = uses.iter().filter(|one| one.level < Level::Required);
        table.spare = optional
            .map(|one| labels[one.key.as_str()].clone())
            .collect();
        let translated = translated_metric(&metric.name, unit, &kind);
        if exposed_name(&self.namespace, &group, &key, &kind, unit) != translated {
            table.text("name", translated);
        }
        table.text("otel", &*metric.name);
        if metric.instrument == "histogram" {
            table.gap = Some(example_bounds(unit));
            let message = format!("the histogram `{}` needs `buckets`", metric.name);
            let problem = Diagnostic::warning(IMPORT_GAP, metric.common.span, message)
                .label("a registry has no buckets")
                .help(format!("fill the gap in `[metrics.{group}.{key}]`"));
            self.problems.push((metric.common.file, problem));
        }
        table.finish();
        self.metrics.push(table);
        if self.groups.iter().all(|known| known.name != group) {
            let mut table = Table::new(group, &Common::default());
            let path = metric.name.rsplit_once('.');
            let path = path.map_or(&*metric.name, |(path, _)| path);
            let root = path.split('.').take(2).collect::<Vec<_>>().join(".");
            table.text("help", format!("Metrics of the convention `{root}`."));
            self.groups.push(table);
        }
    }

    /// Returns a free group and key for a metric: `http.server.request.duration` is `server.request_duration` in the namespace
    /// `http`.
    fn place(&self, name: &str) -> (String, String) {
        let words: Vec<_> = name.split(['.', '/', '-']).map(to_snake_case).collect();
        let words = match &words[..] {
            [first, rest @ ..] if *first == self.namespace && !rest.is_empty() => rest,
            all => all,
        };
        let (mut group, mut key) = match words {
            [only] => (self.namespace.clone(), only.clone()),
            [group, rest @ ..] => (group.clone(), rest.join("_")),
            [] => (self.namespace.clone(), "value".to_owned()),
        };
        if is_keyword(&group)
            || is_metrics_method(&group)
            || group == "metrics"
            || self.has_open(&group)
        {
            group.push_str("_group");
        }
        if is_keyword(&key) || is_recorder_method(&key) {
            key.push_str("_value");
        }
        let is_taken = |key: &str| {
            let path = format!("{group}.{key}");
            self.metrics.iter().any(|metric| metric.name == path)
        };
        let numbered = (2..).map(|number| format!("{key}_x{number}"));
        let key = std::iter::once(key.clone())
            .chain(numbered)
            .find(|key| !is_taken(key));
        (group, key.unwrap_or_default())
    }

    fn has_open(&self, name: &str) -> bool {
        let mut labels = self.labels.iter();
        labels.any(|label| label.name == name && label.get("open").is_some())
    }

    /// Returns the base unit. Reports a unit that is converted.
    fn unit(&mut self, metric: &Metric, kind: &Kind) -> Unit {
        let unit = metric.unit.as_str();
        let is_plain = unit.is_empty() || (unit.starts_with('{') && unit.ends_with('}'));
        if is_plain || (unit == "1" && !matches!(kind.name(), "gauge")) {
            return Unit::None;
        }
        if let Some(unit) = base_unit(unit) {
            return unit;
        }
        let base = match unit {
            "ns" | "us" | "ms" | "min" | "h" | "d" => Unit::Seconds,
            "KiBy" | "MiBy" | "GiBy" | "TiBy" | "KBy" | "MBy" | "GBy" | "TBy" | "bit" => {
                Unit::Bytes
            }
            "%" => Unit::Ratio,
            "mm" | "cm" | "km" => Unit::Meters,
            "mV" | "kV" => Unit::Volts,
            "mA" => Unit::Amperes,
            "kJ" | "kW.h" => Unit::Joules,
            "mW" | "kW" => Unit::Watts,
            "kg" | "mg" => Unit::Grams,
            "kHz" | "MHz" | "GHz" => Unit::Hertz,
            _ => Unit::None,
        };
        let becomes = if base == Unit::None {
            "a plain number".to_owned()
        } else {
            format!("`{}`", base.name())
        };
        let message = format!("the unit `{unit}` of `{}` becomes {becomes}", metric.name);
        self.note(&metric.common, message);
        base
    }
}

fn base_unit(unit: &str) -> Option<Unit> {
    Unit::NAMED.into_iter().find(|named| named.ucum() == unit)
}

fn label_name(key: &str) -> String {
    let name = to_snake_case(&translated_label(key));
    if is_keyword(&name) || ["le", "quantile"].contains(&name.as_str()) || is_metrics_method(&name)
    {
        format!("{name}_label")
    } else {
        name
    }
}

fn set_labels(table: &mut Table, uses: &[Use], labels: &HashMap<&str, String>) {
    let uses = uses.iter().filter_map(|one| {
        let name = Annotation::Text(labels.get(one.key.as_str())?.clone());
        if one.level == Level::Required {
            return Some(name);
        }
        let optional = entry("optional", Annotation::Boolean(true));
        let keys = vec![entry("name", name), optional];
        Some(Annotation::Table(Annotations(keys)))
    });
    let uses: Vec<_> = uses.collect();
    if !uses.is_empty() {
        table.set("labels", Annotation::List(uses));
    }
}

fn open(max: i64, overflow: Option<&str>) -> Annotation {
    let mut keys = vec![entry("max", Annotation::Integer(max))];
    keys.extend(overflow.map(|value| entry("overflow", Annotation::Text(value.to_owned()))));
    Annotation::Table(Annotations(keys))
}

fn examples(attribute: &Attribute, table: &mut Table) {
    let mut examples: Vec<String> = Vec::new();
    for example in &attribute.examples {
        let is_text = !example.is_empty() && !example.contains(char::is_control);
        if is_text && example.len() <= 128 && !examples.contains(example) && examples.len() < 4 {
            examples.push(example.clone());
        }
    }
    if !examples.is_empty() {
        let examples = examples.into_iter().map(Annotation::Text);
        table.set("examples", Annotation::List(examples.collect()));
    }
}

/// Replaces links by their text, because help texts are exposed unchanged.
fn without_links(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('[') {
        plain.push_str(before);
        let link = after.split_once("](");
        let link = link.and_then(|(words, after)| Some((words, after.split_once(')')?.1)));
        match link {
            Some((words, after)) if !words.contains(['[', ']']) => {
                plain.push_str(words);
                rest = after;
            }
            Some(_) | None => {
                plain.push('[');
                rest = after;
            }
        }
    }
    plain + rest
}

/// Returns one line that ends like a sentence.
fn help(brief: &str) -> String {
    let mut help = without_links(&words(brief));
    if help.is_empty() {
        help.push_str("Say what it means.");
    } else if !sentence::ends(&help) {
        help.push('.');
    }
    help
}

/// Returns bounds for typical values in a unit.
const fn example_bounds(unit: Unit) -> &'static str {
    match unit {
        Unit::Seconds => "{ exponential = { start = 0.001, factor = 2, count = 14 } }",
        Unit::Bytes => "{ exponential = { start = 64, factor = 4, count = 10 } }",
        Unit::Ratio => "{ linear = { start = 0.1, width = 0.1, count = 9 } }",
        Unit::None
        | Unit::Celsius
        | Unit::Meters
        | Unit::Volts
        | Unit::Amperes
        | Unit::Joules
        | Unit::Watts
        | Unit::Grams
        | Unit::Hertz => "{ exponential = { start = 1, factor = 2, count = 12 } }",
    }
}

/// A range of the text, with the kind of its table and its index in the draft.
pub(super) type Part = (Range<usize>, Section, usize);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Section {
    Labels,
    Groups,
    Metrics,
}

impl Draft {
    /// Writes the draft as TOML. Gaps are filled with examples, or marked.
    pub(super) fn write(&self, head: &str, is_filled: bool) -> (String, Vec<Part>) {
        let mut text = format!(
            "{head}format = 1\nnamespace = {}\n",
            quoted(&self.namespace)
        );
        if !self.uses.is_empty() {
            let _ = writeln!(
                text,
                "uses = {}",
                inline(&Annotation::List(self.uses.clone()))
            );
        }
        if self.budget.is_some() || !self.allow.is_empty() {
            text.push_str("\n[defaults]\n");
            if let Some(budget) = self.budget {
                let _ = writeln!(text, "series_budget = {budget}");
            }
            write_allow(&self.allow, &mut text);
        }
        if !self.buckets.0.is_empty() {
            text.push_str("\n[buckets]\n");
            for (name, bounds) in &self.buckets.0 {
                let _ = writeln!(text, "{} = {}", toml_key(name), inline(bounds));
            }
        }
        let mut parts = Vec::new();
        let sections = [
            (Section::Labels, "labels", &self.labels),
            (Section::Groups, "groups", &self.groups),
            (Section::Metrics, "metrics", &self.metrics),
        ];
        for (section, name, tables) in sections {
            for (place, table) in tables.iter().enumerate() {
                let start = text.len();
                text.push('\n');
                if let (Some(bounds), false) = (table.gap, is_filled) {
                    let _ = writeln!(
                        text,
                        "# GAP: add `buckets` for the values that you expect, such as\n# buckets = {bounds}"
                    );
                }
                let _ = writeln!(text, "[{name}.{}]", table.name);
                if let (Some(bounds), true) = (table.gap, is_filled) {
                    let _ = writeln!(text, "buckets = {bounds}");
                }
                // A table of values needs its own header, after all keys.
                let (last, first): (Vec<_>, Vec<_>) =
                    table.keys.iter().partition(|(key, value)| {
                        *key == "values" && matches!(value, Annotation::Table(_))
                    });
                for (key, value) in first {
                    let _ = writeln!(text, "{key} = {}", inline(value));
                }
                write_allow(&table.allow, &mut text);
                for (key, value) in last {
                    let _ = writeln!(text, "\n[{name}.{}.{key}]", table.name);
                    if let Annotation::Table(values) = value {
                        for (value, keys) in &values.0 {
                            let _ = writeln!(text, "{} = {}", toml_key(value), value_keys(keys));
                        }
                    }
                }
                parts.push((start..text.len(), section, place));
            }
        }
        (text, parts)
    }
}

/// Writes the keys of a value. A value with only a help is written as a string.
fn value_keys(keys: &Annotation) -> String {
    match keys {
        Annotation::Table(Annotations(keys)) if keys.len() == 1 && keys[0].0 == "help" => {
            inline(&keys[0].1)
        }
        keys => inline(keys),
    }
}

fn write_allow(allow: &[String], text: &mut String) {
    if !allow.is_empty() {
        let lints: Vec<_> = allow.iter().map(|lint| quoted(lint)).collect();
        let _ = writeln!(text, "allow = [{}]", lints.join(", "));
    }
}
