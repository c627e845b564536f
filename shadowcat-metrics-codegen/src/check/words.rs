//! Texts that mean something: help sentences, words of a fixed list, and strings that must not be empty.

use super::Checker;
use crate::codes::{Code, errors};
use crate::diagnostic::Diagnostic;
use crate::model::{Allow, Stability};
use crate::parse::ast::{Field, Given, Texts};
use crate::source::Span;
use crate::suggest;

impl Checker<'_> {
    /// Checks a `help`, which every label, group and metric must have. `what` is what it would explain: "the label".
    pub(super) fn check_help(&mut self, help: &Field<String>, what: &str, owner: Span) -> String {
        let Field::Given(given) = help else {
            if help.is_absent() {
                self.report.push(
                    Diagnostic::error(errors::MISSING_HELP, owner, format!("{what} has no `help`"))
                        .label("expected `help = \"One sentence that says what it means.\"`"),
                );
            }
            return String::new();
        };
        let text = given.value.trim();
        if text.is_empty() {
            self.report.push(
                Diagnostic::error(
                    errors::MISSING_HELP,
                    given.span,
                    format!("the `help` of {what} is empty"),
                )
                .label("expected one sentence that says what it means"),
            );
        } else if !text.ends_with('.') {
            self.report.push(
                Diagnostic::error(
                    errors::HELP_WITHOUT_FULL_STOP,
                    given.span,
                    format!("the `help` of {what} does not end with a full stop"),
                )
                .label("expected a sentence that ends with `.`"),
            );
        }
        text.to_owned()
    }

    /// Checks a text that says nothing if it is empty.
    pub(super) fn check_text(&mut self, field: &Field<String>, key: &str) -> Option<String> {
        let given = field.given()?;
        if given.value.trim().is_empty() {
            self.report.push(
                Diagnostic::error(errors::EMPTY_TEXT, given.span, format!("`{key}` is empty"))
                    .label("expected some text, or no such key"),
            );
            return None;
        }
        Some(given.value.clone())
    }

    /// Checks a word of a fixed list, with a near miss taken for what it misses.
    pub(super) fn check_word<'w>(
        &mut self,
        given: &Given<String>,
        noun: &str,
        code: Code,
        words: &[&'w str],
        help: Option<&str>,
    ) -> Option<&'w str> {
        if let Some(word) = words.iter().find(|word| **word == given.value) {
            return Some(word);
        }
        let near = suggest::nearest(&given.value, words.iter().copied());
        let mut diagnostic = Diagnostic::error(
            code,
            given.span,
            format!("unknown {noun} `{}`", given.value),
        )
        .label(match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("expected {}", suggest::list(words.iter().copied())),
        });
        if let Some(help) = help {
            diagnostic = diagnostic.help(help);
        }
        self.report.push(diagnostic);
        near
    }

    pub(super) fn check_stability(&mut self, field: &Field<String>) -> Option<Stability> {
        let given = field.given()?;
        let words = Stability::ALL.map(Stability::name);
        let word = self.check_word(given, "stability", errors::UNKNOWN_STABILITY, &words, None)?;
        Stability::ALL
            .into_iter()
            .find(|stability| stability.name() == word)
    }
}

/// The entries of an `allow` list. Whether there are such lints is for the lints to say.
pub(super) fn allow(field: &Field<Texts>) -> Vec<Allow> {
    let names = field
        .given()
        .map(|given| given.value.iter())
        .into_iter()
        .flatten();
    names
        .map(|name| Allow {
            lint: name.value.clone(),
            span: name.span,
        })
        .collect()
}
