//! `SM03xx`: labels and their values.

crate::codes::codes! {
    table LABELS;

    /// A label's name is Prometheus's own.
    RESERVED_LABEL = "SM0301" "reserved-label": "a reserved label name",
    "`le` is a histogram's bound, `quantile` a summary's quantile, and names that begin with `__` are Prometheus's own. \
     A state's label bears the name of the metric, so no other label of it can.",
    wrong: r#"[labels.le]
help = "Law enforcement agency."
values = ["fbi", "dea"]
"#,
    right: r#"[labels.agency]
help = "Law enforcement agency."
values = ["fbi", "dea"]
"#;

    /// A label is listed twice, or bound by the group already.
    DUPLICATE_LABEL = "SM0302" "duplicate-label": "a label twice on one metric",
    "A metric has its group's labels and those it lists itself. A label can be among them once. The label that gives a \
     state its states is not listed at all.",
    wrong: r#"[labels.method]
help = "Method of the request."
values = ["GET", "POST"]

[groups.http]
help = "Requests over HTTP."
labels = ["method"]

[metrics.http.requests]
type = "counter"
help = "Requests answered."
labels = ["method"]
"#,
    right: r#"[labels.method]
help = "Method of the request."
values = ["GET", "POST"]

[groups.http]
help = "Requests over HTTP."
labels = ["method"]

[metrics.http.requests]
type = "counter"
help = "Requests answered."
"#;

    /// A closed label has no values.
    NO_LABEL_VALUES = "SM0303" "no-label-values": "a closed label without values",
    "A closed label becomes an enum, and one without variants can never be passed. List the values, or make the label \
     open: `open = { max = 64 }`.",
    wrong: r#"[labels.method]
help = "Method of the request."
values = []
"#,
    right: r#"[labels.method]
help = "Method of the request."
values = ["GET", "POST"]
"#;

    /// A label value is the empty string.
    EMPTY_LABEL_VALUE = "SM0304" "empty-label-value": "an empty label value",
    "To Prometheus a label with an empty value is the same as no label, so its series would be another than it seems. \
     This holds for an open label's overflow value too.",
    wrong: r#"[labels.method]
help = "Method of the request."
values = ["GET", ""]
"#,
    right: r#"[labels.method]
help = "Method of the request."
values = ["GET", "none"]
"#;

    /// A label value is listed twice.
    DUPLICATE_LABEL_VALUE = "SM0305" "duplicate-label-value": "a label value twice",
    "Each value of a closed label is a variant of its enum, and is listed once.",
    wrong: r#"[labels.method]
help = "Method of the request."
values = ["GET", "POST", "GET"]
"#,
    right: r#"[labels.method]
help = "Method of the request."
values = ["GET", "POST"]
"#;

    /// Two label values become one Rust variant.
    VALUE_COLLISION = "SM0306" "value-collision": "two label values for one Rust variant",
    "A value's variant is named by its letters and digits, each word with a capital: `not-found` and `not_found` are \
     both `NotFound`. The exposed value stays as it is written.",
    wrong: r#"[labels.outcome]
help = "How it ended."
values = ["not-found", "not_found"]
"#,
    right: r#"[labels.outcome]
help = "How it ended."
values = ["not-found", "gone"]
"#;

    /// A label value has no letter or digit that could name a variant.
    VALUE_WITHOUT_NAME = "SM0307" "value-without-name": "a label value that gives no Rust name",
    "A value's variant is named by its ASCII letters and digits, so there must be at least one.",
    wrong: r#"[labels.operator]
help = "Operator of the expression."
values = ["+", "-"]
"#,
    right: r#"[labels.operator]
help = "Operator of the expression."
values = ["plus", "minus"]
"#;

    /// An open label has no bound.
    UNBOUNDED_LABEL = "SM0308" "unbounded-label": "an open label without a bound",
    "An open label takes any string, so a flood of values would fill the memory of the program and of Prometheus. `max` \
     says how many may be alive at once; what is over it is counted under the overflow value, and the library's own \
     counter tells how often.",
    wrong: r#"[labels.server]
help = "Upstream server."
open = {}
"#,
    right: r#"[labels.server]
help = "Upstream server."
open = { max = 64 }
"#;

    /// An open label may have more values than a program should keep.
    TOO_MANY_OPEN_VALUES = "SM0309" "too-many-open-values": "an open label with too high a bound",
    "`max` is at most 1000000. The program keeps a slot for each value, even if only info metrics use the label, and \
     Prometheus keeps a series for each. The values of all open labels count towards `series_budget`, too.",
    wrong: r#"[labels.server]
help = "Upstream server."
open = { max = 100_000_000 }
"#,
    right: r#"[labels.server]
help = "Upstream server."
open = { max = 64 }
"#;
}
