//! How far back queries look.

use std::time::Duration;

use promql_parser::parser::{Expr, Offset};

/// The longest time that an expression looks back over.
pub(super) fn look_back(expr: &Expr) -> Duration {
    let past = |offset: &Option<Offset>| match offset {
        Some(Offset::Pos(offset)) => *offset,
        Some(Offset::Neg(_)) | None => Duration::ZERO,
    };
    let longest = |parts: &[&Expr]| parts.iter().map(|part| look_back(part)).max();
    let longest = |parts: &[&Expr]| longest(parts).unwrap_or_default();
    match expr {
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => Duration::ZERO,
        Expr::Paren(paren) => look_back(&paren.expr),
        Expr::Unary(unary) => look_back(&unary.expr),
        Expr::Subquery(subquery) => {
            look_back(&subquery.expr) + subquery.range + past(&subquery.offset)
        }
        Expr::VectorSelector(selector) => past(&selector.offset),
        Expr::MatrixSelector(matrix) => matrix.range + past(&matrix.vs.offset),
        Expr::Call(call) => {
            let args: Vec<_> = call.args.args.iter().map(|arg| &**arg).collect();
            longest(&args)
        }
        Expr::Aggregate(aggregate) => look_back(&aggregate.expr),
        Expr::Binary(binary) => longest(&[&binary.lhs, &binary.rhs]),
    }
}
