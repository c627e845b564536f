//! Operators with two sides: whether they can ever match, and what they leave.

use std::collections::BTreeSet;
use std::ops::Range;

use promql_parser::parser::token::{
    T_ADD, T_DIV, T_EQLC, T_GTE, T_GTR, T_LOR, T_LSS, T_LTE, T_MUL, T_SUB,
};
use promql_parser::parser::{BinaryExpr, Expr, LabelModifier, VectorMatchCardinality};
use shadowcat_metrics_codegen::codes::promql as codes;
use shadowcat_metrics_codegen::name::bucket_bound;
use shadowcat_metrics_codegen::suggest;

use super::check::{Walk, Yield};
use super::scan::Matching;
use super::vocabulary::Ceiling;

impl Walk<'_> {
    pub(super) fn binary(&mut self, binary: &BinaryExpr) -> Yield {
        let left = self.walk(&binary.lhs);
        let matching = binary
            .modifier
            .as_ref()
            .and_then(|modifier| modifier.matching.as_ref());
        let places = match matching {
            Some(_) => self.places.matchings.pop_front().unwrap_or_default(),
            None => Matching::default(),
        };
        // Where the right side begins, so that what does not match is shown there.
        let right_side = self
            .places
            .selectors
            .front()
            .map(|selector| selector.name.clone());
        let right = self.walk(&binary.rhs);
        let compares = binary.op.is_comparison_operator();
        if left.scalar || right.scalar {
            let (vector, scalar) = if left.scalar {
                (right, left)
            } else {
                (left, right)
            };
            if compares && let Some(raw) = vector.raw {
                self.find(
                    codes::RAW_COUNTER,
                    raw,
                    "a counter is compared as it stands, which is since whenever the program started",
                    "expected `rate` or `increase` around it",
                    None,
                );
                return Yield {
                    labels: vector.labels,
                    ..Yield::default()
                };
            }
            if let Some((ceiling, place)) = vector.ceiling.clone() {
                self.ceiling(binary, ceiling, place);
            }
            return Yield {
                scalar: vector.scalar && scalar.scalar,
                shape: None,
                ceiling: None,
                ..vector
            };
        }
        let sides = (left.labels, right.labels);
        if let (Some(left), Some(right)) = &sides
            && binary.op.id() != T_LOR
        {
            let place = right_side.unwrap_or(0..self.query.len());
            self.matching(matching, &places.on, left, right, place.clone());
            self.taken_over(binary, &places.taken, left, right, &place);
        }
        let all = places.on.iter().chain(&places.taken);
        let is_open = all.clone().any(|label| self.is_variable(label));
        Yield {
            // A variable may be any label.
            labels: matched_labels(binary, matching, sides).filter(|_| !is_open),
            ..Yield::default()
        }
    }

    /// Checks that values can be as high as they are asked to be.
    fn ceiling(&mut self, binary: &BinaryExpr, ceiling: Ceiling, place: Range<usize>) {
        let op = binary.op.id();
        let limit = match (number(&binary.lhs), number(&binary.rhs)) {
            (None, Some(limit)) if op == T_GTR || op == T_GTE || op == T_EQLC => limit,
            (Some(limit), None) if op == T_LSS || op == T_LTE || op == T_EQLC => limit,
            _ => return,
        };
        let highest = ceiling.highest();
        let reaches = op != T_GTR && op != T_LSS;
        if self.has_variables() || limit < highest || (reaches && limit <= highest) {
            return;
        }
        let name = &self.query[place.clone()];
        let (code, message, label, help) = match ceiling {
            Ceiling::Bound(_) => (
                codes::QUANTILE_UNFIT,
                format!(
                    "a quantile is never above the highest bound of the buckets, and {limit} is not below it"
                ),
                format!("at most {}", bucket_bound(highest)),
                "what is longer or larger is only known to be so: watch the share of observations up to a bound, or add a bound",
            ),
            Ceiling::Whole(_) => (
                codes::UNREACHABLE_LIMIT,
                format!(
                    "`{name}` is never {} {limit}",
                    if limit > highest {
                        "as high as"
                    } else {
                        "above"
                    }
                ),
                // Without the noise of a division.
                format!("at most {}", (highest * 1e6).round() / 1e6),
                if highest > 1.0 {
                    "a budget burns fastest when every event is bad"
                } else {
                    "a share is from 0 to 1; times 100 it is in percent"
                },
            ),
        };
        self.find(code, place, message, label, Some(help));
    }

    /// Checks that the labels which `group_left` or `group_right` lists are on the side that they are taken from.
    fn taken_over(
        &mut self,
        binary: &BinaryExpr,
        places: &[Range<usize>],
        left: &BTreeSet<String>,
        right: &BTreeSet<String>,
        place: &Range<usize>,
    ) {
        let (listed, from) = match binary.modifier.as_ref().map(|modifier| &modifier.card) {
            Some(VectorMatchCardinality::ManyToOne(listed)) => (listed, right),
            Some(VectorMatchCardinality::OneToMany(listed)) => (listed, left),
            Some(VectorMatchCardinality::OneToOne | VectorMatchCardinality::ManyToMany) | None => {
                return;
            }
        };
        self.grouping(&listed.labels, places, from, place);
    }

    fn matching(
        &mut self,
        matching: Option<&LabelModifier>,
        places: &[Range<usize>],
        left: &BTreeSet<String>,
        right: &BTreeSet<String>,
        place: Range<usize>,
    ) {
        let (left, right): (BTreeSet<_>, BTreeSet<_>) = match matching {
            Some(LabelModifier::Include(listed)) => {
                let both = left.intersection(right).cloned().collect();
                self.grouping(&listed.labels, places, &both, &place);
                return;
            }
            Some(LabelModifier::Exclude(listed)) => {
                let either = left.union(right).cloned().collect();
                self.grouping(&listed.labels, places, &either, &place);
                let rest = |side: &BTreeSet<String>| {
                    side.iter()
                        .filter(|label| !listed.labels.contains(label))
                        .cloned()
                        .collect()
                };
                (rest(left), rest(right))
            }
            None => (left.clone(), right.clone()),
        };
        let apart: Vec<_> = left
            .symmetric_difference(&right)
            .map(String::as_str)
            .collect();
        if apart.is_empty() || places.iter().any(|label| self.is_variable(label)) {
            return;
        }
        self.find(
            codes::UNMATCHED_LABELS,
            place,
            format!("the two sides never match: only one of them has {}", suggest::list(apart)),
            "expected series with the labels of the left side",
            Some("`on (...)` or `ignoring (...)` says which labels are to be equal; `sum by (...)` takes the others away"),
        );
    }
}

/// The number that a side is, if it is written as one, or computed of some.
fn number(expr: &Expr) -> Option<f64> {
    match expr {
        Expr::NumberLiteral(number) => Some(number.val),
        Expr::Paren(paren) => number(&paren.expr),
        Expr::Unary(unary) => number(&unary.expr).map(|number| -number),
        Expr::Binary(binary) => {
            let (left, right) = (number(&binary.lhs)?, number(&binary.rhs)?);
            match binary.op.id() {
                T_ADD => Some(left + right),
                T_SUB => Some(left - right),
                T_MUL => Some(left * right),
                T_DIV => Some(left / right),
                _ => None,
            }
        }
        _ => None,
    }
}

fn matched_labels(
    binary: &BinaryExpr,
    matching: Option<&LabelModifier>,
    sides: (Option<BTreeSet<String>>, Option<BTreeSet<String>>),
) -> Option<BTreeSet<String>> {
    let (left, right) = sides;
    if binary.op.id() == T_LOR {
        return (left == right).then_some(left).flatten();
    }
    if binary.op.is_set_operator() {
        return left;
    }
    let card = binary.modifier.as_ref().map(|modifier| &modifier.card);
    match card {
        Some(VectorMatchCardinality::ManyToOne(more)) => {
            let mut labels = left?;
            labels.extend(more.labels.iter().cloned());
            Some(labels)
        }
        Some(VectorMatchCardinality::OneToMany(more)) => {
            let mut labels = right?;
            labels.extend(more.labels.iter().cloned());
            Some(labels)
        }
        Some(VectorMatchCardinality::OneToOne | VectorMatchCardinality::ManyToMany) | None => {
            match matching {
                Some(LabelModifier::Include(listed)) => {
                    Some(listed.labels.iter().cloned().collect())
                }
                Some(LabelModifier::Exclude(listed)) => left.map(|mut labels| {
                    labels.retain(|label| !listed.labels.contains(label));
                    labels
                }),
                None => left.or(right),
            }
        }
    }
}
