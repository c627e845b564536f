//! PromQL, checked against the schema: every name, label and value in it, every function against the kind of its metric.
//!
//! `vocabulary` knows which series there are, `scan` where the parts of a query stand, `check` walks the parser's
//! tree, `functions` looks at calls, `matchers` and `patterns` at label values, `sides` at operators, `variables` puts up
//! with Grafana's.

mod check;
mod functions;
mod matchers;
mod patterns;
mod ranges;
mod scan;
mod sides;
mod surroundings;
mod variables;
mod vocabulary;

use std::collections::BTreeSet;
use std::ops::Range;

use promql_parser::parser::{self, Expr};
use shadowcat_metrics_codegen::codes::promql as codes;
use shadowcat_metrics_codegen::{Code, Diagnostic, Span};

pub use vocabulary::Vocabulary;

/// Something wrong with a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its stable code.
    pub code: Code,
    /// Where in the query, in bytes.
    pub range: Range<usize>,
    /// What is wrong, in one line.
    pub message: String,
    /// What was expected there.
    pub label: String,
    /// How to mend it, where that needs more words.
    pub help: Option<String>,
    /// Whether it may be right, depending on what Grafana puts in for a variable.
    pub in_doubt: bool,
}

impl Finding {
    /// The same as a problem of a file, at the place where the query's range stands there.
    #[must_use]
    pub fn at(self, span: Span) -> Diagnostic {
        let problem = Diagnostic::error(self.code, span, self.message).label(self.label);
        match self.help {
            Some(help) => problem.help(help),
            None => problem,
        }
    }
}

/// Checks a query, in which Grafana's variables may stand. What it finds is in source order.
#[must_use]
pub fn check(query: &str, vocabulary: &Vocabulary) -> Vec<Finding> {
    let query = variables::replace(query);
    match parse(&query.text) {
        Ok(expr) => check::check(&query, &expr, vocabulary),
        Err(message) => vec![Finding {
            code: codes::PROMQL_SYNTAX,
            range: 0..query.text.len(),
            message: format!("this is not PromQL: {message}"),
            label: "cannot be read".to_owned(),
            help: None,
            in_doubt: !query.only_durations,
        }],
    }
}

/// Parses a query; if it cannot be, says why in one line.
fn parse(query: &str) -> Result<Expr, String> {
    /// The parser calls itself for every parenthesis.
    const DEEPEST: usize = 200;
    if query.matches(['(', '{', '[', '-', '+']).count() > 40 * DEEPEST {
        return Err("it is too long".to_owned());
    }
    let mut depth = 0_usize;
    for c in query.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return Err("its parentheses are nested too deeply".to_owned());
        }
    }
    parser::parse(query).map_err(|message| {
        let line = message.lines().find(|line| !line.trim().is_empty());
        line.unwrap_or("the parser does not say why")
            .trim()
            .to_owned()
    })
}

/// The labels that the series have which a query yields; none if that cannot be told.
#[must_use]
pub fn labels(query: &str, vocabulary: &Vocabulary) -> Option<BTreeSet<String>> {
    let query = variables::replace(query);
    check::labels(&query, &parse(&query.text).ok()?, vocabulary)
}

/// The names of the series in a query; none if it cannot be parsed.
#[must_use]
pub fn names(query: &str) -> BTreeSet<String> {
    let query = variables::replace(query).text;
    if parse(&query).is_err() {
        return BTreeSet::new();
    }
    let selectors = scan::scan(&query).selectors;
    let names = selectors
        .into_iter()
        .map(|selector| query[selector.name].to_owned());
    names.filter(|name| name != "{").collect()
}

/// The longest time that a query looks back over, ranges and offsets added up. Zero if it cannot be parsed.
#[must_use]
pub fn look_back(query: &str) -> std::time::Duration {
    parse(query).map_or(std::time::Duration::ZERO, |expr| ranges::look_back(&expr))
}
