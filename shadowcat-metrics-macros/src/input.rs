//! The procedural macro's arguments: `$crate` and the version of the runtime crate, added by its macro, and
//! the path of a schema from the user. Only a string literal has to be parsed, and `syn` would take a tenth
//! of this project's build time.

use proc_macro::{Delimiter, Ident, Span, TokenStream, TokenTree};

/// Reported for any argument that is not a path.
const EXPECTED: &str = "expected the path of a schema, as a string: `metrics!(\"metrics.toml\")`";

/// Reported if the caller is not the runtime crate's macro.
const NOT_CALLED_BY_RUNTIME: &str = "`shadowcat_metrics_macros` is an implementation detail\n\
     help: depend on `shadowcat-metrics`, and call `shadowcat_metrics::metrics!(\"metrics.toml\")`";

/// The arguments of the procedural macro.
pub(crate) struct Input {
    /// `$crate` in the macro of the runtime crate, which is correct under any name and re-export.
    pub(crate) runtime: Ident,
    pub(crate) path: SchemaPath,
}

/// An error in the arguments, with its position.
pub(crate) struct Invalid {
    pub(crate) span: Span,
    pub(crate) message: String,
}

impl Input {
    pub(crate) fn parse(input: TokenStream) -> Result<Self, Invalid> {
        let mut tokens = input.into_iter();
        let (runtime, version) = match (tokens.next(), tokens.next()) {
            (Some(TokenTree::Ident(runtime)), Some(TokenTree::Literal(version))) => {
                (runtime, version.to_string())
            }
            _ => {
                return Err(Invalid {
                    span: Span::call_site(),
                    message: NOT_CALLED_BY_RUNTIME.to_owned(),
                });
            }
        };
        if let Some(message) = other_version(&version) {
            return Err(Invalid {
                span: Span::call_site(),
                message,
            });
        }
        match SchemaPath::parse(tokens.collect()) {
            Ok(path) => Ok(Self { runtime, path }),
            Err(span) => Err(Invalid {
                span,
                message: EXPECTED.to_owned(),
            }),
        }
    }
}

/// Returns the error if the runtime crate has another version, given as a literal.
fn other_version(literal: &str) -> Option<String> {
    let version = string(literal).unwrap_or_default();
    let own = env!("CARGO_PKG_VERSION");
    (version != own).then(|| {
        format!(
            "shadowcat-metrics is version {version}, and shadowcat-metrics-macros is version {own}\n\
             help: use the same version of both: `cargo update -p shadowcat-metrics`"
        )
    })
}

/// A path, with its position in the call.
pub(crate) struct SchemaPath {
    pub(crate) span: Span,
    pub(crate) value: String,
}

impl SchemaPath {
    /// Parses the argument. Returns the position of a fault.
    fn parse(input: TokenStream) -> Result<Self, Span> {
        let mut tokens = input.into_iter();
        let path = match tokens.next() {
            Some(TokenTree::Literal(literal)) => {
                let span = literal.span();
                let value = string(&literal.to_string()).ok_or(span)?;
                Self { span, value }
            }
            // Arguments from another macro are in an invisible group.
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
}

/// Returns the value of a string literal, or `None` for other literals and for escapes that no path needs.
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

    #[test]
    fn strings_are_paths() {
        let cases = [
            (r#""metrics.toml""#, "metrics.toml"),
            (r#""""#, ""),
            (r#""a\\b\"c""#, "a\\b\"c"),
            (r#"r"a\b""#, "a\\b"),
            (r###"r##"a"#b"##"###, "a\"#b"),
        ];
        for (literal, path) in cases {
            assert_eq!(string(literal).as_deref(), Some(path), "{literal}");
        }
    }

    #[test]
    fn the_runtime_calls_with_its_own_version() {
        assert_eq!(
            other_version(concat!("\"", env!("CARGO_PKG_VERSION"), "\"")),
            None
        );
        let error = other_version("\"0.0.0\"").unwrap_or_default();
        assert!(error.contains("use the same version of both"), "{error}");
    }

    #[test]
    fn other_literals_are_not_paths() {
        let cases = [
            "42",
            "'m'",
            r#"b"metrics.toml""#,
            r#"c"metrics.toml""#,
            r#""metrics\u{2e}toml""#,
        ];
        for literal in cases {
            assert_eq!(string(literal), None, "{literal}");
        }
    }
}
