//! Why a text is no PromQL, and where. The parser says the one without the other, so the place is found by asking it again,
//! about parts of the text. `letters` has what it cannot even take apart into words, `words` what stands where none like it may,
//! `sense` and `calls` what is built as it should be and still refused, and `parts` where that is.
//!
//! The parser's messages have no codes, so they are told apart by their words. One that is worded anew is shown as it is, and
//! fails `tests/syntax.rs`.

mod calls;
mod letters;
mod parts;
mod sense;
mod words;

use std::ops::Range;

use promql_parser::parser;

/// What the parser says of words in an order that it knows nothing of.
const NO_GRAMMAR: &str = "invalid promql query";

/// Of what has more words than this, the places are not looked for: it takes an answer of the parser for each part.
const LONGEST: usize = 400;

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

    /// About all of a query, of which nothing better is known.
    pub(super) fn whole(query: &str, said: &str) -> Self {
        Self::new(0..query.len(), said, "cannot be read")
    }
}

/// What is wrong with a query of which the parser says something. `written` is the query with its variables, which are as
/// long as what stands for them.
pub(super) fn explain(query: &str, written: &str, said: &str) -> Complaint {
    let tokens = super::tokens::tokens(query);
    if tokens.is_empty() || tokens.len() > LONGEST {
        return Complaint::whole(query, said);
    }
    if parser::lexer(query).is_err() {
        letters::explain(query, &tokens, said)
    } else if said == NO_GRAMMAR {
        words::explain(query, written, &tokens)
    } else {
        sense::explain(query, written, &tokens, said)
    }
}

/// Why the parser refuses a text; none if it does not.
fn refusal(text: &str) -> Option<String> {
    parser::parse(text).err()
}
