//! The walk through a query: what each part of it yields, and whether that makes sense.

use std::collections::BTreeSet;
use std::ops::Range;

use promql_parser::label::MatchOp;
use promql_parser::parser::{AggregateExpr, Call, Expr, LabelModifier, VectorSelector};
use shadowcat_metrics_codegen::codes::promql as codes;
use shadowcat_metrics_codegen::{Code, suggest};

use super::scan::{Places, Selector, scan};
use super::variables::{is_stand_in, is_variable};
use super::vocabulary::{Shape, Vocabulary};
use super::{Finding, matchers};

/// Functions of what only goes up.
const OF_COUNTERS: [&str; 4] = ["rate", "irate", "increase", "resets"];
/// Functions of what goes up and down.
const OF_GAUGES: [&str; 6] = [
    "delta",
    "idelta",
    "deriv",
    "predict_linear",
    "holt_winters",
    "double_exponential_smoothing",
];
/// Functions whose values are of the kind that they are given.
const KEEPING: [&str; 13] = [
    "abs",
    "ceil",
    "floor",
    "round",
    "clamp",
    "clamp_min",
    "clamp_max",
    "sort",
    "sort_desc",
    "last_over_time",
    "max_over_time",
    "min_over_time",
    "avg_over_time",
];

pub(super) fn check(query: &str, expr: &Expr, vocabulary: &Vocabulary) -> Vec<Finding> {
    let mut walk = Walk::new(query, vocabulary);
    walk.walk(expr);
    walk.findings.sort_by_key(|finding| finding.range.start);
    walk.findings
}

/// The labels of what a query yields.
pub(super) fn labels(
    query: &str,
    expr: &Expr,
    vocabulary: &Vocabulary,
) -> Option<BTreeSet<String>> {
    Walk::new(query, vocabulary).walk(expr).labels
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
}

impl Yield {
    fn scalar() -> Self {
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
    findings: Vec<Finding>,
}

impl<'q> Walk<'q> {
    fn new(query: &'q str, vocabulary: &'q Vocabulary) -> Self {
        Self {
            query,
            places: scan(query),
            vocabulary,
            findings: Vec::new(),
        }
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
        });
    }

    pub(super) fn walk(&mut self, expr: &Expr) -> Yield {
        match expr {
            Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => Yield::scalar(),
            Expr::Paren(paren) => self.walk(&paren.expr),
            Expr::Unary(unary) => Yield {
                shape: None,
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
        let Some(name) = name.filter(|name| !is_variable(name)) else {
            return Yield::default();
        };
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
        let labels = series
            .labels
            .keys()
            .chain(&self.vocabulary.target_labels)
            .cloned();
        let labels = Some(labels.collect());
        let all = selector
            .matchers
            .matchers
            .iter()
            .chain(selector.matchers.or_matchers.iter().flatten());
        matchers::check(self, name, all, &place);
        Yield {
            scalar: false,
            labels,
            shape: Some(shape),
            raw: (shape == Shape::Counter).then_some(place.name),
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
            (near.is_none() && !vocabulary.is_own(name)).then_some(help),
        );
    }

    fn call(&mut self, call: &Call) -> Yield {
        let name = call.func.name;
        let place = self.places.calls.pop_front().unwrap_or(0..self.query.len());
        let yields: Vec<_> = call.args.args.iter().map(|arg| self.walk(arg)).collect();
        let vector = yields.iter().find(|yielded| !yielded.scalar).cloned();
        let Some(vector) = vector else {
            return Yield {
                scalar: name != "vector",
                ..Yield::scalar()
            };
        };
        let kept = Yield {
            shape: None,
            raw: None,
            ..vector.clone()
        };
        match name {
            _ if OF_COUNTERS.contains(&name) => {
                if vector.shape == Some(Shape::Gauge) {
                    self.find(
                        codes::FUNCTION_UNFIT,
                        place,
                        format!("`{name}` takes every fall of a gauge for a restart"),
                        "expected a counter in it, or `delta` or `deriv`",
                        None,
                    );
                }
                kept
            }
            _ if OF_GAUGES.contains(&name) => {
                if vector.shape == Some(Shape::Counter) {
                    self.find(
                        codes::FUNCTION_UNFIT,
                        place,
                        format!("`{name}` takes a counter's restart for a fall"),
                        "expected a gauge in it, or `rate` or `increase`",
                        None,
                    );
                }
                kept
            }
            _ if KEEPING.contains(&name) => Yield {
                shape: None,
                ..vector
            },
            "histogram_quantile" => self.quantile(call, place, kept),
            "scalar" => Yield::scalar(),
            "absent" | "absent_over_time" | "label_replace" | "label_join" => Yield::default(),
            _ => kept,
        }
    }

    fn quantile(&mut self, call: &Call, place: Range<usize>, mut of: Yield) -> Yield {
        if let Some(Expr::NumberLiteral(quantile)) = call.args.args.first().map(|arg| &**arg)
            && !(0.0..=1.0).contains(&quantile.val)
        {
            self.find(
                codes::QUANTILE_UNFIT,
                place.clone(),
                format!("there is no quantile {}", quantile.val),
                "expected a share from 0 to 1",
                None,
            );
        }
        if let Some(labels) = &mut of.labels
            && !labels.remove("le")
        {
            self.find(
                codes::QUANTILE_UNFIT,
                place,
                "the buckets are gone: nothing in it has the label `le`",
                "expected a histogram's `_bucket`, summed `by (le, ...)`",
                None,
            );
        }
        of
    }

    fn aggregate(&mut self, aggregate: &AggregateExpr) -> Yield {
        let place = self.places.aggregations.pop_front().unwrap_or_default();
        let op = self.query[place.op.clone()].to_ascii_lowercase();
        if let Some(param) = &aggregate.param {
            self.walk(param);
        }
        let of = self.walk(&aggregate.expr);
        let listed = aggregate.modifier.as_ref().map(LabelModifier::labels);
        let listed = listed.map_or(&[][..], |labels| labels.labels.as_slice());
        if let Some(known) = &of.labels {
            self.grouping(listed, &place.labels, known, &place.op);
        }
        let labels = match (op.as_str(), &aggregate.modifier) {
            // They choose among the series, and leave them as they are.
            ("topk" | "bottomk" | "limitk" | "limit_ratio", _) => of.labels,
            ("count_values", _) => None,
            (_, None) => Some(BTreeSet::new()),
            (_, Some(LabelModifier::Include(_))) => Some(listed.iter().cloned().collect()),
            (_, Some(LabelModifier::Exclude(_))) => of.labels.map(|mut labels| {
                labels.retain(|label| !listed.contains(label));
                labels
            }),
        };
        let counts = matches!(
            op.as_str(),
            "count" | "group" | "count_values" | "stddev" | "stdvar"
        );
        Yield {
            scalar: false,
            // A variable may be any label.
            labels: labels.filter(|_| !listed.iter().any(|label| is_stand_in(label))),
            shape: None,
            raw: of.raw.filter(|_| !counts),
        }
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
            if known.contains(label) || is_variable(label) {
                continue;
            }
            let names = known.iter().map(String::as_str);
            let expected = match suggest::nearest(label, names.clone()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("expected {}", suggest::list(names)),
            };
            self.find(
                codes::GROUPING_WITHOUT_LABEL,
                places.get(at).unwrap_or(fallback).clone(),
                format!("no series here has the label `{label}`"),
                expected,
                None,
            );
        }
    }
}
