//! The walk through a query: what each part of it yields, and whether that makes sense. Functions are in `functions`,
//! aggregations in `aggregations`, operators in `sides`, ranges in `units`.

use std::collections::BTreeSet;
use std::ops::Range;

use promql_parser::label::MatchOp;
use promql_parser::parser::{Expr, VectorSelector};
use shadowcat_metrics_codegen::codes::promql as codes;
use shadowcat_metrics_codegen::{Code, suggest};

use super::scan::{Places, Selector, scan};
use super::variables::Replaced;
use super::vocabulary::{Ceiling, Pins, Shape, Values, Vocabulary};
use super::{Finding, alerts, matchers};

pub(super) fn check(query: &Replaced, expr: &Expr, vocabulary: &Vocabulary) -> Vec<Finding> {
    let mut walk = Walk::new(query, vocabulary);
    walk.walk(expr);
    walk.units();
    walk.findings.sort_by_key(|finding| finding.range.start);
    walk.findings
}

/// What a query yields.
pub(super) fn outcome(query: &Replaced, expr: &Expr, vocabulary: &Vocabulary) -> Yield {
    Walk::new(query, vocabulary).walk(expr)
}

/// What a part of a query yields.
#[derive(Debug, Clone, Default)]
pub(super) struct Yield {
    /// A number or a text, and no series.
    pub(super) scalar: bool,
    /// The labels that its series have; none if that cannot be told.
    pub(super) labels: Option<BTreeSet<String>>,
    /// What kind of series it is, where one is named directly.
    pub(super) shape: Option<Shape>,
    /// The name of a counter whose values it has as they are.
    pub(super) raw: Option<Range<usize>>,
    /// Whether those are of several series together.
    pub(super) summed: bool,
    /// The highest bound of the buckets that it is made of.
    pub(super) highest: Option<f64>,
    /// What its values never exceed, and of what that is known: a quantile's call, or a series.
    pub(super) ceiling: Option<(Ceiling, Range<usize>)>,
    /// What is called, if its values are 1 or more where there are any: what counts, or `absent`.
    pub(super) counted: Option<Range<usize>>,
    /// Labels of which it asks for one value.
    pub(super) pins: Pins,
}

impl Yield {
    pub(super) fn scalar() -> Self {
        Self {
            scalar: true,
            labels: Some(BTreeSet::new()),
            ..Self::default()
        }
    }
}

pub(super) struct Walk<'q> {
    pub(super) query: &'q str,
    pub(super) places: Places,
    pub(super) vocabulary: &'q Vocabulary,
    /// Where Grafana's variables stood.
    variables: &'q [Range<usize>],
    findings: Vec<Finding>,
}

impl<'q> Walk<'q> {
    fn new(query: &'q Replaced, vocabulary: &'q Vocabulary) -> Self {
        Self {
            query: &query.text,
            places: scan(&query.text),
            vocabulary,
            variables: &query.variables,
            findings: Vec::new(),
        }
    }

    /// Whether there are variables, so that a number may be anyone.
    pub(super) fn has_variables(&self) -> bool {
        !self.variables.is_empty()
    }

    /// Whether something has been found at a place already.
    pub(super) fn is_told(&self, place: &Range<usize>) -> bool {
        let mut findings = self.findings.iter();
        findings.any(|found| place.start <= found.range.start && found.range.end <= place.end)
    }

    /// Whether what stands at a place is up to Grafana, in part at least.
    pub(super) fn is_variable(&self, place: &Range<usize>) -> bool {
        let mut variables = self.variables.iter();
        variables.any(|variable| variable.start < place.end && place.start < variable.end)
    }
}

impl Walk<'_> {
    pub(super) fn find(
        &mut self,
        code: Code,
        range: Range<usize>,
        message: impl Into<String>,
        label: impl Into<String>,
        help: Option<&str>,
    ) {
        self.findings.push(Finding {
            code,
            range,
            message: message.into(),
            label: label.into(),
            help: help.map(str::to_owned),
            in_doubt: false,
        });
    }

    pub(super) fn walk(&mut self, expr: &Expr) -> Yield {
        match expr {
            Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => Yield::scalar(),
            Expr::Paren(paren) => self.walk(&paren.expr),
            Expr::Unary(unary) => Yield {
                shape: None,
                ceiling: None,
                counted: None,
                ..self.walk(&unary.expr)
            },
            Expr::Subquery(subquery) => self.walk(&subquery.expr),
            Expr::VectorSelector(selector) => self.selector(selector),
            Expr::MatrixSelector(matrix) => self.selector(&matrix.vs),
            Expr::Call(call) => self.call(call),
            Expr::Aggregate(aggregate) => self.aggregate(aggregate),
            Expr::Binary(binary) => self.binary(binary),
        }
    }

    fn selector(&mut self, selector: &VectorSelector) -> Yield {
        let whole = || Selector {
            name: 0..self.query.len(),
            matchers: Vec::new(),
        };
        let place = self.places.selectors.pop_front().unwrap_or_else(whole);
        let named = selector.matchers.find_matchers("__name__");
        let name = selector.name.as_deref().or_else(|| {
            let matcher = named.first().filter(|_| named.len() == 1)?;
            (matcher.op == MatchOp::Equal).then_some(&*matcher.value)
        });
        for matcher in &named {
            matchers::check_names(self, matcher, &place);
        }
        let pins = matchers::pins(self, selector, &place);
        Yield {
            pins,
            ..self.series(name, selector, place)
        }
    }

    /// What the series of a name yield.
    fn series(&mut self, name: Option<&str>, selector: &VectorSelector, place: Selector) -> Yield {
        let Some(name) = name.filter(|_| !self.is_variable(&place.name)) else {
            return Yield::default();
        };
        if matches!(name, "ALERTS" | "ALERTS_FOR_STATE") {
            return alerts::check(self, name, selector, &place);
        }
        let Some(series) = self.vocabulary.series.get(name) else {
            self.unknown_series(name, &place);
            return Yield::default();
        };
        if series.shape == Shape::Histogram {
            self.find(
                codes::BARE_HISTOGRAM,
                place.name.clone(),
                format!("there is no series `{name}`: it is a histogram"),
                "expected `_bucket`, `_sum` or `_count` behind it",
                None,
            );
            return Yield::default();
        }
        let shape = series.shape;
        let highest = match series.labels.get("le") {
            Some(Values::Bounds(bounds)) => bounds.last().copied(),
            Some(Values::Open | Values::Closed(_)) | None => None,
        };
        // A store of several servers may have added to a record what scraping adds.
        let is_certain = series.scraped || !self.vocabulary.adds_labels();
        let labels = self.vocabulary.labels_of(series).cloned();
        let labels = is_certain.then(|| labels.collect());
        let all = selector
            .matchers
            .matchers
            .iter()
            .chain(selector.matchers.or_matchers.iter().flatten());
        matchers::check(self, name, all, &place);
        matchers::check_together(self, name, selector, &place);
        Yield {
            labels,
            shape: Some(shape),
            ceiling: series.ceiling.map(|ceiling| (ceiling, place.name.clone())),
            raw: (shape == Shape::Counter).then_some(place.name),
            highest,
            ..Yield::default()
        }
    }

    fn unknown_series(&mut self, name: &str, place: &Selector) {
        let vocabulary = self.vocabulary;
        if vocabulary.is_external(name) {
            return;
        }
        let near = suggest::nearest(name, vocabulary.series.keys().map(String::as_str));
        let help = "a metric of another program is named in `[operations]`: external = [\"NAME\"]";
        let label = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "not in the schema".to_owned(),
        };
        self.find(
            codes::UNKNOWN_SERIES,
            place.name.clone(),
            format!("there is no series `{name}`"),
            label,
            (!vocabulary.is_own(name)).then_some(help),
        );
    }

    /// Checks that listed labels are there.
    pub(super) fn grouping(
        &mut self,
        listed: &[String],
        places: &[Range<usize>],
        known: &BTreeSet<String>,
        fallback: &Range<usize>,
    ) {
        for (at, label) in listed.iter().enumerate() {
            let place = places.get(at).unwrap_or(fallback);
            if known.contains(label) || self.is_variable(place) {
                continue;
            }
            let names = known.iter().map(String::as_str);
            let expected = match suggest::nearest(label, names.clone()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("expected {}", suggest::list(names)),
            };
            self.find(
                codes::GROUPING_WITHOUT_LABEL,
                place.clone(),
                format!("no series here has the label `{label}`"),
                expected,
                None,
            );
        }
    }
}
