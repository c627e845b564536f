//! Literals in generated code, which is written as text, compared with those that `quote` makes of the same values.

use proptest::prelude::*;
use quote::ToTokens as _;
use syn::{Expr, ExprLit, ExprUnary, Lit, UnOp};

/// Returns the number of a literal, which `quote` writes with a suffix.
fn number(code: &str) -> f64 {
    let literal = |expression: &Expr| {
        let parsed: syn::Result<f64> = match expression {
            Expr::Lit(ExprLit {
                lit: Lit::Float(float),
                ..
            }) => float.base10_parse(),
            // With its suffix, a number without a point is an integer to `syn`.
            Expr::Lit(ExprLit {
                lit: Lit::Int(integer),
                ..
            }) => integer.base10_parse(),
            _ => panic!("{code} is no number"),
        };
        parsed.expect("a number")
    };
    match syn::parse_str(code).expect("an expression") {
        Expr::Unary(ExprUnary {
            op: UnOp::Neg(_),
            expr,
            ..
        }) => -literal(&expr),
        expression => literal(&expression),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn texts(text in any::<String>()) {
        let value = |code: &str| syn::parse_str::<syn::LitStr>(code).expect("a string literal").value();
        prop_assert_eq!(value(&format!("{text:?}")), value(&text.to_token_stream().to_string()));
    }

    #[test]
    fn numbers(float in any::<f64>().prop_filter("bounds are finite", |float| float.is_finite())) {
        let quoted = number(&float.to_token_stream().to_string());
        prop_assert_eq!(number(&format!("{float:?}")).to_bits(), quoted.to_bits());
    }
}
