//! Rewrites the queries of histograms from one form to the other, as edits of their text.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::codes;
use promql_parser::label::MatchOp;
use promql_parser::parser::token::{
    T_ATAN2, T_COMMA, T_COUNT, T_DIV, T_GROUP, T_MOD, T_MUL, T_POW, T_RIGHT_BRACE,
};
use promql_parser::parser::{AggregateExpr, Call, Expr, VectorSelector};

mod buckets;
mod names;
mod quotients;

use super::histograms::{COUNTING, KEEPING};
use super::query::{Finding, Place, Query, Token, Tree, place_of};
use super::write::{self, Form, Part};
use crate::Schema;
use shadowcat_metrics_codegen::model::{Native, Registry};

/// The form that queries are rewritten to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Series with the suffixes `_bucket`, `_sum` and `_count`.
    Classic,
    /// Native histograms.
    Native,
}

/// How the result of a query is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Usage {
    /// As numbers.
    #[default]
    Numbers,
    /// As the buckets of a heat map.
    HeatMap,
    /// As a list of series, for their labels.
    Series,
}

/// A change of a query's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The replaced bytes.
    pub range: Range<usize>,
    /// The new text.
    pub text: String,
}

impl Edit {
    fn new(range: Place, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { range, text }
    }
}

/// The result of rewriting a query.
#[derive(Debug, Default)]
pub struct Migration {
    /// Changes that do not overlap, in order. Empty if a part of the query cannot be rewritten.
    pub edits: Vec<Edit>,
    /// The parts that cannot be rewritten.
    pub left: Vec<Finding>,
}

impl Migration {
    /// Applies the changes to a query.
    #[must_use]
    pub fn apply(&self, query: &str) -> String {
        applied(query, 0..query.len(), &self.edits)
    }
}

/// The histograms of a schema, with their buckets.
#[derive(Debug, Default)]
pub struct KnownHistograms(BTreeMap<String, Buckets>);

/// The buckets of a histogram.
#[derive(Debug, Clone)]
struct Buckets {
    bounds: Vec<f64>,
    native: Option<Native>,
}

impl Buckets {
    /// Returns the limit of `histogram_fraction` for a bound, or `None` if there is no such bucket.
    fn limit(&self, bound: f64) -> Option<f64> {
        let is_bound = self.bounds.contains(&bound);
        is_bound.then(|| write::limit(bound, self.native))
    }

    /// Returns the bound for a limit of `histogram_fraction`.
    fn bound(&self, limit: f64) -> Option<f64> {
        let mut bounds = self.bounds.iter().copied();
        bounds.find(|bound| write::limit(*bound, self.native).total_cmp(&limit).is_eq())
    }
}

impl KnownHistograms {
    /// Lists the histograms of a schema, with their former names.
    #[must_use]
    pub fn new(registry: &Registry) -> Self {
        Self(histograms_of(registry).collect())
    }

    /// Lists the histograms of all schemas of a program, with their former names.
    #[must_use]
    pub fn of_program<'s>(schemas: impl IntoIterator<Item = &'s Schema>) -> Self {
        let registries = schemas.into_iter().map(|schema| &schema.registry);
        Self(registries.flat_map(histograms_of).collect())
    }

    /// Returns the histogram that a series belongs to, and its part: `None` for a native histogram.
    fn find<'s>(&self, name: &'s str) -> Option<(&'s str, Option<Series>)> {
        let classic = Series::ALL.into_iter().find_map(|series| {
            let histogram = name.strip_suffix(series.suffix())?;
            self.0
                .contains_key(histogram)
                .then_some((histogram, Some(series)))
        });
        classic.or_else(|| self.0.contains_key(name).then_some((name, None)))
    }

    /// Returns the form of a histogram's series.
    pub(crate) fn form(&self, name: &str) -> Option<Form> {
        let (_, of) = self.find(name)?;
        Some(of.map_or(Form::Native, |_| Form::Classic))
    }

    /// Returns a problem with a series that must be rewritten by hand.
    #[must_use]
    pub fn left(&self, series: &str, to: Target) -> Option<Finding> {
        let Migration { edits, left } = Query::parse(series).migrate(self, to, Usage::Series);
        let is_old = !edits.is_empty() || !left.is_empty();
        is_old.then(|| {
            let name = self.mentioned(series, to).unwrap_or(0..series.len());
            let label = "expected a test series in the new form";
            self::left(to, name.clone(), &series[name], label)
        })
    }
}

/// A series of a classic histogram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Series {
    Bucket,
    Of(Part),
}

impl Series {
    const ALL: [Self; 3] = [Self::Bucket, Self::Of(Part::Count), Self::Of(Part::Sum)];

    const fn suffix(self) -> &'static str {
        match self {
            Self::Bucket => write::BUCKET,
            Self::Of(part) => Form::Classic.suffix(part),
        }
    }
}

/// A selector of a histogram's series.
#[derive(Debug)]
struct Reading<'q> {
    histogram: &'q str,
    series: Option<Series>,
    name: Place,
    tokens: &'q [Token],
    /// The matcher of `le`: its position in the tokens, its value if it selects one bucket, and the bytes to remove.
    le: Option<(Option<f64>, Place)>,
}

impl Reading<'_> {
    /// Returns the edits that remove the suffix, and the matcher of `le`.
    fn bare(&self) -> Vec<Edit> {
        let name = Edit::new(self.name.clone(), self.histogram);
        let le = self.le.as_ref();
        let le = le.map(|(_, removed)| Edit::new(removed.clone(), ""));
        std::iter::once(name).chain(le).collect()
    }
}

/// Returns the histograms of a schema with their buckets, by exposed and by former name.
fn histograms_of(registry: &Registry) -> impl Iterator<Item = (String, Buckets)> {
    let named = registry.metrics.iter().filter_map(|metric| {
        let bounds = registry.bounds(metric)?;
        let former = metric.former.as_ref().map(|former| &former.name);
        let names = former.into_iter().chain([&metric.exposed]);
        let buckets = Buckets {
            bounds: bounds.to_vec(),
            native: metric.native,
        };
        Some(names.map(move |name| (name.clone(), buckets.clone())))
    });
    named.flatten()
}

fn left(to: Target, range: Place, name: &str, label: &str) -> Finding {
    let (code, form) = match to {
        Target::Native => (codes::CLASSIC_HISTOGRAM, "native"),
        Target::Classic => (codes::BARE_HISTOGRAM, "classic"),
    };
    let message = format!("`{name}` cannot be rewritten to a {form} histogram here");
    let mut finding = Finding::new(code, range, message, label);
    finding.advise("the query was left as it is; rewrite it by hand");
    finding
}

/// Applies edits within a part of a text, and returns the part.
fn applied(text: &str, part: Range<usize>, edits: &[Edit]) -> String {
    let mut edits: Vec<_> = edits
        .iter()
        .filter(|edit| part.start <= edit.range.start && edit.range.end <= part.end)
        .collect();
    edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
    let mut result = String::new();
    let mut copied = part.start;
    for edit in edits {
        result.push_str(text.get(copied..edit.range.start).unwrap_or_default());
        result.push_str(&edit.text);
        copied = edit.range.end;
    }
    result.push_str(text.get(copied..part.end).unwrap_or_default());
    result
}

impl Query {
    /// Rewrites the histograms in the query. It is changed as a whole or not at all.
    #[must_use]
    pub fn migrate(&self, known: &KnownHistograms, to: Target, usage: Usage) -> Migration {
        let Some(tree) = self.structure().tree else {
            let text = self.written();
            let old = known.mentioned(text, to).map(|place| {
                let name = &text[place.clone()];
                left(to, place.clone(), name, "the query cannot be parsed")
            });
            return Migration {
                edits: Vec::new(),
                left: Vec::from_iter(old),
            };
        };
        let mut rewrite = Rewrite {
            known,
            to,
            written: self.written(),
            query: &tree,
            result: Migration::default(),
        };
        let root = tree.root;
        match usage {
            Usage::HeatMap if rewrite.reads_any(root, Some(Series::Bucket)) => {
                rewrite.buckets(root);
            }
            Usage::Numbers | Usage::HeatMap => rewrite.numbers(root, true),
            Usage::Series => rewrite.series(root),
        }
        let mut result = rewrite.result;
        if !result.left.is_empty() {
            result.edits.clear();
        }
        result
            .edits
            .sort_by_key(|edit| (edit.range.start, edit.range.end));
        result
    }
}

struct Rewrite<'q> {
    known: &'q KnownHistograms,
    to: Target,
    written: &'q str,
    query: &'q Tree<'q>,
    result: Migration,
}

impl<'q> Rewrite<'q> {
    fn edit(&mut self, range: Place, text: impl Into<String>) {
        self.result.edits.push(Edit::new(range, text));
    }

    /// Reads a selector, if it is of a known histogram.
    fn read(&self, selector: &'q VectorSelector) -> Option<Reading<'q>> {
        let name = self.name_of(selector)?;
        let (histogram, series) = self.known.find(name)?;
        let tokens = self.query.selector(selector)?;
        let name = self.place_of_name(selector, name)?;
        let at = tokens.iter().position(|token| self.text(token) == "le");
        let le = at.and_then(|at| {
            let matchers = selector.matchers.matchers.iter();
            let mut of_le = matchers.filter(|matcher| matcher.name == "le");
            let (matcher, others) = (of_le.next()?, of_le.count());
            let is_one = others == 0 && matcher.op == MatchOp::Equal;
            let bound = matcher.value.parse().ok().filter(|_| is_one);
            let is = |at: usize, id| tokens.get(at).is_some_and(|token: &Token| token.id == id);
            let removed = if is(at + 3, T_COMMA) && !is(at + 4, T_RIGHT_BRACE) {
                tokens[at].place.start..tokens.get(at + 4)?.place.start
            } else if is(at.checked_sub(1)?, T_COMMA) {
                tokens[at - 1].place.start..tokens.get(at + 2)?.place.end
            } else {
                tokens[at - 1].place.start..tokens.last()?.place.end
            };
            Some((bound, removed))
        });
        // A matcher in a form that was not understood must not be lost.
        let has_le = selector
            .matchers
            .matchers
            .iter()
            .any(|matcher| matcher.name == "le");
        let is_plain = selector.matchers.or_matchers.is_empty() && has_le == le.is_some();
        is_plain.then_some(Reading {
            histogram,
            series,
            name,
            tokens,
            le,
        })
    }

    fn left(&mut self, selector: &'q VectorSelector, label: &str) {
        let tokens = self.query.selector(selector);
        let name = self.name_of(selector);
        let place = name.and_then(|name| self.place_of_name(selector, name));
        let place = place.or_else(|| tokens.map(place_of));
        let place = place.unwrap_or(0..self.written.len());
        let label = if name.is_some() {
            label
        } else {
            "this may select histograms of the schema"
        };
        let name = &self.written[place.clone()];
        self.result
            .left
            .push(left(self.to, place.clone(), name, label));
    }

    /// Returns every selector in an expression.
    fn selectors(expr: &'q Expr) -> Vec<&'q VectorSelector> {
        match expr {
            Expr::VectorSelector(selector) => vec![selector],
            Expr::MatrixSelector(matrix) => vec![&matrix.vs],
            Expr::Paren(paren) => Self::selectors(&paren.expr),
            Expr::Unary(unary) => Self::selectors(&unary.expr),
            Expr::Subquery(subquery) => Self::selectors(&subquery.expr),
            Expr::Aggregate(aggregate) => Self::selectors(&aggregate.expr),
            Expr::Call(call) => call
                .args
                .args
                .iter()
                .flat_map(|arg| Self::selectors(arg))
                .collect(),
            Expr::Binary(binary) => [&binary.lhs, &binary.rhs]
                .into_iter()
                .flat_map(|side| Self::selectors(side))
                .collect(),
            Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => Vec::new(),
        }
    }

    /// Returns whether an expression reads buckets of the form that is rewritten, or may read them.
    fn reads_any(&self, expr: &'q Expr, classic: Option<Series>) -> bool {
        let of = |selector: &&'q VectorSelector| {
            let found = self.name_of(selector).map(|name| self.known.find(name));
            let wanted = match self.to {
                Target::Native => classic,
                Target::Classic => None,
            };
            match found {
                Some(found) => found.is_some_and(|(_, series)| series == wanted),
                None => self.is_old(selector),
            }
        };
        Self::selectors(expr).iter().any(of)
    }

    fn leave(&mut self, expr: &'q Expr, label: &str) {
        for selector in Self::selectors(expr) {
            if self.is_old(selector) {
                self.left(selector, label);
            }
        }
    }

    /// Rewrites an expression whose results are numbers. `is_alone` is true if nothing around it binds closer.
    fn numbers(&mut self, expr: &'q Expr, is_alone: bool) {
        match expr {
            Expr::Paren(paren) => self.numbers(&paren.expr, true),
            Expr::Unary(unary) => self.numbers(&unary.expr, false),
            Expr::Subquery(subquery) => self.numbers(&subquery.expr, false),
            Expr::Aggregate(aggregate) => self.aggregate(expr, aggregate),
            Expr::Binary(binary) => {
                if !self.share(binary) {
                    let is_loose =
                        !matches!(binary.op.id(), T_MUL | T_DIV | T_MOD | T_POW | T_ATAN2);
                    self.numbers(&binary.lhs, is_loose);
                    self.numbers(&binary.rhs, is_loose);
                }
            }
            Expr::Call(call) => self.call(expr, call, is_alone),
            Expr::VectorSelector(selector) => {
                if let Some(place) = self.query.expr(expr) {
                    self.part(selector, place);
                }
            }
            Expr::MatrixSelector(matrix) => self.left_if_old(&matrix.vs),
            Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => {}
        }
    }

    fn aggregate(&mut self, expr: &'q Expr, aggregate: &'q AggregateExpr) {
        if self.to == Target::Native && self.groups_by_bound(expr) {
            self.leave(expr, "native histograms have no label `le`");
            return;
        }
        // The number of series.
        if matches!(aggregate.op.id(), T_COUNT | T_GROUP) && self.to == Target::Classic {
            self.renamed_only(&aggregate.expr);
            return;
        }
        self.numbers(&aggregate.expr, true);
    }

    fn call(&mut self, expr: &'q Expr, call: &'q Call, is_alone: bool) {
        let name = call.func.name;
        let args: Vec<&Expr> = call.args.args.iter().map(|arg| &**arg).collect();
        match (name, args.as_slice()) {
            ("histogram_quantile", [_, of]) => self.buckets(of),
            ("histogram_fraction", [_, _, of]) if self.to == Target::Native => self.buckets(of),
            ("histogram_fraction", [from, to, of]) => self.fraction(expr, (from, to, of), is_alone),
            ("histogram_count", [of]) => self.unwrapped(expr, of, Part::Count),
            ("histogram_sum", [of]) => self.unwrapped(expr, of, Part::Sum),
            ("histogram_avg", [of]) => self.mean(expr, of, is_alone),
            (_, [of]) if COUNTING.contains(&name) => self.renamed_only(of),
            (_, [Expr::MatrixSelector(matrix)])
                if KEEPING.contains(&name) && self.to == Target::Native =>
            {
                if let Some(place) = self.query.expr(expr) {
                    self.part(&matrix.vs, place);
                }
            }
            (_, args) => {
                for arg in args {
                    self.numbers(arg, true);
                }
            }
        }
    }

    fn left_if_old(&mut self, selector: &'q VectorSelector) {
        if self.is_old(selector) {
            self.left(
                selector,
                match self.to {
                    Target::Native => "expected `rate` or `increase` around it",
                    Target::Classic => "expected `histogram_quantile` or the like around it",
                },
            );
        }
    }

    /// Rewrites the count or the sum of a classic histogram; `place` is the rate of it.
    fn part(&mut self, selector: &'q VectorSelector, place: Place) {
        if !self.is_old(selector) {
            return;
        }
        let reading = self.read(selector);
        let part = match (self.to, &reading) {
            (
                Target::Native,
                Some(Reading {
                    series: Some(Series::Of(part)),
                    le: None,
                    ..
                }),
            ) => Some(*part),
            // The last bucket counts every observation.
            (
                Target::Native,
                Some(Reading {
                    series: Some(Series::Bucket),
                    le: Some((Some(bound), _)),
                    ..
                }),
            ) if bound.is_infinite() => Some(Part::Count),
            (Target::Native | Target::Classic, _) => None,
        };
        let (Some(part), Some(reading)) = (part, reading) else {
            self.left(
                selector,
                match self.to {
                    Target::Native => {
                        "expected a share of all observations, or `histogram_quantile`"
                    }
                    Target::Classic => "expected `histogram_quantile` or the like around it",
                },
            );
            return;
        };
        self.bare(&reading);
        self.edit(place.start..place.start, format!("{}(", part.function()));
        self.edit(place.end..place.end, ")");
    }

    /// Removes the suffix of a selector, and its matcher of `le`.
    fn bare(&mut self, reading: &Reading<'q>) {
        self.result.edits.extend(reading.bare());
    }

    /// Rewrites selectors whose values do not matter.
    fn renamed_only(&mut self, expr: &'q Expr) {
        for selector in Self::selectors(expr) {
            if !self.is_old(selector) {
                continue;
            }
            match self.read(selector) {
                Some(reading) if reading.le.is_none() => self.rename(&reading, Part::Count),
                None if self.renamed_list(selector) => {}
                Some(_) | None => self.left(selector, "expected the name of the histogram"),
            }
        }
    }

    fn rename(&mut self, reading: &Reading<'q>, part: Part) {
        let suffix = match self.to {
            Target::Native => "",
            Target::Classic => Form::Classic.suffix(part),
        };
        self.edit(
            reading.name.clone(),
            format!("{}{suffix}", reading.histogram),
        );
    }

    /// Returns whether an aggregation keeps the label `le`.
    fn groups_by_bound(&self, aggregate: &'q Expr) -> bool {
        let grouping = self.query.grouping(aggregate);
        let grouping = grouping.iter().filter(|grouping| grouping.is_by);
        let mut labels = grouping.flat_map(|grouping| &grouping.labels);
        labels.any(|place| &self.query.text[place.clone()] == "le")
    }

    /// Rewrites a selector that lists series.
    fn series(&mut self, expr: &'q Expr) {
        if self.groups_by_bound(expr) {
            self.leave(expr, "native histograms have no label `le`");
            return;
        }
        self.renamed_only(expr);
    }
}
