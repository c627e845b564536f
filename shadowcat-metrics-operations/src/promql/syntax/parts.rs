//! The smallest part of a query of which the parser says the same as of all, and what is in it.

use std::ops::Range;

use super::super::tokens::{Place, Token};
use super::refusal;

/// How many words a part may have whose own parts are looked at.
const LONGEST: usize = 60;

/// A part of a query that is wrong in itself.
pub(super) struct Part<'q> {
    query: &'q str,
    written: &'q str,
    tokens: &'q [(Token, Place)],
    pub(super) place: Range<usize>,
}

impl<'q> Part<'q> {
    /// The smallest part of which the parser says the same.
    pub(super) fn find(
        query: &'q str,
        written: &'q str,
        tokens: &'q [(Token, Place)],
        said: &str,
    ) -> Self {
        Self {
            query,
            written,
            tokens,
            place: smallest(query, tokens, said),
        }
    }

    /// What is written at a place.
    pub(super) fn written(&self, place: &Range<usize>) -> &'q str {
        &self.written[place.clone()]
    }

    /// What it is written in.
    pub(super) fn tokens_in(&self) -> impl DoubleEndedIterator<Item = &(Token, Place)> {
        let within = |place: &Place| self.place.start <= place.start && place.end <= self.place.end;
        self.tokens.iter().filter(move |(_, place)| within(place))
    }

    /// The last of what is written in such a way; all of it if there is none.
    pub(super) fn last(&self, wanted: &Token) -> Range<usize> {
        let mut tokens = self.tokens_in();
        let last = tokens.rfind(|(token, _)| token == wanted);
        last.map_or_else(|| self.place.clone(), |(_, place)| place.clone())
    }

    /// The first range or text that is in no parentheses and braces.
    pub(super) fn outermost(&self) -> Option<(Token, Range<usize>)> {
        let mut depth = 0_usize;
        for (token, place) in self.tokens_in() {
            match token {
                Token::Sign('(' | '{') => depth += 1,
                Token::Sign(')' | '}') => depth = depth.saturating_sub(1),
                Token::Range | Token::Text if depth == 0 => {
                    return Some((token.clone(), place.clone()));
                }
                Token::Sign(_) | Token::Word | Token::Text | Token::Number | Token::Range => {}
            }
        }
        None
    }

    /// What it begins with: the name of what is called.
    pub(super) fn first_word(&self) -> Range<usize> {
        let first = self.tokens_in().next();
        first.map_or_else(|| self.place.clone(), |(_, place)| place.clone())
    }

    /// The last place of a word.
    pub(super) fn word(&self, word: &str) -> Option<Range<usize>> {
        let same = |place: &Place| self.query[place.clone()].eq_ignore_ascii_case(word);
        let mut tokens = self.tokens_in();
        tokens
            .rfind(|(_, place)| same(place))
            .map(|(_, place)| place.clone())
    }

    /// More signs than make an operator, behind each other.
    pub(super) fn signs(&self) -> Option<Range<usize>> {
        let is_sign = |c: char| "=!~".contains(c);
        let mut tokens = self
            .tokens_in()
            .filter(|(token, _)| matches!(token, Token::Sign('=' | '!' | '~')));
        tokens.find_map(|(_, place)| {
            let rest = &self.query[place.start..self.place.end];
            let end = place.start + rest.find(|c| !is_sign(c)).unwrap_or(rest.len());
            let signs = &self.query[place.start..end];
            (!["=", "=~", "!=", "!~", "~"].contains(&signs)).then_some(place.start..end)
        })
    }
}

/// The smallest part of which the parser says the same as of all.
fn smallest(query: &str, tokens: &[(Token, Place)], said: &str) -> Range<usize> {
    let text = |from: usize, to: usize| tokens[from].1.start..tokens[to].1.end;
    let says_it =
        |from: usize, to: usize| refusal(&query[text(from, to)]).is_some_and(|why| why == said);
    // Of the groups in parentheses, with the word before each, the smallest comes first.
    let mut open = Vec::new();
    let mut groups = Vec::new();
    for (at, (token, _)) in tokens.iter().enumerate() {
        match token {
            Token::Sign('(') => {
                let called = at
                    .checked_sub(1)
                    .filter(|before| tokens[*before].0 == Token::Word);
                open.push(called.unwrap_or(at));
            }
            Token::Sign(')') => groups.extend(open.pop().map(|from| (from, at))),
            Token::Sign(_) | Token::Word | Token::Text | Token::Number | Token::Range => {}
        }
    }
    groups.sort_by_key(|(from, to)| (to - from, *from));
    let group = groups.into_iter().find(|(from, to)| says_it(*from, *to));
    let (first, last) = group.unwrap_or((0, tokens.len() - 1));
    if last - first > LONGEST {
        return text(first, last);
    }
    let begins = |at: usize| {
        matches!(
            tokens[at].0,
            Token::Word | Token::Text | Token::Number | Token::Sign('(' | '{' | '-')
        )
    };
    let ends = |at: usize| !matches!(tokens[at].0, Token::Sign(c) if c != ')' && c != '}');
    for length in 1..=last - first {
        for from in first..=last - length + 1 {
            let to = from + length - 1;
            if begins(from) && ends(to) && says_it(from, to) {
                return text(from, to);
            }
        }
    }
    text(first, last)
}
