//! A query: parsed once, and analyzed against a vocabulary.

use std::collections::BTreeSet;
use std::ops::Range;
use std::time::Duration;

use crate::codes;
use promql_parser::parser::{self, Expr};

use super::Finding;
use super::labels::Labels;
use super::spans::Spanned;
use super::syntax;
use super::tokens::{Size, Token, tokens};
use super::variables::{self, Replaced};
use super::vocabulary::{Ceiling, Samples, Vocabulary};
use super::walk::{Role, Walk, Yield};

shadowcat_metrics_codegen::codes! {
    PROMQL_SYNTAX = "SM0901" "promql-syntax": "invalid PromQL",
    "Prometheus 3 would reject the query. In a schema, `{group.metric}` stands for an exposed name. In dashboards, Grafana's \
     variables are allowed.",
    wrong: alert_on!("rate({http.requests}[5m]"),
    right: alert_on!("rate({http.requests}[5m]) > 10");
}

/// A query, which may contain Grafana variables.
#[derive(Debug)]
pub struct Query {
    written: String,
    replaced: Replaced,
    parsed: Result<Parsed, Refusal>,
}

/// The parser's tree, and the tokens of the query.
#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) tokens: Vec<Token>,
    pub(super) expr: Expr,
}

/// Why a query cannot be parsed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It would take too much time or stack space.
    TooLong { message: String, label: String },
    /// The parser's message.
    Parser(String),
}

/// The result of analyzing a query.
#[derive(Debug)]
pub struct Analysis {
    /// What is wrong with it, in source order.
    pub findings: Vec<Finding>,
    /// The labels of its series, or `None` if they are unknown.
    pub labels: Option<Labels>,
    /// Its highest possible value, if known.
    pub ceiling: Option<Ceiling>,
    /// The type of its samples.
    pub samples: Samples,
}

/// Maximum number of operators. Each one adds a level of nesting on its left side.
const MAX_OPERATORS: usize = 1_000;
/// Maximum depth of parentheses and other nesting, which the walk follows recursively.
const MAX_DEPTH: usize = 100;

impl Query {
    /// Parses a query.
    #[must_use]
    pub fn parse(written: &str) -> Self {
        let replaced = variables::replace(written);
        Self {
            written: written.to_owned(),
            parsed: parse(&replaced.text),
            replaced,
        }
    }

    /// Checks the query, and determines its result.
    #[must_use]
    pub fn analyze(&self, vocabulary: &Vocabulary) -> Analysis {
        self.analysis(vocabulary, true)
    }

    /// Determines the result of a query that is checked elsewhere. Its findings suggest no similar names, because the search for
    /// one takes most of the time of an analysis.
    #[must_use]
    pub(crate) fn result(&self, vocabulary: &Vocabulary) -> Analysis {
        self.analysis(vocabulary, false)
    }

    fn analysis(&self, vocabulary: &Vocabulary, suggests: bool) -> Analysis {
        let parsed = match &self.parsed {
            Ok(parsed) => parsed,
            Err(refusal) => {
                return Analysis {
                    findings: vec![self.refused(refusal)],
                    labels: None,
                    ceiling: None,
                    samples: Samples::Unknown,
                };
            }
        };
        let (walk, yields) = self.walk(parsed, vocabulary, suggests);
        Analysis {
            labels: yields.labels,
            ceiling: yields.ceiling.map(|(ceiling, _)| ceiling),
            samples: yields.samples,
            findings: walk.into_findings(),
        }
    }

    /// Returns whether Grafana variables decide about more than durations and strings.
    pub(crate) const fn depends_on_variables(&self) -> bool {
        !self.replaced.only_durations
    }

    /// Returns the query as it was written.
    pub(crate) fn written(&self) -> &str {
        &self.written
    }

    /// Returns the tree with the positions of its parts, or `None` if the query cannot be parsed.
    pub(super) fn spanned(&self) -> Option<Spanned<'_>> {
        let parsed = self.parsed.as_ref().ok()?;
        let vocabulary = Vocabulary::default();
        let (walk, _) = self.walk(parsed, &vocabulary, false);
        Some(Spanned {
            expr: &parsed.expr,
            text: &self.replaced.text,
            tokens: &parsed.tokens,
            spans: walk.spans,
        })
    }

    fn refused(&self, refusal: &Refusal) -> Finding {
        let complaint = match refusal {
            Refusal::TooLong { message, label } => syntax::Complaint {
                range: 0..self.written.len(),
                message: message.clone(),
                label: label.clone(),
            },
            Refusal::Parser(message) => {
                syntax::explain(&self.replaced.text, &self.written, message)
            }
        };
        let message = format!("this is not PromQL: {}", complaint.message);
        let range = complaint.range;
        Finding {
            in_doubt: self.depends_on_variables(),
            ..Finding::new(codes::PROMQL_SYNTAX, range, message, complaint.label)
        }
    }

    /// Returns the names of the selected series, or an empty set if the query cannot be parsed.
    #[must_use]
    pub fn names(&self) -> BTreeSet<String> {
        self.walked().0
    }

    /// Returns the longest time that the query looks back, with ranges and offsets added up, or zero if it
    /// cannot be parsed.
    #[must_use]
    pub fn look_back(&self) -> Duration {
        self.walked().1
    }

    fn walked(&self) -> (BTreeSet<String>, Duration) {
        let Ok(parsed) = &self.parsed else {
            return Default::default();
        };
        let vocabulary = Vocabulary::default();
        let (walk, _) = self.walk(parsed, &vocabulary, false);
        (walk.names(), walk.look_back)
    }

    /// Walks the whole tree. Returns what the walk found, and what the query yields.
    fn walk<'q>(
        &'q self,
        parsed: &'q Parsed,
        vocabulary: &'q Vocabulary,
        suggests: bool,
    ) -> (Walk<'q>, Yield) {
        let Replaced {
            text, variables, ..
        } = &self.replaced;
        let mut walk = Walk::new(text, variables, parsed, vocabulary);
        walk.suggests = suggests;
        let yields = walk.walk(&parsed.expr, Role::Condition);
        (walk, yields)
    }
}

/// Parses a text without variables.
pub(super) fn parse(text: &str) -> Result<Parsed, Refusal> {
    let tokens = tokens(text);
    if let Some(tokens) = &tokens {
        within_limits(&Size::of(tokens))?;
    }
    let expr = parser::parse(text).map_err(|message| {
        let line = message.lines().find(|line| !line.trim().is_empty());
        let line = line.unwrap_or("the parser does not say why");
        Refusal::Parser(line.trim().to_owned())
    })?;
    Ok(Parsed {
        tokens: tokens.unwrap_or_default(),
        expr,
    })
}

fn within_limits(size: &Size) -> Result<(), Refusal> {
    let (message, label) = if size.operators > MAX_OPERATORS {
        let message = format!("the query is too long: it has {} operators", size.operators);
        (message, format!("expected at most {MAX_OPERATORS}"))
    } else if size.depth > MAX_DEPTH {
        let message = format!(
            "the query is too long: it is nested {} levels deep",
            size.depth
        );
        (message, format!("expected at most {MAX_DEPTH} levels"))
    } else {
        return Ok(());
    };
    Err(Refusal::TooLong { message, label })
}

/// Returns the positions of the durations in a query: ranges, steps and offsets. Empty if it cannot be
/// parsed.
pub(crate) fn durations(text: &str) -> Vec<Range<usize>> {
    use promql_parser::parser::token::T_DURATION;
    let tokens = tokens(text).unwrap_or_default().into_iter();
    let durations = tokens.filter(|token| token.id == T_DURATION);
    durations.map(|token| token.place).collect()
}
