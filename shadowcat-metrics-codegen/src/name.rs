//! Every naming rule: of exposed metrics and labels, and of the Rust items made from them.

use crate::model::{Kind, Unit};

/// The name a metric is exposed under, unless the schema gives an exact one:
/// `namespace_group_key`, then the unit, then `_total` or `_info`. A suffix that the key ends with is not repeated.
#[must_use]
pub fn exposed_name(namespace: &str, group: &str, key: &str, kind: &Kind, unit: Unit) -> String {
    let parts = [namespace, group, key]
        .into_iter()
        .filter(|part| !part.is_empty());
    let mut name = parts.collect::<Vec<_>>().join("_");
    let last = kind_suffix(kind);
    // `cpu_total` in seconds is `cpu_seconds_total`: the unit stands before the kind's suffix.
    if let Some(stem) = name.strip_suffix(last) {
        name.truncate(stem.len());
    }
    if unit != Unit::None && !ends_with_word(&name, unit.name()) {
        name.push('_');
        name.push_str(unit.name());
    }
    name.push_str(last);
    name
}

/// The family's name in OpenMetrics, which leaves out the suffix that its sample lines bear.
#[must_use]
pub fn open_metrics_family<'a>(exposed: &'a str, kind: &Kind) -> &'a str {
    match exposed.strip_suffix(kind_suffix(kind)) {
        Some(family) if !family.is_empty() => family,
        Some(_) | None => exposed,
    }
}

/// Every name that a family takes up in either text format: its own, its OpenMetrics family's, and with suffixes.
#[must_use]
pub fn names_taken(exposed: &str, kind: &Kind) -> Vec<String> {
    let family = open_metrics_family(exposed, kind);
    let suffixes: &[&str] = match kind {
        Kind::Counter => &["_total", "_created"],
        Kind::Histogram { .. } => &["_bucket", "_count", "_sum", "_created"],
        Kind::Info => &["_info"],
        Kind::Gauge { .. } | Kind::UpDownCounter | Kind::State { .. } | Kind::Ratio { .. } => &[],
    };
    let mut names = vec![exposed.to_owned()];
    if family != exposed {
        names.push(family.to_owned());
    }
    names.extend(
        suffixes
            .iter()
            .map(|suffix| format!("{family}{suffix}"))
            .filter(|name| name != exposed),
    );
    names
}

/// The suffix that every exposed name of a kind ends with.
#[must_use]
pub const fn kind_suffix(kind: &Kind) -> &'static str {
    match kind {
        Kind::Counter => "_total",
        Kind::Info => "_info",
        Kind::Gauge { .. }
        | Kind::UpDownCounter
        | Kind::Histogram { .. }
        | Kind::State { .. }
        | Kind::Ratio { .. } => "",
    }
}

/// Whether a name's last word, between underscores, is `word`.
#[must_use]
pub fn ends_with_word(name: &str, word: &str) -> bool {
    name.strip_suffix(word)
        .is_some_and(|stem| stem.is_empty() || stem.ends_with('_'))
}

/// Whether Prometheus accepts it as a metric name: `[a-zA-Z_:][a-zA-Z0-9_:]*`.
#[must_use]
pub fn is_metric_name(name: &str) -> bool {
    !name.starts_with(|first: char| first.is_ascii_digit())
        && !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == ':')
}

/// Whether it can be a key of the schema, and so a part of an exposed name and a Rust identifier:
/// words of `a-z0-9` joined by single underscores, the first beginning with a letter.
#[must_use]
pub fn is_snake_case(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.split('_').all(|word| !word.is_empty())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// The nearest name that [`is_snake_case`] and [`is_keyword`] accept, to suggest and to go on with: `my-label` ->
/// `my_label`.
#[must_use]
pub fn to_snake_case(name: &str) -> String {
    let mut words = words(name)
        .map(str::to_ascii_lowercase)
        .collect::<Vec<_>>()
        .join("_");
    if !words.starts_with(|first: char| first.is_ascii_lowercase()) {
        words.insert_str(0, if words.is_empty() { "x" } else { "x_" });
    }
    if is_keyword(&words) {
        words.push_str("_name");
    }
    words
}

/// The Rust type or variant made from a schema's name or a label's value: `streamable-http` -> `StreamableHttp`,
/// `GET` -> `Get`, `404` -> `_404`. Empty if there is no ASCII letter or digit in it.
#[must_use]
pub fn pascal_case(name: &str) -> String {
    let mut pascal = String::new();
    for word in words(name) {
        let (first, rest) = word.split_at(1);
        pascal.push_str(&first.to_ascii_uppercase());
        pascal.push_str(&rest.to_ascii_lowercase());
    }
    if pascal.starts_with(|first: char| first.is_ascii_digit()) {
        pascal.insert(0, '_');
    }
    if pascal == "Self" {
        pascal.push('_');
    }
    pascal
}

/// The runs of ASCII letters and digits, cut again where an upper-case letter follows a lower-case one or a digit.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .flat_map(|run| {
            let bytes = run.as_bytes();
            let cuts = (1..bytes.len())
                .filter(|&i| bytes[i].is_ascii_uppercase() && !bytes[i - 1].is_ascii_uppercase());
            let ends = cuts.chain(std::iter::once(bytes.len()));
            ends.scan(0, move |start, end| {
                Some(&run[std::mem::replace(start, end)..end])
            })
            .filter(|word| !word.is_empty())
        })
}

/// Whether Rust keeps the word for itself, in any edition, so that it cannot name a method or a parameter.
#[must_use]
pub fn is_keyword(name: &str) -> bool {
    matches!(
        name,
        "abstract"
            | "as"
            | "async"
            | "await"
            | "become"
            | "box"
            | "break"
            | "const"
            | "continue"
            | "crate"
            | "do"
            | "dyn"
            | "else"
            | "enum"
            | "extern"
            | "false"
            | "final"
            | "fn"
            | "for"
            | "gen"
            | "if"
            | "impl"
            | "in"
            | "let"
            | "loop"
            | "macro"
            | "match"
            | "mod"
            | "move"
            | "mut"
            | "override"
            | "priv"
            | "pub"
            | "ref"
            | "return"
            | "self"
            | "Self"
            | "static"
            | "struct"
            | "super"
            | "trait"
            | "true"
            | "try"
            | "type"
            | "typeof"
            | "unsafe"
            | "unsized"
            | "use"
            | "virtual"
            | "where"
            | "while"
            | "yield"
    )
}

/// Methods that every recorder has, or that callers expect any value to have; a metric's key may not be one.
pub const RECORDER_METHODS: [&str; 9] = [
    "borrow",
    "borrow_mut",
    "clone",
    "clone_from",
    "fmt",
    "into",
    "to_owned",
    "try_into",
    "type_id",
];

/// Methods that the generated `Metrics` has, its own and the registry's; a group or an open label may not be called so.
pub const METRICS_METHODS: [&str; 13] = [
    "collector",
    "default",
    "deref",
    "disabled",
    "encode",
    "encode_into",
    "intern",
    "is_enabled",
    "new",
    "registry",
    "schema",
    "snapshot",
    "with_options",
];

/// The group of the metrics that the library reports about itself with.
pub const OWN_GROUP: &str = "metrics";
