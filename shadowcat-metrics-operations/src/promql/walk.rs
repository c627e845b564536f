//! Walks through a query's tree and tokens in parallel, so that every part of the tree has a position.
//! Determines the result of each part, and reports faults.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::codes;
use promql_parser::label::{MatchOp, Matcher};
use promql_parser::parser::token::{
    T_ADD, T_AT, T_BY, T_COLON, T_COMMA, T_EQL, T_EQL_REGEX, T_LEFT_BRACE, T_LEFT_BRACKET,
    T_LEFT_PAREN, T_LOR, T_NEQ, T_NEQ_REGEX, T_NUMBER, T_OFFSET, T_RIGHT_BRACE, T_RIGHT_BRACKET,
    T_RIGHT_PAREN, T_SUB, T_WITHOUT, TokenId,
};
use promql_parser::parser::{Expr, Offset, SubqueryExpr, VectorSelector};
use shadowcat_metrics_codegen::Code;

use super::labels::Labels;
use super::query::{Finding, Parsed, Place, Spans, Token};
use super::text::{restore, unquoted};
use super::vocabulary::{Ceiling, Pins, Renamed, Samples, Series, Shape, Vocabulary};
use super::{alerts, histograms, matchers};

shadowcat_metrics_codegen::codes! {
    table CODES;

    UNKNOWN_SERIES = "SM0902" "unknown-series": "unknown series",
    "A query for a series that does not exist returns nothing, and an alert on it never fires. List the metrics of \
     other programs in `[operations]` under `external`. The series recorded by the generated rules are known.",
    wrong: alert_on!("rate(app_http_request_total[5m]) > 10"),
    right: alert_on!("rate({http.requests}[5m]) > 10");

    GROUPING_WITHOUT_LABEL = "SM0909" "grouping-without-label": "grouping by a missing label",
    "Grouping by a label that no series has does not split the result. `without` and `ignoring` may list missing labels, unless \
     the name looks like a misspelling of an existing label.",
    wrong: alert_on!("sum by (status) (rate({http.requests}[5m])) > 1"),
    right: alert_on!("sum by (outcome) (rate({http.requests}[5m])) > 1");

    RANGE_WITHOUT_UNIT = "SM0917" "range-without-unit": "a range without a unit",
    "Prometheus 3 reads a number in brackets as seconds, and older versions reject it. Minutes were probably \
     intended: a few seconds do not contain the two scrapes that `rate` needs.",
    wrong: alert_on!("rate({http.requests}[5]) > 1"),
    right: alert_on!("rate({http.requests}[5m]) > 1");

    DEPRECATED = "SM0931" "deprecated-in-query": "a deprecated metric or label value in a query",
    "The schema deprecates the metric or value, so a later release will remove it. The query then selects nothing, and an alert \
     on it never fires. Use the metric or value that replaces it.",
    example: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."

[metrics.http.calls]
type = "counter"
help = "Requests answered, excluding health checks."
deprecated = { use = "http.requests" }

[alerts.example]
summary = "An example."
- expr = "rate({http.calls}[5m]) > 1"
+ expr = "rate({http.requests}[5m]) > 1"
severity = "warning"
"#;
}

/// The result of a part of a query.
#[derive(Debug, Clone, Default)]
pub(super) struct Yield {
    /// Whether it is a number or a string instead of series.
    pub(super) scalar: bool,
    /// The labels of its series, or `None` if they are unknown.
    pub(super) labels: Option<Labels>,
    /// The behavior of its values, if it is a named series.
    pub(super) shape: Option<Shape>,
    /// The name of a counter whose raw values it contains.
    pub(super) raw: Option<Place>,
    /// Whether these values are sums of several counters.
    pub(super) summed: bool,
    /// The highest bound of its buckets.
    pub(super) highest: Option<f64>,
    /// Its highest possible value, with the call or series that limits it.
    pub(super) ceiling: Option<(Ceiling, Place)>,
    /// The call that makes every value at least 1: `count` or `absent`.
    pub(super) counted: Option<Place>,
    /// The type of its samples.
    pub(super) samples: Samples,
    /// Labels for which it selects one value.
    pub(super) pins: Pins,
    /// Labels that only some of its series have, each with the labels whose values decide that.
    pub(super) mixed: BTreeMap<String, Vec<String>>,
    /// The renamed label values for which it has series under both names.
    pub(super) doubled: Vec<Renamed>,
}

impl Yield {
    pub(super) fn scalar() -> Self {
        Self {
            scalar: true,
            labels: Some(Labels::default()),
            ..Self::default()
        }
    }
}

/// A series selector, with the positions of its parts.
#[derive(Debug)]
pub(super) struct Selector {
    /// The name, or the braces if there is none.
    pub(super) name: Place,
    pub(super) matchers: Vec<Matched>,
    /// Whether `or` separates matchers.
    pub(super) has_or: bool,
}

/// A matcher, with the positions of its label and value.
#[derive(Debug)]
pub(super) struct Matched {
    pub(super) matcher: Matcher,
    pub(super) label: Place,
    pub(super) value: Place,
}

/// Whether a comparison determines a query's result, or only guards another part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Condition,
    Guard,
}

pub(super) struct Walk<'q> {
    pub(super) query: &'q str,
    pub(super) vocabulary: &'q Vocabulary,
    /// Whether to look for a name similar to that of an unknown series.
    pub(super) suggests: bool,
    /// Positions of Grafana variables.
    variables: &'q [Place],
    tokens: &'q [Token],
    /// Index of the next token.
    at: usize,
    /// Names of the selectors so far.
    pub(super) selectors: Vec<Place>,
    pub(super) findings: Vec<Finding>,
    /// The longest time that any selector looks back.
    pub(super) look_back: Duration,
    /// The time that the surrounding subqueries add to it.
    looking_back: Duration,
    /// The tokens of each part so far.
    pub(super) spans: Spans,
}

impl<'q> Walk<'q> {
    pub(super) fn new(
        query: &'q str,
        variables: &'q [Place],
        parsed: &'q Parsed,
        vocabulary: &'q Vocabulary,
    ) -> Self {
        Self {
            query,
            vocabulary,
            suggests: true,
            variables,
            tokens: &parsed.tokens,
            at: 0,
            selectors: Vec::new(),
            findings: Vec::new(),
            look_back: Duration::ZERO,
            looking_back: Duration::ZERO,
            spans: Spans::default(),
        }
    }

    /// Returns whether there are variables, so that numbers may have any value.
    pub(super) fn has_variables(&self) -> bool {
        !self.variables.is_empty()
    }

    /// Returns whether a fault was reported at a position.
    pub(super) fn is_reported(&self, place: &Place) -> bool {
        let mut findings = self.findings.iter();
        findings.any(|found| place.start <= found.range.start && found.range.end <= place.end)
    }

    /// Returns whether there is a variable at a position.
    pub(super) fn is_variable(&self, place: &Place) -> bool {
        let mut variables = self.variables.iter();
        variables.any(|variable| variable.start < place.end && place.start < variable.end)
    }

    /// Adds a finding, and returns it for a help.
    pub(super) fn find(
        &mut self,
        code: Code,
        range: Place,
        message: impl Into<String>,
        label: impl Into<String>,
    ) -> &mut Finding {
        let finding = Finding::new(code, range, message, label);
        self.findings.push(finding);
        let last = self.findings.len() - 1;
        &mut self.findings[last]
    }
}

/// Reading tokens. If they ever differ from the tree, positions become the whole query.
impl Walk<'_> {
    pub(super) fn is_next(&self, id: TokenId) -> bool {
        self.tokens.get(self.at).is_some_and(|token| token.id == id)
    }

    /// Consumes the next token.
    pub(super) fn pass(&mut self) -> Place {
        let place = self.tokens.get(self.at).map(|token| token.place.clone());
        self.at += 1;
        place.unwrap_or(0..self.query.len())
    }

    /// Consumes the next token if it has this id.
    pub(super) fn eat(&mut self, id: TokenId) -> Option<Place> {
        self.is_next(id).then(|| self.pass())
    }

    /// Consumes a list of labels in parentheses.
    pub(super) fn eat_labels(&mut self) -> Vec<Place> {
        let mut labels = Vec::new();
        if self.eat(T_LEFT_PAREN).is_none() {
            return labels;
        }
        while self.at < self.tokens.len() && self.eat(T_RIGHT_PAREN).is_none() {
            if self.eat(T_COMMA).is_none() {
                labels.push(self.pass());
            }
        }
        labels
    }

    /// Consumes the labels of an aggregation, if they are next.
    pub(super) fn eat_grouping(&mut self) -> Option<Vec<Place>> {
        let is_here = self.is_next(T_BY) || self.is_next(T_WITHOUT);
        is_here.then(|| {
            self.pass();
            self.eat_labels()
        })
    }

    /// Consumes `+` signs, which are not in the tree.
    fn eat_plus(&mut self) {
        while self.eat(T_ADD).is_some() {}
    }

    /// Consumes `offset` and `@`.
    fn eat_modifiers(&mut self) {
        loop {
            if self.eat(T_OFFSET).is_some() {
                let _ = self.eat(T_ADD).or_else(|| self.eat(T_SUB));
                self.pass();
            } else if self.eat(T_AT).is_some() {
                let _ = self.eat(T_ADD).or_else(|| self.eat(T_SUB));
                self.pass();
                if self.eat(T_LEFT_PAREN).is_some() {
                    self.eat(T_RIGHT_PAREN);
                }
            } else {
                return;
            }
        }
    }

    /// Consumes a range in brackets, and reports numbers without a unit.
    fn eat_range(&mut self) {
        if self.eat(T_LEFT_BRACKET).is_none() {
            return;
        }
        let mut part = "range";
        while self.at < self.tokens.len() && self.eat(T_RIGHT_BRACKET).is_none() {
            if self.eat(T_COLON).is_some() {
                part = "step";
                continue;
            }
            let is_number = self.is_next(T_NUMBER);
            let place = self.pass();
            if is_number && !self.is_variable(&place) {
                self.without_unit(part, place);
            }
        }
    }

    fn without_unit(&mut self, part: &str, place: Place) {
        let number = &self.query[place.clone()];
        let expected = if number.bytes().all(|byte| byte.is_ascii_digit()) {
            format!("expected a unit, such as `{number}m`, or `{number}s` for seconds")
        } else {
            "expected whole numbers with units, such as `5m`".to_owned()
        };
        let message = format!("the {part} `{number}` has no unit and is read as seconds");
        self.find(codes::RANGE_WITHOUT_UNIT, place, message, expected);
    }
}

impl<'q> Walk<'q> {
    pub(super) fn walk(&mut self, expr: &Expr, role: Role) -> Yield {
        self.eat_plus();
        let start = self.at;
        let result = self.part(expr, role);
        self.spans.record(expr, start..self.at);
        result
    }

    fn part(&mut self, expr: &Expr, role: Role) -> Yield {
        match expr {
            Expr::NumberLiteral(_) => {
                while self.is_next(T_SUB) || self.is_next(T_ADD) {
                    self.pass();
                }
                self.pass();
                Yield::scalar()
            }
            Expr::StringLiteral(_) => {
                self.pass();
                Yield::scalar()
            }
            Expr::Extension(_) => Yield::scalar(),
            Expr::Paren(paren) => {
                self.eat(T_LEFT_PAREN);
                let inner = self.walk(&paren.expr, role);
                self.eat(T_RIGHT_PAREN);
                inner
            }
            Expr::Unary(unary) => {
                self.eat(T_SUB);
                Yield {
                    shape: None,
                    ceiling: None,
                    counted: None,
                    ..self.walk(&unary.expr, role)
                }
            }
            Expr::Subquery(subquery) => self.subquery(subquery),
            Expr::VectorSelector(selector) => self.selector(selector, Duration::ZERO),
            Expr::MatrixSelector(matrix) => self.selector(&matrix.vs, matrix.range),
            Expr::Call(call) => self.call(call),
            Expr::Aggregate(aggregate) => self.aggregate(aggregate),
            Expr::Binary(_) => self.binary(expr, role),
        }
    }

    fn subquery(&mut self, subquery: &SubqueryExpr) -> Yield {
        let around = self.looking_back;
        self.looking_back = add(around, subquery.range, subquery.offset.as_ref());
        let inner = self.walk(&subquery.expr, Role::Guard);
        self.looking_back = around;
        self.eat_range();
        self.eat_modifiers();
        inner
    }

    fn selector(&mut self, selector: &VectorSelector, range: Duration) -> Yield {
        let looked_back = add(self.looking_back, range, selector.offset.as_ref());
        self.look_back = self.look_back.max(looked_back);
        let start = self.at;
        let place = self.eat_selector(selector);
        self.spans.record(selector, start..self.at);
        self.spans.record_name(selector, place.name.clone());
        self.eat_range();
        self.eat_modifiers();
        self.selectors.push(place.name.clone());
        let named: Vec<_> = place
            .matchers
            .iter()
            .filter(|matched| matched.matcher.name == "__name__")
            .collect();
        let name = selector.name.as_deref().or_else(|| {
            let [matched] = named.as_slice() else {
                return None;
            };
            (matched.matcher.op == MatchOp::Equal).then_some(matched.matcher.value.as_str())
        });
        for matched in &named {
            matchers::check_names(self, matched);
        }
        let name = name.map(str::to_owned);
        let pins = matchers::pins(self, &place);
        Yield {
            pins,
            ..self.series(name.as_deref(), &place)
        }
    }

    /// Consumes a selector, and pairs its matchers with their positions.
    fn eat_selector(&mut self, selector: &VectorSelector) -> Selector {
        let mut name = (!self.is_next(T_LEFT_BRACE)).then(|| self.pass());
        let mut places = Vec::new();
        if let Some(brace) = self.eat(T_LEFT_BRACE) {
            while self.at < self.tokens.len() && self.eat(T_RIGHT_BRACE).is_none() {
                if self.eat(T_COMMA).is_some() || self.eat(T_LOR).is_some() {
                    continue;
                }
                let label = self.pass();
                if [T_EQL, T_NEQ, T_EQL_REGEX, T_NEQ_REGEX]
                    .iter()
                    .any(|op| self.eat(*op).is_some())
                {
                    places.push((label, self.pass()));
                } else {
                    // `{"name"}`
                    name.get_or_insert(label);
                }
            }
            name.get_or_insert(brace);
        }
        let name = name.unwrap_or(0..self.query.len());
        let all = selector.matchers.matchers.iter();
        let all = all.chain(selector.matchers.or_matchers.iter().flatten());
        let mut matchers = Vec::new();
        for matcher in all {
            let matcher = self.restored(matcher, &name);
            let is_meant =
                |(label, _): &(Place, Place)| unquoted(&self.query[label.clone()]) == matcher.name;
            let (label, value) = match places.iter().position(is_meant) {
                Some(at) => places.remove(at),
                None => (name.clone(), name.clone()),
            };
            matchers.push(Matched {
                matcher,
                label,
                value,
            });
        }
        // `{__name__="name"}`: the name is the value.
        let named = matchers
            .iter()
            .find(|matched| matched.matcher.name == "__name__");
        let name = match named {
            Some(named) if selector.name.is_none() && named.matcher.op == MatchOp::Equal => {
                matchers::part_of(self.query, &named.value, &named.matcher.value)
            }
            Some(_) | None => name,
        };
        Selector {
            name,
            matchers,
            has_or: !selector.matchers.or_matchers.is_empty(),
        }
    }

    /// Returns a matcher as it was written, before escapes in backquotes were replaced for the parser.
    fn restored(&mut self, matcher: &Matcher, place: &Place) -> Matcher {
        let value = restore(&matcher.value);
        if value == matcher.value {
            return matcher.clone();
        }
        let op = match &matcher.op {
            MatchOp::Equal => T_EQL,
            MatchOp::NotEqual => T_NEQ,
            MatchOp::Re(_) => T_EQL_REGEX,
            MatchOp::NotRe(_) => T_NEQ_REGEX,
        };
        Matcher::new_matcher(op, matcher.name.clone(), value.clone()).unwrap_or_else(|_| {
            let message = format!("this is not PromQL: `{value}` is not a regular expression");
            let label = "expected a pattern in the syntax of RE2";
            self.find(codes::PROMQL_SYNTAX, place.clone(), message, label);
            matcher.clone()
        })
    }

    /// Returns the result of selecting a series name.
    fn series(&mut self, name: Option<&str>, place: &Selector) -> Yield {
        let Some(name) = name.filter(|_| !self.is_variable(&place.name)) else {
            return Yield::default();
        };
        if matches!(name, "ALERTS" | "ALERTS_FOR_STATE") {
            return alerts::check(self, name, place);
        }
        let known = self.vocabulary.series.get_key_value(name);
        let Some((name, series)) = known.or_else(|| self.unknown_series(name, place)) else {
            return Yield::default();
        };
        if histograms::is_missing(self, name, series, place) {
            return Yield::default();
        }
        if let Some(advice) = &series.deprecated {
            self.deprecated(name, place.name.clone(), advice);
        }
        let shape = series.shape;
        let asks_others = matchers::check(self, name, series, place);
        matchers::check_together(self, series, place);
        matchers::check_sums(self, name, series, place);
        Yield {
            mixed: matchers::mixed(self, series, place),
            doubled: matchers::doubled(self, series, place),
            labels: (!asks_others).then(|| self.vocabulary.labels_of(series)),
            shape: Some(shape),
            ceiling: series.ceiling.map(|ceiling| (ceiling, place.name.clone())),
            samples: series.samples,
            raw: matches!(shape, Shape::Counter | Shape::Histogram).then(|| place.name.clone()),
            highest: series.highest,
            ..Yield::default()
        }
    }

    /// Reports a deprecated metric or label value.
    pub(super) fn deprecated(&mut self, name: &str, place: Place, advice: &str) {
        let message = format!("`{name}` is deprecated");
        self.find(codes::DEPRECATED, place, message, advice);
    }

    /// Reports an unknown series. Returns the series that is probably meant, if any, to find further mistakes in the query. If the
    /// query is about a metric of another program, or one that the schema does not have yet, those findings are false.
    fn unknown_series(&mut self, name: &str, place: &Selector) -> Option<(&'q String, &'q Series)> {
        let vocabulary = self.vocabulary;
        if vocabulary.is_external(name) {
            return None;
        }
        let near = if self.suggests {
            vocabulary.nearest(name)
        } else {
            None
        };
        let label = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "expected a metric of the schema or a recorded series".to_owned(),
        };
        let message = format!("there is no series `{name}`");
        let found = self.find(codes::UNKNOWN_SERIES, place.name.clone(), message, label);
        if !vocabulary.is_own(name) {
            found.advise("to name a metric of another program, list it in `[operations]`: external = [\"NAME\"]");
            return None;
        }
        let meant = near.filter(|near| vocabulary.is_misspelling(name, near))?;
        vocabulary.series.get_key_value(meant)
    }

    /// Checks that listed labels exist. Returns them with misspellings corrected.
    pub(super) fn listed(
        &mut self,
        listed: &[String],
        places: &[Place],
        known: &Labels,
        fallback: &Place,
        report: Report,
    ) -> Vec<String> {
        let mut meant = Vec::new();
        for (at, label) in listed.iter().enumerate() {
            let place = places.get(at).unwrap_or(fallback);
            let near = known.nearest(label);
            if known.contains(label)
                || self.is_variable(place)
                || (report == Report::Misspelt && near.is_none())
            {
                meant.push(label.clone());
                continue;
            }
            meant.push(near.unwrap_or(label).to_owned());
            let message = format!("no series here has the label `{label}`");
            let expected = known.expected(label);
            let code = codes::GROUPING_WITHOUT_LABEL;
            let found = self.find(code, place.clone(), message, expected);
            found.help = known.help(label).map(str::to_owned);
        }
        meant
    }

    /// Returns the names of the series found so far.
    pub(super) fn names(&self) -> BTreeSet<String> {
        let names = self
            .selectors
            .iter()
            .map(|place| unquoted(&self.query[place.clone()]));
        names
            .filter(|name| *name != "{")
            .map(str::to_owned)
            .collect()
    }
}

/// The missing labels that [`Walk::listed`] reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Report {
    All,
    /// Only misspellings: excluding a label that no series has changes nothing.
    Misspelt,
}

fn add(around: Duration, range: Duration, offset: Option<&Offset>) -> Duration {
    let offset = match offset {
        Some(Offset::Pos(offset)) => *offset,
        Some(Offset::Neg(_)) | None => Duration::ZERO,
    };
    around.saturating_add(range).saturating_add(offset)
}

#[cfg(test)]
mod tests {
    use shadowcat_metrics_codegen::{Severity, Span};

    use crate::codes;
    use crate::promql::Vocabulary;
    use crate::promql::testing::{
        SCHEMA, assert_accepted, assert_labels, assert_rows, assert_rows_in, check, vocabulary,
    };
    use crate::testing::rows;

    #[test]
    fn ranges_have_units() {
        assert_rows(
            "
            rate(app_http_requests_total[5]) => SM0917 5
            rate(app_http_requests_total[ 300 ]) => SM0917 300
            max_over_time(app_http_open[5:]) => SM0917 5
            max_over_time(app_http_open[1h:0.5]) => SM0917 0.5
            max_over_time(app_http_open[60:5]) => SM0917 60; SM0917 5
        ",
        );
        assert_accepted(&[
            "rate(app_http_requests_total[5m])",
            "rate(app_http_requests_total[1h30m])",
            "max_over_time(app_http_open[1h:1m])",
            "max_over_time(app_http_open[1h:])",
            "max_over_time(app_http_open[$__range:$step])",
            "rate(app_http_requests_total[${minutes}m])",
            "app_http_open{server=\"[5]\"}",
        ]);
        // It is still valid PromQL.
        let findings = check("rate(up[5])", &Vocabulary::default());
        let problems = findings.into_iter().map(|found| found.at(Span::default()));
        let units = problems.filter(|problem| problem.code == codes::RANGE_WITHOUT_UNIT);
        let found: Vec<_> = units
            .map(|problem| (problem.severity, problem.label))
            .collect();
        let label = "expected a unit, such as `5m`, or `5s` for seconds".to_owned();
        assert_eq!(found, [(Severity::Warning, label)]);
    }

    #[test]
    fn findings_point_at_their_own_call() {
        assert_rows("
            max(up @ end()) > max(rate(app_http_open[5m])) => SM0906 rate
            max(up @ start()) + max(up @ start ( )) + sum(delta(app_http_retries_total[5m])) => SM0906 delta
            up offset -5m + rate(app_http_open[5m] @ -1 offset +5m) => SM0906 rate; SM0910 app_http_open
            +up * - + rate(app_http_open[5m]) => SM0906 rate; SM0910 app_http_open
            up + fill (0) rate(up[5m]) => SM0906 rate
        ");
    }

    #[test]
    fn names_of_series() {
        assert_rows(
            r#"
            rate(app_http_requests_total[5m]) =>
            rate(app_http_request_total[5m]) => SM0902 app_http_request_total
            node_load1 > 5 and kube_pod_info and up == 0 =>
            scrape_samples_scraped + ALERTS =>
            go_goroutines => SM0902 go_goroutines
            {__name__="app_http_open", server="a"} =>
            {__name__="app_http_opened"} => SM0902 app_http_opened
            {__name__="app_http_open", serv="a"} => SM0903 serv
            {"app_http_open", serv="a"} => SM0903 serv
            {__name__=~"app_.*"} =>
            {__name__=~"app_http_open|app_http_opn.*|node_.*"} => SM0902 app_http_opn.*
            {__name__=~"app_http_duration_seconds"} => SM0902 app_http_duration_seconds
            app_http_duration_seconds => SM0911 app_http_duration_seconds
            app_http_duration_seconds_created + app_http_requests_created => SM0910 app_http_requests_created
            job_server:app_http_retry_ratio:rate5m > 0.5 =>
            job_server:app_http_retry_ratio:rate5m{instance="a", cluster="b"} => SM0903 instance
            sum by (cluster) (job_server:app_http_retry_ratio:rate5m) or sum by (job, server) (app_http_open) * job_server:app_http_retry_ratio:rate5m =>
            job_server:app_http_retry_ratio:rate10m > 0.5 => SM0902 job_server:app_http_retry_ratio:rate10m
        "#,
        );
    }

    #[test]
    fn unknown_metrics_get_a_hint_to_external() {
        let vocabulary = vocabulary();
        let help = |query| {
            let finding = check(query, &vocabulary).remove(0);
            finding.help.unwrap_or_default()
        };
        // Also for a name similar to one of ours.
        assert!(help("rate(ap_http_requests_total[5m])").contains("external"));
        assert!(help("mysql_up == 0").contains("external"));
        assert_eq!(help("rate(app_http_request_total[5m])"), "");
    }

    #[test]
    fn deprecated_metrics_lead_to_what_replaces_them() {
        let retries = "help = \"Requests sent again.\"";
        for (deprecated, expected) in rows(
            r#"
            { use = "http.requests" } => expected `app_http_requests_total`
            { note = "Nothing is sent again." } => Nothing is sent again.
        "#,
        ) {
            let deprecated = format!("{retries}\ndeprecated = {deprecated}");
            let row = "rate(app_http_retries_total[5m]) => app_http_retries_total: ";
            assert_labels(
                &SCHEMA.replace(retries, &deprecated),
                &format!("{row}{expected}"),
            );
        }
    }

    #[test]
    fn recorded_series_have_the_labels_of_their_rule() {
        assert_rows_in(
            &SCHEMA.replace("target_labels = [\"cluster\"]\n", ""),
            "
            job_server:app_http_retry_ratio:rate5m * sum by (job, server) (app_http_open) =>
            sum by (instance) (job_server:app_http_retry_ratio:rate5m) => SM0909 instance
            job_server:app_http_retry_ratio:rate5m * app_http_open => SM0910 app_http_open
        ",
        );
    }

    #[test]
    fn former_names_are_valid_until_removed() {
        let again = "help = \"Requests sent again.\"";
        let former = "renamed_from = { name = \"app_again_total\", until = \"2.0.0\" }";
        let values = "values = [\"good\", \"bad\"]";
        let renamed = "values = { good = { help = \"well\", renamed_from = { name = \"fine\", until = \"2.0.0\" } }, bad = \"ill\" }";
        let schema = SCHEMA.replace(again, &format!("{again}\n{former}"));
        let schema = schema.replace(values, renamed);
        assert_rows_in(
            &schema,
            r#"
            rate(app_again_total{server="a"}[5m]) =>
            app_http_mood{app_http_mood=~"fine|good"} =>
            app_http_mood{app_http_mood="well"} => SM0904 well
            app_again_total > 1 => SM0908 app_again_total
            sum by (server) (app_http_mood) => SM0932 sum
            count without (app_http_mood) (app_http_mood > 0) => SM0932 count
            sum(sum by (app_http_mood) (app_http_mood{app_http_mood=~"fine|good"})) => SM0932 sum
            sum(app_http_mood{app_http_mood!="good"}) =>
            sum(app_http_mood{app_http_mood="$mood"}) =>
            sum by (app_http_mood) (app_http_mood) =>
            max(app_http_mood) =>
        "#,
        );
    }

    #[test]
    fn a_misspelled_label_is_reported_once() {
        assert_rows(
            r#"
            max by (server) (sum by (servr) (app_http_open)) => SM0909 servr
            sum by (server) (app_http_open * on (servr) app_http_open) => SM0909 servr
            max by (unknown) (sum by (unknown) (app_http_open)) => SM0909 unknown
            rate(app_http_requests_total{outcom="ok"}[5m]) => SM0903 outcom
            rate(app_http_requests_total{outcom="fine"}[5m]) => SM0903 outcom; SM0904 fine
        "#,
        );
        let findings = check(
            "rate(app_http_requests_total{outcom='fine'}[5m])",
            &vocabulary(),
        );
        assert_eq!(findings[1].message, "no series has `outcome` = `fine`");
    }

    #[test]
    fn a_misspelled_series_is_taken_for_the_one_that_is_meant() {
        assert_rows(
            r#"
            rate(app_http_request_total{outcome="ok", server="a"}[5m]) => SM0902 app_http_request_total
            rate(app_http_request_total{outcom="ok"}[5m]) => SM0902 app_http_request_total; SM0903 outcom
            rate(app_http_request_total{outcome="okay"}[5m]) => SM0902 app_http_request_total; SM0904 okay
            sum by (servr) (rate(app_http_request_total[5m])) => SM0909 servr; SM0902 app_http_request_total
            rate(app_http_opne[5m]) => SM0906 rate; SM0902 app_http_opne
            app_http_request_total > 10 => SM0902 app_http_request_total; SM0908 app_http_request_total
            {__name__="app_http_opne", serv="a"} => SM0902 app_http_opne; SM0903 serv
            rate(app_http_tequests_total{outcom="ok"}[5m]) => SM0902 app_http_tequests_total; SM0903 outcom
            histogram_quantile(0.9, sum by (job) (rate(app_http_duration_second_bucket[5m]))) => SM0907 histogram_quantile; SM0902 app_http_duration_second_bucket
            rate(app_http_duration_second_bucket{le="1"}[5m]) => SM0902 app_http_duration_second_bucket; SM0905 1
            // The suffix of counters is missing.
            rate(app_http_requests{outcom="ok"}[5m]) => SM0902 app_http_requests; SM0903 outcom
        "#,
        );
        let findings = check("app_http_opne{serv='a'}", &vocabulary());
        assert_eq!(findings[1].message, "`app_http_open` has no label `serv`");
    }

    #[test]
    fn a_counter_without_its_suffix_is_taken_if_another_name_is_as_near() {
        let handled = "\n[metrics.http.handled]\ntype = \"counter\"\nhelp = \"Events.\"\n";
        let waiting = "\n[metrics.http.waiting]\ntype = \"gauge\"\nhelp = \"Events.\"\n";
        assert_rows_in(
            &format!("{SCHEMA}{handled}{waiting}"),
            r#"
            rate(app_http_handled{serv="a"}[5m]) => SM0902 app_http_handled; SM0903 serv
        "#,
        );
    }

    #[test]
    fn a_series_that_may_be_another_one_has_no_other_findings() {
        assert_rows(
            r#"
            // A metric of another program, or one recorded by a rule elsewhere.
            rate(ap_http_open{serv="a"}[5m]) => SM0902 ap_http_open
            job_server:app_http_retry_ratio:rate10m{serv="a"} > 5 => SM0902 job_server:app_http_retry_ratio:rate10m
            // Metrics that the schema does not have yet.
            app_http_responses_total{code="500"} > 10 => SM0902 app_http_responses_total
            rate(app_http_requests_failed_total{reason="a"}[5m]) => SM0902 app_http_requests_failed_total
            rate(app_http_load[5m]) => SM0902 app_http_load
            rate(app_http_opened{serv="a"}[5m]) => SM0902 app_http_opened
        "#,
        );
        let labels = [
            "app_http_responses_total => app_http_responses_total: did you mean `app_http_requests_total`?",
            "app_http_load => app_http_load: did you mean `app_http_mood`?",
        ];
        assert_labels(SCHEMA, &labels.join("\n"));
    }

    #[test]
    fn a_counterpart_is_not_taken_for_the_metric() {
        for (missing, existing) in rows(
            "
            enqueued => dequeued
            import => export
            encoded => decoded
            rx => tx
            get => set
            cpu => gpu
            v1 => v2
            http1 => http2
            answered_2xx => answered_5xx
            p90 => p99
            opened => open
            sent => send
            lost => cost
            opem => open
        ",
        ) {
            let metric =
                format!("\n[metrics.http.{existing}]\ntype = \"gauge\"\nhelp = \"Events.\"\n");
            let schema = SCHEMA.replace(
                "\n[metrics.http.open]",
                &format!("{metric}\n[metrics.http.other]"),
            );
            assert_rows_in(
                &schema,
                &format!("rate(app_http_{missing}{{serv=\"a\"}}[5m]) => SM0902 app_http_{missing}"),
            );
        }
    }

    #[test]
    fn a_series_that_is_as_near_to_two_others_is_not_taken_for_either() {
        let twins = |one: &str, other: &str| {
            let metric = |name: &str, kind: &str| {
                format!("\n[metrics.http.{name}]\ntype = \"{kind}\"\nhelp = \"Events.\"\n")
            };
            format!(
                "{SCHEMA}{}{}",
                metric(one, "gauge"),
                metric(other, "updown_counter")
            )
        };
        assert_rows_in(
            &twins("bounds", "rounds"),
            r#"
            rate(app_http_sounds{serv="a"}[5m]) => SM0902 app_http_sounds
            rate(app_http_bound{serv="a"}[5m]) => SM0906 rate; SM0902 app_http_bound; SM0903 serv
        "#,
        );
    }
}
