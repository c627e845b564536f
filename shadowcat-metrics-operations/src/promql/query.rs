//! A query: its tokens and its tree, parsed once, and analyzed against a vocabulary.

use std::any;
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::ptr;
use std::time::Duration;

use crate::codes;
use lrpar::{Lexeme as _, Lexer as _};
use promql_parser::parser::token::{
    T_ADD, T_ATAN2, T_BY, T_COLON, T_COMMA, T_DIV, T_DURATION, T_EOF, T_EQLC, T_GTE, T_GTR,
    T_IDENTIFIER, T_LAND, T_LEFT_BRACE, T_LEFT_PAREN, T_LOR, T_LSS, T_LTE, T_LUNLESS,
    T_METRIC_IDENTIFIER, T_MOD, T_MUL, T_NEQ, T_NUMBER, T_POW, T_RIGHT_BRACE, T_RIGHT_BRACKET,
    T_RIGHT_PAREN, T_STRING, T_SUB, T_WITHOUT, TokenId, TokenType,
};
use promql_parser::parser::{self, Expr, VectorSelector};
use shadowcat_metrics_codegen::{Code, Diagnostic, Span};

use super::labels::Labels;
use super::syntax;
use super::text::{self, Replaced};
use super::vocabulary::{Ceiling, Samples, Vocabulary};
use super::walk::{Role, Walk};

shadowcat_metrics_codegen::codes! {
    table CODES;

    PROMQL_SYNTAX = "SM0901" "promql-syntax": "invalid PromQL",
    "Prometheus 3 would reject the query. In a schema, `{group.metric}` stands for an exposed name. In dashboards, Grafana's \
     variables are allowed.",
    wrong: alert_on!("rate({http.requests}[5m]"),
    right: alert_on!("rate({http.requests}[5m]) > 10");
}

/// A query, which may contain Grafana variables.
#[derive(Debug, Clone)]
pub struct Query {
    written: String,
    replaced: Replaced,
    parsed: Result<Parsed, Refusal>,
}

/// The parser's tree, and the tokens of the query.
#[derive(Debug, Clone)]
pub(super) struct Parsed {
    pub(super) tokens: Vec<Token>,
    pub(super) expr: Expr,
}

/// Why a query cannot be parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It would take too much time or stack space.
    TooLong { message: String, label: String },
    /// The parser's message.
    Parser(String),
}

/// The result of analyzing a query. If the query cannot be parsed, everything but the findings is empty.
#[derive(Debug, Default)]
pub struct Analysis<'q> {
    /// What is wrong with it, in source order.
    pub findings: Vec<Finding>,
    /// The labels of its series, or `None` if they are unknown.
    pub labels: Option<Labels>,
    /// Its highest possible value, if known.
    pub ceiling: Option<Ceiling>,
    /// The type of its samples.
    pub samples: Samples,
    /// The names of the series that it selects.
    pub names: BTreeSet<String>,
    /// The longest time that it looks back, with ranges and offsets added up.
    pub look_back: Duration,
    /// Its parts, with their positions.
    pub(super) tree: Option<Tree<'q>>,
}

/// A fault in a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its stable code.
    pub code: Code,
    /// Position in the query, in bytes.
    pub range: Range<usize>,
    /// What is wrong, in one line.
    pub message: String,
    /// What was expected there.
    pub label: String,
    /// How to fix it, if that is not obvious from the label.
    pub help: Option<String>,
    /// Whether the query may be right, depending on the value of a Grafana variable.
    pub in_doubt: bool,
}

impl Finding {
    pub(crate) fn new(
        code: Code,
        range: Range<usize>,
        message: impl Into<String>,
        label: impl Into<String>,
    ) -> Self {
        Self {
            code,
            range,
            message: message.into(),
            label: label.into(),
            help: None,
            in_doubt: false,
        }
    }

    /// Sets the help.
    pub(crate) fn advise(&mut self, help: impl Into<String>) {
        self.help = Some(help.into());
    }

    /// Converts it to a problem in a file, given the position of the range there.
    #[must_use]
    pub fn at(self, span: Span) -> Diagnostic {
        let problem = codes::problem(self.code, span, self.message).label(self.label);
        match self.help {
            Some(help) => problem.help(help),
            None => problem,
        }
    }
}

/// Maximum number of operators. Each one adds a level of nesting on its left side.
const MAX_OPERATORS: usize = 1_000;
/// Maximum depth of parentheses and other nesting, which the walk follows recursively.
const MAX_DEPTH: usize = 100;

impl Query {
    /// Parses a query.
    #[must_use]
    pub fn parse(written: &str) -> Self {
        let replaced = text::replace(written);
        Self {
            written: written.to_owned(),
            parsed: parse(&replaced.text),
            replaced,
        }
    }

    /// Checks the query, and determines its result.
    #[must_use]
    pub fn analyze(&self, vocabulary: &Vocabulary) -> Analysis<'_> {
        self.checked(vocabulary, true)
    }

    /// Analyzes the query like [`analyze`](Self::analyze). Unless it `suggests` similar names, it does not take an unknown series for
    /// another one.
    pub(crate) fn checked(&self, vocabulary: &Vocabulary, suggests: bool) -> Analysis<'_> {
        match &self.parsed {
            Ok(parsed) => self.analysis(parsed, vocabulary, suggests),
            Err(refusal) => Analysis {
                findings: vec![self.refused(refusal)],
                ..Analysis::default()
            },
        }
    }

    /// Determines the result of a query that is checked elsewhere. It neither looks for similar names nor explains syntax errors,
    /// because these take most of the time of an analysis. The labels of a misspelled series are therefore unknown.
    #[must_use]
    pub(crate) fn result(&self, vocabulary: &Vocabulary) -> Analysis<'_> {
        match &self.parsed {
            Ok(parsed) => self.analysis(parsed, vocabulary, false),
            Err(_) => Analysis::default(),
        }
    }

    /// Analyzes the query without a vocabulary, for its names, its tree and the time that it looks back.
    #[must_use]
    pub fn structure(&self) -> Analysis<'_> {
        self.result(&Vocabulary::default())
    }

    fn analysis<'q>(
        &'q self,
        parsed: &'q Parsed,
        vocabulary: &Vocabulary,
        suggests: bool,
    ) -> Analysis<'q> {
        let Replaced {
            text, variables, ..
        } = &self.replaced;
        let mut walk = Walk::new(text, variables, parsed, vocabulary);
        walk.suggests = suggests;
        let result = walk.walk(&parsed.expr, Role::Condition);
        walk.findings.sort_by_key(|finding| finding.range.start);
        Analysis {
            labels: result.labels,
            ceiling: result.ceiling.map(|(ceiling, _)| ceiling),
            samples: result.samples,
            names: walk.names(),
            look_back: walk.look_back,
            findings: walk.findings,
            tree: Some(Tree {
                root: &parsed.expr,
                text,
                tokens: &parsed.tokens,
                spans: walk.spans,
            }),
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
    let tokens = tokens(text).unwrap_or_default().into_iter();
    let durations = tokens.filter(|token| token.id == T_DURATION);
    durations.map(|token| token.place).collect()
}

/// A part of a query, in bytes.
pub(super) type Place = Range<usize>;

/// A token and its position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) id: TokenId,
    pub(super) place: Place,
}

impl Token {
    pub(super) fn is_aggregator(&self) -> bool {
        TokenType::new(self.id).is_aggregator()
    }

    /// Returns whether it is a binary operator.
    pub(super) fn is_operator(&self) -> bool {
        precedence(self.id).is_some()
    }
}

/// Returns the tokens of a text without the end token, or `None` if the lexer refuses it.
pub(super) fn tokens(text: &str) -> Option<Vec<Token>> {
    let lexer = parser::lexer(text).ok()?;
    let lexemes = lexer.iter().filter_map(Result::ok);
    let tokens = lexemes.map(|lexeme| Token {
        id: lexeme.tok_id(),
        place: lexeme.span().start()..lexeme.span().end(),
    });
    Some(tokens.filter(|token| token.id != T_EOF).collect())
}

/// Returns the precedence of an operator, or `None` for other tokens. `+` and `-` may also be signs.
fn precedence(id: TokenId) -> Option<u8> {
    Some(match id {
        T_LOR => 1,
        T_LAND | T_LUNLESS => 2,
        T_EQLC | T_GTE | T_GTR | T_LSS | T_LTE | T_NEQ => 3,
        T_ADD | T_SUB => 4,
        T_MUL | T_DIV | T_MOD | T_ATAN2 => 5,
        T_POW => 6,
        _ => return None,
    })
}

/// Returns whether a token ends an operand, so that a sign after it is an operator.
fn ends_operand(id: TokenId) -> bool {
    let ends = [
        T_DURATION,
        T_IDENTIFIER,
        T_METRIC_IDENTIFIER,
        T_NUMBER,
        T_RIGHT_BRACE,
        T_RIGHT_BRACKET,
        T_RIGHT_PAREN,
        T_STRING,
    ];
    ends.contains(&id)
}

/// The size of a query in terms of time and stack space.
#[derive(Debug, Default, PartialEq, Eq)]
struct Size {
    /// Number of operators. Each makes the tree deeper on its left side, where the parser checks types.
    operators: usize,
    /// Depth of the tree without the left sides of operators.
    depth: usize,
}

/// The state between two parentheses.
#[derive(Default)]
struct Level {
    /// Precedences of the operators whose right side is incomplete, the loosest first.
    pending: Vec<u8>,
    /// Number of signs, `^` and subqueries in the current operand, which nest.
    chain: usize,
}

impl Size {
    fn of(tokens: &[Token]) -> Self {
        let mut size = Self::default();
        let mut levels = vec![Level::default()];
        let (mut before, mut in_braces) = (None, false);
        // The depth of all levels except the innermost.
        let mut outer = 0;
        for token in tokens {
            let inside = levels.len() > 1;
            let Some(level) = levels.last_mut() else {
                break;
            };
            match token.id {
                T_LEFT_BRACE => in_braces = true,
                T_RIGHT_BRACE => in_braces = false,
                _ if in_braces => {}
                T_LEFT_PAREN => {
                    outer += level.pending.len() + level.chain + 1;
                    levels.push(Level::default());
                }
                T_RIGHT_PAREN if inside => {
                    levels.pop();
                    if let Some(level) = levels.last() {
                        outer -= level.pending.len() + level.chain + 1;
                    }
                }
                T_COMMA => *level = Level::default(),
                T_COLON => level.chain += 1,
                T_ADD | T_SUB if !before.is_some_and(ends_operand) => level.chain += 1,
                T_POW => {
                    size.operators += 1;
                    level.chain += 1;
                }
                id => {
                    if let Some(precedence) = precedence(id) {
                        size.operators += 1;
                        level.pending.retain(|pending| *pending < precedence);
                        level.pending.push(precedence);
                        level.chain = 0;
                    }
                }
            }
            before = Some(token.id);
            if let Some(level) = levels.last() {
                size.depth = size.depth.max(outer + level.pending.len() + level.chain);
            }
        }
        size
    }
}

/// The tokens of each part of a query, and the position of each selector's name. Parts are identified by their addresses in the
/// tree.
#[derive(Debug, Default)]
pub(super) struct Spans {
    tokens: HashMap<Key, Range<usize>>,
    names: HashMap<Key, Place>,
}

/// The address and the type of a part: a part and its first field may have the same address.
type Key = (usize, &'static str);

fn key<T>(part: &T) -> Key {
    (ptr::from_ref(part).addr(), any::type_name::<T>())
}

impl Spans {
    /// Records the tokens of a part.
    pub(super) fn record<T>(&mut self, part: &T, tokens: Range<usize>) {
        self.tokens.insert(key(part), tokens);
    }

    /// Records the position of a selector's name.
    pub(super) fn record_name(&mut self, selector: &VectorSelector, place: Place) {
        self.names.insert(key(selector), place);
    }
}

/// A query's tree and tokens, with the positions of its parts.
#[derive(Debug)]
pub(super) struct Tree<'q> {
    pub(super) root: &'q Expr,
    pub(super) text: &'q str,
    pub(super) tokens: &'q [Token],
    pub(super) spans: Spans,
}

/// `by (...)` or `without (...)`.
#[derive(Debug)]
pub(super) struct Grouping {
    pub(super) is_by: bool,
    /// From the keyword to the closing parenthesis.
    pub(super) place: Place,
    pub(super) labels: Vec<Place>,
}

impl<'q> Tree<'q> {
    fn tokens_of<T>(&self, part: &T) -> Option<&'q [Token]> {
        let span = self.spans.tokens.get(&key(part))?;
        let tokens = self.tokens.get(span.clone())?;
        (!tokens.is_empty()).then_some(tokens)
    }

    /// Returns the position of an expression, without a sign `+` before it.
    pub(super) fn expr(&self, expr: &Expr) -> Option<Place> {
        self.tokens_of(expr).map(place_of)
    }

    /// Returns the tokens of a series selector, without its range.
    pub(super) fn selector(&self, selector: &VectorSelector) -> Option<&'q [Token]> {
        self.tokens_of(selector)
    }

    /// Returns the position of a selector's name, without its quotes. If it has no name, this is another part of it.
    pub(super) fn name_of_selector(&self, selector: &VectorSelector) -> Option<Place> {
        self.spans.names.get(&key(selector)).cloned()
    }

    /// Returns the position of the name of a function or aggregation.
    pub(super) fn name(&self, expr: &Expr) -> Option<Place> {
        self.tokens_of(expr)?
            .first()
            .map(|token| token.place.clone())
    }

    /// Returns the labels of an aggregation, if it has any.
    pub(super) fn grouping(&self, aggregate: &Expr) -> Option<Grouping> {
        let tokens = self.tokens_of(aggregate)?;
        let mut depth = 0_usize;
        for (at, token) in tokens.iter().enumerate() {
            match token.id {
                T_LEFT_PAREN => depth += 1,
                T_RIGHT_PAREN => depth = depth.saturating_sub(1),
                T_BY | T_WITHOUT if depth == 0 => return labels(token.id, &tokens[at..]),
                _ => {}
            }
        }
        None
    }
}

/// Returns the position of several tokens from the first to the last.
pub(super) fn place_of(tokens: &[Token]) -> Place {
    match (tokens.first(), tokens.last()) {
        (Some(first), Some(last)) => first.place.start..last.place.end,
        _ => 0..0,
    }
}

fn labels(keyword: TokenId, tokens: &[Token]) -> Option<Grouping> {
    let end = tokens.iter().position(|token| token.id == T_RIGHT_PAREN)?;
    let labels = tokens.get(2..end)?.iter();
    let labels = labels.filter(|token| token.id != T_COMMA);
    Some(Grouping {
        is_by: keyword == T_BY,
        place: place_of(&tokens[..=end]),
        labels: labels.map(|token| token.place.clone()).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::promql::testing::{assert_accepted, assert_rows, check, findings, vocabulary};

    fn size(query: &str) -> (usize, usize) {
        let size = Size::of(&tokens(query).expect("it lexes"));
        (size.operators, size.depth)
    }

    #[test]
    fn sizes() {
        assert_eq!(size("x"), (0, 0));
        assert_eq!(size("x + y or z{a!=\"b\"}"), (2, 1));
        assert_eq!(size("x or y + z"), (2, 2));
        assert_eq!(size("x or y or z + a + b"), (4, 2));
        assert_eq!(size("((x)) + (y)"), (1, 2));
        assert_eq!(size("x + (y + (z))"), (2, 4));
        assert_eq!(size("x ^ y ^ - z"), (2, 3));
        assert_eq!(size("-x + -x + -x"), (2, 2));
        assert_eq!(size("rate(x[5m]) - x[5m:1m] - f(x[5m:1m], y)"), (2, 3));
    }

    #[test]
    fn syntax_and_variables() {
        assert_eq!(findings("", &vocabulary()), "SM0901 ");
        let open = "(".repeat(100_000);
        assert_eq!(findings(&open, &vocabulary()), format!("SM0901 {open}"));
        assert_rows(
            r#"
            sum( => SM0901 (
            sum by ($label) (rate(app_http_requests_total{server=~"$server"}[$__rate_interval])) =>
            rate($metric[$__interval]) =>
            rate(app_http_open{server=~"$server"}[$__rate_interval]) => SM0906 rate
            é => SM0901 é
        "#,
        );
    }

    #[test]
    fn variables_in_all_positions() {
        assert_accepted(&[
            "sum(increase(app_http_requests_total[${__range_s}s])) / $__range_s",
            "sum(increase(app_http_requests_total[${hours}h]))",
            "max_over_time(sum(rate(app_http_requests_total[[[window]]]))[$__range:$__interval])",
            "topk by (server) ($n, rate(app_http_retries_total[5m]))",
            "histogram_quantile(0.$q, sum by (le, $by) (rate(app_http_duration_seconds_bucket[5m])))",
            "clamp(app_http_open, $min, $max) > bool $limit",
            "rate(app_${group}_total[5m]) + rate(${namespace}_retries_total[5m])",
            "app_http_open{server=\"a\"$more} + app_http_open{$filters, server=\"a\"}",
            "app_http_open{$label=~\"$value\", server=${server:doublequote}}",
            "$aggregation by (server) ($function(app_http_requests_total[5m]))",
            "max by (server) ($f(app_http_open offset -$o))",
            "app_http_open * on (${by}) group_left ($more) app_http_software_info",
            "app_http_open @ $__from",
        ]);
        assert_rows(
            r#"
            rate(app_http_open[${hours}h]) => SM0906 rate
            topk by (srver) ($n, app_http_open) => SM0909 srver
            rate(app_http_requests_total{$filters, outcome="fine"}[5m]) => SM0904 fine
            clamp_max(app_http_opened, $max) => SM0902 app_http_opened
        "#,
        );
    }

    #[test]
    fn unparsable_queries_with_variables_are_warnings() {
        let vocabulary = Vocabulary::default();
        let in_doubt = |query| check(query, &vocabulary)[0].in_doubt;
        assert!(in_doubt("up $operator 1"));
        assert!(!in_doubt("sum(rate(up[$__rate_interval])"));
    }

    /// Returns chains of every kind with `count` links.
    fn chains(count: usize) -> Vec<String> {
        let joined = |with: &str| vec!["up"; count + 1].join(with);
        let around = |before: &str, inner: &str, after: &str| {
            format!("{}{inner}{}", before.repeat(count), after.repeat(count))
        };
        let operators = [
            " or ",
            " and ",
            " unless ",
            " + ",
            " - ",
            " * ",
            " / ",
            " % ",
            " ^ ",
            " atan2 ",
            " > ",
            " == bool ",
            " != ",
            " and on (job) ",
            " * on (job) group_left (instance) ",
            " + (",
            " - -",
            " + +",
        ];
        let mut all: Vec<_> = operators.iter().map(|operator| joined(operator)).collect();
        all[15].push_str(&")".repeat(count));
        all.extend([
            around("(", "up", ")"),
            around("-", "up", ""),
            around("+", "up", ""),
            around("- (", "up", ")"),
            around("abs(", "up", ")"),
            around("sum(", "up", ")"),
            around("sum by (job) (", "up", ")"),
            around("clamp(1 + ", "up", ", 1, 2)"),
            around("max_over_time(", "up", "[5m:1m])"),
            around("", "up", "[5m:1m]"),
            around("", "up", " offset 5m"),
            around("", "up", " @ 5"),
            around("(up or up and up > up + up * ", "up", ")"),
            around("1 + ", "1", ""),
            around("(1 + ", "1", ") > 1"),
            around("up{a=\"b\"} or ", "up", " or up{a=\"b"),
            format!("{} + é", joined(" or ")),
            format!("{} +", joined(" or ")),
        ]);
        all
    }

    /// The stack of a test thread has two megabytes, as is common for threads.
    #[test]
    fn long_chains_are_refused() {
        for query in chains(5_000) {
            let findings = check(&query, &Vocabulary::default());
            let start: String = query.chars().take(40).collect();
            assert_eq!(
                findings.first().map(|finding| finding.code),
                Some(codes::PROMQL_SYNTAX),
                "{start}"
            );
            let query = Query::parse(&query);
            let structure = query.structure();
            assert_eq!(structure.names.len(), 0, "{start}");
            assert!(structure.look_back.is_zero(), "{start}");
        }
        let query = vec!["up"; 4_001].join(" unless ");
        let finding = &check(&query, &Vocabulary::default())[0];
        assert_eq!(
            (finding.message.as_str(), finding.label.as_str()),
            (
                "this is not PromQL: the query is too long: it has 4000 operators",
                "expected at most 1000"
            )
        );
    }

    #[test]
    fn chains_at_the_limits_fit_the_stack() {
        for count in [100, 1_000] {
            for query in chains(count) {
                let _ = check(&query, &Vocabulary::default());
            }
        }
        let query = vec!["up"; 1_000].join(" or ");
        assert_eq!(Query::parse(&query).structure().names.len(), 1);
    }
}
