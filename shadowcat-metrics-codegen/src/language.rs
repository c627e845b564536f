//! The keys of the schema language's tables, and its limits.
//!
//! The parser accepts only these keys. Their types and meanings are in the authoring crate, because programs that use the macro
//! need not compile them. Rules about values beyond their shape are in `check`.

use crate::parse::ast::{
    Defaults, Deprecated, Group, Label, LabelValue, Metric, Native, Open, Rename,
};

/// The only version of the schema language.
pub const FORMAT: i64 = 1;

/// Upper limit of the series budget. The runtime numbers cells with 32 bits, and Prometheus copes badly with
/// more series from one process.
pub const SERIES_BUDGET_LIMIT: u64 = 10_000_000;

/// Maximum number of bounds in a histogram. Each one is a series for every combination of labels.
pub const MAX_BOUNDS: usize = 250;

/// Maximum number of sets of labels that the series of a metric may have, with sum labels. The program has a descriptor for each.
pub const MAX_PARTS: usize = 100;

/// Maximum number of cells of a series of a native histogram. Each one takes 8 bytes for each thread that records.
pub const MAX_NATIVE_CELLS: usize = 1_000;

/// Maximum number of concurrent values of an open label. The program keeps a slot for each.
pub const MAX_OPEN_VALUES: u32 = 1_000_000;

/// The names of a table's keys, in the order in which they are documented.
pub type Keys = &'static [&'static str];

/// The keys of the whole file.
pub const FILE: Keys = &[
    "format",
    "namespace",
    "include",
    "uses",
    "defaults",
    "labels",
    "buckets",
    "groups",
    "metrics",
    "policy",
    "operations",
    "slos",
    "alerts",
];

/// The keys of a file that another file includes.
pub const INCLUDED: Keys = &[
    "include", "labels", "buckets", "groups", "metrics", "policy", "slos", "alerts",
];

/// The sections that other crates own.
pub const SECTIONS: Keys = &["policy", "operations", "slos", "alerts"];

/// The keys of `{ exponential = ... }`, `{ linear = ... }` and `{ bounds = [...] }`.
pub(crate) const BUCKET_SET: Keys = &["exponential", "linear", "bounds", "native"];

/// The keys of `exponential = { ... }`.
pub(crate) const EXPONENTIAL: Keys = &["start", "factor", "count"];

/// The keys of `linear = { ... }`.
pub(crate) const LINEAR: Keys = &["start", "width", "count"];

/// The keys of a label in the list of a group or metric.
pub(crate) const LABEL_USE: Keys = &["name", "optional"];

/// The keys of each table, by its name in the JSON Schema.
pub const TABLES: [(&str, Keys); 16] = [
    ("file", FILE),
    ("included file", INCLUDED),
    ("defaults", Defaults::KEYS),
    ("label", Label::KEYS),
    ("value", LabelValue::KEYS),
    ("rename", Rename::KEYS),
    ("open", Open::KEYS),
    ("progression", BUCKET_SET),
    ("native", Native::KEYS),
    ("exponential", EXPONENTIAL),
    ("linear", LINEAR),
    ("group", Group::KEYS),
    ("label_use", LABEL_USE),
    ("metric", Metric::KEYS),
    ("deprecated_value", Deprecated::KEYS),
    ("deprecated", Deprecated::KEYS),
];
