//! Keys that become names: parts of exposed names and Rust identifiers.

use super::Checker;
use crate::codes::errors;
use crate::diagnostic::Diagnostic;
use crate::name;
use crate::parse::ast::Spanned;
use crate::sentence::with_article;

impl Checker<'_> {
    /// Checks that a key can be a part of an exposed name and a Rust identifier, and gives it so changed that it is.
    pub fn check_identifier(&mut self, key: &Spanned<String>, noun: &str) -> String {
        let written = &key.value;
        let usable = name::to_snake_case(written);
        if !name::is_snake_case(written) {
            self.report.push(
                Diagnostic::error(
                    errors::INVALID_NAME,
                    key.span,
                    format!("`{written}` cannot be the name of {}", with_article(noun)),
                )
                .label(format!("expected lower-case words joined by `_`, such as `{usable}`"))
                .help("the name becomes part of metric names and of Rust code: `a` to `z`, `0` to `9` and single `_`, a letter first"),
            );
        } else if name::is_keyword(written) {
            self.report.push(
                Diagnostic::error(
                    errors::RUST_KEYWORD,
                    key.span,
                    format!(
                        "the name of {} cannot be the Rust keyword `{written}`",
                        with_article(noun)
                    ),
                )
                .label(format!("expected another name, such as `{usable}`")),
            );
        }
        usable
    }
}

/// The first of `name`, `name_2`, `name_3`... that is not taken, so that a clash that is reported does no more harm.
pub(super) fn free_name(name: String, taken: impl Fn(&str) -> bool) -> String {
    if !taken(&name) {
        return name;
    }
    // `_x` keeps the number from running into one that the name ends with.
    let numbered = (2..).map(|number| format!("{name}_x{number}"));
    numbered
        .into_iter()
        .find(|name| !taken(name))
        .unwrap_or(name)
}
