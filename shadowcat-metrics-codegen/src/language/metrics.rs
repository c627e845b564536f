//! The keys of groups and metrics.

use super::{
    LINTS, PROGRESSION, RENAMED_FROM, STABILITY, TEXT_OR_TEXTS, TEXTS, Table, Value, key, required,
};
use crate::model::{Kind, Unit};

/// `[groups.NAME]`.
pub const GROUP: Table = Table {
    name: "group",
    doc: "A group of metrics: one recorder type, with labels that are bound once.",
    one_of: &[],
    keys: &[
        required(
            "help",
            Value::Sentence,
            "What the group measures, in one sentence.",
        ),
        key(
            "labels",
            TEXTS,
            "Labels that every metric of the group has.",
        ),
        key(
            "allow",
            LINTS,
            "Lints to silence for the group and its metrics.",
        ),
    ],
};

/// `[metrics.GROUP.NAME]`.
pub const METRIC: Table = Table {
    name: "metric",
    doc: "A metric.",
    one_of: &[],
    keys: &[
        required(
            "type",
            Value::OneOf(|| Kind::names().to_vec()),
            "The kind of metric.",
        ),
        required(
            "help",
            Value::Sentence,
            "What it measures, in one sentence.",
        ),
        key(
            "unit",
            Value::OneOf(|| Unit::NAMED.map(Unit::name).to_vec()),
            "The base unit; none for a plain number.",
        ),
        key(
            "labels",
            TEXTS,
            "Labels of its own, after the group's; for `info`, its facts.",
        ),
        key(
            "buckets",
            Value::Any(&[
                Value::Text,
                Value::List(&Value::Number),
                Value::Table(&PROGRESSION),
            ]),
            "For a histogram: the name of a set, or bounds written here.",
        ),
        key(
            "quantiles",
            Value::Boolean,
            "For a histogram: whether to record its p50, p95 and p99 as rules.",
        ),
        key(
            "states",
            Value::Text,
            "For a state: the closed label whose values are the states.",
        ),
        key(
            "callback",
            Value::Boolean,
            "Read by a function when scraped, instead of recorded.",
        ),
        key(
            "numerator",
            TEXT_OR_TEXTS,
            "For a ratio: metrics to sum above the line, as `group.metric`.",
        ),
        key(
            "denominator",
            TEXT_OR_TEXTS,
            "For a ratio: metrics to sum below the line.",
        ),
        key(
            "name",
            Value::Text,
            "The exposed name, whole and exact, where the rules would make another.",
        ),
        key(
            "stability",
            STABILITY,
            "`experimental`: may change in any release; `stable`: only with a major one.",
        ),
        key(
            "since",
            Value::Version,
            "Version that introduced it, such as `1.4.0`.",
        ),
        key("owner", Value::Words, "Who answers for it."),
        key(
            "deprecated",
            Value::Table(&DEPRECATED),
            "Why it should no longer be used.",
        ),
        key(
            "renamed_from",
            RENAMED_FROM,
            "What it was called before, for as long as it is exposed under that name too.",
        ),
        key("allow", LINTS, "Lints to silence for this metric."),
    ],
};

/// `deprecated = { since, use, note, remove_in }`.
pub const DEPRECATED: Table = Table {
    name: "deprecated",
    doc: "Why a metric should no longer be used: `use` or `note`, or both.",
    one_of: &[],
    keys: &[
        key(
            "since",
            Value::Version,
            "Version that deprecated it, such as `1.4.0`.",
        ),
        key(
            "use",
            Value::Text,
            "Metric to use instead, as `group.metric`.",
        ),
        key("note", Value::Words, "Why, and what to do."),
        key(
            "remove_in",
            Value::Version,
            "Version of the package that is without it; from then on it does not build.",
        ),
    ],
};
