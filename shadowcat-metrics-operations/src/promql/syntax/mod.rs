//! Why a text is not PromQL, and where. The parser says neither where nor, for its grammar, what, so the place is found by
//! asking it about parts of the text, and the reason from the tokens there. `letters` has texts that the lexer refuses,
//! `words` tokens in an order that the grammar refuses, and `sense` queries whose parts do not fit each other.

mod letters;
mod sense;
mod words;

use std::ops::Range;
use std::sync::LazyLock;

use promql_parser::parser;

use super::query::{Refusal, parse};
use super::tokens::tokens;

/// Places are not looked for in queries with more tokens than this: each part takes an answer of the parser.
const MOST_TOKENS: usize = 400;
/// The same for bytes of what has no tokens.
const LONGEST: usize = 10_000;

/// What is wrong with a text that the parser refuses.
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

/// What is wrong with a query of which the parser says something. `written` is the query with its variables, which are as
/// long as what stands for them.
pub(super) fn explain(query: &str, written: &str, said: &str) -> Complaint {
    match tokens(query) {
        None if query.len() <= LONGEST => letters::explain(query, said),
        Some(tokens) if !tokens.is_empty() && tokens.len() <= MOST_TOKENS => {
            if said == *NO_GRAMMAR {
                words::explain(query, written, &tokens)
            } else {
                sense::explain(query, written, &tokens, said)
            }
        }
        Some(_) | None => Complaint::new(0..query.len(), said, "cannot be read"),
    }
}

/// What the parser says of tokens in an order that its grammar does not have.
static NO_GRAMMAR: LazyLock<String> =
    LazyLock::new(|| parser::parse("x x").err().unwrap_or_default());

/// What the parser says of a text; none if it takes it.
fn refusal(text: &str) -> Option<String> {
    match parse(text).err()? {
        Refusal::Parser(said) => Some(said),
        Refusal::TooLong { message, .. } => Some(message),
    }
}
