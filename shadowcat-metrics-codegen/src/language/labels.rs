//! The tables of labels: `[labels.NAME]` and what is in it.

use super::{
    LABEL_STABILITY, LINTS, MOST_OPEN_VALUES, RENAMED_FROM, TEXTS, Table, Value, key, required,
};

/// `[labels.NAME]`.
pub const LABEL: Table = Table {
    name: "label",
    doc: "A label: closed, with its values listed, or open, with a limit on how many there may be.",
    one_of: &["values", "open"],
    keys: &[
        required(
            "help",
            Value::Sentence,
            "What the label means, in one sentence.",
        ),
        key(
            "values",
            Value::Any(&[
                TEXTS,
                Value::Named(&Value::Any(&[Value::Text, Value::Table(&LABEL_VALUE)])),
            ]),
            "Closed: the values; in a table each has a phrase that explains it.",
        ),
        key(
            "open",
            Value::Table(&OPEN),
            "Open: any string, up to a number of them.",
        ),
        key(
            "stability",
            LABEL_STABILITY,
            "`experimental` or `stable`: a stable metric has stable labels only.",
        ),
        key("allow", LINTS, "Lints to silence for this label."),
    ],
};

/// `VALUE = { help, renamed_from }` under `[labels.NAME.values]`.
pub const LABEL_VALUE: Table = Table {
    name: "value",
    doc: "A value of a closed label that has more to say than a phrase.",
    one_of: &[],
    keys: &[
        key("help", Value::Text, "A phrase that explains it."),
        key(
            "renamed_from",
            RENAMED_FROM,
            "What the value was, for as long as it is exposed too.",
        ),
    ],
};

/// `renamed_from = { name, until }`.
pub const RENAME: Table = Table {
    name: "rename",
    doc: "What something was called before, and until when it is exposed under that name too.",
    one_of: &[],
    keys: &[
        required(
            "name",
            Value::Words,
            "The former name as it was exposed: a metric's whole name, or a label's value.",
        ),
        required(
            "until",
            Value::Version,
            "Version of the package that no longer exposes it; from then on it does not build.",
        ),
    ],
};

/// `open = { max, overflow }`.
pub const OPEN: Table = Table {
    name: "open",
    doc: "The bound of an open label.",
    one_of: &[],
    keys: &[
        required(
            "max",
            Value::Integer(1, MOST_OPEN_VALUES as i64),
            "Most values that are alive at once, the overflow value not counted.",
        ),
        key(
            "overflow",
            Value::Text,
            "Value that the surplus is recorded under; `__other__` if not set.",
        ),
    ],
};
