//! Names of Rust items: which keys of a schema can be identifiers, and what types and variants are called.

/// Returns whether a name is a valid key, and thus a valid part of an exposed name and a valid Rust identifier: words of
/// `a-z0-9` joined by single underscores, starting with a letter.
#[must_use]
pub fn is_snake_case(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.split('_').all(|word| !word.is_empty())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// Returns the nearest name that [`is_snake_case`] and [`is_keyword`] accept, as a suggestion and as a replacement: `my-label`
/// -> `my_label`.
#[must_use]
pub fn to_snake_case(name: &str) -> String {
    let mut words = words(name).join("_").to_ascii_lowercase();
    if !words.starts_with(|first: char| first.is_ascii_lowercase()) {
        words.insert_str(0, if words.is_empty() { "x" } else { "x_" });
    }
    if is_keyword(&words) {
        words.push_str("_name");
    }
    words
}

/// Converts a schema's name or a label's value to a Rust type or variant: `streamable-http` -> `StreamableHttp`, `GET` ->
/// `Get`, `404` -> `_404`. Empty without an ASCII letter or digit.
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
    // `Self` is a keyword, and `ALL` is a constant of the enum.
    if matches!(pascal.as_str(), "Self" | "ALL") {
        pascal.push('_');
    }
    pascal
}

/// Splits a text into runs of ASCII letters and digits, and camelCase into words: `toolsList`, `HTTPServer`.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    for run in text.split(|c: char| !c.is_ascii_alphanumeric()) {
        let bytes = run.as_bytes();
        let mut start = 0;
        for at in 1..=run.len() {
            let after_small = !bytes[at - 1].is_ascii_uppercase();
            let begins = bytes.get(at).is_none_or(|byte| {
                let before_small = bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase);
                byte.is_ascii_uppercase() && (after_small || before_small)
            });
            if begins {
                words.push(&run[start..at]);
                start = at;
            }
        }
    }
    words
}

const KEYWORDS: [&str; 52] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "Self", "static", "struct", "super", "trait", "true", "try", "type",
    "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Returns whether a word is reserved in any edition of Rust, so that it cannot name a method or a parameter.
#[must_use]
pub fn is_keyword(name: &str) -> bool {
    KEYWORDS.contains(&name)
}

/// Returns whether recorders have a method of this name, which metrics cannot use as a key.
#[must_use]
pub fn is_recorder_method(name: &str) -> bool {
    is_common_method(name)
}

/// The methods of the generated `Metrics`, its own and those of the registry that it derefs to. A test compares them with
/// the sources of both.
pub const METRICS_METHODS: [&str; 19] = [
    "collector",
    "default",
    "deref",
    "disabled",
    "encode",
    "encode_into",
    "encode_protobuf",
    "encode_protobuf_into",
    "intern",
    "is_enabled",
    "new",
    "partial_collector",
    "prepare_thread",
    "register_in",
    "registry",
    "schema",
    "snapshot",
    "with_options",
    "write_textfile",
];

/// Returns whether the generated `Metrics` has a method of this name, which groups and open labels cannot use.
#[must_use]
pub fn is_metrics_method(name: &str) -> bool {
    is_common_method(name) || METRICS_METHODS.contains(&name)
}

/// Returns whether readers expect another method of this name, such as those of `Clone` and `Debug`.
fn is_common_method(name: &str) -> bool {
    matches!(
        name,
        "borrow"
            | "borrow_mut"
            | "clone"
            | "clone_from"
            | "fmt"
            | "into"
            | "to_owned"
            | "try_into"
            | "type_id"
    )
}

#[test]
fn types_and_variants_are_in_pascal_case() {
    for (name, pascal) in [
        ("buffer_pool", "BufferPool"),
        ("streamable-http", "StreamableHttp"),
        ("tools/list", "ToolsList"),
        ("GET", "Get"),
        ("camelCase", "CamelCase"),
        ("HTTPServer", "HttpServer"),
        ("toolsX", "ToolsX"),
        ("404", "_404"),
        ("2xx", "_2xx"),
        ("__other__", "Other"),
        ("self", "Self_"),
        ("all", "All"),
        ("a-l-l", "ALL_"),
        ("größe", "GrE"),
        ("日本", ""),
        ("", ""),
        ("-", ""),
    ] {
        assert_eq!(pascal_case(name), pascal, "{name}");
    }
}

#[test]
fn keys_are_in_snake_case() {
    for name in ["a", "a1", "buffer_pool", "http_2"] {
        assert!(is_snake_case(name), "{name}");
        assert_eq!(to_snake_case(name), name);
    }
    for (name, usable) in [
        ("", "x"),
        ("_", "x"),
        ("日本", "x"),
        ("1a", "x_1a"),
        ("a__b", "a_b"),
        ("_a_", "a"),
        ("bufferPool", "buffer_pool"),
        ("Buffer-Pool", "buffer_pool"),
    ] {
        assert!(!is_snake_case(name), "{name}");
        assert_eq!(to_snake_case(name), usable);
        assert!(is_snake_case(usable));
    }
    assert_eq!(to_snake_case("type"), "type_name");
}
