//! The positions of the parts of a parsed query, for edits of its text.

use std::any;
use std::collections::HashMap;
use std::ops::Range;
use std::ptr;

use promql_parser::parser::token::{
    T_BY, T_COMMA, T_LEFT_PAREN, T_RIGHT_PAREN, T_WITHOUT, TokenId,
};
use promql_parser::parser::{Expr, VectorSelector};

use super::tokens::{Place, Token};

/// The tokens of each part of a query. Parts are identified by their addresses in the tree.
#[derive(Debug, Default)]
pub(super) struct Spans(HashMap<Key, Range<usize>>);

/// The address and the type of a part: a part and its first field may have the same address.
type Key = (usize, &'static str);

fn key<T>(part: &T) -> Key {
    (ptr::from_ref(part).addr(), any::type_name::<T>())
}

impl Spans {
    /// Records the tokens of a part.
    pub(super) fn record<T>(&mut self, part: &T, tokens: Range<usize>) {
        self.0.insert(key(part), tokens);
    }

    fn of<T>(&self, part: &T) -> Option<Range<usize>> {
        self.0.get(&key(part)).cloned()
    }
}

/// A query's tree and tokens, with the positions of its parts.
#[derive(Debug)]
pub(super) struct Spanned<'q> {
    pub(super) expr: &'q Expr,
    pub(super) text: &'q str,
    pub(super) tokens: &'q [Token],
    pub(super) spans: Spans,
}

/// `by (...)` or `without (...)`.
#[derive(Debug)]
pub(super) struct Grouping {
    pub(super) is_by: bool,
    /// From the keyword to the closing parenthesis.
    pub(super) place: Place,
    pub(super) labels: Vec<Place>,
}

impl<'q> Spanned<'q> {
    fn tokens_of<T>(&self, part: &T) -> Option<&'q [Token]> {
        let tokens = self.tokens.get(self.spans.of(part)?)?;
        (!tokens.is_empty()).then_some(tokens)
    }

    /// Returns the position of an expression, without a sign `+` before it.
    pub(super) fn expr(&self, expr: &Expr) -> Option<Place> {
        place(self.tokens_of(expr)?)
    }

    /// Returns the tokens of a series selector, without its range.
    pub(super) fn selector(&self, selector: &VectorSelector) -> Option<&'q [Token]> {
        self.tokens_of(selector)
    }

    /// Returns the position of the name of a function or aggregation.
    pub(super) fn name(&self, expr: &Expr) -> Option<Place> {
        self.tokens_of(expr)?
            .first()
            .map(|token| token.place.clone())
    }

    /// Returns the labels of an aggregation, if it has any.
    pub(super) fn grouping(&self, aggregate: &Expr) -> Option<Grouping> {
        let tokens = self.tokens_of(aggregate)?;
        let mut depth = 0_usize;
        for (at, token) in tokens.iter().enumerate() {
            match token.id {
                T_LEFT_PAREN => depth += 1,
                T_RIGHT_PAREN => depth = depth.saturating_sub(1),
                T_BY | T_WITHOUT if depth == 0 => return labels(token.id, &tokens[at..]),
                _ => {}
            }
        }
        None
    }
}

fn place(tokens: &[Token]) -> Option<Place> {
    Some(tokens.first()?.place.start..tokens.last()?.place.end)
}

fn labels(keyword: TokenId, tokens: &[Token]) -> Option<Grouping> {
    let end = tokens.iter().position(|token| token.id == T_RIGHT_PAREN)?;
    let labels = tokens.get(2..end)?.iter();
    let labels = labels.filter(|token| token.id != T_COMMA);
    Some(Grouping {
        is_by: keyword == T_BY,
        place: place(&tokens[..=end])?,
        labels: labels.map(|token| token.place.clone()).collect(),
    })
}
