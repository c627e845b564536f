//! The histograms that a selector reads: by their names, or possibly by a pattern or a variable.

use promql_parser::label::{MatchOp, Matcher};
use promql_parser::parser::VectorSelector;
use promql_parser::parser::token::T_STRING;

use super::super::matchers::{alternatives, matches_any};
use super::super::query::{Place, Token};
use super::super::text::{is_variable, pattern_of};
use super::super::write::{Form, Part};
use super::{KnownHistograms, Rewrite, Series, Target};

/// The label that is the name of a series.
const NAME: &str = "__name__";

impl KnownHistograms {
    /// Returns the names of all series in the form that is rewritten.
    fn old_names(&self, to: Target) -> impl Iterator<Item = String> {
        self.0.keys().flat_map(move |histogram| {
            let suffixes = match to {
                Target::Native => &Series::ALL.map(Series::suffix)[..],
                Target::Classic => &[""],
            };
            let names = suffixes.iter().map(|suffix| format!("{histogram}{suffix}"));
            names.collect::<Vec<_>>()
        })
    }

    /// Returns whether a name is that of a series in the form that is rewritten.
    pub(super) fn is_old(&self, name: &str, to: Target) -> bool {
        let found = self.find(name);
        found.is_some_and(|(_, series)| series.is_some() == (to == Target::Native))
    }

    /// Returns the position of the first name in a text that is one of a series in the form that is rewritten. The name of a
    /// native histogram is also that of the metric, so it must look like a part of a query.
    #[must_use]
    pub fn mentioned(&self, text: &str, to: Target) -> Option<Place> {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
        let mut start = 0;
        while let Some(next) = text[start..].find(is_name) {
            start += next;
            let rest = &text[start..];
            let end = start + rest.find(|c| !is_name(c)).unwrap_or(rest.len());
            let is_part_of_query =
                || text[..start].ends_with('(') || text[end..].starts_with(['[', '{']);
            if self.is_old(&text[start..end], to) && (to == Target::Native || is_part_of_query()) {
                return Some(start..end);
            }
            start = end;
        }
        None
    }
}

impl<'q> Rewrite<'q> {
    /// Returns the name that a selector selects, without variables: `name`, `{"name"}` or `{__name__="name"}`.
    pub(super) fn name_of(&self, selector: &'q VectorSelector) -> Option<&'q str> {
        if let Some(name) = selector.name.as_deref() {
            let tokens = self.query.selector(selector)?;
            let written = &self.written[tokens.first()?.place.clone()];
            return (written == name).then_some(name);
        }
        let mut named = of_name(&selector.matchers.matchers);
        let (name, others) = (named.next()?, named.count());
        let is_one = others == 0
            && name.op == MatchOp::Equal
            && selector.matchers.or_matchers.is_empty()
            && !is_variable(&name.value);
        is_one.then_some(name.value.as_str())
    }

    /// Returns the position of a selector's name, without its quotes.
    pub(super) fn place_of_name(&self, selector: &VectorSelector, name: &str) -> Option<Place> {
        let place = self.query.name_of_selector(selector)?;
        (self.query.text[place.clone()] == *name).then_some(place)
    }

    pub(super) fn text(&self, token: &Token) -> &'q str {
        &self.query.text[token.place.clone()]
    }

    /// Returns the text of a string between its quotes.
    fn inside(&self, token: &Token) -> Option<&'q str> {
        let text = self.text(token);
        (token.id == T_STRING).then(|| text.get(1..text.len() - 1))?
    }

    /// Returns whether a selector reads a histogram in the form that is rewritten, or may read one.
    pub(super) fn is_old(&self, selector: &'q VectorSelector) -> bool {
        match self.name_of(selector) {
            Some(name) => self.known.is_old(name, self.to),
            None => self.may_be_old(selector),
        }
    }

    /// Returns whether a selector without a certain name may read a histogram in the form that is rewritten.
    fn may_be_old(&self, selector: &'q VectorSelector) -> bool {
        let old_names: Vec<_> = self.known.old_names(self.to).collect();
        let old_names = || old_names.iter().map(String::as_str);
        if selector.name.is_some() {
            let tokens = self.query.selector(selector).unwrap_or_default();
            let written = tokens
                .first()
                .map(|token| &self.written[token.place.clone()]);
            return matches_any(&pattern_of(written.unwrap_or_default()), old_names());
        }
        let alternatives = selector.matchers.or_matchers.iter();
        let mut all = alternatives.chain(std::iter::once(&selector.matchers.matchers));
        all.any(|matchers| {
            let reads_buckets =
                self.to == Target::Native && matchers.iter().any(|matcher| matcher.name == "le");
            let names_any = of_name(matchers)
                .any(|matcher| matches!(matcher.op, MatchOp::Equal | MatchOp::Re(_)));
            let fits = |name: &str| of_name(matchers).all(|matcher| fits(matcher, name));
            (names_any || reads_buckets) && old_names().any(fits)
        })
    }

    /// Renames the histograms in a selector whose pattern is a list of names, if their values do not matter. Returns false if
    /// there is no such pattern.
    pub(super) fn renamed_list(&mut self, selector: &'q VectorSelector) -> bool {
        let mut named = of_name(&selector.matchers.matchers);
        let (Some(matcher), None) = (named.next(), named.next()) else {
            return false;
        };
        let is_pattern = matches!(matcher.op, MatchOp::Re(_));
        let listed = alternatives(&matcher.value);
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
        let are_names = listed.iter().all(|name| name.chars().all(word));
        if !is_pattern || !are_names || !selector.matchers.or_matchers.is_empty() {
            return false;
        }
        let mut renamed: Vec<String> = Vec::new();
        for name in &listed {
            let new = match self.known.find(name) {
                Some((histogram, Some(_))) if self.to == Target::Native => histogram.to_owned(),
                Some((histogram, None)) if self.to == Target::Classic => {
                    format!("{histogram}{}", Form::Classic.suffix(Part::Count))
                }
                Some(_) | None => (*name).to_owned(),
            };
            if !renamed.contains(&new) {
                renamed.push(new);
            }
        }
        // A list of both forms needs no change.
        if renamed.iter().all(|new| listed.contains(&new.as_str())) {
            return true;
        }
        let tokens = self.query.selector(selector).unwrap_or_default();
        let is_value = |token: &&Token| self.inside(token) == Some(&matcher.value);
        let Some(token) = tokens.iter().find(is_value) else {
            return false;
        };
        self.edit(
            token.place.start + 1..token.place.end - 1,
            renamed.join("|"),
        );
        true
    }
}

/// Returns the matchers of the name.
fn of_name(matchers: &[Matcher]) -> impl Iterator<Item = &Matcher> {
    matchers.iter().filter(|matcher| matcher.name == NAME)
}

/// Returns whether a name fits a matcher of names, for some values of its variables.
fn fits(matcher: &Matcher, name: &str) -> bool {
    if !is_variable(&matcher.value) {
        return matcher.is_match(name);
    }
    match matcher.op {
        MatchOp::Equal | MatchOp::Re(_) => matches_any(&pattern_of(&matcher.value), [name]),
        MatchOp::NotEqual | MatchOp::NotRe(_) => true,
    }
}
