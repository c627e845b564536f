//! A query's tokens from the parser's own lexer, with positions.

use std::ops::Range;

use lrpar::{Lexeme as _, Lexer as _};
use promql_parser::parser;
use promql_parser::parser::token::{
    T_ADD, T_ATAN2, T_COLON, T_COMMA, T_DIV, T_DURATION, T_EOF, T_EQLC, T_GTE, T_GTR, T_IDENTIFIER,
    T_LAND, T_LEFT_BRACE, T_LEFT_PAREN, T_LOR, T_LSS, T_LTE, T_LUNLESS, T_METRIC_IDENTIFIER, T_MOD,
    T_MUL, T_NEQ, T_NUMBER, T_POW, T_RIGHT_BRACE, T_RIGHT_BRACKET, T_RIGHT_PAREN, T_STRING, T_SUB,
    TokenId, TokenType,
};

/// A part of a query, in bytes.
pub(super) type Place = Range<usize>;

/// A token and its position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) id: TokenId,
    pub(super) place: Place,
}

impl Token {
    pub(super) fn is_aggregator(&self) -> bool {
        TokenType::new(self.id).is_aggregator()
    }

    /// Returns whether it is a binary operator.
    pub(super) fn is_operator(&self) -> bool {
        precedence(self.id).is_some()
    }
}

/// Returns the tokens of a text without the end token, or `None` if the lexer refuses it.
pub(super) fn tokens(text: &str) -> Option<Vec<Token>> {
    let lexer = parser::lexer(text).ok()?;
    let lexemes = lexer.iter().filter_map(Result::ok);
    let tokens = lexemes.map(|lexeme| Token {
        id: lexeme.tok_id(),
        place: lexeme.span().start()..lexeme.span().end(),
    });
    Some(tokens.filter(|token| token.id != T_EOF).collect())
}

/// Returns the precedence of an operator, or `None` for other tokens. `+` and `-` may also be signs.
fn precedence(id: TokenId) -> Option<u8> {
    Some(match id {
        T_LOR => 1,
        T_LAND | T_LUNLESS => 2,
        T_EQLC | T_GTE | T_GTR | T_LSS | T_LTE | T_NEQ => 3,
        T_ADD | T_SUB => 4,
        T_MUL | T_DIV | T_MOD | T_ATAN2 => 5,
        T_POW => 6,
        _ => return None,
    })
}

/// Returns whether a token ends an operand, so that a sign after it is an operator.
fn ends_operand(id: TokenId) -> bool {
    let ends = [
        T_DURATION,
        T_IDENTIFIER,
        T_METRIC_IDENTIFIER,
        T_NUMBER,
        T_RIGHT_BRACE,
        T_RIGHT_BRACKET,
        T_RIGHT_PAREN,
        T_STRING,
    ];
    ends.contains(&id)
}

/// The size of a query in terms of time and stack space.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Size {
    /// Number of operators. Each makes the tree deeper on its left side, where the parser checks types.
    pub(super) operators: usize,
    /// Depth of the tree without the left sides of operators.
    pub(super) depth: usize,
}

/// The state between two parentheses.
#[derive(Default)]
struct Level {
    /// Precedences of the operators whose right side is incomplete, the loosest first.
    pending: Vec<u8>,
    /// Number of signs, `^` and subqueries in the current operand, which nest.
    chain: usize,
}

impl Size {
    pub(super) fn of(tokens: &[Token]) -> Self {
        let mut size = Self::default();
        let mut levels = vec![Level::default()];
        let (mut before, mut in_braces) = (None, false);
        // The depth of all levels except the innermost.
        let mut outer = 0;
        for token in tokens {
            let inside = levels.len() > 1;
            let Some(level) = levels.last_mut() else {
                break;
            };
            match token.id {
                T_LEFT_BRACE => in_braces = true,
                T_RIGHT_BRACE => in_braces = false,
                _ if in_braces => {}
                T_LEFT_PAREN => {
                    outer += level.pending.len() + level.chain + 1;
                    levels.push(Level::default());
                }
                T_RIGHT_PAREN if inside => {
                    levels.pop();
                    if let Some(level) = levels.last() {
                        outer -= level.pending.len() + level.chain + 1;
                    }
                }
                T_COMMA => *level = Level::default(),
                T_COLON => level.chain += 1,
                T_ADD | T_SUB if !before.is_some_and(ends_operand) => level.chain += 1,
                T_POW => {
                    size.operators += 1;
                    level.chain += 1;
                }
                id => {
                    if let Some(precedence) = precedence(id) {
                        size.operators += 1;
                        level.pending.retain(|pending| *pending < precedence);
                        level.pending.push(precedence);
                        level.chain = 0;
                    }
                }
            }
            before = Some(token.id);
            if let Some(level) = levels.last() {
                size.depth = size.depth.max(outer + level.pending.len() + level.chain);
            }
        }
        size
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(query: &str) -> (usize, usize) {
        let size = Size::of(&tokens(query).expect("it lexes"));
        (size.operators, size.depth)
    }

    #[test]
    fn sizes() {
        assert_eq!(size("x"), (0, 0));
        assert_eq!(size("x + y or z{a!=\"b\"}"), (2, 1));
        assert_eq!(size("x or y + z"), (2, 2));
        assert_eq!(size("x or y or z + a + b"), (4, 2));
        assert_eq!(size("((x)) + (y)"), (1, 2));
        assert_eq!(size("x + (y + (z))"), (2, 4));
        assert_eq!(size("x ^ y ^ - z"), (2, 3));
        assert_eq!(size("-x + -x + -x"), (2, 2));
        assert_eq!(size("rate(x[5m]) - x[5m:1m] - f(x[5m:1m], y)"), (2, 3));
    }
}
