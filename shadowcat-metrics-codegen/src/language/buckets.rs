//! The keys of bucket sets: bounds as a list, or computed.

use super::{MOST_BOUNDS, Table, Value, key, required};

/// Bounds under a name.
pub(super) const BOUNDS: Value =
    Value::Any(&[Value::List(&Value::Number), Value::Table(&PROGRESSION)]);

/// `{ exponential = ... }` or `{ linear = ... }`.
pub const PROGRESSION: Table = Table {
    name: "progression",
    doc: "Bounds that are computed.",
    one_of: &["exponential", "linear"],
    keys: &[
        key(
            "exponential",
            Value::Table(&EXPONENTIAL),
            "Each bound is the one before times `factor`.",
        ),
        key(
            "linear",
            Value::Table(&LINEAR),
            "Each bound is the one before plus `width`.",
        ),
    ],
};

/// `exponential = { start, factor, count }`.
pub const EXPONENTIAL: Table = Table {
    name: "exponential",
    doc: "`start`, then each bound times `factor`.",
    one_of: &[],
    keys: &[
        required("start", Value::Number, "The first bound; more than 0."),
        required(
            "factor",
            Value::Number,
            "What each bound is multiplied by for the next; more than 1.",
        ),
        required(
            "count",
            Value::Integer(1, MOST_BOUNDS.cast_signed() as i64),
            "How many bounds there are.",
        ),
    ],
};

/// `linear = { start, width, count }`.
pub const LINEAR: Table = Table {
    name: "linear",
    doc: "`start`, then each bound plus `width`.",
    one_of: &[],
    keys: &[
        required("start", Value::Number, "The first bound; 0 or more."),
        required(
            "width",
            Value::Number,
            "What is added to each bound for the next; more than 0.",
        ),
        required(
            "count",
            Value::Integer(1, MOST_BOUNDS.cast_signed() as i64),
            "How many bounds there are.",
        ),
    ],
};
