//! The procedural macro's arguments: `$crate` and the version of the runtime crate, added by its macro, and
//! the path of a schema from the user. Only a string literal has to be parsed, and `syn` would take a tenth
//! of this project's build time.

use proc_macro2::{Delimiter, Literal, Span, TokenStream, TokenTree};

/// Reported for any argument that is not a path.
const EXPECTED: &str = "expected the path of a schema, as a string: `metrics!(\"metrics.toml\")`";

/// Reported if the caller is not the runtime crate's macro.
const NOT_CALLED_BY_RUNTIME: &str = "`shadowcat_metrics_macros` is an implementation detail\n\
     help: depend on `shadowcat-metrics`, and call `shadowcat_metrics::metrics!(\"metrics.toml\")`";

/// The arguments of the procedural macro.
pub(crate) struct Input {
    /// The path of the runtime crate, from `$crate` in its macro, which is correct under any name and
    /// re-export.
    pub(crate) runtime: TokenStream,
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
                (TokenTree::Ident(runtime).into(), version)
            }
            _ => {
                return Err(Invalid {
                    span: Span::call_site(),
                    message: NOT_CALLED_BY_RUNTIME.to_owned(),
                });
            }
        };
        let version = string(&version.to_string()).unwrap_or_default();
        let own = env!("CARGO_PKG_VERSION");
        if version != own {
            return Err(Invalid {
                span: Span::call_site(),
                message: format!(
                    "shadowcat-metrics is version {version}, and shadowcat-metrics-macros is version {own}\n\
                     help: use the same version of both: `cargo update -p shadowcat-metrics`"
                ),
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

/// A path, as written and as resolved.
pub(crate) struct SchemaPath {
    pub(crate) literal: Literal,
    pub(crate) value: String,
}

impl SchemaPath {
    /// Parses the argument. Returns the position of a fault.
    fn parse(input: TokenStream) -> Result<Self, Span> {
        let mut tokens = input.into_iter();
        let path = match tokens.next() {
            Some(TokenTree::Literal(literal)) => {
                let value = string(&literal.to_string()).ok_or_else(|| literal.span())?;
                Self { literal, value }
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

    pub(crate) fn span(&self) -> Span {
        self.literal.span()
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
    fn the_runtime_calls_with_its_own_version() {
        let message = |input: &str| {
            let input = Input::parse(input.parse().expect("tokens"));
            input.map_or_else(|error| error.message, |input| input.path.value)
        };
        let ours = concat!("krate \"", env!("CARGO_PKG_VERSION"), "\" \"a.toml\"");
        assert_eq!(message(ours), "a.toml");
        assert!(message("krate \"0.0.0\" \"a.toml\"").contains("use the same version of both"));
        assert_eq!(message("\"a.toml\""), NOT_CALLED_BY_RUNTIME);
    }

    #[test]
    fn other_literals_are_not_paths() {
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
