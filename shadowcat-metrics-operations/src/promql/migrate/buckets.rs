//! The buckets that a quantile or a heat map is computed from.

use promql_parser::parser::token::{T_ADD, T_AVG, T_DIV, T_LOR, T_MUL, T_SUB, T_SUM};
use promql_parser::parser::{Expr, LabelModifier, VectorSelector};

use super::super::histograms::KEEPING;
use super::super::operators::number;
use super::super::query::Place;
use super::super::write;
use super::{Rewrite, Series, Target};

impl<'q> Rewrite<'q> {
    /// Rewrites the buckets that a quantile or a heat map is computed from.
    pub(super) fn buckets(&mut self, expr: &'q Expr) {
        let selectors = Self::selectors(expr);
        let old = selectors
            .iter()
            .filter(|selector| self.is_old(selector))
            .count();
        if old == 0 {
            return;
        }
        if old < selectors.len() {
            self.leave(expr, "next to series that are not histograms of the schema");
            return;
        }
        if !keeps_meaning(expr, self.to) {
            self.leave(expr, "expected the rate of the buckets, or a sum of it");
            return;
        }
        self.buckets_of_histograms(expr);
    }

    fn buckets_of_histograms(&mut self, expr: &'q Expr) {
        match expr {
            Expr::Paren(paren) => self.buckets_of_histograms(&paren.expr),
            Expr::Aggregate(aggregate) if matches!(aggregate.op.id(), T_SUM | T_AVG) => {
                if !self.regroup(expr) {
                    self.leave(expr, "expected a sum that keeps the buckets");
                    return;
                }
                self.buckets_of_histograms(&aggregate.expr);
            }
            Expr::Call(call) if KEEPING.contains(&call.func.name) => {
                if let Some(of) = call.args.args.first() {
                    self.buckets_of_histograms(of);
                }
            }
            Expr::Binary(binary) if matches!(binary.op.id(), T_ADD | T_SUB | T_LOR) => {
                self.buckets_of_histograms(&binary.lhs);
                self.buckets_of_histograms(&binary.rhs);
            }
            Expr::Binary(binary) if matches!(binary.op.id(), T_MUL | T_DIV) => {
                for side in [&binary.lhs, &binary.rhs] {
                    if number(side).is_none() {
                        self.buckets_of_histograms(side);
                    }
                }
            }
            Expr::MatrixSelector(matrix) => self.bucket(&matrix.vs),
            Expr::VectorSelector(selector) => self.bucket(selector),
            Expr::Aggregate(_)
            | Expr::Call(_)
            | Expr::Binary(_)
            | Expr::Unary(_)
            | Expr::Subquery(_)
            | Expr::NumberLiteral(_)
            | Expr::StringLiteral(_)
            | Expr::Extension(_) => {
                self.leave(expr, "expected the rate of the buckets, or a sum of it");
            }
        }
    }

    fn bucket(&mut self, selector: &'q VectorSelector) {
        match (self.to, self.read(selector)) {
            (Target::Native, Some(reading))
                if reading.series == Some(Series::Bucket) && reading.le.is_none() =>
            {
                self.bare(&reading);
            }
            (Target::Classic, Some(reading)) if reading.le.is_none() => {
                self.edit(
                    reading.name.clone(),
                    format!("{}{}", reading.histogram, write::BUCKET),
                );
            }
            (Target::Native | Target::Classic, _) => {
                self.left(selector, "expected all buckets of the histogram");
            }
        }
    }

    /// Removes `le` from the labels of an aggregation, or adds it. Returns false if the result would have no buckets.
    fn regroup(&mut self, aggregate: &'q Expr) -> bool {
        let grouping = self.query.grouping(aggregate);
        let Some(name) = self.query.name(aggregate) else {
            return false;
        };
        let label = |place: &Place| self.query.text[place.clone()].to_owned();
        let Some(grouping) = grouping else {
            if self.to == Target::Classic {
                let follows = self.query.text[name.end..].starts_with(' ');
                let space = if follows { "" } else { " " };
                self.edit(name.end..name.end, format!(" by (le){space}"));
            }
            return self.to == Target::Classic;
        };
        let at = grouping
            .labels
            .iter()
            .position(|place| label(place) == "le");
        match (grouping.is_by, self.to, at) {
            (false, _, at) => return at.is_none(),
            (true, Target::Native, None) | (true, Target::Classic, Some(_)) => return false,
            (true, Target::Classic, None) => {
                let end = grouping.place.end - 1;
                let (at, text) = match grouping.labels.last() {
                    Some(last) => (last.end, ", le"),
                    None => (end, "le"),
                };
                self.edit(at..at, text);
            }
            (true, Target::Native, Some(at)) => {
                let labels = &grouping.labels;
                let removed = match (labels.get(at + 1), at.checked_sub(1)) {
                    (Some(next), _) => labels[at].start..next.start,
                    (None, Some(before)) => labels[before].end..labels[at].end,
                    (None, None) => self.with_space(&name, &grouping.place),
                };
                self.edit(removed, "");
            }
        }
        true
    }

    /// Returns the position of `by (le)` with the white space around it. A line break after it is kept, because the indentation
    /// of the next line may belong to YAML.
    fn with_space(&self, name: &Place, grouping: &Place) -> Place {
        let text = self.query.text;
        let before = text[..grouping.start].trim_end().len();
        if before == name.end {
            let rest = &text[grouping.end..];
            let space = rest.len() - rest.trim_start_matches([' ', '\t']).len();
            return before..grouping.end + space;
        }
        before..grouping.end
    }
}

/// Returns whether the operators and functions of an expression mean the same for buckets in either form.
fn keeps_meaning(expr: &Expr, to: Target) -> bool {
    match expr {
        Expr::VectorSelector(_) | Expr::MatrixSelector(_) => true,
        Expr::Paren(paren) => keeps_meaning(&paren.expr, to),
        Expr::Aggregate(aggregate) => keeps_meaning(&aggregate.expr, to),
        Expr::Call(call) => {
            let mut args = call.args.args.iter();
            let of = args.next();
            let names_bound =
                args.any(|arg| matches!(&**arg, Expr::StringLiteral(text) if text.val == "le"));
            of.is_some_and(|of| keeps_meaning(of, to)) && !names_bound
        }
        Expr::Binary(binary) => {
            let (lhs, rhs) = (&binary.lhs, &binary.rhs);
            // The buckets of a classic histogram would be one group of labels.
            let matching = binary.modifier.as_ref().and_then(|it| it.matching.as_ref());
            let is_on = matches!(matching, Some(LabelModifier::Include(_)));
            match binary.op.id() {
                T_ADD | T_SUB | T_LOR => {
                    !(is_on && to == Target::Classic)
                        && keeps_meaning(lhs, to)
                        && keeps_meaning(rhs, to)
                }
                T_MUL => {
                    (number(lhs).is_some() && keeps_meaning(rhs, to))
                        || (number(rhs).is_some() && keeps_meaning(lhs, to))
                }
                T_DIV => number(rhs).is_some() && keeps_meaning(lhs, to),
                _ => false,
            }
        }
        Expr::Unary(_)
        | Expr::Subquery(_)
        | Expr::NumberLiteral(_)
        | Expr::StringLiteral(_)
        | Expr::Extension(_) => false,
    }
}
