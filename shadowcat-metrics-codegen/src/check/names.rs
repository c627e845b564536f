//! Names: keys that become parts of exposed names and Rust identifiers, and conflicts between exposed names.

use super::Checker;
use super::scope::Positions;
use crate::codes::codes;
use crate::diagnostic::Reported;
use crate::lint::metric_path;
use crate::model::{Metric, Origin};
use crate::name;
use crate::parse::ast::Spanned;
use crate::sentence::with_article;
use crate::source::Span;

codes! {
    table NAMES;

    INVALID_NAME = "SM0201" "invalid-name": "an invalid name",
    "The namespace and the names of labels, bucket sets, groups and metrics become parts of exposed names and of Rust \
     identifiers. They consist of lower-case letters `a` to `z`, digits and single underscores, and begin with a \
     letter.",
    example: r#"- [metrics.http.requests-total]
+ [metrics.http.requests_total]
type = "counter"
help = "Requests answered."
"#;

    INVALID_METRIC_NAME = "SM0202" "invalid-metric-name": "an invalid Prometheus name",
    "`name` sets the exact exposed name, which consists of ASCII letters, digits, `_` and `:`, and does not begin with a digit. \
     The name of a label or a state metric must not contain `:`.",
    example: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
- name = "http.requests"
+ name = "http_requests_total"
"#;

    DUPLICATE_EXPOSED_NAME = "SM0203" "duplicate-exposed-name": "two metrics or labels with the same exposed name",
    "An exposed name consists of the namespace, the group, the metric, the unit and the suffix of the type, unless \
     `name` sets it. A scraper would read two metrics with the same name as one family, and reject the page or mix \
     their values. A label is exposed under its key, unless it has a `name`.",
    example: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."

- [metrics.http.requests_total]
+ [metrics.http.replies]
type = "counter"
- help = "Requests answered, again."
+ help = "Replies sent."
"#;

    COLLIDING_SUFFIX = "SM0204" "colliding-suffix": "a name that collides with a suffix of another metric",
    "Some series have a suffix: `_bucket`, `_count` and `_sum` for a histogram, `_total` for a counter, `_info` for an info \
     metric. OpenMetrics adds `_created`, and uses family names without `_total` and `_info`. Scrapers would read a second \
     metric with one of these names as part of the first.",
    example: r#"[metrics.http.size]
type = "histogram"
unit = "bytes"
buckets = [64, 4096]
help = "Size of a request."

- [metrics.http.size_bytes_created]
+ [metrics.http.sizes]
type = "gauge"
help = "Sizes seen."
"#;

    RUST_KEYWORD = "SM0205" "rust-keyword": "a Rust keyword as a name",
    "Groups and metrics become methods, and labels become arguments of these methods, so their names cannot be Rust \
     keywords. To expose a metric or label under such a name, give it another key and set `name`.",
    example: r#"- [metrics.http.match]
+ [metrics.http.matches]
type = "counter"
help = "Routes matched."
"#;

    RESERVED_METHOD = "SM0206" "reserved-method": "a name that collides with an existing method",
    "Groups and open labels become methods of `Metrics`, which already has methods such as `new`, `encode` and \
     `snapshot`. Metrics become methods of a recorder, which already has `clone`. The group `metrics` is reserved for \
     the library's own metrics.",
    example: r#"- [groups.snapshot]
+ [groups.snapshots]
help = "Snapshots of the database."
"#;

    TYPE_COLLISION = "SM0207" "type-collision": "two names that become the same Rust type",
    "Labels and groups become Rust types, whose names have no underscores: the groups `http2` and `http_2` both become \
     `Http2Recorder`.",
    example: r#"[groups.http2]
help = "Requests over HTTP/2."

- [groups.http_2]
- help = "Requests over HTTP/2, again."
+ [groups.http3]
+ help = "Requests over HTTP/3."
"#;

    METHOD_COLLISION = "SM0208" "method-collision": "a group and an open label with the same name",
    "The group `server` becomes the method `Metrics::server`, which returns a recorder. The open label `server` \
     becomes a method with the same name, which returns a handle of a label value. Rename one of the two.",
    example: r#"[labels.server]
help = "Upstream server."
open = { max = 64 }

- [groups.server]
+ [groups.upstream]
help = "Upstream servers."
labels = ["server"]
"#;
}

impl Checker<'_> {
    /// Checks that a key can be part of an exposed name and a Rust identifier. Returns it, changed if
    /// necessary.
    pub fn check_identifier(&mut self, key: &Spanned<String>, noun: &str) -> String {
        let written = &key.value;
        let usable = name::to_snake_case(written);
        let noun = with_article(noun);
        if !name::is_snake_case(written) {
            let message = format!("`{written}` cannot be the name of {noun}");
            self.error(INVALID_NAME, key.span, message)
                .label(format!("expected lower-case words joined by `_`, such as `{usable}`"))
                .help("a name consists of `a` to `z`, `0` to `9` and single `_`, and begins with a letter");
        } else if name::is_keyword(written) {
            let message = format!("the name of {noun} cannot be the Rust keyword `{written}`");
            self.error(RUST_KEYWORD, key.span, message)
                .label(format!("expected another name, such as `{usable}`"));
        }
        usable
    }

    /// Reports a key that would become a method that already exists. `what` is the item: "a group".
    pub(super) fn reserved_method(
        &mut self,
        what: &str,
        key: &Spanned<String>,
        help: impl Into<String>,
    ) {
        let message = format!("{what} cannot be called `{}`", key.value);
        self.error(RESERVED_METHOD, key.span, message)
            .label("expected another name")
            .help(help);
    }

    /// Reports two keys that become the same Rust type. The caller adds the position of the other one.
    pub(super) fn type_collision(
        &mut self,
        key: &Spanned<String>,
        other: &str,
        rust_type: &str,
    ) -> Reported<'_> {
        let written = &key.value;
        let message = format!("`{written}` and `{other}` both become the Rust type `{rust_type}`");
        self.error(TYPE_COLLISION, key.span, message)
            .label("expected a name that differs in more than underscores")
    }
}

/// Returns the first of `name`, `name_x2`, `name_x3`... that is not taken, so that a reported conflict has no
/// consequences.
pub(super) fn free_name(name: String, taken: &dyn Fn(&str) -> bool) -> String {
    if !taken(&name) {
        return name;
    }
    // `_x` separates the number from a number at the end of the name.
    let mut number = 2;
    while taken(&format!("{name}_x{number}")) {
        number += 1;
    }
    format!("{name}_x{number}")
}

impl Checker<'_> {
    /// Reports every pair of families with the same exposed name once, at the later one.
    pub(super) fn check_exposed_names(&mut self) {
        let mut claims = Positions::new();
        for index in 0..self.registry.metrics.len() {
            let metric = &self.registry.metrics[index];
            let mut taken = Vec::new();
            for name in names(metric) {
                taken.append(&mut name::names_taken(name, &metric.kind));
            }
            taken.sort_unstable();
            let mut reported = Vec::new();
            for claimed in taken {
                let other = *claims.entry(claimed.clone()).or_insert(index);
                if other != index && !reported.contains(&other) {
                    reported.push(other);
                    self.report_clash(other, index, &claimed);
                }
            }
        }
    }

    fn report_clash(&mut self, one: usize, other: usize, claimed: &str) {
        let [one, other] = [one, other].map(|index| &self.registry.metrics[index]);
        // The library's own metrics come last and have no position in the file.
        let (at, counterpart) = match other.origin {
            Origin::Library => (one, other),
            Origin::Schema => (other, one),
        };
        let others = names(other);
        let shared = names(one).into_iter().find(|name| others.contains(name));
        let claimed = shared.unwrap_or(claimed);
        let (code, message, label) = if shared.is_some() {
            let (at, counterpart) = (self.path(at), self.path(counterpart));
            (
                DUPLICATE_EXPOSED_NAME,
                format!("{at} and {counterpart} are both exposed as `{claimed}`"),
                "expected a name that no other metric has".to_owned(),
            )
        } else {
            let names = format!("`{}` and `{}`", at.exposed, counterpart.exposed);
            (
                COLLIDING_SUFFIX,
                format!("{names} cannot both be exposed: both need the name `{claimed}`"),
                claim(at, claimed),
            )
        };
        let problem = self.report.error(code, place(at, claimed), message);
        let problem = problem.label(label).help(
            "a name consists of namespace, group, metric, unit and the suffix of the type; rename one \
             metric, or set `name`",
        );
        if counterpart.origin == Origin::Schema {
            problem.secondary(place(counterpart, claimed), claim(counterpart, claimed));
        }
    }

    /// Returns a metric as messages name it.
    pub(super) fn path(&self, metric: &Metric) -> String {
        match metric.origin {
            Origin::Schema => format!("`{}`", metric_path(&self.registry, metric)),
            Origin::Library => "a metric of the library".to_owned(),
        }
    }
}

/// Returns the exposed names of a metric: its own and its former one.
fn names(metric: &Metric) -> Vec<&str> {
    let mut names = vec![metric.exposed.as_str()];
    if let Some(former) = &metric.former {
        names.push(&former.name);
    }
    names
}

/// Returns the position of the name that conflicts with another.
fn place(metric: &Metric, claimed: &str) -> Span {
    let by_former = metric.former.as_ref().filter(|former| {
        name::names_taken(&former.name, &metric.kind).contains(&claimed.to_owned())
    });
    by_former.map_or(metric.spans.name, |former| former.span)
}

fn claim(metric: &Metric, claimed: &str) -> String {
    if names(metric).contains(&claimed) {
        return format!("exposed as `{claimed}`");
    }
    let kind = with_article(&format!("`{}`", metric.kind.name()));
    format!("{kind}, which also needs the name `{claimed}`")
}

#[test]
fn rules_of_names() {
    crate::testing::rules(
        r#"
        labels.^a-b = { help = "X.", values = ["a"] } => invalid-name
        labels.^Place = { help = "X.", values = ["a"] } => invalid-name
        labels.^type = { help = "X.", values = ["a"] } => rust-keyword
        labels.kind = { name = "type", help = "X.", values = ["a"] } =>
        labels.le = { name = "limit", help = "X.", values = ["a"] } =>
        labels.kind = { name = ^"le", help = "X.", values = ["a"] } => reserved-label
        labels.kind = { name = "A1_b", help = "X.", values = ["a"] } =>
        labels.kind = { name = ^"A1:b", help = "X.", values = ["a"] } => invalid-metric-name
        labels.kind = { name = ^"1a", help = "X.", values = ["a"] } => invalid-metric-name
        labels.kind = { name = ^":", help = "X.", values = ["a"] } => invalid-metric-name
        labels.kind = { name = ^"a-b", help = "X.", values = ["a"] } => invalid-metric-name
        labels.kind = { name = ^"a:b", help = "X.", values = ["a"] } => invalid-metric-name
        labels.kind = { name = ^"", help = "X.", values = ["a"] } => invalid-metric-name
        labels.a = { help = "X.", values = ["a"] } | labels.b = { name = ^"a", help = "X.", values = ["a"] } => duplicate-exposed-name
        labels.b = { name = "a", help = "X.", values = ["a"] } | labels.^a = { help = "X.", values = ["a"] } => duplicate-exposed-name
        labels.^new = { help = "X.", open = { max = 1 } } => reserved-method
        labels.a1 = { help = "X.", values = ["a"] } | labels.^a_1 = { help = "X.", values = ["a"] } => type-collision
        groups.^match = { help = "X." } => rust-keyword
        groups.^encode = { help = "X." } => reserved-method
        groups.^metrics = { help = "X." } => reserved-method
        groups.a1 = { help = "X." } | groups.^a_1 = { help = "X." } => type-collision
        labels.x = { help = "X.", open = { max = 1 } } | groups.^x = { help = "X." } => method-collision
        ^loop: counter => rust-keyword
        ^clone: counter => reserved-method
        metrics.app.^"x y" = { type = "counter", help = "X." } => invalid-name
        x: gauge, name = "a" | y: gauge, name = "_" | z: gauge, name = ":" | w: gauge, name = "A1:b_c" =>
        x: gauge, name = ^"1a" | y: gauge, name = ^"a.b" | z: gauge, name = ^"a-b" => invalid-metric-name invalid-metric-name invalid-metric-name
        x: gauge, name = ^"é" | y: gauge, name = ^"a b" | z: gauge, name = ^"a\n" => invalid-metric-name invalid-metric-name invalid-metric-name
        x: gauge, name = ^"" => invalid-metric-name
        x: state, states = "mode", name = ^"a:b" => invalid-metric-name
        x: gauge | y: gauge, name = ^"t_app_x" => duplicate-exposed-name
        groups.app_web = { help = "W." } | web_x: gauge | metrics.app_web.^x = { type = "gauge", help = "X." } => duplicate-exposed-name
        x: counter, name = ^"t_metrics_label_overflow_total" => duplicate-exposed-name
        x: counter, renamed_from = { name = ^"a-b", until = "2.0.0" } => invalid-metric-name
        x: counter, renamed_from = { name = ^"app.old", until = ^"soon" } => invalid-metric-name invalid-version
        x: gauge | y: gauge, ^renamed_from = { name = "t_app_x", until = "2.0.0" } => duplicate-exposed-name
        x: histogram, buckets = [1] | ^x_bucket: gauge => colliding-suffix
        x_bucket: gauge | ^x: histogram, buckets = [1] => colliding-suffix
        x: histogram, buckets = [1] | ^x_count: gauge => colliding-suffix
        x_count: gauge | ^x: histogram, buckets = [1] => colliding-suffix
        x: histogram, buckets = [1] | ^x_sum: gauge => colliding-suffix
        x_sum: gauge | ^x: histogram, buckets = [1] => colliding-suffix
        x: histogram, buckets = [1] | ^x_created: gauge => colliding-suffix
        x_created: gauge | ^x: histogram, buckets = [1] => colliding-suffix
        x: counter | ^x_created: gauge => colliding-suffix
        x_created: gauge | ^x: counter => colliding-suffix
        x_total: counter | ^x: gauge => colliding-suffix
        x: gauge | ^x_total: counter => colliding-suffix
        x_info: info, labels = ["host"] | ^x: gauge => colliding-suffix
        x: gauge | ^x_info: info, labels = ["host"] => colliding-suffix
    "#,
    );
}
