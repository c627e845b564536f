//! Explanations of PromQL syntax errors. The parser reports no position and, for its grammar, no reason. The
//! position is found by parsing parts of the text, and the reason from the tokens there.

mod grammar;
mod lexer;
mod semantics;

use std::ops::Range;
use std::sync::LazyLock;

use promql_parser::parser;

use super::query::{Refusal, parse, tokens};

/// Maximum number of tokens for finding a position, because each part has to be parsed.
const MAX_TOKENS: usize = 400;
/// Maximum number of bytes for the same, if the text has no tokens.
const MAX_LENGTH: usize = 10_000;

/// An explanation of why the parser refuses a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Complaint {
    pub(super) range: Range<usize>,
    /// What is wrong.
    pub(super) message: String,
    /// What was expected there.
    pub(super) label: String,
}

impl Complaint {
    fn new(range: Range<usize>, message: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            range,
            message: message.into(),
            label: label.into(),
        }
    }
}

/// Explains the parser's message about a query. `written` is the query with its variables instead of their replacements,
/// which have the same length.
pub(super) fn explain(query: &str, written: &str, message: &str) -> Complaint {
    match tokens(query) {
        None if query.len() <= MAX_LENGTH => lexer::explain(query, message),
        Some(tokens) if !tokens.is_empty() && tokens.len() <= MAX_TOKENS => {
            if message == *NO_GRAMMAR {
                grammar::explain(query, written, &tokens)
            } else {
                semantics::explain(query, written, &tokens, message)
            }
        }
        Some(_) | None => Complaint::new(0..query.len(), message, "cannot be read"),
    }
}

/// The parser's message about tokens in an order that its grammar does not allow.
static NO_GRAMMAR: LazyLock<String> =
    LazyLock::new(|| parser::parse("x x").err().unwrap_or_default());

/// Returns the parser's message about a text, or `None` if it accepts it.
fn refusal(text: &str) -> Option<String> {
    match parse(text).err()? {
        Refusal::Parser(message) | Refusal::TooLong { message, .. } => Some(message),
    }
}
