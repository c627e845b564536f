//! The schema language as data: its tables, their keys, and the types and meanings of the keys.
//!
//! The JSON Schema for editors is generated from these rows, and `fmt` uses their order. A test compares the keys with those
//! that the compiler accepts. Rules about values beyond their shape are in the compiler.

use shadowcat_metrics_codegen::language::{
    FORMAT, MAX_BOUNDS, MAX_OPEN_VALUES, SERIES_BUDGET_LIMIT,
};
#[cfg(test)]
use shadowcat_metrics_codegen::language::{SECTIONS, TABLES};
use shadowcat_metrics_codegen::model::{Kind, Stability, Unit};

/// A table whose keys the language fixes.
#[derive(Debug)]
pub struct Table {
    /// Its name in the JSON Schema, such as `metric`.
    pub name: &'static str,
    /// The purpose of the table.
    pub doc: &'static str,
    /// Its keys, in the order in which they are documented and `fmt` writes them.
    pub keys: &'static [Key],
    /// Keys of which exactly one must be present. Empty without such a choice.
    pub one_of: &'static [&'static str],
}

/// A key of a table.
#[derive(Debug)]
pub struct Key {
    /// Its name, such as `series_budget`.
    pub name: &'static str,
    /// The type of its value.
    pub value: Value,
    /// Whether it is always required.
    pub required: bool,
    /// Its meaning.
    pub doc: &'static str,
}

/// The type of a key's value.
#[derive(Debug)]
pub enum Value {
    /// Any string.
    Text,
    /// A string that is not blank.
    Words,
    /// A full version, as Cargo defines it.
    Version,
    /// A sentence with a period.
    Sentence,
    /// One of a fixed list of words.
    OneOf(fn() -> Vec<&'static str>),
    /// The name of a lint. Unknown names have a valid shape, but editors can complete the known ones.
    Lint,
    /// `true` or `false`.
    Boolean,
    /// An integer between these two, inclusive.
    Integer(i64, i64),
    /// An integer or a float.
    Number,
    /// An array.
    List(&'static Value),
    /// A table of the language.
    Table(&'static Table),
    /// A table whose keys the author chooses, with values of this type.
    Named(&'static Value),
    /// One of several types.
    Any(&'static [Value]),
    /// A table that another crate owns; see [`section`](shadowcat_metrics_codegen::section).
    Section,
    /// A table with any keys and values, which this language does not read.
    Opaque,
}

impl Table {
    /// Returns the names of its keys, in order.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + Clone + use<> {
        self.keys.iter().map(|key| key.name)
    }

    /// Returns the key with this name.
    #[must_use]
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

/// Creates an optional key.
#[must_use]
pub const fn key(name: &'static str, value: Value, doc: &'static str) -> Key {
    Key {
        name,
        value,
        required: false,
        doc,
    }
}

/// Creates a required key.
#[must_use]
pub const fn required(name: &'static str, value: Value, doc: &'static str) -> Key {
    Key {
        name,
        value,
        required: true,
        doc,
    }
}

/// An array of strings.
pub const TEXTS: Value = Value::List(&Value::Text);
/// A string, or an array of strings.
pub const TEXT_OR_TEXTS: Value = Value::Any(&[Value::Text, TEXTS]);
const LINTS: Value = Value::List(&Value::Lint);
const STABILITY: Value = Value::OneOf(|| Stability::ALL.map(Stability::name).to_vec());
const LABEL_STABILITY: Value = Value::OneOf(|| Stability::PROMISES.map(Stability::name).to_vec());
const EXTENT: Value = Value::Any(&[Value::Number, Value::Text]);
const RENAMED_FROM: Value = Value::Table(&RENAME);
const LABEL_USES: Value = Value::List(&Value::Any(&[Value::Text, Value::Table(&LABEL_USE)]));

/// Defines tables, or single keys, as constants: one row per key, with its type and meaning, or the name of a single key.
macro_rules! language {
    ($($key:ident = $name:literal: $value:expr, $doc:literal;)*) => {
        $(const $key: Key = key($name, $value, $doc);)*
    };
    ($($(#[$attribute:meta])* $table:ident = $name:literal: $doc:literal $(, one of $one_of:expr,)? {
        $($($word:ident)? $($key:literal: $value:expr, $key_doc:literal)?;)*
    })*) => {
        $($(#[$attribute])* pub const $table: Table = Table {
            name: $name,
            doc: $doc,
            keys: &[$(language!(@ $($word)? $($key, $value, $key_doc)?)),*],
            one_of: language!(@ $($one_of)?),
        };)*
    };
    (@ required $key:literal, $value:expr, $doc:literal) => { required($key, $value, $doc) };
    (@ $key:literal, $value:expr, $doc:literal) => { key($key, $value, $doc) };
    (@ $shared:ident) => { $shared };
    (@ $one_of:expr) => { $one_of };
    (@) => { &[] };
}

language! {
    INCLUDE_KEY = "include": TEXTS,
        "Other files of the schema, as paths or patterns relative to this file: `[\"metrics.d/*.toml\"]`.";
    LABELS_KEY = "labels": Value::Named(&Value::Table(&LABEL)), "Labels, each declared once and used by name.";
    BUCKETS_KEY = "buckets": Value::Named(&BOUNDS), "Sets of histogram bounds, used by name.";
    GROUPS_KEY = "groups": Value::Named(&Value::Table(&GROUP)), "Groups: each becomes one recorder type.";
    METRICS_KEY = "metrics": Value::Named(&Value::Named(&Value::Table(&METRIC))),
        "Metrics, as `[metrics.GROUP.NAME]`.";
    POLICY_KEY = "policy": Value::Section, "A team's requirements for its metrics, as `[policy.NAME]`.";
    SLOS_KEY = "slos": Value::Section, "Service level objectives, as `[slos.NAME]`.";
    ALERTS_KEY = "alerts": Value::Section, "Alerts without an objective, as `[alerts.NAME]`.";
}

/// Returns the names of a file's tables, in order.
pub fn tables() -> impl Iterator<Item = &'static str> {
    let is_table = |key: &&Key| {
        matches!(
            key.value,
            Value::Table(_) | Value::Named(_) | Value::Section | Value::Opaque
        )
    };
    FILE.keys.iter().filter(is_table).map(|key| key.name)
}

language! {
    /// A file that another file includes.
    INCLUDED = "included file": "A part of a schema, for shadowcat-metrics." {
        INCLUDE_KEY;
        LABELS_KEY;
        BUCKETS_KEY;
        GROUPS_KEY;
        METRICS_KEY;
        POLICY_KEY;
        SLOS_KEY;
        ALERTS_KEY;
    }

    /// The whole file.
    FILE = "file": "The schema of a program's metrics, for shadowcat-metrics." {
        required "format": Value::Integer(FORMAT, FORMAT), "Version of the schema language.";
        required "namespace": Value::Text, "First part of every exposed name.";
        INCLUDE_KEY;
        "uses": TEXTS, "Crates of the program that have schemas of their own.";
        "defaults": Value::Table(&DEFAULTS), "Defaults for all metrics, and settings of the schema.";
        LABELS_KEY;
        BUCKETS_KEY;
        GROUPS_KEY;
        METRICS_KEY;
        POLICY_KEY;
        "operations": Value::Section, "Settings of all objectives, alerts and dashboards.";
        SLOS_KEY;
        ALERTS_KEY;
    }
}

/// Named bounds.
const BOUNDS: Value = Value::Any(&[Value::List(&Value::Number), Value::Table(&PROGRESSION)]);

language! {
    /// `[defaults]`.
    DEFAULTS = "defaults": "Defaults for all metrics, and settings of the schema." {
        "owner": Value::Words, "Person or team that is responsible for the metrics, shown in the documents.";
        "stability": STABILITY, "`experimental` (the default) or `stable`; `deprecated` is not allowed here.";
        "series_budget": Value::Integer(1, SERIES_BUDGET_LIMIT.cast_signed()),
            "Maximum number of series of all metrics together; 10000 by default.";
        "allow": LINTS, "Lints to silence in the whole schema.";
    }

    /// `[labels.NAME]`.
    LABEL = "label": "A label: closed, with a list of values; open, with a maximum number of values; or a sum of labels.",
        one of &["values", "open", "of"], {
        required "help": Value::Sentence, "Description of the label, in one sentence.";
        "values": Value::Any(&[TEXTS, Value::Named(&Value::Any(&[Value::Text, Value::Table(&LABEL_VALUE)]))]),
            "Closed label: the values, as a list, or as a table with an explanation of each value.";
        "open": Value::Table(&OPEN), "Open label: any string, up to a maximum number of values.";
        "of": Value::Text, "Sum label: the closed label whose value decides which extra labels a series has.";
        "with": Value::Named(&TEXTS), "Sum label: the extra labels for each value of `of` that has some.";
        "extensible": Value::Boolean, "Closed label: whether later releases may add values.";
        "fallback": Value::Text,
            "Extensible label: the value that a program gets for a string that is not in the list.";
        "examples": TEXTS, "Open label: example values, for the documents.";
        "name": Value::Text, "Exact exposed name, if it differs from the key: `type` and `statusCode` cannot be keys.";
        "otel": Value::Text, "OpenTelemetry name of the attribute, such as `http.request.method`.";
        "stability": LABEL_STABILITY, "`experimental` or `stable`; a stable metric can only have stable labels.";
        "note": Value::Words, "Additional explanation, for the reference.";
        "annotations": Value::Opaque, "Data of other programs, copied to the catalog unchanged.";
        "allow": LINTS, "Lints to silence for this label.";
    }

    /// `VALUE = { help, bad, since, deprecated, renamed_from }` under `[labels.NAME.values]`.
    LABEL_VALUE = "value": "A value of a closed label, with details." {
        "help": Value::Text, "Explanation of the value, as a phrase.";
        "bad": Value::Boolean, "Whether the value means that something went wrong; dashboards show its rate as errors.";
        "since": Value::Version, "Version that introduced the value, such as `1.4.0`.";
        "deprecated": Value::Table(&DEPRECATED_VALUE), "Why the value should no longer be used.";
        "renamed_from": RENAMED_FROM, "Former value, and until when it is also exposed.";
    }

    /// `renamed_from = { name, until }`.
    RENAME = "rename": "Former name, and until when it is also exposed." {
        required "name": Value::Words, "Former name as it was exposed: the complete name of a metric, or the value of a label.";
        required "until": Value::Version,
            "First version of the package without the former name; from this version on, the build fails until \
             `renamed_from` is removed.";
    }

    /// `open = { max, overflow }`.
    OPEN = "open": "The bound of an open label." {
        required "max": Value::Integer(1, MAX_OPEN_VALUES as i64),
            "Maximum number of values that are in use at once, not counting the overflow value.";
        "overflow": Value::Text, "Value under which additional values are recorded; `__other__` by default.";
    }

    /// `{ exponential = ... }`, `{ linear = ... }` or `{ bounds = [...] }`.
    PROGRESSION = "progression": "Bucket bounds, computed or listed, and native buckets.",
        one of &["exponential", "linear", "bounds"], {
        "exponential": Value::Table(&EXPONENTIAL), "Each bound is the previous one times `factor`.";
        "linear": Value::Table(&LINEAR), "Each bound is the previous one plus `width`.";
        "bounds": Value::List(&Value::Number), "The bounds, as a list.";
        "native": Value::Table(&NATIVE), "Native buckets of the histograms with these bounds.";
    }

    /// `native = { factor, from, to }`.
    NATIVE = "native": "Native buckets of a histogram, in addition to its classic buckets." {
        required "factor": Value::Number,
            "Maximum ratio of a bucket's upper bound to its lower bound, which limits the relative error of quantiles.";
        required "from": EXTENT, "Smallest value with buckets of its own: in the base unit, or a duration such as `100us`.";
        required "to": EXTENT, "Largest value with buckets of its own: in the base unit, or a duration such as `60s`.";
    }

    /// `exponential = { start, factor, count }`.
    EXPONENTIAL = "exponential": "`start`, then each bound times `factor`." {
        required "start": Value::Number, "The first bound; more than 0.";
        required "factor": Value::Number, "Factor from one bound to the next; more than 1.";
        required "count": Value::Integer(1, MAX_BOUNDS.cast_signed() as i64), "Number of bounds.";
    }

    /// `linear = { start, width, count }`.
    LINEAR = "linear": "`start`, then each bound plus `width`." {
        required "start": Value::Number, "The first bound; 0 or more.";
        required "width": Value::Number, "Distance from one bound to the next; more than 0.";
        required "count": Value::Integer(1, MAX_BOUNDS.cast_signed() as i64), "Number of bounds.";
    }

    /// `[groups.NAME]`.
    GROUP = "group": "A group of metrics: one recorder type with shared labels." {
        required "help": Value::Sentence, "Description of the group, in one sentence.";
        "labels": LABEL_USES, "Labels that every metric of the group has.";
        "note": Value::Words, "Additional explanation, for the reference.";
        "annotations": Value::Opaque, "Data of other programs, copied to the catalog unchanged.";
        "allow": LINTS, "Lints to silence for the group and its metrics.";
    }

    /// `{ name, optional }` in a list of labels.
    LABEL_USE = "label_use": "A label in the list of a metric or group." {
        required "name": Value::Text, "The label.";
        "optional": Value::Boolean, "Whether series may lack the label.";
    }

    /// `[metrics.GROUP.NAME]`.
    METRIC = "metric": "A metric." {
        required "type": Value::OneOf(Kind::names), "Type of the metric.";
        required "help": Value::Sentence, "Description of the metric, in one sentence.";
        "unit": Value::OneOf(Unit::names), "Base unit; leave it out for a plain number.";
        "labels": LABEL_USES, "Labels of the metric, in addition to those of its group; for `info`, the facts.";
        "buckets": Value::Any(&[Value::Text, Value::List(&Value::Number), Value::Table(&PROGRESSION)]),
            "Histogram: the name of a bucket set, or a list of bounds.";
        "native": Value::Table(&NATIVE), "Histogram: native buckets, instead of those of the bucket set.";
        "quantiles": Value::Boolean, "Histogram: whether to generate recording rules for p50, p95 and p99.";
        "exemplars": Value::Boolean,
            "Counter or histogram: whether its series keep the latest sampled trace, which OpenMetrics and protobuf show.";
        "states": Value::Text, "State metric: the closed label whose values are the states.";
        "callback": Value::Boolean, "Whether a function returns the value at each scrape, instead of the program recording it.";
        "bad": Value::Boolean,
            "For a counter: whether each count means that something went wrong; dashboards show its rate as errors.";
        "numerator": TEXT_OR_TEXTS, "Ratio: metrics whose sum is the numerator, as `group.metric`.";
        "denominator": TEXT_OR_TEXTS, "Ratio: metrics whose sum is the denominator, as `group.metric`.";
        "name": Value::Text, "Exact exposed name, instead of the one made from group and key.";
        "otel": Value::Text, "OpenTelemetry name of the metric, such as `http.server.request.duration`.";
        "stability": STABILITY, "`experimental` metrics may change in any release, `stable` ones only in a major release.";
        "since": Value::Version, "Version that introduced the metric, such as `1.4.0`.";
        "owner": Value::Words, "Person or team that is responsible.";
        "deprecated": Value::Table(&DEPRECATED), "Why the metric should no longer be used.";
        "renamed_from": RENAMED_FROM, "Former name of the metric, and until when it is also exposed.";
        "note": Value::Words, "Additional explanation, for the reference.";
        "annotations": Value::Opaque, "Data of other programs, copied to the catalog unchanged.";
        "allow": LINTS, "Lints to silence for this metric.";
    }

    /// `deprecated = { since, use, note, remove_in }` of a label's value.
    DEPRECATED_VALUE = "deprecated_value": "Why a value should no longer be used: `use`, `note` or both." {
        "since": Value::Version, "Version that deprecated the value, such as `1.4.0`.";
        "use": Value::Text, "Value of the same label to use instead.";
        "note": Value::Words, "Reason, and what to do instead.";
        "remove_in": Value::Version,
            "First version of the package without the value; from this version on, the build fails until the value is removed.";
    }

    /// `deprecated = { since, use, note, remove_in }` of a metric.
    DEPRECATED = "deprecated": "Reason for a deprecation: `use`, `note` or both." {
        "since": Value::Version, "Version that deprecated the metric, such as `1.4.0`.";
        "use": Value::Text, "Metric to use instead, as `group.metric`.";
        "note": Value::Words, "Reason, and what to do instead.";
        "remove_in": Value::Version,
            "First version of the package without the metric; from this version on, the build fails until the metric is removed.";
    }
}

#[test]
fn the_compiler_accepts_the_same_keys() {
    let tables = [
        &FILE,
        &INCLUDED,
        &DEFAULTS,
        &LABEL,
        &LABEL_VALUE,
        &RENAME,
        &OPEN,
        &PROGRESSION,
        &NATIVE,
        &EXPONENTIAL,
        &LINEAR,
        &GROUP,
        &LABEL_USE,
        &METRIC,
        &DEPRECATED_VALUE,
        &DEPRECATED,
    ];
    for (table, keys) in tables.iter().zip(TABLES) {
        let names: Vec<_> = table.names().collect();
        assert_eq!((table.name, names.as_slice()), keys);
    }
    assert_eq!(tables.len(), TABLES.len());
    let is_section = |key: &&Key| matches!(key.value, Value::Section);
    let sections = FILE.keys.iter().filter(is_section);
    let sections: Vec<_> = sections.map(|key| key.name).collect();
    assert_eq!(sections, SECTIONS);
}
