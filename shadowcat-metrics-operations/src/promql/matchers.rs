//! Checks of label matchers: whether any series has the label, with a value that the matcher accepts. Regular expressions are
//! split into their alternatives, and each of them is checked.

use std::collections::BTreeMap;

use crate::codes;
use promql_parser::label::{MatchOp, Matcher};
use promql_parser::parser::token::T_EQL_REGEX;
use shadowcat_metrics_codegen::name::bucket_bound;
use shadowcat_metrics_codegen::suggest;

use super::labels::{Labels, TARGET_LABEL};
use super::query::Place;
use super::text::{is_variable, restore};
use super::vocabulary::{Pins, Renamed, Samples, Series, Values};
use super::walk::{Matched, Selector, Walk};

shadowcat_metrics_codegen::codes! {
    table CODES;

    SERIES_WITHOUT_LABEL = "SM0903" "series-without-label": "no such label",
    "A missing label is empty in Prometheus, so the matcher selects nothing. A matcher that accepts an empty value is \
     allowed, unless the name of the label looks like a misspelling of an existing label. Every scraped series has \
     `job`, `instance` and the `target_labels` of `[operations]`.",
    wrong: alert_on!("rate({http.requests}{status='error'}[5m]) > 1"),
    right: alert_on!("rate({http.requests}{outcome='error'}[5m]) > 1");

    UNREACHABLE_VALUE = "SM0904" "unreachable-value": "no such label value",
    "A closed label has only the values in the schema. Each alternative of a pattern such as `ok|error` must match at \
     least one of them, and at least one value must satisfy all matchers of the label. In `ALERTS`, `alertname` is \
     the name of an alert, and `alertstate` is `pending` or `firing`.",
    wrong: alert_on!("rate({http.requests}{outcome='failed'}[5m]) > 1"),
    right: alert_on!("rate({http.requests}{outcome='error'}[5m]) > 1");

    NOT_A_BUCKET = "SM0905" "not-a-bucket": "no such bucket",
    "`le` is a label, so it is compared as text: the bucket is `1.0`, not `1`. Bounds are spelled like numbers in \
     OpenMetrics.",
    wrong: alert_on!("rate({http.duration}_bucket{le='1'}[5m]) > 1"),
    right: alert_on!("rate({http.duration}_bucket{le='1.0'}[5m]) > 1");

    IMPOSSIBLE_LABELS = "SM0925" "impossible-labels": "labels that no series has together",
    "In a sum label, the value of the label in `of` decides which extra labels a series has. One matcher selects a \
     value whose series lack a label that another matcher needs, so the selector matches nothing. Remove one of the matchers.",
    wrong: alert_on_call!("rate({http.calls}{method='ping', tool='hammer'}[5m]) > 1"),
    right: alert_on_call!("rate({http.calls}{method='tools/call', tool='hammer'}[5m]) > 1");
}

/// Checks the matchers of a selector with known series. Returns whether they use target labels that other
/// programs may have.
pub(super) fn check(walk: &mut Walk<'_>, name: &str, series: &Series, selector: &Selector) -> bool {
    let vocabulary = walk.vocabulary;
    let known = vocabulary.labels_of(series);
    let mut asks_others = false;
    for Matched {
        matcher,
        label,
        value,
    } in &selector.matchers
    {
        let is_open = walk.is_variable(label) || is_variable(&matcher.name);
        if matcher.name == "__name__" || is_open || vocabulary.is_of_target(series, &matcher.name) {
            continue;
        }
        let near = known.nearest(&matcher.name);
        // A misspelled label is reported, and its value is checked against the values of the intended label.
        let intended = series.labels.get_key_value(&matcher.name);
        let intended = intended.or_else(|| series.labels.get_key_value(near?));
        let Some((intended, values)) = intended else {
            if series.of_any_target {
                asks_others = true;
            } else if !matcher.is_match("") || near.is_some() {
                without_label(walk, name, matcher, &known, label);
            }
            continue;
        };
        if *intended != matcher.name {
            without_label(walk, name, matcher, &known, label);
        }
        if is_variable(&matcher.value) {
            continue;
        }
        match values {
            Values::Open => {}
            // An empty value selects the series without the label.
            Values::Closed(_)
                if matcher.op == MatchOp::Equal
                    && matcher.value.is_empty()
                    && series.optional.contains(intended) => {}
            Values::Closed(known) => {
                check_closed(walk, matcher, (intended, known), value);
                check_deprecated(walk, matcher, (intended, series), value);
            }
            Values::Bounds(bounds) => check_bound(walk, matcher, bounds, value),
        }
    }
    asks_others
}

/// Reports deprecated values that a matcher names. A pattern such as `.*` names none.
fn check_deprecated(
    walk: &mut Walk<'_>,
    matcher: &Matcher,
    (of, series): (&str, &Series),
    place: &Place,
) {
    let (named, _) = values_of(matcher);
    for (label, value, advice) in &series.deprecated_values {
        if label == of && named.contains(&value.as_str()) {
            walk.deprecated(value, part_of(walk.query, place, value), advice);
        }
    }
}

/// Reports a matcher on a label that the series do not have. A matcher that accepts the empty value still
/// selects them, so it is reported only if another label was probably meant.
fn without_label(
    walk: &mut Walk<'_>,
    name: &str,
    matcher: &Matcher,
    known: &Labels,
    place: &Place,
) {
    let histograms = walk.vocabulary.series.get(name);
    let is_native = histograms.is_some_and(|series| series.samples == Samples::Histograms);
    if is_native && matcher.name == "le" {
        let message =
            format!("`{name}` has no label `le`: a native histogram contains its buckets");
        let label = "expected `histogram_fraction(-Inf, BOUND, ...)` for the share up to a bound";
        walk.find(codes::SERIES_WITHOUT_LABEL, place.clone(), message, label);
        return;
    }
    let message = format!("`{name}` has no label `{}`", matcher.name);
    let label = known.expected(&matcher.name);
    let found = walk.find(codes::SERIES_WITHOUT_LABEL, place.clone(), message, label);
    found.advise(TARGET_LABEL);
}

/// Checks that the matchers of a closed label together accept a value, if each one alone does.
pub(super) fn check_together(walk: &mut Walk<'_>, series: &Series, selector: &Selector) {
    if selector.has_or || walk.has_variables() {
        return;
    }
    for (label, values) in &series.labels {
        let Values::Closed(known) = values else {
            continue;
        };
        let of_label = || {
            selector
                .matchers
                .iter()
                .filter(|matched| matched.matcher.name == *label)
        };
        let fits = |value: &String| of_label().all(|matched| matched.matcher.is_match(value));
        let mut all = of_label();
        // A matcher that selects nothing was already reported, and a variable may have any value.
        let is_reported = all
            .any(|matched| is_variable(&matched.matcher.value) || walk.is_reported(&matched.value));
        let selects_none = || series.optional.contains(label) && fits(&String::new());
        if is_reported || known.iter().any(fits) || selects_none() {
            continue;
        }
        let shown = of_label()
            .next_back()
            .map_or(&selector.name, |matched| &matched.value);
        let message = format!("these matchers exclude every value of `{label}`");
        let label = format!(
            "expected matchers that leave {}",
            suggest::list(known.iter().map(String::as_str))
        );
        walk.find(codes::UNREACHABLE_VALUE, shown.clone(), message, label);
    }
}

/// Checks that some series have all labels that the matchers require, where labels depend on others.
pub(super) fn check_sums(walk: &mut Walk<'_>, name: &str, series: &Series, selector: &Selector) {
    if series.sums.parts.is_empty()
        || selector.has_or
        || !fitting(walk, series, selector).is_empty()
    {
        return;
    }
    let depends = |matched: &&Matched| {
        let name = &matched.matcher.name;
        !matched.matcher.is_match("") && series.sums.condition(name).is_some()
    };
    let mut matchers = selector.matchers.iter();
    let place = matchers.rfind(depends).or_else(|| selector.matchers.last());
    let Some(matched) = place.filter(|matched| !walk.is_reported(&matched.value)) else {
        return;
    };
    let label = &matched.matcher.name;
    let expected = match series.sums.condition(label) {
        Some(condition) => {
            format!("remove one of them: only series where {condition} have `{label}`")
        }
        None => "expected labels that one series has together".to_owned(),
    };
    let message = format!("no series of `{name}` has all labels that these matchers require");
    walk.find(
        codes::IMPOSSIBLE_LABELS,
        matched.label.clone(),
        message,
        expected,
    );
}

/// Returns the parts of a series that a selector may select.
pub(super) fn fitting<'s>(
    walk: &Walk<'_>,
    series: &'s Series,
    selector: &Selector,
) -> Vec<&'s BTreeMap<String, Values>> {
    let fits = |part: &&BTreeMap<String, Values>| {
        let mut labels = series.labels.keys();
        labels.all(|label| {
            let of_label = || {
                let matchers = selector.matchers.iter();
                matchers.filter(|matched| {
                    matched.matcher.name == *label
                        && !is_variable(&matched.matcher.value)
                        && !walk.is_variable(&matched.label)
                })
            };
            let accepts = |value: &str| of_label().all(|matched| matched.matcher.is_match(value));
            match part.get(label) {
                Some(Values::Closed(values)) => {
                    values.iter().any(|value| accepts(value))
                        || (is_optional_alone(series, label) && accepts(""))
                }
                // A matcher for an empty value selects the series without the label.
                Some(Values::Open) => {
                    is_optional_alone(series, label)
                        || !of_label().any(|matched| {
                            matched.matcher.op == MatchOp::Equal && matched.matcher.value.is_empty()
                        })
                }
                Some(Values::Bounds(_)) => true,
                // The bounds of buckets and the states are labels of every part.
                None => series.sums.condition(label).is_none() || accepts(""),
            }
        })
    };
    series.sums.parts.iter().filter(fits).collect()
}

/// Returns whether series may lack a label, regardless of the values of other labels.
fn is_optional_alone(series: &Series, label: &str) -> bool {
    series.optional.contains(label) && series.sums.condition(label).is_none()
}

/// Returns the labels that only some of the selected series have, because another label decides that. Each has the names of
/// the labels that decide.
pub(super) fn mixed(
    walk: &Walk<'_>,
    series: &Series,
    selector: &Selector,
) -> BTreeMap<String, Vec<String>> {
    let parts = fitting(walk, series, selector);
    let mut mixed: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (label, of, _) in &series.sums.conditions {
        let having = parts.iter().filter(|part| part.contains_key(label)).count();
        if having > 0 && having < parts.len() {
            mixed.entry(label.clone()).or_default().push(of.clone());
        }
    }
    mixed
}

/// Returns the renamed label values that a selector accepts under both names.
pub(super) fn doubled(walk: &Walk<'_>, series: &Series, selector: &Selector) -> Vec<Renamed> {
    let is_open = |matched: &Matched| {
        walk.is_variable(&matched.label)
            || walk.is_variable(&matched.value)
            || is_variable(&matched.matcher.value)
    };
    let accepts = |label: &str, value: &str| {
        let mut matchers = selector.matchers.iter();
        matchers.all(|matched| {
            matched.matcher.name != label || !is_open(matched) && matched.matcher.is_match(value)
        })
    };
    let doubled = series.renamed.iter().filter(|renamed| {
        !selector.has_or
            && accepts(&renamed.label, &renamed.current)
            && accepts(&renamed.label, &renamed.former)
    });
    doubled.cloned().collect()
}

/// Returns the labels for which a selector accepts exactly one value.
pub(super) fn pins(walk: &Walk<'_>, selector: &Selector) -> Pins {
    let mut pins = Pins::new();
    for Matched {
        matcher,
        label,
        value,
    } in &selector.matchers
    {
        let is_open = walk.is_variable(label) || walk.is_variable(value);
        let is_one = matcher.op == MatchOp::Equal && !matcher.value.is_empty();
        let is_known = is_one && !is_open && !is_variable(&matcher.value);
        if is_known && matcher.name != "__name__" && !selector.has_or {
            let place = part_of(walk.query, value, &matcher.value);
            pins.insert(matcher.name.clone(), (matcher.value.clone(), place));
        }
    }
    pins
}

/// Checks a pattern for series names: each alternative with our namespace must match one.
pub(super) fn check_names(walk: &mut Walk<'_>, Matched { matcher, value, .. }: &Matched) {
    let (MatchOp::Re(_) | MatchOp::NotRe(_)) = &matcher.op else {
        return;
    };
    let vocabulary = walk.vocabulary;
    for pattern in alternatives(&matcher.value) {
        if !vocabulary.is_own(pattern)
            || is_variable(pattern)
            || vocabulary.is_external(pattern)
            || matches_any(pattern, vocabulary.names())
        {
            continue;
        }
        let place = part_of(walk.query, value, pattern);
        let message = format!("no series has a name like `{pattern}`");
        let label = "expected a pattern that matches a name in the schema";
        walk.find(codes::UNKNOWN_SERIES, place, message, label);
    }
}

/// Checks the value of a matcher on a label with known values.
pub(super) fn check_closed(
    walk: &mut Walk<'_>,
    matcher: &Matcher,
    (label, known): (&str, &[String]),
    place: &Place,
) {
    let names = || known.iter().map(String::as_str);
    // `label!=""` selects every series with the label.
    if matcher.op == MatchOp::NotEqual && matcher.value.is_empty() {
        return;
    }
    let (values, is_pattern) = values_of(matcher);
    for value in values {
        let is_known = names().any(|known| known == value);
        if is_known || (is_pattern && (value.is_empty() || matches_any(value, names()))) {
            continue;
        }
        let expected = suggest::expected(value, names());
        let place = part_of(walk.query, place, value);
        let message = format!("no series has `{label}` = `{value}`");
        walk.find(codes::UNREACHABLE_VALUE, place, message, expected);
    }
}

fn check_bound(walk: &mut Walk<'_>, matcher: &Matcher, bounds: &[f64], place: &Place) {
    let spelled: Vec<_> = bounds.iter().map(|bound| bucket_bound(*bound)).collect();
    let known = || spelled.iter().map(String::as_str).chain(["+Inf"]);
    if matcher.op == MatchOp::NotEqual && matcher.value.is_empty() {
        return;
    }
    let (parts, is_pattern) = values_of(matcher);
    for value in parts {
        // In a pattern, the dot of a number and the plus of `+Inf` must be escaped.
        let written = if is_pattern {
            value.replace('\\', "")
        } else {
            value.to_owned()
        };
        let is_known = (is_pattern && value.is_empty()) || selects_any(value, is_pattern, known());
        let same = same_bound(&written, bounds);
        // A query for servers of several versions contains both spellings.
        let is_matched = |same: &String| is_pattern && matcher.is_match(same);
        if is_known || same.as_ref().is_some_and(is_matched) {
            continue;
        }
        let (message, label) = match same {
            Some(same) => (
                format!("`le` is compared as text, and no bucket is spelled `{written}`"),
                format!("expected `{same}`"),
            ),
            None => unknown_bound(&written, bounds),
        };
        let place = part_of(walk.query, place, value);
        walk.find(codes::NOT_A_BUCKET, place, message, label);
    }
}

/// Returns the exposed spelling of a bound that is written differently.
fn same_bound(written: &str, bounds: &[f64]) -> Option<String> {
    let number = written.parse::<f64>().ok()?;
    if number == f64::INFINITY {
        return Some("+Inf".to_owned());
    }
    let near = |bound: &&f64| (**bound - number).abs() <= bound.abs() * 1e-12;
    bounds.iter().find(near).map(|bound| bucket_bound(*bound))
}

/// Returns the message and label for a text that is not a bound.
fn unknown_bound(written: &str, bounds: &[f64]) -> (String, String) {
    let Ok(number) = written.parse::<f64>() else {
        let message = format!("`{written}` is not a bound");
        return (message, "expected a number, or `+Inf`".to_owned());
    };
    let above = bounds.partition_point(|bound| *bound < number);
    let from = above.saturating_sub(1).min(bounds.len());
    let nearest = bounds[from..(above + 1).min(bounds.len())].iter();
    let nearest: Vec<_> = nearest.map(|bound| bucket_bound(*bound)).collect();
    let nearest = suggest::list(nearest.iter().map(String::as_str));
    (
        format!("there is no bucket with the bound {written}"),
        format!("expected a bucket bound, such as {nearest}"),
    )
}

/// Returns the position of a value in a quoted text, or the whole text if the value is written differently.
pub(super) fn part_of(query: &str, place: &Place, value: &str) -> Place {
    // An escape in backquotes has the same length as its replacement for the parser.
    let text = restore(&query[place.clone()]);
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let alone = text.match_indices(value).find(|(at, _)| {
        let before = text[..*at].chars().next_back();
        let after = text[at + value.len()..].chars().next();
        !before.is_some_and(word) && !after.is_some_and(word)
    });
    match alone.filter(|_| !value.is_empty()) {
        Some((at, _)) => place.start + at..place.start + at + value.len(),
        None => place.clone(),
    }
}

/// Returns the alternatives at the top level of a pattern: both in `ok|time.*`. Returns the whole pattern if
/// they cannot be separated.
pub(super) fn alternatives(pattern: &str) -> Vec<&str> {
    let inner = unwrapped(pattern);
    // A flag such as `(?i)` applies to everything after it.
    if inner.starts_with("(?") {
        return vec![pattern];
    }
    split(inner).unwrap_or_else(|| vec![pattern])
}

/// Returns the values that a matcher asks for, and whether they are patterns.
pub(super) fn values_of(matcher: &Matcher) -> (Vec<&str>, bool) {
    match &matcher.op {
        MatchOp::Equal | MatchOp::NotEqual => (vec![matcher.value.as_str()], false),
        MatchOp::Re(_) | MatchOp::NotRe(_) => (alternatives(&matcher.value), true),
    }
}

/// Returns whether a value that a matcher asks for, or its pattern, selects any of some texts.
pub(super) fn selects_any<'t>(
    value: &str,
    is_pattern: bool,
    texts: impl IntoIterator<Item = &'t str>,
) -> bool {
    if is_pattern {
        matches_any(value, texts)
    } else {
        texts.into_iter().any(|text| text == value)
    }
}

/// Returns whether a pattern has valid syntax.
pub(super) fn is_valid_pattern(pattern: &str) -> bool {
    Matcher::new_matcher(T_EQL_REGEX, String::new(), pattern.to_owned()).is_ok()
}

/// Returns whether a pattern matches any of some texts as a whole. A pattern that cannot be parsed is assumed
/// to match.
pub(super) fn matches_any<'t>(pattern: &str, texts: impl IntoIterator<Item = &'t str>) -> bool {
    let matcher = Matcher::new_matcher(T_EQL_REGEX, String::new(), pattern.to_owned());
    match matcher {
        Ok(matcher) => texts.into_iter().any(|text| matcher.is_match(text)),
        Err(_) => true,
    }
}

/// Removes anchors, which are implied anyway, and a group around the whole pattern.
fn unwrapped(pattern: &str) -> &str {
    let plain = pattern.strip_prefix('^').unwrap_or(pattern);
    let plain = match plain.strip_suffix('$') {
        Some(rest) if !rest.ends_with('\\') => rest,
        _ => plain,
    };
    let grouped = plain
        .strip_prefix("(?:")
        .or_else(|| {
            plain
                .strip_prefix('(')
                .filter(|rest| !rest.starts_with('?'))
        })
        .and_then(|inner| inner.strip_suffix(')'));
    // `(a)|(b)` has no group around the whole.
    match grouped.filter(|inner| split(inner).is_some()) {
        Some(inner) => inner,
        None => plain,
    }
}

/// Splits at bars outside groups and classes. Returns `None` if parentheses do not match.
fn split(pattern: &str) -> Option<Vec<&str>> {
    let (mut parts, mut start, mut depth, mut class) = (Vec::new(), 0, 0_usize, false);
    let mut letters = pattern.char_indices();
    while let Some((at, c)) = letters.next() {
        match c {
            '\\' => drop(letters.next()?),
            '[' => class = true,
            ']' => class = false,
            '(' if !class => depth += 1,
            ')' if !class => depth = depth.checked_sub(1)?,
            '|' if !class && depth == 0 => {
                parts.push(&pattern[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&pattern[start..]);
    (depth == 0 && !class).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::promql::testing::{
        SCHEMA, assert_accepted, assert_labels, assert_rows, assert_rows_in,
    };

    #[test]
    fn alternatives_are_those_of_the_top_level() {
        for (pattern, parts) in [
            ("ok", &["ok"][..]),
            ("ok|time.*", &["ok", "time.*"]),
            ("^(ok|error)$", &["ok", "error"]),
            ("(?:a|b)", &["a", "b"]),
            ("(a)|(b)", &["(a)", "(b)"]),
            ("x(a|b)|[|]\\|", &["x(a|b)", "[|]\\|"]),
            ("(?i)a|b", &["(?i)a|b"]),
            ("a|b\\", &["a|b\\"]),
            ("", &[""]),
        ] {
            assert_eq!(alternatives(pattern), parts, "{pattern}");
        }
    }

    #[test]
    fn patterns_match_as_a_whole() {
        assert!(matches_any("o.", ["ok"]) && !matches_any("o", ["ok"]));
        assert!(matches_any("(", ["ok"]));
    }

    #[test]
    fn buckets() {
        assert_rows(
            r#"
            rate(app_http_duration_seconds_bucket{le="1.0"}[5m]) =>
            rate(app_http_duration_seconds_bucket{le="+Inf"}[5m]) =>
            rate(app_http_duration_seconds_bucket{le="1"}[5m]) => SM0905 1
            rate(app_http_duration_seconds_bucket{le=~"0.1|2"}[5m]) => SM0905 2
            rate(app_http_duration_seconds_bucket{le=~"1|1.0|0[.]1|[+]Inf"}[5m]) =>
            rate(app_http_duration_seconds_bucket{le=~"1|0.1", le!=""}[5m]) => SM0905 1
            rate(app_http_duration_seconds_bucket{le="0\\.1"}[5m]) => SM0905 "0\\.1"
            rate(app_http_duration_seconds_bucket{le="inf"}[5m]) => SM0905 inf
            rate(app_http_duration_seconds_bucket{le="0.5"}[5m]) => SM0905 0.5
            rate(app_http_duration_seconds_count{le="1.0"}[5m]) => SM0903 le
        "#,
        );
    }

    #[test]
    fn labels_and_values() {
        assert_rows(
            r#"
            app_http_open{server="x", instance="y", cluster="z"} =>
            app_http_open{severity="x"} => SM0903 severity
            rate(app_http_requests_total{outcome="ok"}[5m]) =>
            rate(app_http_requests_total{outcome='fine'}[5m]) => SM0904 fine
            rate(app_http_requests_total{outcome!="okay"}[5m]) => SM0904 okay
            rate(app_http_requests_total{outcome=~"ok|errors"}[5m]) => SM0904 errors
            rate(app_http_requests_total{outcome=~"^(ok|error)$"}[5m]) =>
            rate(app_http_requests_total{outcome=~"time.*"}[5m]) =>
            rate(app_http_requests_total{outcome=~"late.*"}[5m]) => SM0904 late.*
            rate(app_http_requests_total{outcome=""}[5m]) => SM0904 ""
            rate(app_http_requests_total{outcome!=""}[5m]) =>
            rate(app_http_requests_total{outcome=~"ok|late.*|(?:no|yes)"}[5m]) => SM0904 late.*; SM0904 (?:no|yes)
            rate(app_http_requests_total{outcome!~"(ok|err.*|)"}[5m]) =>
            rate(app_http_requests_total{outcome=~"(?i)OK"}[5m]) =>
            app_http_mood{app_http_mood="good"} =>
            app_http_mood{app_http_mood="sad"} => SM0904 sad
            app_http_software_info{version="1"} =>
        "#,
        );
    }

    #[test]
    fn combined_matchers() {
        assert_rows(
            r#"
            rate(app_http_requests_total{outcome="ok", outcome="error"}[5m]) => SM0904 "error"
            rate(app_http_requests_total{outcome=~"ok|error", server="a", outcome="timed_out"}[5m]) => SM0904 "timed_out"
            rate(app_http_requests_total{outcome!~"ok|error", outcome!="timed_out"}[5m]) => SM0904 "timed_out"
            rate(app_http_requests_total{outcome!~"ok|error|timed.*"}[5m]) => SM0904 "ok|error|timed.*"
            rate(app_http_requests_total{outcome="fine", outcome!="ok"}[5m]) => SM0904 fine
            rate(app_http_requests_total{outcome!="ok", outcome!="error"}[5m]) =>
            rate(app_http_requests_total{outcome=~"ok|error", outcome!="ok"}[5m]) =>
            rate(app_http_requests_total{outcome="ok", outcome=~"$outcome"}[5m]) =>
            rate(app_http_requests_total{outcome="ok" or outcome="error"}[5m]) =>
            rate(app_http_requests_total{outcome!=""}[5m]) =>
            rate(app_http_requests_total{server="a", server="b"}[5m]) =>
        "#,
        );
    }

    #[test]
    fn deprecated_values_lead_to_what_replaces_them() {
        let schema = SCHEMA
            .replace(
                "[\"ok\", \"error\", \"timed_out\"]",
                "{ ok = {}, error = {}, timed_out = { deprecated = { use = \"error\" } } }",
            )
            .replace(
                "[\"good\", \"bad\"]",
                "{ good = {}, bad = { deprecated = { note = \"Ask for the health.\" } } }",
            );
        assert_labels(
            &schema,
            r#"
            rate(app_http_requests_total{outcome="timed_out"}[5m]) => timed_out: expected `error`
            rate(app_http_requests_total{outcome!~"ok|timed_out"}[5m]) => timed_out: expected `error`
            app_http_mood{app_http_mood="bad"} == 1 => bad: Ask for the health.
            rate(app_http_requests_total{outcome=~".+"}[5m]) =>
            rate(app_http_requests_total{outcome="error"}[5m]) =>
        "#,
        );
    }

    #[test]
    fn matchers_that_accept_an_empty_value_also_select_series_without_the_label() {
        assert_accepted(&[
            "app_http_open{absent=\"\"}",
            "app_http_open{zone!=\"x\"}",
            "app_http_open{zone=~\".*\"}",
            "app_http_open{zone!~\"a|b\"}",
            "app_http_open{zone=~\"a|\"}",
            "sum without (absent) (app_http_open)",
            "app_http_open / ignoring (absent) app_http_open",
        ]);
        assert_rows(
            r#"
            app_http_open{zone="x"} => SM0903 zone
            app_http_open{zone!=""} => SM0903 zone
            app_http_open{zone=~".+"} => SM0903 zone
            // Probably a typo of another label.
            app_http_open{servr!="x"} => SM0903 servr
            sum without (instanc) (app_http_open) => SM0909 instanc
        "#,
        );
    }

    #[test]
    fn strings_in_any_quotes() {
        assert_rows(
            r"
            app_http_open{server=~`\d+\.\d|\(x`} # it's `odd =>
            rate(app_http_requests_total{outcome=~`o\w|lat\w`}[5m]) => SM0904 lat\w
            label_replace(up, 'a', '$1', 'job', `(\d+)\(`) =>
            app_http_open{server=~`\d+(`} => SM0901 `\d+(`
        ",
        );
    }

    #[test]
    fn series_may_lack_optional_labels() {
        let optional = SCHEMA.replace(
            "labels = [\"outcome\"]",
            "labels = [{ name = \"outcome\", optional = true }]",
        );
        assert_rows_in(
            &optional,
            r#"
            rate(app_http_requests_total{outcome="ok"}[5m]) =>
            rate(app_http_requests_total{outcome=""}[5m]) =>
            rate(app_http_requests_total{outcome!=""}[5m]) =>
            rate(app_http_requests_total{outcome="", server="a"}[5m]) =>
            rate(app_http_requests_total{outcome!~"ok|error|timed_out"}[5m]) =>
            rate(app_http_requests_total{outcome="good"}[5m]) => SM0904 good
        "#,
        );
    }

    #[test]
    fn series_have_the_labels_of_their_part() {
        const SUM: &str = r#"
[labels.method]
help = "Method of the call."
values = ["ping", "initialize", "tools/call", "prompts/get"]

[labels.tool]
help = "Tool that was called."
open = { max = 8 }

[labels.prompt]
help = "Prompt that was asked for."
open = { max = 8 }

[labels.call]
help = "The call."
of = "method"
with = { "tools/call" = ["tool"], "prompts/get" = ["prompt"] }

[metrics.http.calls]
type = "counter"
help = "Calls made."
labels = ["call"]

[metrics.http.calls_mode]
type = "state"
help = "Mode of the calls."
labels = ["call"]
states = "call_mode"

[labels.call_mode]
help = "Mode of a call."
values = ["idle", "busy"]
"#;
        assert_rows_in(
            &format!("{SCHEMA}{SUM}"),
            r#"
            rate(app_http_calls_total{}[5m]) =>
            rate(app_http_calls_total{method="tools/call", tool="a"}[5m]) =>
            rate(app_http_calls_total{method!="ping", tool="a"}[5m]) =>
            rate(app_http_calls_total{tool=~"a|b"}[5m]) =>
            rate(app_http_calls_total{method="ping", tool=""}[5m]) =>
            rate(app_http_calls_total{method="ping", tool="a"}[5m]) => SM0925 tool
            rate(app_http_calls_total{method=~"ping|prompts.*", tool="a"}[5m]) => SM0925 tool
            rate(app_http_calls_total{tool!="", prompt=~".+"}[5m]) => SM0925 prompt
            rate(app_http_calls_total{method="tools/call", tool=""}[5m]) => SM0925 tool
            app_http_calls_mode{app_http_calls_mode="idle", tool="a"} =>
            app_http_calls_mode{app_http_calls_mode="idle", method="ping", tool="a"} => SM0925 tool
            sum by (method) (rate(app_http_calls_total[5m])) =>
            sum by (method, tool) (rate(app_http_calls_total[5m])) =>
            sum by (tool) (rate(app_http_calls_total[5m])) => SM0926 tool
            sum(rate(app_http_calls_total{method!="ping"}[5m])) by (tool) => SM0926 tool
            sum by (tool) (rate(app_http_calls_total{tool!=""}[5m])) =>
            sum by (tool) (rate(app_http_calls_total{method="tools/call"}[5m])) =>
        "#,
        );
    }
}
