//! Limits: whether values can be as high, or as low, as they are compared with.

use std::ops::Range;

use promql_parser::parser::token::{
    T_ADD, T_DIV, T_EQLC, T_GTE, T_GTR, T_LSS, T_LTE, T_MUL, T_SUB, TokenId,
};
use promql_parser::parser::{BinaryExpr, Expr};
use shadowcat_metrics_codegen::codes::promql as codes;
use shadowcat_metrics_codegen::name::bucket_bound;

use super::check::Walk;
use super::vocabulary::Ceiling;

impl Walk<'_> {
    /// Checks that values can be as high as they are asked to be.
    pub(super) fn ceiling(&mut self, binary: &BinaryExpr, ceiling: Ceiling, place: Range<usize>) {
        let Some((op @ (T_GTR | T_GTE | T_EQLC), limit)) = comparison(binary) else {
            return;
        };
        let highest = ceiling.highest();
        let reaches = op != T_GTR;
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
            Ceiling::State => (
                codes::UNREACHABLE_LIMIT,
                format!("`{name}` is 0 or 1, and never {limit}"),
                "expected `== 1`, and the state in braces".to_owned(),
                "a state has a series for each of its values: 1 for the one that it is in, and 0 for the others",
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

    /// Checks that what is 1 at least can be as low as it is asked to be.
    pub(super) fn least_count(&mut self, binary: &BinaryExpr, place: Range<usize>) {
        let is_in_vain = match comparison(binary) {
            Some((T_EQLC | T_LTE, limit)) => limit < 1.0,
            Some((T_LSS, limit)) => limit <= 1.0,
            Some(_) | None => false,
        };
        if !is_in_vain || self.has_variables() {
            return;
        }
        let name = &self.query[place.clone()];
        let expected = if name.starts_with("absent") {
            "expected no comparison: it is there when the series are not"
        } else {
            "expected `absent(...)`, or `or vector(0)` behind it, both in parentheses"
        };
        let message = format!("`{name}` is 1 or more, or not there at all, and so never below 1");
        self.find(codes::UNREACHABLE_LIMIT, place, message, expected, None);
    }
}

/// How values are compared with a number, as if that stood on the right.
fn comparison(binary: &BinaryExpr) -> Option<(TokenId, f64)> {
    let op = binary.op.id();
    match (number(&binary.lhs), number(&binary.rhs)) {
        (None, Some(limit)) => Some((op, limit)),
        (Some(limit), None) => {
            let turned = match op {
                T_GTR => T_LSS,
                T_GTE => T_LTE,
                T_LSS => T_GTR,
                T_LTE => T_GTE,
                op => op,
            };
            Some((turned, limit))
        }
        (Some(_), Some(_)) | (None, None) => None,
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
