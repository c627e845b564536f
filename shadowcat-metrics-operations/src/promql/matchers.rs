//! Label matchers: whether any series has such a label, and such a value.

use std::ops::Range;

use promql_parser::label::{MatchOp, Matcher};
use promql_parser::parser::VectorSelector;
use shadowcat_metrics_codegen::codes::promql as codes;
use shadowcat_metrics_codegen::name::bucket_bound;
use shadowcat_metrics_codegen::suggest;

use super::check::Walk;
use super::patterns::{alternatives, matches_any};
use super::scan::Selector;
use super::variables::is_variable;
use super::vocabulary::{Pins, Shape, Values};

/// Checks the matchers of a selector whose series are known.
pub(super) fn check<'m>(
    walk: &mut Walk<'_>,
    name: &str,
    matchers: impl Iterator<Item = &'m Matcher>,
    place: &Selector,
) {
    let vocabulary = walk.vocabulary;
    let Some(series) = vocabulary.series.get(name) else {
        return;
    };
    let mut from = 0;
    for matcher in matchers {
        let (label_place, value_place) = place_of(walk.query, place, matcher, &mut from);
        let is_open = walk.is_variable(&label_place) || is_variable(&matcher.name);
        if matcher.name == "__name__" || is_open || vocabulary.is_of_target(series, &matcher.name) {
            continue;
        }
        let Some(values) = series.labels.get(&matcher.name) else {
            let known = vocabulary.labels_of(series).map(String::as_str);
            let known: Vec<_> = known.collect();
            let expected = match suggest::nearest(&matcher.name, known.iter().copied()) {
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
            Values::Closed(known) => check_closed(walk, matcher, known, &value_place),
            Values::Bounds(bounds) => check_bound(walk, matcher, bounds, &value_place),
        }
    }
}

/// Checks that the matchers of a closed label leave it a value, if each of them for itself does.
pub(super) fn check_together(
    walk: &mut Walk<'_>,
    name: &str,
    selector: &VectorSelector,
    place: &Selector,
) {
    let matchers = &selector.matchers;
    let Some(series) = walk.vocabulary.series.get(name) else {
        return;
    };
    if !matchers.or_matchers.is_empty() || walk.has_variables() {
        return;
    }
    for (label, values) in &series.labels {
        let Values::Closed(known) = values else {
            continue;
        };
        let mut from = 0;
        let places = matchers.matchers.iter().map(|matcher| {
            let (_, value_place) = place_of(walk.query, place, matcher, &mut from);
            (matcher, value_place)
        });
        let of_label: Vec<_> = places
            .filter(|(matcher, _)| matcher.name == *label)
            .collect();
        let fits = |value: &String| of_label.iter().all(|(matcher, _)| matcher.is_match(value));
        // One that asks for what there is not has been told, and what a variable asks for nobody knows.
        let is_told = of_label
            .iter()
            .any(|(matcher, place)| is_variable(&matcher.value) || walk.is_told(place));
        if is_told || known.iter().any(fits) {
            continue;
        }
        let shown = of_label.last().map_or(&place.name, |(_, place)| place);
        let shown = shown.clone();
        walk.find(
            codes::UNREACHABLE_VALUE,
            shown,
            format!("no value of `{label}` is left by what is asked of it"),
            format!(
                "expected to leave {}",
                suggest::list(known.iter().map(String::as_str))
            ),
            None,
        );
    }
}

/// The labels of which a selector asks for one value.
pub(super) fn pins(walk: &Walk<'_>, selector: &VectorSelector, place: &Selector) -> Pins {
    let matchers = &selector.matchers;
    let mut pins = Pins::new();
    let mut from = 0;
    for matcher in &matchers.matchers {
        let (label_place, value_place) = place_of(walk.query, place, matcher, &mut from);
        let is_open = walk.is_variable(&label_place) || walk.is_variable(&value_place);
        let is_one = matcher.op == MatchOp::Equal && !matcher.value.is_empty();
        let is_known = is_one && !is_open && !is_variable(&matcher.value);
        if is_known && matcher.name != "__name__" && matchers.or_matchers.is_empty() {
            let place = part_of(walk.query, &value_place, &matcher.value);
            pins.insert(matcher.name.clone(), (matcher.value.clone(), place));
        }
    }
    pins
}

/// Checks a pattern for names of series: each alternative with our namespace must match one.
pub(super) fn check_names(walk: &mut Walk<'_>, matcher: &Matcher, place: &Selector) {
    let (MatchOp::Re(_) | MatchOp::NotRe(_)) = &matcher.op else {
        return;
    };
    let vocabulary = walk.vocabulary;
    let (_, value_place) = place_of(walk.query, place, matcher, &mut 0);
    for pattern in alternatives(&matcher.value) {
        let exposed = vocabulary.series.iter();
        let exposed = exposed.filter(|(_, series)| series.shape != Shape::Histogram);
        let names = exposed.map(|(name, _)| name.as_str());
        if !vocabulary.is_own(pattern)
            || is_variable(pattern)
            || vocabulary.is_external(pattern)
            || matches_any(pattern, names)
        {
            continue;
        }
        walk.find(
            codes::UNKNOWN_SERIES,
            part_of(walk.query, &value_place, pattern),
            format!("no series has a name like `{pattern}`"),
            "matches none in the schema",
            None,
        );
    }
}

/// Where a matcher's label and value are written, looked for behind the matchers before it. A name in quotes, as in
/// `{"name"}`, is a matcher without a place.
pub(super) fn place_of(
    query: &str,
    selector: &Selector,
    matcher: &Matcher,
    from: &mut usize,
) -> (Range<usize>, Range<usize>) {
    let label = |place: &Range<usize>| query[place.clone()].trim_matches(['"', '\'', '`']);
    let mut rest = selector.matchers.iter().enumerate().skip(*from);
    match rest.find(|(_, (place, _))| label(place) == matcher.name) {
        Some((at, places)) => {
            *from = at + 1;
            places.clone()
        }
        None => (selector.name.clone(), selector.name.clone()),
    }
}

/// Checks a matcher on a label whose values are known.
pub(super) fn check_closed(
    walk: &mut Walk<'_>,
    matcher: &Matcher,
    known: &[String],
    place: &Range<usize>,
) {
    let names = || known.iter().map(String::as_str);
    let unknown: Vec<_> = match &matcher.op {
        // Whoever asks for a label that is there at all does no harm.
        MatchOp::NotEqual if matcher.value.is_empty() => return,
        MatchOp::Equal | MatchOp::NotEqual => vec![matcher.value.as_str()],
        MatchOp::Re(_) | MatchOp::NotRe(_) => {
            let parts = alternatives(&matcher.value).into_iter();
            parts
                .filter(|part| !part.is_empty() && !matches_any(part, names()))
                .collect()
        }
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
            part_of(walk.query, place, value),
            format!("no series has `{}` = `{value}`", matcher.name),
            expected,
            None,
        );
    }
}

fn check_bound(walk: &mut Walk<'_>, matcher: &Matcher, bounds: &[f64], place: &Range<usize>) {
    let spelled: Vec<_> = bounds.iter().map(|bound| bucket_bound(*bound)).collect();
    let known = || spelled.iter().map(String::as_str).chain(["+Inf"]);
    let (parts, is_pattern) = match &matcher.op {
        MatchOp::NotEqual if matcher.value.is_empty() => return,
        MatchOp::Equal | MatchOp::NotEqual => (vec![matcher.value.as_str()], false),
        MatchOp::Re(_) | MatchOp::NotRe(_) => (alternatives(&matcher.value), true),
    };
    for value in parts {
        // The dot of a number and the plus of `+Inf` have to be escaped in a pattern.
        let written = if is_pattern {
            value.replace('\\', "")
        } else {
            value.to_owned()
        };
        let is_known = if is_pattern {
            value.is_empty() || matches_any(value, known())
        } else {
            known().any(|bound| bound == written)
        };
        let same = same_bound(&written, bounds);
        // Both spellings together are how servers of several versions are asked.
        let is_told = |same: &String| is_pattern && matcher.is_match(same);
        if is_known || same.as_ref().is_some_and(is_told) {
            continue;
        }
        let (message, label) = match same {
            Some(same) => (
                format!("`le` is compared as text, and this bound is not spelled `{written}`"),
                format!("expected `{same}`"),
            ),
            None => unknown_bound(&written, bounds),
        };
        let place = part_of(walk.query, place, value);
        walk.find(codes::NOT_A_BUCKET, place, message, label, None);
    }
}

/// How a bound is spelled that is written in another way.
fn same_bound(written: &str, bounds: &[f64]) -> Option<String> {
    let number = written.parse::<f64>().ok()?;
    if number == f64::INFINITY {
        return Some("+Inf".to_owned());
    }
    let near = |bound: &&f64| (**bound - number).abs() <= bound.abs() * 1e-12;
    bounds.iter().find(near).map(|bound| bucket_bound(*bound))
}

/// What is wrong with a text that is none of some bounds, and what was expected.
fn unknown_bound(written: &str, bounds: &[f64]) -> (String, String) {
    let Ok(number) = written.parse::<f64>() else {
        let message = format!("`{written}` is no bound");
        return (message, "expected a number, or `+Inf`".to_owned());
    };
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

/// Where a value stands in a quoted text: all of it, if it is there in another way.
pub(super) fn part_of(query: &str, place: &Range<usize>, value: &str) -> Range<usize> {
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
