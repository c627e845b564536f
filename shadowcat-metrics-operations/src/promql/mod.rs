//! PromQL, checked against the schema: every name, label and value in it, every function against the kind of its metric.
//!
//! `vocabulary` knows which series there are, `tokens` what a query is written in, `scan` where its parts stand, `check`
//! walks the parser's tree, `functions` looks at calls, `aggregations` at sums and their like, `alerts` at `ALERTS`,
//! `matchers` and `patterns` at label values, `sides` and `limits` at operators, `units` at ranges, `variables` puts up with
//! Grafana's, and `syntax` says what is wrong where the parser gives up.

mod aggregations;
mod alerts;
mod check;
mod functions;
mod limits;
mod matchers;
mod patterns;
mod ranges;
mod scan;
mod series;
mod sides;
mod surroundings;
mod syntax;
mod tokens;
mod units;
mod variables;
mod vocabulary;

use std::collections::BTreeSet;
use std::ops::Range;

use promql_parser::parser::{self, Expr};
use shadowcat_metrics_codegen::codes::promql as codes;
use shadowcat_metrics_codegen::{Code, Diagnostic, Span};

use syntax::Complaint;
pub use vocabulary::{Ceiling, Vocabulary};

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
        let problem = if codes::WARNINGS.contains(&self.code) {
            Diagnostic::warning(self.code, span, self.message)
        } else {
            Diagnostic::error(self.code, span, self.message)
        };
        let problem = problem.label(self.label);
        match self.help {
            Some(help) => problem.help(help),
            None => problem,
        }
    }
}

/// Checks a query, in which Grafana's variables may stand. What it finds is in source order.
#[must_use]
pub fn check(query: &str, vocabulary: &Vocabulary) -> Vec<Finding> {
    let written = query;
    let query = variables::replace(written);
    let complaint = match parse(&query.text) {
        Ok(expr) => return check::check(&query, &expr, vocabulary),
        Err(Refusal::Guarded(why)) => Complaint::whole(&query.text, why),
        Err(Refusal::Parser(said)) => syntax::explain(&query.text, written, &said),
    };
    vec![Finding {
        code: codes::PROMQL_SYNTAX,
        range: complaint.range,
        message: format!("this is not PromQL: {}", complaint.message),
        label: complaint.label,
        help: None,
        in_doubt: !query.only_durations,
    }]
}

/// Why a query cannot be parsed.
enum Refusal {
    /// It was not tried, since it would take too long or too much.
    Guarded(&'static str),
    /// What the parser says, in one line.
    Parser(String),
}

/// Parses a query.
fn parse(query: &str) -> Result<Expr, Refusal> {
    /// The parser calls itself for every parenthesis.
    const DEEPEST: usize = 200;
    if query.matches(['(', '{', '[', '-', '+']).count() > 40 * DEEPEST {
        return Err(Refusal::Guarded("it is too long"));
    }
    let mut depth = 0_usize;
    for c in query.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return Err(Refusal::Guarded("its parentheses are nested too deeply"));
        }
    }
    parser::parse(query).map_err(|message| {
        let line = message.lines().find(|line| !line.trim().is_empty());
        let line = line.unwrap_or("the parser does not say why");
        Refusal::Parser(line.trim().to_owned())
    })
}

/// The labels that the series have which a query yields; none if that cannot be told.
#[must_use]
pub fn labels(query: &str, vocabulary: &Vocabulary) -> Option<BTreeSet<String>> {
    let query = variables::replace(query);
    check::outcome(&query, &parse(&query.text).ok()?, vocabulary).labels
}

/// What the values never exceed which a query yields; none if that cannot be told.
#[must_use]
pub fn ceiling(query: &str, vocabulary: &Vocabulary) -> Option<Ceiling> {
    let query = variables::replace(query);
    let outcome = check::outcome(&query, &parse(&query.text).ok()?, vocabulary);
    outcome.ceiling.map(|(ceiling, _)| ceiling)
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
