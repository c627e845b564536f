//! Names and texts for random schemas. Names of different things differ, so that they never collide.

pub(super) const NAMESPACES: &[&str] = &["app", "x", "my_service2"];

/// Labels. Some have names of types and modules that generated code uses.
pub(super) const LABELS: &[&str] = &[
    "zone", "result", "option", "value", "labels", "core", "p", "string",
];

/// Sum labels. Their names are those of variables in generated code.
pub(super) const SUMS: &[&str] = &["binding", "index", "call"];

/// Values of closed labels. Their Rust variants are distinct.
pub(super) const VALUES: &[&str] = &[
    "ok",
    "2xx",
    "tools/list",
    "GET",
    "self",
    "None",
    "streamable-http",
    "say \"hi\"",
    "back\\slash",
    "two\nlines",
    "größe 購物車 x",
    "{a=\"1\"} 2",
];

pub(super) const GROUPS: &[&str] = &["cart", "buffer_pool", "vec", "iter"];

/// Metrics of one group.
pub(super) const METRICS: &[&str] = &[
    "hits", "depth", "unwrap", "new", "level", "inc", "answers", "r2d2",
];

/// Versions and owners.
pub(super) const OWNERS: &[&str] = &["@team/core", "a \"team\"", "größe"];

/// Pattern of help texts, without the required ending.
pub(super) const HELP: &str = "[a-zA-Z0-9 \"'\\\\\n<>|*`{}#!/$%é購\\[\\]\u{1F600}]{0,24}";

/// Returns a text as a TOML string.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}
