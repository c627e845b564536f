//! The rules of `promtool check metrics`, so that the page of a valid schema passes promtool.
//!
//! They are errors unless allowed. Its other rules cannot be violated here: a metric without `help` and a
//! label named `le` or `quantile` are errors of the schema.

use super::{has_word, split};
use crate::codes::{Code, codes};
use crate::diagnostic::Diagnostic;
use crate::model::{BucketSetId, Kind, Metric, Unit};
use crate::name::to_snake_case;
use crate::source::Span;

/// A lint of a metric's exposed name, with its code.
type Lint = (Code, fn(&Metric) -> Option<Diagnostic>);

/// The lints of this file.
pub const LINTS: [Lint; 8] = [
    (COUNTER_WITHOUT_TOTAL, counter_without_total),
    (TOTAL_ON_NON_COUNTER, total_on_non_counter),
    (RESERVED_SUFFIX, reserved_suffix),
    (TYPE_IN_NAME, type_in_name),
    (NON_BASE_UNIT, non_base_unit),
    (UNIT_ABBREVIATION, unit_abbreviation),
    (CAMEL_CASE, |metric| {
        camel_case(&metric.exposed, metric.spans.name)
    }),
    (COLON_IN_NAME, colon_in_name),
];

/// Creates a problem with an exposed name, at the position that determines it: `name`, or the key.
fn problem(code: Code, metric: &Metric, message: &str, label: impl Into<String>) -> Diagnostic {
    let message = format!("`{}` {message}", metric.exposed);
    Diagnostic::error(code, metric.spans.name, message).label(label)
}

codes! {
    COUNTER_WITHOUT_TOTAL = "SM1001" "counter-without-total": "counter without `_total`",
    "The name of a counter ends in `_total`. OpenMetrics requires the suffix, and `promtool check metrics` rejects a \
     counter without it. The suffix is added to names made from group and key, but an exact `name = \"...\"` must \
     contain it.",
    example: shop!(r#"[metrics.cart.added]
type = "counter"
help = "Articles put into carts."
- name = "shop_articles_added"
+ name = "shop_articles_added_total"
"#);
}

/// Reports a counter whose exposed name does not end with `_total`.
fn counter_without_total(metric: &Metric) -> Option<Diagnostic> {
    let suffix = Kind::Counter { callback: false }.spec().suffix;
    let name = &metric.exposed;
    (metric.kind.is_counter() && !name.ends_with(suffix)).then(|| {
        let message = format!("the counter `{name}` does not end in `{suffix}`");
        let problem = Diagnostic::error(COUNTER_WITHOUT_TOTAL, metric.spans.name, message);
        problem.label(format!("expected `{name}{suffix}`"))
    })
}

codes! {
    TOTAL_ON_NON_COUNTER = "SM1002" "total-on-non-counter": "`_total` on a metric that is not a counter",
    "The suffix `_total` marks a counter, so people apply `rate()` to the metric. On a gauge, `rate()` gives \
     meaningless results, so `promtool check metrics` rejects the name. Rename the metric, or make it a counter.",
    example: shop!(r#"- [metrics.cart.articles_total]
+ [metrics.cart.articles]
type = "gauge"
help = "Articles in all carts."
"#);
}

/// Reports a name with `_total` that is not a counter's.
fn total_on_non_counter(metric: &Metric) -> Option<Diagnostic> {
    let suffix = Kind::Counter { callback: false }.spec().suffix;
    (!metric.kind.is_counter() && metric.exposed.ends_with(suffix)).then(|| {
        let message = format!("is of type `{}` but ends in `{suffix}`", metric.kind.name());
        let label = "remove `_total`, which only counters have, or make this a counter";
        problem(TOTAL_ON_NON_COUNTER, metric, &message, label)
    })
}

codes! {
    RESERVED_SUFFIX = "SM1003" "reserved-suffix": "histogram suffix on another type",
    "The series of a histogram end in `_bucket`, `_count` and `_sum`. A metric of another type with such a suffix \
     looks like part of a histogram that does not exist, so `promtool check metrics` rejects the name.",
    example: shop!(r#"- [metrics.cart.article_count]
+ [metrics.cart.articles]
type = "gauge"
help = "Articles in all carts."
"#);
}

/// Reports a histogram's suffix on a metric of another kind.
fn reserved_suffix(metric: &Metric) -> Option<Diagnostic> {
    let histogram = Kind::Histogram {
        buckets: BucketSetId(0),
    };
    let mut suffixes = histogram.spec().sample_suffixes.iter();
    let suffix = suffixes.find(|suffix| metric.exposed.ends_with(**suffix))?;
    metric.kind.spec().buckets.is_none().then(|| {
        let message = format!("ends in `{suffix}`, which is a suffix of histograms");
        let label = format!("expected a name without `{suffix}`");
        problem(RESERVED_SUFFIX, metric, &message, label)
    })
}

codes! {
    TYPE_IN_NAME = "SM1004" "type-in-name": "metric type in the name",
    "The exposition contains the type of every metric, so the name need not repeat it, and the name becomes wrong if \
     the type changes. `promtool check metrics` rejects names with `counter`, `gauge`, `histogram` or `summary`.",
    example: shop!(r#"- [metrics.cart.size_gauge]
+ [metrics.cart.size]
type = "gauge"
help = "Articles in all carts."
"#);
}

/// Reports a Prometheus metric type as a word of the name.
fn type_in_name(metric: &Metric) -> Option<Diagnostic> {
    let word = inner_word(&metric.exposed, "counter gauge histogram summary")?;
    let message = format!("has the metric type `{word}` in its name");
    let label = format!("expected a name without `{word}`");
    Some(problem(TYPE_IN_NAME, metric, &message, label))
}

codes! {
    NON_BASE_UNIT = "SM1005" "non-base-unit": "not a base unit",
    "Prometheus metrics use base units (seconds, bytes, meters, ...), so that values from two programs can be \
     compared without conversion. `promtool check metrics` rejects names with other units, such as `milliseconds`. \
     Write `unit = \"seconds\"`: the recorder then takes a `Duration`, and callers do not have to convert.",
    example: shop!(r#"- [metrics.cart.age_milliseconds]
+ [metrics.cart.age]
type = "gauge"
+ unit = "seconds"
help = "Age of the oldest cart."
"#);
}

/// Base units, with the words for other units that they replace. A base unit is itself in the list because of
/// prefixes: `kilograms`.
const UNITS: [(&str, &str); 10] = [
    ("amperes", "amperes"),
    ("bytes", "bytes bits"),
    ("celsius", "celsius fahrenheit rankine"),
    ("grams", "grams pounds ounces"),
    ("joules", "joules calories"),
    ("kelvin", "kelvin kelvins"),
    ("meters", "meters inches yards miles"),
    ("metres", "metres"),
    ("seconds", "seconds minutes hours days weeks"),
    ("volts", "volts"),
];

/// Prefixes as promtool spells them, including its `mibi`; the correct `mebi` is added.
const PREFIXES: &str = "pico nano micro milli centi deci deca hecto kilo kibi mega mibi mebi giga gibi tera tebi peta \
     pebi";

/// Reports a unit that is not a base unit as a word of the name.
fn non_base_unit(metric: &Metric) -> Option<Diagnostic> {
    let mut words = metric.exposed.split('_');
    let (word, base) = words.find_map(|word| Some((word, base_unit(word)?)))?;
    let message = format!("contains `{word}`, which is not a base unit");
    let label = format!("the base unit is `{base}`");
    let problem = problem(NON_BASE_UNIT, metric, &message, label);
    let has_key = Unit::NAMED.iter().any(|unit| unit.name() == base);
    Some(if has_key {
        problem.help(instead(base))
    } else {
        problem
    })
}

fn instead(unit: &str) -> String {
    format!("if it is a unit, write `unit = \"{unit}\"` instead, and record in {unit}")
}

/// Returns the base unit for a word that is another unit.
fn base_unit(word: &str) -> Option<&'static str> {
    let is_prefix = |text: &str| text.is_empty() || has_word(PREFIXES, text);
    for (base, units) in UNITS {
        for unit in split(units) {
            if word.strip_suffix(unit).is_some_and(is_prefix) {
                return (word != unit || unit != base).then_some(base);
            }
        }
    }
    None
}

codes! {
    UNIT_ABBREVIATION = "SM1006" "unit-abbreviation": "abbreviated unit",
    "`promtool check metrics` reads the words `s`, `ms`, `us`, `ns`, `sec`, `b`, `kb`, `mb`, `gb`, `tb`, `pb`, `m`, `h` and `d` as \
     abbreviated units, except at the start of a name, and rejects the name. Set the unit with the key `unit`, or write the word \
     in full.",
    example: shop!(r#"- [metrics.cart.age_ms]
+ [metrics.cart.age]
type = "gauge"
+ unit = "seconds"
help = "Age of the oldest cart."
"#);
}

/// Abbreviations, with the unit's name in the schema.
const ABBREVIATIONS: [(&str, &str); 3] = [
    ("seconds", "s ms us ns sec h d"),
    ("bytes", "b kb mb gb tb pb"),
    ("meters", "m"),
];

/// Reports an abbreviated unit as a word of the name. Like promtool, it reports one per name, because one
/// change fixes them all.
fn unit_abbreviation(metric: &Metric) -> Option<Diagnostic> {
    let find = |(unit, words): &(&'static str, &'static str)| {
        Some((*unit, inner_word(&metric.exposed, words)?))
    };
    let (unit, word) = ABBREVIATIONS.iter().find_map(find)?;
    let message = format!("has the abbreviated unit `{word}` in its name");
    let label = format!("expected a name without `{word}`");
    Some(problem(UNIT_ABBREVIATION, metric, &message, label).help(instead(unit)))
}

/// Returns the first of some words that follows an underscore in a name, ignoring case. promtool ignores a
/// name's first word, and so do these lints: a namespace may be called `d`.
fn inner_word(name: &str, words: &'static str) -> Option<&'static str> {
    let has = |word: &str| {
        name.split('_')
            .skip(1)
            .any(|part| part.eq_ignore_ascii_case(word))
    };
    split(words).find(|word| has(word))
}

codes! {
    CAMEL_CASE = "SM1007" "camel-case": "camelCase in a name",
    "Metric and label names in Prometheus are written in snake_case. `promtool check metrics` rejects camelCase.",
    example: shop!(r#"[metrics.cart.size]
type = "gauge"
help = "Articles in all carts."
- name = "shop_cartSize"
+ name = "shop_cart_size"
"#);
}

/// Reports an exact name of a metric or label in camelCase. Keys of the schema cannot be in camelCase.
pub(super) fn camel_case(name: &str, span: Span) -> Option<Diagnostic> {
    let mut pairs = name.as_bytes().windows(2);
    let is_camel_case =
        pairs.any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase());
    is_camel_case.then(|| {
        let message = format!("`{name}` is written in camelCase");
        let label = format!("expected snake_case: `{}`", to_snake_case(name));
        Diagnostic::error(CAMEL_CASE, span, message).label(label)
    })
}

codes! {
    COLON_IN_NAME = "SM1008" "colon-in-name": "colon in a name",
    "Colons are reserved for the names of recording rules, so that a reader can distinguish recorded series from \
     scraped ones. `promtool check metrics` rejects metric names with a colon.",
    example: shop!(r#"[metrics.cart.size]
type = "gauge"
help = "Articles in all carts."
- name = "shop:cart_size"
+ name = "shop_cart_size"
"#);
}

/// Reports a name with a colon: colons are reserved for recording rules.
fn colon_in_name(metric: &Metric) -> Option<Diagnostic> {
    metric.exposed.contains(':').then(|| {
        let label = format!("expected `{}`", metric.exposed.replace(':', "_"));
        problem(COLON_IN_NAME, metric, "has a colon in its name", label)
    })
}

/// The results are those of promtool 2.42. Run it again before you change a row.
#[test]
fn names_are_rejected_as_by_promtool() {
    crate::testing::lints(
        r#"
        y: gauge, name = "a_x" =>
        y: gauge, name = "d_x" =>
        y: gauge, name = "counter_foo" =>
        y: gauge, name = "x_thermometers" =>
        y: gauge, name = "x_kelvin" =>
        y: gauge, name = "x_Minutes" =>
        y: gauge, name = "x_counters" =>
        y: gauge, name = "x_bucket_size" =>
        y: gauge, name = "x_hertz" =>
        y: counter, name = "x_count_total" =>
        y: counter, name = "x_bytes_total" =>
        y: histogram, buckets = [1, 2], name = "x_seconds" =>
        y: updown_counter, name = "x_totals" =>
        y: counter, name = "x_requests" => counter-without-total "x_requests"
        y: gauge, name = "x_total" => total-on-non-counter "x_total"
        y: histogram, buckets = [1, 2], name = "x_total" => total-on-non-counter "x_total"
        y: gauge, name = "x_bucket" => reserved-suffix "x_bucket"
        y: gauge, name = "x_total_count" => reserved-suffix "x_total_count"
        y: updown_counter, name = "x_sum" => reserved-suffix "x_sum"
        y: gauge, name = "x_gauge" => type-in-name "x_gauge"
        y: gauge, name = "x_gauge_y" => type-in-name "x_gauge_y"
        y: gauge, name = "x_GAUGE" => type-in-name "x_GAUGE"
        y: histogram, buckets = [1, 2], name = "x_histogram_seconds" => type-in-name "x_histogram_seconds"
        y: gauge, name = "milliseconds" => non-base-unit "milliseconds"
        y: gauge, name = "ounces_foo" => non-base-unit "ounces_foo"
        y: gauge, name = "x_decabytes" => non-base-unit "x_decabytes"
        y: gauge, name = "x_pebibytes" => non-base-unit "x_pebibytes"
        y: gauge, name = "x_kelvins" => non-base-unit "x_kelvins"
        y: gauge, name = "x_bits_y" => non-base-unit "x_bits_y"
        y: gauge, name = "d_m" => unit-abbreviation "d_m"
        y: gauge, name = "x_d_foo" => unit-abbreviation "x_d_foo"
        y: gauge, name = "x_MS" => unit-abbreviation "x_MS"
        y: gauge, name = "x_minutesB" => camel-case "x_minutesB"
        labels.kind = { name = "jobKind", help = "A kind.", values = ["a"] } | y: gauge, labels = ["kind"] => camel-case "jobKind"
        labels.kind = { name = "jobKind", help = "A kind.", values = ["a"], allow = ["camel-case"] } | y: gauge, labels = ["kind"] =>
        labels.kind = { name = "job_Kind", help = "A kind.", values = ["a"] } | y: gauge, labels = ["kind"] =>
        y: gauge, name = "x:y" => colon-in-name "x:y"
        y: gauge, name = "x_gaUge_gauge_ms_total" => total-on-non-counter "x_gaUge_gauge_ms_total"; type-in-name "x_gaUge_gauge_ms_total"; unit-abbreviation "x_gaUge_gauge_ms_total"; camel-case "x_gaUge_gauge_ms_total"
        y: counter, name = "ns_requests", allow = ["counter-without-total"] =>
    "#,
    );
}
