//! `SM00xx`: the file and its shape. Syntax, keys, types, texts.

crate::codes::codes! {
    table FILE;

    /// The file is not TOML.
    SYNTAX = "SM0001" "syntax": "the file is not valid TOML",
    "The schema is a TOML file. While its syntax is broken nothing else is reported, because what follows an open quote \
     or bracket is misread. A duplicate key is a fault of syntax too: a table may be opened once, and a key in it set once.",
    wrong: r#"format =
namespace = "app"
"#,
    right: r#"format = 1
namespace = "app"
"#;

    /// The file is not UTF-8.
    INVALID_UTF8 = "SM0002" "invalid-utf8": "the file is not valid UTF-8",
    "TOML is UTF-8 by definition. The position is that of the first byte that is no part of a character; the excerpt \
     shows `�` in its place. Most editors can save the file again as UTF-8; what is in Latin-1 is converted by \
     `iconv -f latin1 -t utf-8 metrics.toml > new.toml`. An example of such bytes cannot be shown as text.",
    // Examples are text, so no example can hold such bytes.
    wrong: "",
    right: "";

    /// `format` is a version this library does not know.
    UNSUPPORTED_FORMAT = "SM0003" "unsupported-format": "unknown version of the schema language",
    "`format` says which version of the schema language the file is written in. This library knows version 1. A higher \
     one needs a newer library.",
    wrong: r#"format = 2
namespace = "app"
"#,
    right: r#"format = 1
namespace = "app"
"#;

    /// A key is not one of the schema language's.
    UNKNOWN_KEY = "SM0004" "unknown-key": "unknown key",
    "The table has no such key. An unknown key is never ignored, because a misspelt `help` or `max` would be too. \
     A comment starts with `#`.",
    wrong: r#"[metrics.http.requests]
type = "counter"
hepl = "Requests answered."
"#,
    right: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
"#;

    /// A table is not one of the schema language's.
    UNKNOWN_TABLE = "SM0005" "unknown-table": "unknown table",
    "A file has these tables and no others: {tables}.",
    wrong: r#"[metric.http.requests]
type = "counter"
help = "Requests answered."
"#,
    right: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
"#;

    /// A key that must be there is not.
    MISSING_KEY = "SM0006" "missing-key": "a key that is needed is missing",
    "The message says which key, and what it may hold. The file needs `format` and `namespace`; a label needs `values` \
     or `open`; a metric needs `type`; a progression of bounds needs its terms.",
    wrong: r#"[metrics.http.requests]
help = "Requests answered."
"#,
    right: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
"#;

    /// A value has a type that its key does not take.
    WRONG_TYPE = "SM0007" "wrong-type": "a value of a wrong type",
    "The key takes another type of value. Versions and names are strings and need quotes; lists need brackets, also \
     with one item.",
    wrong: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
since = 0.4
"#,
    right: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
since = "0.4.0"
"#;

    /// A number is outside of what its key takes.
    NUMBER_OUT_OF_RANGE = "SM0008" "number-out-of-range": "a number out of range",
    "Integers have 64 bits and floats end at about 1.8e308; some keys take less than that, and the message says what.",
    wrong: r"[defaults]
series_budget = 0
",
    right: r"[defaults]
series_budget = 500
";

    /// Two keys exclude each other.
    CONFLICTING_KEYS = "SM0009" "conflicting-keys": "keys that exclude each other",
    "A label has either `values`, a fixed list, or `open`, any string up to a number of them. A bucket set is either \
     `exponential` or `linear`.",
    wrong: r#"[labels.server]
help = "Upstream server."
values = ["a", "b"]
open = { max = 64 }
"#,
    right: r#"[labels.server]
help = "Upstream server."
open = { max = 64 }
"#;

    /// `help` is missing or empty.
    MISSING_HELP = "SM0010" "missing-help": "`help` is missing or empty",
    "Every label, group and metric says in one sentence what it means. The sentence is the documentation of the \
     recorder's method, the line in the reference, and the `# HELP` that a scraper reads.",
    wrong: r#"[metrics.http.requests]
type = "counter"
"#,
    right: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
"#;

    /// `help` does not end with a full stop.
    HELP_WITHOUT_FULL_STOP = "SM0011" "help-without-full-stop": "`help` does not end with a full stop",
    "`help` is a sentence. In the reference and in rustdoc other sentences follow it. The full stops of other scripts count, \
     and `!`, `?` and `…` do, too.",
    wrong: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered"
"#,
    right: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
"#;

    /// A text says nothing.
    EMPTY_TEXT = "SM0012" "empty-text": "a text is empty",
    "`owner` and `note` may be left out, but if they are there they say something.",
    wrong: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
owner = ""
"#,
    right: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
owner = "@team/http"
"#;

    /// `[metrics.NAME]` holds a metric, where a group of metrics belongs.
    METRIC_WITHOUT_GROUP = "SM0013" "metric-without-group": "a metric without a group",
    "A metric is declared as `[metrics.GROUP.NAME]`. The group gives it its recorder, its labels and the middle of its \
     exposed name.",
    wrong: r#"[metrics.requests]
type = "counter"
help = "Requests answered."
"#,
    right: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
"#;

    /// A file that is to be included is not there.
    INCLUDE_NOT_FOUND = "SM0014" "include-not-found": "nothing to include",
    "`include` lists further files of the schema, by paths relative to the file that has it, or by patterns such as \
     `metrics.d/*.toml`. Each must stand for a file that can be read. A schema from standard input has no folder, so it \
     can include nothing.",
    wrong: "", right: "";

    /// A file is included by itself, or twice.
    INCLUDED_TWICE = "SM0015" "included-twice": "a file included twice",
    "Every file of a schema is included once, by one other file. One that includes itself, over however many others, \
     would have no end; one that two others include would declare everything in it twice.",
    wrong: "", right: "";

    /// Two files declare the same.
    DUPLICATE_DECLARATION = "SM0016" "duplicate-declaration": "declared in two files",
    "A label, bucket set, group, metric, objective or alert is declared in one file of a schema. A group's metrics may \
     be spread over several files, the group itself may not.",
    wrong: "", right: "";

    /// An included file says what only the whole schema can say.
    MISPLACED_HEADER = "SM0017" "misplaced-header": "a part of the whole in an included file",
    "`format`, `namespace`, `[defaults]` and `[operations]` hold for the whole schema, so they stand in the file that \
     includes the others.",
    wrong: "", right: "";
}
