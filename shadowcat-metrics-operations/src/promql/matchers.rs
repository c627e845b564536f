//! Label matchers: whether any series has such a label, and such a value.

use std::ops::Range;

use promql_parser::label::{MatchOp, Matcher};
use shadowcat_metrics_codegen::codes::promql as codes;
use shadowcat_metrics_codegen::name::bucket_bound;
use shadowcat_metrics_codegen::suggest;

use super::check::Walk;
use super::scan::Selector;
use super::variables::is_variable;
use super::vocabulary::Values;

/// Checks the matchers of a selector whose series are known.
pub(super) fn check<'m>(
    walk: &mut Walk<'_>,
    name: &str,
    matchers: impl Iterator<Item = &'m Matcher>,
    place: &Selector,
) {
    let Some(series) = walk.vocabulary.series.get(name) else {
        return;
    };
    for (at, matcher) in matchers
        .filter(|matcher| matcher.name != "__name__")
        .enumerate()
    {
        let places = place.matchers.get(at).cloned();
        let (label_place, value_place) =
            places.unwrap_or_else(|| (place.name.clone(), place.name.clone()));
        if walk.vocabulary.target_labels.contains(&matcher.name) || is_variable(&matcher.name) {
            continue;
        }
        let Some(values) = series.labels.get(&matcher.name) else {
            let known = series.labels.keys().chain(&walk.vocabulary.target_labels);
            let known = known.map(String::as_str);
            let expected = match suggest::nearest(&matcher.name, known.clone()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("expected {}", suggest::list(known)),
            };
            walk.find(
                codes::SERIES_WITHOUT_LABEL,
                label_place,
                format!("`{name}` has no label `{}`", matcher.name),
                expected,
                Some("a label that scraping adds is named in `[operations]`: target_labels = [\"NAME\"]"),
            );
            continue;
        };
        if is_variable(&matcher.value) {
            continue;
        }
        match values {
            Values::Open => {}
            Values::Closed(known) => check_closed(walk, matcher, known, value_place),
            Values::Bounds(bounds) => check_bound(walk, matcher, bounds, &value_place),
        }
    }
}

fn check_closed(walk: &mut Walk<'_>, matcher: &Matcher, known: &[String], place: Range<usize>) {
    let names = || known.iter().map(String::as_str);
    let unknown: Vec<_> = match &matcher.op {
        MatchOp::Equal | MatchOp::NotEqual => vec![matcher.value.as_str()],
        MatchOp::Re(regex) | MatchOp::NotRe(regex) => match alternatives(&matcher.value) {
            Some(literals) => literals,
            None if names().any(|value| regex.is_match(value)) => return,
            None => vec![matcher.value.as_str()],
        },
    };
    for value in unknown
        .into_iter()
        .filter(|value| !names().any(|known| known == *value))
    {
        let expected = match suggest::nearest(value, names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("expected {}", suggest::list(names())),
        };
        walk.find(
            codes::UNREACHABLE_VALUE,
            part_of(walk.query, &place, value),
            format!("no series has `{}` = `{value}`", matcher.name),
            expected,
            None,
        );
    }
}

fn check_bound(walk: &mut Walk<'_>, matcher: &Matcher, bounds: &[f64], place: &Range<usize>) {
    let literals = match &matcher.op {
        MatchOp::Equal | MatchOp::NotEqual => Some(vec![matcher.value.as_str()]),
        MatchOp::Re(_) | MatchOp::NotRe(_) => alternatives(&matcher.value),
    };
    // Dots and pluses of numbers mean something else in a pattern, so others are left to their authors.
    for value in literals.unwrap_or_default() {
        let written = value.replace('\\', "");
        let spelled = |bound: &f64| bucket_bound(*bound) == written;
        if written == "+Inf" || bounds.iter().any(spelled) {
            continue;
        }
        let number = written.parse::<f64>().ok();
        let same = number.and_then(|number| {
            let near = |bound: &&f64| (**bound - number).abs() <= bound.abs() * 1e-12;
            bounds.iter().find(near)
        });
        let (message, label) = match (same, number) {
            (Some(bound), _) => (
                format!("`le` is compared as text, and this bound is not spelled `{written}`"),
                format!("expected `{}`", bucket_bound(*bound)),
            ),
            (None, Some(number)) => {
                let above = bounds.partition_point(|bound| *bound < number);
                let from = above.saturating_sub(1).min(bounds.len());
                let nearest = bounds[from..(above + 1).min(bounds.len())].iter();
                let nearest: Vec<_> = nearest.map(|bound| bucket_bound(*bound)).collect();
                let nearest = suggest::list(nearest.iter().map(String::as_str));
                (
                    format!("there is no bucket with the bound {written}"),
                    format!("expected a bound; the nearest: {nearest}"),
                )
            }
            (None, None) => (
                format!("`{written}` is no bound"),
                "expected a number, or `+Inf`".to_owned(),
            ),
        };
        let place = part_of(walk.query, place, value);
        walk.find(codes::NOT_A_BUCKET, place, message, label, None);
    }
}

/// The texts that a pattern such as `ok|error` is made of; none if there is more in it.
fn alternatives(pattern: &str) -> Option<Vec<&str>> {
    let plain = pattern.strip_prefix('^').unwrap_or(pattern);
    let plain = plain.strip_suffix('$').unwrap_or(plain);
    let grouped = plain
        .strip_prefix('(')
        .and_then(|inner| inner.strip_suffix(')'));
    let plain = grouped.unwrap_or(plain);
    let literal = |text: &str| {
        let special = |c| r".+*?()[]{}^$|\".contains(c);
        !text.is_empty() && !text.contains(special)
    };
    let parts: Vec<_> = plain.split('|').collect();
    parts.iter().all(|part| literal(part)).then_some(parts)
}

/// Where a value stands in a quoted text: all of it, if it is there in another way.
fn part_of(query: &str, place: &Range<usize>, value: &str) -> Range<usize> {
    let text = &query[place.clone()];
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let alone = text.match_indices(value).find(|(at, _)| {
        let before = text[..*at].chars().next_back();
        let behind = text[at + value.len()..].chars().next();
        !before.is_some_and(word) && !behind.is_some_and(word)
    });
    match alone.filter(|_| !value.is_empty()) {
        Some((at, _)) => place.start + at..place.start + at + value.len(),
        None => place.clone(),
    }
}
