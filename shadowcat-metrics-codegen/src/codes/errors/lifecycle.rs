//! `SM07xx`: what was promised of a metric or a label, and for how long.

crate::codes::codes! {
    table LIFECYCLE;

    /// Not a version.
    INVALID_VERSION = "SM0701" "invalid-version": "not a version",
    "`since`, `until` and `remove_in` are versions of the package that has the metrics, as Cargo has them: three numbers, \
     and perhaps a pre-release, such as `1.4.0` or `2.0.0-beta.1`. When the package gets to `until` or `remove_in`, what \
     they are about must be gone.",
    wrong: r#"[metrics.http.answered]
type = "counter"
help = "Requests answered."
renamed_from = { name = "app_http_replies_total", until = "v2" }
"#,
    right: r#"[metrics.http.answered]
type = "counter"
help = "Requests answered."
renamed_from = { name = "app_http_replies_total", until = "2.0.0" }
"#;

    /// A former name whose time is up.
    EXPIRED_RENAME = "SM0702" "expired-rename": "a former name past its time",
    "A metric or label value that was renamed is exposed under both names until the release that `until` names. From \
     that release on the build fails until `renamed_from` is deleted, so that no former name stays for ever because \
     nobody remembered it.",
    wrong: r#"[metrics.http.answered]
type = "counter"
help = "Requests answered."
renamed_from = { name = "app_http_replies_total", until = "0.4.0" }
"#,
    right: r#"[metrics.http.answered]
type = "counter"
help = "Requests answered."
"#;

    /// A metric whose time is up.
    EXPIRED_METRIC = "SM0703" "expired-metric": "a metric past its removal",
    "A deprecated metric may name the release that is to be without it, in `remove_in`. From that release on the build \
     fails until the metric is deleted, or a later release is named.",
    wrong: r#"[metrics.http.replies]
type = "counter"
help = "Requests answered."
deprecated = { note = "Nobody looked at it.", remove_in = "0.4.0" }
"#,
    right: r#"[metrics.http.replies]
type = "counter"
help = "Requests answered."
deprecated = { note = "Nobody looked at it.", remove_in = "2.0.0" }
"#;

    /// Renamed from what it is, or from what there is beside it.
    SAME_FORMER_NAME = "SM0704" "same-former-name": "a former name that is in use",
    "`renamed_from` holds the name that was exposed before: for a metric the whole name, as dashboards have it, for a \
     label's value the value. It cannot be a name that is exposed anyway.",
    wrong: r#"[labels.outcome]
help = "How it ended."
values.ok = { help = "it worked", renamed_from = { name = "success", until = "2.0.0" } }
values.success = "it worked too"

[metrics.http.requests]
type = "counter"
help = "Requests answered."
labels = ["outcome"]
"#,
    right: r#"[labels.outcome]
help = "How it ended."
values.ok = { help = "it worked", renamed_from = { name = "success", until = "2.0.0" } }
values.failed = "it did not"

[metrics.http.requests]
type = "counter"
help = "Requests answered."
labels = ["outcome"]
"#;

    /// A stable metric without `since`.
    STABLE_WITHOUT_SINCE = "SM0705" "stable-without-since": "stable without `since`",
    "A stable metric is relied on, and whoever relies on it must know from which version it is there: `since` says it.",
    wrong: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
stability = "stable"
"#,
    right: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
stability = "stable"
since = "0.3.0"
"#;

    /// A stable metric with a label that is not.
    STABLE_ON_EXPERIMENTAL = "SM0706" "stable-on-experimental": "a stable metric with an experimental label",
    "The series of a metric are told apart by its labels. If the values of one may change in any release, so may the \
     series, whatever the metric promises. Declare the label `stable` too, or the metric `experimental`. A label that \
     does not say is what `[defaults]` say, and `experimental` if they do not.",
    wrong: r#"[labels.method]
help = "Method of the request."
values = ["GET", "POST"]

[metrics.http.requests]
type = "counter"
help = "Requests answered."
labels = ["method"]
stability = "stable"
since = "0.3.0"
"#,
    right: r#"[labels.method]
help = "Method of the request."
values = ["GET", "POST"]
stability = "stable"

[metrics.http.requests]
type = "counter"
help = "Requests answered."
labels = ["method"]
stability = "stable"
since = "0.3.0"
"#;
}
