//! Positions of patterns in a source file. rustc warns about values in patterns as about others, but a `match` does not record
//! them.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};

use super::Place;

/// Positions of paths in patterns, parsed once for each file.
#[derive(Debug, Default)]
pub(super) struct Patterns(HashMap<PathBuf, HashSet<(usize, usize)>>);

impl Patterns {
    /// Returns whether a path in a pattern starts or ends at `place`. An unreadable file has no patterns.
    pub(super) fn contain(&mut self, file: &Path, place: &Place) -> bool {
        let paths = self.0.entry(file.to_owned()).or_insert_with(|| {
            fs::read_to_string(file)
                .map(|text| paths(&text))
                .unwrap_or_default()
        });
        paths.contains(&(place.line, place.column))
    }
}

/// Returns line and column, from 1, of each segment of each path in a pattern: rustc points at the last segment or at the whole
/// path.
fn paths(text: &str) -> HashSet<(usize, usize)> {
    let mut finder = Finder::default();
    if let Ok(file) = syn::parse_file(text) {
        finder.visit_file(&file);
    }
    finder.0
}

#[derive(Debug, Default)]
struct Finder(HashSet<(usize, usize)>);

impl Finder {
    fn found(&mut self, span: proc_macro2::Span) {
        let start = span.start();
        self.0.insert((start.line, start.column + 1));
    }
}

impl Visit<'_> for Finder {
    fn visit_pat(&mut self, pattern: &syn::Pat) {
        match pattern {
            syn::Pat::Path(path) => {
                for segment in &path.path.segments {
                    self.found(segment.ident.span());
                }
            }
            // An imported variant looks like a binding.
            syn::Pat::Ident(binding) => self.found(binding.ident.span()),
            _ => {}
        }
        visit::visit_pat(self, pattern);
    }

    /// Only `matches!` is known to take a pattern.
    fn visit_macro(&mut self, call: &syn::Macro) {
        if call
            .path
            .segments
            .last()
            .is_some_and(|name| name.ident == "matches")
            && let Ok(pattern) = call.parse_body_with(matches_pattern)
        {
            Finder::visit_pat(self, &pattern);
        }
    }
}

/// Parses the second argument of `matches!`.
fn matches_pattern(input: syn::parse::ParseStream<'_>) -> syn::Result<syn::Pat> {
    input.parse::<syn::Expr>()?;
    input.parse::<syn::Token![,]>()?;
    let pattern = syn::Pat::parse_multi_with_leading_vert(input)?;
    // Skips the guard and a comma.
    input.parse::<proc_macro2::TokenStream>()?;
    Ok(pattern)
}

#[cfg(test)]
mod tests {
    use super::paths;

    #[test]
    fn patterns_are_distinguished_from_expressions() {
        let text = "\
fn f(p: Pool) -> Pool {
    match p {
        Pool::Http | a::Pool::Sse if p == Pool::Json => Pool::Stdio,
        other => other,
    }
}
fn g(p: Option<Pool>) {
    if let Some(Pool::Http) = p {}
    let _ = matches!(Some(Pool::Sse), Some(Pool::Http) if true);
}
";
        let places = paths(text);
        let at = |line: usize, what: &str| {
            let column = text.lines().nth(line - 1).and_then(|text| text.find(what));
            places.contains(&(line, column.expect("it is there") + 1))
        };
        assert!(at(3, "Pool::Http") && at(3, "Http") && at(3, "Sse"));
        assert!(!at(3, "Json") && !at(3, "Pool::Json") && !at(3, "Stdio"));
        assert!(at(8, "Http"));
        assert!(at(9, "Http") && !at(9, "Sse"));
        assert!(paths("fn f( {").is_empty());
    }
}
