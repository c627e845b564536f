//! The macro's one argument: the path of a schema. A string literal is all there is to parse, and `syn` would be a tenth of
//! what it takes to build this project.

use proc_macro2::{Delimiter, Literal, Span, TokenStream, TokenTree};

/// What is said to any other argument.
pub(crate) const EXPECTED: &str =
    "expected the path of a schema, as a string: `metrics!(\"metrics.toml\")`";

/// The path, as it was written and as it is meant.
pub(crate) struct SchemaPath {
    pub(crate) literal: Literal,
    pub(crate) value: String,
}

impl SchemaPath {
    /// Reads the argument, or says where it is wrong.
    pub(crate) fn parse(input: TokenStream) -> Result<Self, Span> {
        let mut tokens = input.into_iter();
        let path = match tokens.next() {
            Some(TokenTree::Literal(literal)) => {
                let value = string(&literal.to_string()).ok_or_else(|| literal.span())?;
                Self { literal, value }
            }
            // What another macro hands on stands in a group that is not to be seen.
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::None => {
                Self::parse(group.stream())?
            }
            Some(other) => return Err(other.span()),
            None => return Err(Span::call_site()),
        };
        match tokens.next() {
            Some(more) => Err(more.span()),
            None => Ok(path),
        }
    }

    pub(crate) fn span(&self) -> Span {
        self.literal.span()
    }
}

/// The value of a string literal. None for other literals, and for escapes that no path needs.
fn string(literal: &str) -> Option<String> {
    if let Some(raw) = literal.strip_prefix('r') {
        let raw = raw.trim_matches('#');
        return raw.strip_prefix('"')?.strip_suffix('"').map(str::to_owned);
    }
    let inner = literal.strip_prefix('"')?.strip_suffix('"')?;
    let mut value = String::new();
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        value.push(match character {
            '\\' => characters
                .next()
                .filter(|next| ['\\', '"'].contains(next))?,
            other => other,
        });
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(input: &str) -> Option<String> {
        let tokens = input.parse().expect("tokens");
        SchemaPath::parse(tokens).ok().map(|path| path.value)
    }

    #[test]
    fn strings_are_paths() {
        let cases = [
            (r#""metrics.toml""#, "metrics.toml"),
            (r#""""#, ""),
            (r#""a\\b\"c""#, "a\\b\"c"),
            (r#"r"a\b""#, "a\\b"),
            (r###"r##"a"#b"##"###, "a\"#b"),
        ];
        for (input, path) in cases {
            assert_eq!(parse(input).as_deref(), Some(path), "{input}");
        }
    }

    #[test]
    fn nothing_else_is() {
        let cases = [
            "",
            "metrics.toml",
            "42",
            "'m'",
            r#"b"metrics.toml""#,
            r#"c"metrics.toml""#,
            r#""metrics\u{2e}toml""#,
            r#""metrics.toml","#,
            r#"("metrics.toml")"#,
        ];
        for input in cases {
            assert_eq!(parse(input), None, "{input}");
        }
    }
}
