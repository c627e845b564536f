//! The schema language as data: its tables, their keys, and the types and meanings of the keys.
//!
//! The parser accepts only these keys, and the JSON Schema for editors is generated from the same rows. Rules
//! about values beyond their shape are in `check`.

use crate::lint;
use crate::model::{Kind, Stability, Unit};

/// The only version of the schema language.
pub const FORMAT: i64 = 1;

/// Upper limit of the series budget. The runtime numbers cells with 32 bits, and Prometheus copes badly with
/// more series from one process.
pub const SERIES_BUDGET_LIMIT: u64 = 10_000_000;

/// Maximum number of bounds in a histogram. Each one is a series for every combination of labels.
pub const MOST_BOUNDS: usize = 250;

/// Maximum number of concurrent values of an open label. The program keeps a slot for each.
pub const MOST_OPEN_VALUES: u32 = 1_000_000;

/// A table whose keys the language fixes.
#[derive(Debug)]
pub struct Table {
    /// Its name in the JSON Schema, such as `metric`.
    pub name: &'static str,
    /// What it declares.
    pub doc: &'static str,
    /// Its keys, in the order in which they are documented and `fmt` writes them.
    pub keys: &'static [Key],
    /// Keys of which exactly one must be present. Empty if there is no such choice.
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
    /// A sentence with a full stop.
    Sentence,
    /// One of a fixed list of words.
    OneOf(fn() -> Vec<&'static str>),
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
    /// A table that another crate owns; see [`section`](crate::section).
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
/// Names of lints. Unknown names have a valid shape, but editors can complete the known ones.
const LINTS: Value = Value::List(&Value::Any(&[
    Value::OneOf(|| lint::all().map(|lint| lint.code.name()).collect()),
    Value::Text,
]));
const STABILITY: Value = Value::OneOf(|| Stability::ALL.map(Stability::name).to_vec());
const LABEL_STABILITY: Value = Value::OneOf(|| Stability::PROMISES.map(Stability::name).to_vec());
const RENAMED_FROM: Value = Value::Table(&RENAME);

/// Defines tables, or single keys, as constants: one row per key, with its type and meaning.
#[doc(hidden)]
#[macro_export]
macro_rules! language {
    ($($key:ident = $name:literal: $value:expr, $doc:literal;)*) => {
        $(const $key: $crate::language::Key = $crate::language::key($name, $value, $doc);)*
    };
    ($($(#[$attribute:meta])* $table:ident = $name:literal: $doc:literal $(, one of $one_of:expr,)? {
        $($($required:ident)? $key:literal: $value:expr, $key_doc:literal;)*
    })*) => {
        $($(#[$attribute])* pub const $table: $crate::language::Table = $crate::language::Table {
            name: $name,
            doc: $doc,
            keys: &[$($crate::language!(@ $($required)? $key, $value, $key_doc)),*],
            one_of: $crate::language!(@ $($one_of)?),
        };)*
    };
    (@ required $key:literal, $value:expr, $doc:literal) => { $crate::language::required($key, $value, $doc) };
    (@ $key:literal, $value:expr, $doc:literal) => { $crate::language::key($key, $value, $doc) };
    (@ $one_of:expr) => { $one_of };
    (@) => { &[] };
}

language! {
    INCLUDE_KEY = "include": TEXTS,
        "Further files of the schema, as paths or patterns relative to this one: `[\"metrics.d/*.toml\"]`.";
    LABELS_KEY = "labels": Value::Named(&Value::Table(&LABEL)), "Labels, each declared once and used by name.";
    BUCKETS_KEY = "buckets": Value::Named(&BOUNDS), "Sets of histogram bounds, used by name.";
    GROUPS_KEY = "groups": Value::Named(&Value::Table(&GROUP)), "Groups: each becomes one recorder type.";
    METRICS_KEY = "metrics": Value::Named(&Value::Named(&Value::Table(&METRIC))),
        "Metrics, as `[metrics.GROUP.NAME]`.";
    POLICY_KEY = "policy": Value::Section, "What a team requires of its metrics, as `[policy.NAME]`.";
    SLOS_KEY = "slos": Value::Section, "Service level objectives, as `[slos.NAME]`.";
    ALERTS_KEY = "alerts": Value::Section, "Alerts that no objective covers, as `[alerts.NAME]`.";
}

/// Returns the names of the sections that other crates own, in order.
pub fn sections() -> impl Iterator<Item = &'static str> {
    let keys = FILE.keys.iter();
    keys.filter(|key| matches!(key.value, Value::Section))
        .map(|key| key.name)
}

/// Returns the names of a file's tables, in order.
pub fn tables() -> impl Iterator<Item = &'static str> {
    let is_table = |key: &&Key| match key.value {
        Value::Table(_) | Value::Named(_) | Value::Section | Value::Opaque => true,
        Value::Text
        | Value::Words
        | Value::Version
        | Value::Sentence
        | Value::OneOf(_)
        | Value::Boolean
        | Value::Integer(..)
        | Value::Number
        | Value::List(_)
        | Value::Any(_) => false,
    };
    FILE.keys.iter().filter(is_table).map(|key| key.name)
}

/// A file that another file includes.
pub const INCLUDED: Table = Table {
    name: "included file",
    doc: "A part of a schema, for shadowcat-metrics.",
    one_of: &[],
    keys: &[
        INCLUDE_KEY,
        LABELS_KEY,
        BUCKETS_KEY,
        GROUPS_KEY,
        METRICS_KEY,
        POLICY_KEY,
        SLOS_KEY,
        ALERTS_KEY,
    ],
};

/// The whole file.
pub const FILE: Table = Table {
    name: "file",
    doc: "The schema of a program's metrics, for shadowcat-metrics.",
    one_of: &[],
    keys: &[
        required(
            "format",
            Value::Integer(FORMAT, FORMAT),
            "Version of the schema language.",
        ),
        required(
            "namespace",
            Value::Text,
            "First part of every exposed name.",
        ),
        INCLUDE_KEY,
        key(
            "defaults",
            Value::Table(&DEFAULTS),
            "What holds for the whole file, or for every metric that does not say otherwise.",
        ),
        LABELS_KEY,
        BUCKETS_KEY,
        GROUPS_KEY,
        METRICS_KEY,
        POLICY_KEY,
        key(
            "operations",
            Value::Section,
            "What holds for all objectives, alerts and dashboards.",
        ),
        SLOS_KEY,
        ALERTS_KEY,
    ],
};

/// Named bounds.
pub(super) const BOUNDS: Value =
    Value::Any(&[Value::List(&Value::Number), Value::Table(&PROGRESSION)]);

language! {
    /// `[defaults]`.
    DEFAULTS = "defaults": "What holds for the whole file, or for every metric that does not say otherwise." {
        "owner": Value::Words, "Who answers for a metric; free text for the documents.";
        "stability": STABILITY, "`experimental` (if not set) or `stable`; `deprecated` cannot be a default.";
        "series_budget": Value::Integer(1, SERIES_BUDGET_LIMIT.cast_signed()),
            "Most series that all metrics may expose together; 10 000 if not set.";
        "allow": LINTS, "Lints to silence in the whole file.";
    }

    /// `[labels.NAME]`.
    LABEL = "label": "A label: closed, with its values listed, or open, with a limit on how many there may be.",
        one of &["values", "open"], {
        required "help": Value::Sentence, "What the label means, in one sentence.";
        "values": Value::Any(&[TEXTS, Value::Named(&Value::Any(&[Value::Text, Value::Table(&LABEL_VALUE)]))]),
            "Closed: the values; in a table each has a phrase that explains it.";
        "open": Value::Table(&OPEN), "Open: any string, up to a number of them.";
        "extensible": Value::Boolean, "Closed: whether releases may add values, so that programs must be ready for more.";
        "fallback": Value::Text,
            "Closed and extensible: the value that a program gets for a string that is none of them.";
        "examples": TEXTS, "Open: values as they may be, for the documents.";
        "stability": LABEL_STABILITY, "`experimental` or `stable`: a stable metric has stable labels only.";
        "note": Value::Words, "More than one sentence about it, for the reference.";
        "annotations": Value::Opaque, "Data of other programs, copied to the catalogue unchanged.";
        "allow": LINTS, "Lints to silence for this label.";
    }

    /// `VALUE = { help, bad, since, deprecated, renamed_from }` under `[labels.NAME.values]`.
    LABEL_VALUE = "value": "A value of a closed label that has more to say than a phrase." {
        "help": Value::Text, "A phrase that explains it.";
        "bad": Value::Boolean, "Whether it means that something went wrong; dashboards show its rate as errors.";
        "since": Value::Version, "Version that introduced it, such as `1.4.0`.";
        "deprecated": Value::Table(&DEPRECATED_VALUE), "Why it should no longer be used.";
        "renamed_from": RENAMED_FROM, "What the value was, for as long as it is exposed too.";
    }

    /// `renamed_from = { name, until }`.
    RENAME = "rename": "What something was called before, and until when it is exposed under that name too." {
        required "name": Value::Words, "The former name as it was exposed: a metric's whole name, or a label's value.";
        required "until": Value::Version,
            "Version of the package that no longer exposes it; from then on it does not build.";
    }

    /// `open = { max, overflow }`.
    OPEN = "open": "The bound of an open label." {
        required "max": Value::Integer(1, MOST_OPEN_VALUES as i64),
            "Most values that are alive at once, the overflow value not counted.";
        "overflow": Value::Text, "Value that the surplus is recorded under; `__other__` if not set.";
    }

    /// `{ exponential = ... }` or `{ linear = ... }`.
    PROGRESSION = "progression": "Bounds that are computed.",
        one of &["exponential", "linear"], {
        "exponential": Value::Table(&EXPONENTIAL), "Each bound is the one before times `factor`.";
        "linear": Value::Table(&LINEAR), "Each bound is the one before plus `width`.";
    }

    /// `exponential = { start, factor, count }`.
    EXPONENTIAL = "exponential": "`start`, then each bound times `factor`." {
        required "start": Value::Number, "The first bound; more than 0.";
        required "factor": Value::Number, "What each bound is multiplied by for the next; more than 1.";
        required "count": Value::Integer(1, MOST_BOUNDS.cast_signed() as i64), "How many bounds there are.";
    }

    /// `linear = { start, width, count }`.
    LINEAR = "linear": "`start`, then each bound plus `width`." {
        required "start": Value::Number, "The first bound; 0 or more.";
        required "width": Value::Number, "What is added to each bound for the next; more than 0.";
        required "count": Value::Integer(1, MOST_BOUNDS.cast_signed() as i64), "How many bounds there are.";
    }

    /// `[groups.NAME]`.
    GROUP = "group": "A group of metrics: one recorder type, with labels that are bound once." {
        required "help": Value::Sentence, "What the group measures, in one sentence.";
        "labels": TEXTS, "Labels that every metric of the group has.";
        "note": Value::Words, "More than one sentence about it, for the reference.";
        "annotations": Value::Opaque, "Data of other programs, copied to the catalogue unchanged.";
        "allow": LINTS, "Lints to silence for the group and its metrics.";
    }

    /// `[metrics.GROUP.NAME]`.
    METRIC = "metric": "A metric." {
        required "type": Value::OneOf(|| Kind::names().to_vec()), "The kind of metric.";
        required "help": Value::Sentence, "What it measures, in one sentence.";
        "unit": Value::OneOf(|| Unit::NAMED.map(Unit::name).to_vec()), "The base unit; none for a plain number.";
        "labels": TEXTS, "Labels of its own, after the group's; for `info`, its facts.";
        "buckets": Value::Any(&[Value::Text, Value::List(&Value::Number), Value::Table(&PROGRESSION)]),
            "For a histogram: the name of a set, or bounds written here.";
        "quantiles": Value::Boolean, "For a histogram: whether to record its p50, p95 and p99 as rules.";
        "states": Value::Text, "For a state: the closed label whose values are the states.";
        "callback": Value::Boolean, "Read by a function when scraped, instead of recorded.";
        "bad": Value::Boolean,
            "For a counter: whether each count means that something went wrong; dashboards show its rate as errors.";
        "numerator": TEXT_OR_TEXTS, "For a ratio: metrics to sum above the line, as `group.metric`.";
        "denominator": TEXT_OR_TEXTS, "For a ratio: metrics to sum below the line.";
        "name": Value::Text, "The exposed name, whole and exact, where the rules would make another.";
        "stability": STABILITY, "`experimental`: may change in any release; `stable`: only with a major one.";
        "since": Value::Version, "Version that introduced it, such as `1.4.0`.";
        "owner": Value::Words, "Who answers for it.";
        "deprecated": Value::Table(&DEPRECATED), "Why it should no longer be used.";
        "renamed_from": RENAMED_FROM, "What it was called before, for as long as it is exposed under that name too.";
        "note": Value::Words, "More than one sentence about it, for the reference.";
        "annotations": Value::Opaque, "Data of other programs, copied to the catalogue unchanged.";
        "allow": LINTS, "Lints to silence for this metric.";
    }

    /// `deprecated = { since, use, note, remove_in }` of a label's value.
    DEPRECATED_VALUE = "deprecated_value": "Why a value should no longer be used: `use` or `note`, or both." {
        "since": Value::Version, "Version that deprecated it, such as `1.4.0`.";
        "use": Value::Text, "Value of the same label to use instead.";
        "note": Value::Words, "Why, and what to do.";
        "remove_in": Value::Version, "Version of the package that is without it; from then on it does not build.";
    }

    /// `deprecated = { since, use, note, remove_in }` of a metric.
    DEPRECATED = "deprecated": "Why a metric should no longer be used: `use` or `note`, or both." {
        "since": Value::Version, "Version that deprecated it, such as `1.4.0`.";
        "use": Value::Text, "Metric to use instead, as `group.metric`.";
        "note": Value::Words, "Why, and what to do.";
        "remove_in": Value::Version, "Version of the package that is without it; from then on it does not build.";
    }
}
