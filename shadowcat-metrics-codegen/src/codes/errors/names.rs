//! `SM02xx`: names, exposed and in Rust.

crate::codes::codes! {
    table NAMES;

    /// A key cannot be a part of an exposed name and a Rust identifier.
    INVALID_NAME = "SM0201" "invalid-name": "not a usable name",
    "The namespace and the names of labels, bucket sets, groups and metrics become parts of exposed names and Rust \
     identifiers: lower-case words of `a` to `z` and `0` to `9`, joined by single underscores, a letter first.",
    wrong: r#"[metrics.http.requests-total]
type = "counter"
help = "Requests answered."
"#,
    right: r#"[metrics.http.requests_total]
type = "counter"
help = "Requests answered."
"#;

    /// `name` is not a name that Prometheus takes.
    INVALID_METRIC_NAME = "SM0202" "invalid-metric-name": "not a valid Prometheus name",
    "An exact `name` consists of ASCII letters, digits, `_` and `:`, and does not begin with a digit. A state's name is \
     a label's name too, where `:` is not allowed.",
    wrong: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
name = "http.requests"
"#,
    right: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
name = "http_requests_total"
"#;

    /// Two metrics are exposed under one name.
    DUPLICATE_EXPOSED_NAME = "SM0203" "duplicate-exposed-name": "two metrics under one exposed name",
    "Exposed names are made of namespace, group, metric, unit and the suffix of the type, or set by `name`. Two metrics \
     of one name would be one family to a scraper, which rejects the page or mixes their values.",
    wrong: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."

[metrics.http.requests_total]
type = "counter"
help = "Requests answered, again."
"#,
    right: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."

[metrics.http.replies]
type = "counter"
help = "Replies sent."
"#;

    /// An exposed name collides with another metric's suffixes.
    COLLIDING_SUFFIX = "SM0204" "colliding-suffix": "a name that another metric's suffixes make too",
    "A histogram is exposed with `_bucket`, `_count` and `_sum`, a counter with `_total`, info with `_info`, and \
     OpenMetrics adds `_created`; its family names leave the suffix out. A metric whose own name is one of these \
     would be taken for a part of the other.",
    wrong: r#"[metrics.http.size]
type = "histogram"
unit = "bytes"
buckets = [64, 4096]
help = "Size of a request."

[metrics.http.size_bytes_created]
type = "gauge"
help = "Sizes seen."
"#,
    right: r#"[metrics.http.size]
type = "histogram"
unit = "bytes"
buckets = [64, 4096]
help = "Size of a request."

[metrics.http.sizes]
type = "gauge"
help = "Sizes seen."
"#;

    /// A name is a Rust keyword.
    RUST_KEYWORD = "SM0205" "rust-keyword": "a Rust keyword as a name",
    "Groups and metrics become methods, and labels become their arguments, so none can be called by a word that Rust \
     keeps for itself.",
    wrong: r#"[metrics.http.match]
type = "counter"
help = "Routes matched."
"#,
    right: r#"[metrics.http.matches]
type = "counter"
help = "Routes matched."
"#;

    /// A name is that of a method there is already.
    RESERVED_METHOD = "SM0206" "reserved-method": "the name of a method that there is already",
    "Groups and open labels become methods of `Metrics`, which has methods of its own such as `new`, `encode` and \
     `snapshot`; metrics become methods of a recorder, which has `clone`. The group `metrics` is kept for what the \
     library reports about itself.",
    wrong: r#"[groups.snapshot]
help = "Snapshots of the database."
"#,
    right: r#"[groups.snapshots]
help = "Snapshots of the database."
"#;

    /// Two names become one Rust type.
    TYPE_COLLISION = "SM0207" "type-collision": "two names for one Rust type",
    "Labels and groups become Rust types, whose names have no underscores: `http2` and `http_2` are both `Http2`.",
    wrong: r#"[groups.http2]
help = "Requests over HTTP/2."

[groups.http_2]
help = "Requests over HTTP/2, again."
"#,
    right: r#"[groups.http2]
help = "Requests over HTTP/2."

[groups.http3]
help = "Requests over HTTP/3."
"#;

    /// A group and an open label become one method.
    METHOD_COLLISION = "SM0208" "method-collision": "a group and an open label of one name",
    "A group `server` gives `Metrics::server(...)`, which makes a recorder; so does an open label `server`, where it \
     makes a label value. One of the two needs another name.",
    wrong: r#"[labels.server]
help = "Upstream server."
open = { max = 64 }

[groups.server]
help = "Upstream servers."
labels = ["server"]
"#,
    right: r#"[labels.server]
help = "Upstream server."
open = { max = 64 }

[groups.upstream]
help = "Upstream servers."
labels = ["server"]
"#;
}
