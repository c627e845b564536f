//! Shares and means: one function of native histograms, and a quotient of two classic series.

use promql_parser::parser::token::{
    T_ADD, T_AVG, T_COMMA, T_DIV, T_LEFT_BRACE, T_RIGHT_BRACE, T_SUB, T_SUM,
};
use promql_parser::parser::{
    BinaryExpr, Expr, LabelModifier, VectorMatchCardinality, VectorSelector,
};

use super::super::histograms::KEEPING;
use super::super::operators::number;
use super::super::query::Place;
use super::super::write::{self, Part, bucket_matcher};
use super::{Buckets, Edit, Reading, Rewrite, Series, Target, applied};

impl<'q> Rewrite<'q> {
    /// Returns the selector of a rate, or of a sum of it.
    fn rate_of(expr: &'q Expr) -> Option<&'q VectorSelector> {
        match expr {
            Expr::Paren(paren) => Self::rate_of(&paren.expr),
            Expr::Aggregate(aggregate) if aggregate.op.id() == T_SUM => {
                Self::rate_of(&aggregate.expr)
            }
            Expr::Call(call) if ["rate", "increase", "irate"].contains(&call.func.name) => {
                match call.args.args.first().map(|arg| &**arg) {
                    Some(Expr::MatrixSelector(matrix)) => Some(&matrix.vs),
                    Some(_) | None => None,
                }
            }
            _ => None,
        }
    }

    /// Rewrites the share of observations in a bucket. Returns false if it is not such a share.
    pub(super) fn share(&mut self, binary: &'q BinaryExpr) -> bool {
        let is_plain = binary.modifier.as_ref().is_none_or(|modifier| {
            let by_all_others = match &modifier.matching {
                None => true,
                Some(LabelModifier::Exclude(ignored)) => ignored.labels == ["le"],
                Some(LabelModifier::Include(_)) => false,
            };
            by_all_others && modifier.card == VectorMatchCardinality::OneToOne
        });
        if self.to == Target::Classic || binary.op.id() != T_DIV || !is_plain {
            return false;
        }
        let share = self.share_of(binary);
        let Some((limit, edits, [one, all])) = share else {
            return false;
        };
        self.result.edits.extend(edits);
        let limit = write::number(limit);
        self.edit(
            one.start..one.start,
            format!("histogram_fraction(-Inf, {limit}, "),
        );
        self.edit(one.end..all.end, ")");
        true
    }

    /// Returns the limit of a share, the edits of its numerator, and the positions of both sides.
    fn share_of(&self, binary: &'q BinaryExpr) -> Option<(f64, Vec<Edit>, [Place; 2])> {
        let sides = [&*binary.lhs, &*binary.rhs];
        let [one, all] = [Self::rate_of(sides[0])?, Self::rate_of(sides[1])?];
        let [one, all] = [self.read(one)?, self.read(all)?];
        let bound = match (one.series, &one.le) {
            (Some(Series::Bucket), Some((Some(bound), _))) if bound.is_finite() => *bound,
            _ => return None,
        };
        // Without such a bucket, the query has no result, and a native histogram would have one.
        let limit = self.known.0.get(one.histogram)?.limit(bound)?;
        let counts_all = match (all.series, &all.le) {
            (Some(Series::Of(Part::Count)), None) => true,
            (Some(Series::Bucket), Some((Some(bound), _))) => bound.is_infinite(),
            _ => false,
        };
        let places = [self.query.expr(sides[0])?, self.query.expr(sides[1])?];
        let [edits, edits_of_all] = [&one, &all].map(Reading::bare);
        let plain = |place: &Place, edits: &[Edit]| {
            let text = applied(self.written, place.clone(), edits);
            text.split_whitespace()
                .collect::<String>()
                .replace("{}", "")
        };
        let is_same = plain(&places[0], &edits) == plain(&places[1], &edits_of_all);
        let has_comment = self.written[places[0].end..places[1].end].contains('#');
        (counts_all && is_same && !has_comment).then_some((limit, edits, places))
    }

    /// Returns the edits that read a classic series instead of the native histograms in an expression.
    fn as_classic(
        &mut self,
        expr: &'q Expr,
        series: Series,
        bound: Option<f64>,
    ) -> Option<Vec<Edit>> {
        let mut edits = Vec::new();
        for selector in Self::selectors(expr) {
            let reading = self.is_old(selector).then(|| self.read(selector)).flatten();
            let Some(reading) = reading.filter(|reading| reading.le.is_none()) else {
                self.leave(expr, "expected histograms of the schema only");
                return None;
            };
            let name = format!("{}{}", reading.histogram, series.suffix());
            edits.push(Edit::new(reading.name.clone(), name));
            edits.extend(bound.map(|bound| with_bound(&reading, bound)));
        }
        Some(edits)
    }

    /// Rewrites `histogram_count` or `histogram_sum` to the series.
    pub(super) fn unwrapped(&mut self, call: &'q Expr, of: &'q Expr, part: Part) {
        if self.to == Target::Native || !self.reads_any(of, None) {
            return;
        }
        let places = self.query.expr(call).zip(self.query.expr(of));
        let Some(edits) = self.as_classic(of, Series::Of(part), None) else {
            return;
        };
        let Some((around, inside)) = places.filter(|_| adds_up(of)) else {
            self.leave(of, "expected a sum of rates");
            return;
        };
        self.result.edits.extend(edits);
        let is_operator = matches!(of, Expr::Binary(_) | Expr::Unary(_));
        let [open, close] = if is_operator { ["(", ")"] } else { ["", ""] };
        self.edit(around.start..inside.start, open);
        self.edit(inside.end..around.end, close);
    }

    /// Replaces a call by a quotient of two classic series.
    fn quotient(
        &mut self,
        call: &'q Expr,
        of: &'q Expr,
        of_one: (Series, Option<f64>),
        is_alone: bool,
    ) {
        let one = self.as_classic(of, of_one.0, of_one.1);
        let all = self.as_classic(of, Series::Of(Part::Count), None);
        let places = self.query.expr(call).zip(self.query.expr(of));
        let (Some(one), Some(all)) = (one, all) else {
            return;
        };
        let Some((around, inside)) =
            places.filter(|_| adds_up(of) && !matches!(of, Expr::Binary(_)))
        else {
            self.leave(of, "expected a sum of rates");
            return;
        };
        let one = applied(self.written, inside.clone(), &one);
        let [open, close] = if is_alone { ["", ""] } else { ["(", ")"] };
        let matching = if of_one.1.is_some() && keeps_le(of) {
            "ignoring (le) "
        } else {
            ""
        };
        self.edit(
            around.start..inside.start,
            format!("{open}{one} / {matching}"),
        );
        self.result.edits.extend(all);
        self.edit(inside.end..around.end, close);
    }

    pub(super) fn mean(&mut self, call: &'q Expr, of: &'q Expr, is_alone: bool) {
        if self.to == Target::Classic && self.reads_any(of, None) {
            self.quotient(call, of, (Series::Of(Part::Sum), None), is_alone);
        }
    }

    pub(super) fn fraction(
        &mut self,
        call: &'q Expr,
        (from, to, of): (&'q Expr, &'q Expr, &'q Expr),
        is_alone: bool,
    ) {
        if !self.reads_any(of, None) {
            return;
        }
        let of_all = Self::selectors(of).into_iter();
        let all = of_all.filter_map(|selector| self.known.0.get(self.name_of(selector)?));
        let all: Vec<_> = all.collect();
        let reaches_down = match number(from) {
            Some(f64::NEG_INFINITY) => true,
            Some(0.0) => all
                .iter()
                .all(|buckets| buckets.bounds.first().is_none_or(|first| *first > 0.0)),
            Some(_) | None => false,
        };
        let bound = number(to).filter(|_| reaches_down).and_then(|to| {
            let bound = all.first()?.bound(to)?;
            let is_bound = |buckets: &&Buckets| {
                buckets
                    .bound(to)
                    .is_some_and(|it| it.total_cmp(&bound).is_eq())
            };
            all.iter().all(is_bound).then_some(bound)
        });
        match bound {
            Some(bound) => self.quotient(call, of, (Series::Bucket, Some(bound)), is_alone),
            None => self.leave(of, "expected a share from `-Inf` up to a bucket bound"),
        }
    }
}

/// Returns the edit that adds the matcher of a bucket.
fn with_bound(reading: &Reading<'_>, bound: f64) -> Edit {
    let matcher = bucket_matcher(bound);
    let (at, text) = match reading.tokens {
        [.., before, close] if close.id == T_RIGHT_BRACE && before.id == T_LEFT_BRACE => {
            (before.place.end, matcher)
        }
        [.., before, close] if close.id == T_RIGHT_BRACE => {
            let comma = if before.id == T_COMMA { " " } else { ", " };
            (before.place.end, format!("{comma}{matcher}"))
        }
        _ => (reading.name.end, format!("{{{matcher}}}")),
    };
    Edit::new(at..at, text)
}

/// Returns whether the result of an expression has the label `le` if the selected series have it.
fn keeps_le(expr: &Expr) -> bool {
    match expr {
        Expr::Paren(paren) => keeps_le(&paren.expr),
        Expr::Aggregate(aggregate) => match &aggregate.modifier {
            Some(LabelModifier::Exclude(labels)) => {
                !labels.labels.iter().any(|label| label == "le") && keeps_le(&aggregate.expr)
            }
            Some(LabelModifier::Include(labels)) => labels.labels.iter().any(|label| label == "le"),
            None => false,
        },
        _ => true,
    }
}

/// Returns whether an expression of native histograms means the same for each of their parts.
fn adds_up(expr: &Expr) -> bool {
    match expr {
        Expr::VectorSelector(_) | Expr::MatrixSelector(_) => true,
        Expr::Paren(paren) => adds_up(&paren.expr),
        Expr::Aggregate(aggregate) => {
            matches!(aggregate.op.id(), T_SUM | T_AVG) && adds_up(&aggregate.expr)
        }
        Expr::Call(call) => {
            let of = call.args.args.first();
            KEEPING.contains(&call.func.name) && of.is_some_and(|of| adds_up(of))
        }
        Expr::Binary(binary) => {
            matches!(binary.op.id(), T_ADD | T_SUB) && adds_up(&binary.lhs) && adds_up(&binary.rhs)
        }
        Expr::Unary(_)
        | Expr::Subquery(_)
        | Expr::NumberLiteral(_)
        | Expr::StringLiteral(_)
        | Expr::Extension(_) => false,
    }
}
