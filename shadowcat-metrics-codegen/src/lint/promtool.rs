//! The rules of `promtool check metrics`: a page that compiles passes promtool.
//!
//! They are errors unless allowed. Its other rules cannot be broken here: a metric without `help` and a label called `le` or
//! `quantile` are errors of the schema, and label names cannot be in camelCase.

use super::finding::{Finding, metrics};
use crate::codes::codes;
use crate::model::{Kind, Registry, Unit};
use crate::name::to_snake_case;

codes! {
    /// A counter is exposed without `_total`.
    COUNTER_WITHOUT_TOTAL = "SM1001" "counter-without-total": "counter without `_total`",
    "Prometheus tells a counter by its `_total` suffix, OpenMetrics demands it, and `promtool check metrics` refuses a \
     counter without it. Names made from group and key have it; an exact `name = \"...\"` must bring it along.",
    wrong: shop!(r#"[metrics.cart.added]
type = "counter"
help = "Articles put into carts."
name = "shop_articles_added"
"#),
    right: shop!(r#"[metrics.cart.added]
type = "counter"
help = "Articles put into carts."
name = "shop_articles_added_total"
"#);
}

/// A counter whose exposed name does not end in `_total`.
pub(super) fn counter_without_total(registry: &Registry, findings: &mut Vec<Finding>) {
    for (id, metric) in metrics(registry) {
        let suffix = Kind::Counter { callback: false }.spec().suffix;
        if metric.kind.is_counter() && !metric.exposed.ends_with(suffix) {
            let message = format!(
                "the counter `{}` does not end in `{suffix}`",
                metric.exposed
            );
            let label = format!("expected `{}{suffix}`", metric.exposed);
            findings.push(Finding::exposed_name(id, metric, message, label));
        }
    }
}

codes! {
    /// `_total` on something that is not a counter.
    TOTAL_ON_NON_COUNTER = "SM1002" "total-on-non-counter": "`_total` on a metric that is not a counter",
    "Readers of a dashboard apply `rate()` to whatever ends in `_total`. On a gauge that gives nonsense, so \
     `promtool check metrics` refuses it. Rename the metric, or make it a counter.",
    wrong: shop!(r#"[metrics.cart.articles_total]
type = "gauge"
help = "Articles in all carts."
"#),
    right: shop!(r#"[metrics.cart.articles]
type = "gauge"
help = "Articles in all carts."
"#);
}

/// `_total` at the end of a name that is not a counter's.
pub(super) fn total_on_non_counter(registry: &Registry, findings: &mut Vec<Finding>) {
    for (id, metric) in metrics(registry) {
        let suffix = Kind::Counter { callback: false }.spec().suffix;
        if !metric.kind.is_counter() && metric.exposed.ends_with(suffix) {
            let kind = metric.kind.name();
            let message = format!(
                "`{}` ends in `{suffix}` and is of type {kind}",
                metric.exposed
            );
            findings.push(Finding::exposed_name(
                id,
                metric,
                message,
                "only counters end so: leave it out, or make this a counter",
            ));
        }
    }
}

codes! {
    /// A histogram's suffix on another kind.
    RESERVED_SUFFIX = "SM1003" "reserved-suffix": "histogram suffix on another kind",
    "`_bucket`, `_count` and `_sum` are the parts of a histogram. Another kind under such a name is taken for a part \
     of a histogram that does not exist, and `promtool check metrics` refuses it.",
    wrong: shop!(r#"[metrics.cart.article_count]
type = "gauge"
help = "Articles in all carts."
"#),
    right: shop!(r#"[metrics.cart.articles]
type = "gauge"
help = "Articles in all carts."
"#);
}

/// A name that looks like a part of a histogram, on another kind.
pub(super) fn reserved_suffix(registry: &Registry, findings: &mut Vec<Finding>) {
    for (id, metric) in metrics(registry) {
        if metric.kind.spec().buckets.is_some() {
            continue;
        }
        for suffix in ["_bucket", "_count", "_sum"] {
            if metric.exposed.ends_with(suffix) {
                let message = format!(
                    "`{}` ends in `{suffix}`, which belongs to histograms",
                    metric.exposed
                );
                let label = format!("expected a name without `{suffix}`");
                findings.push(Finding::exposed_name(id, metric, message, label));
            }
        }
    }
}

codes! {
    /// The kind is part of the name.
    TYPE_IN_NAME = "SM1004" "type-in-name": "metric type in the name",
    "The exposition carries the type beside the name, so a name that repeats it says nothing, and lies once the type \
     changes. `promtool check metrics` refuses `counter`, `gauge`, `histogram` and `summary` in a name.",
    wrong: shop!(r#"[metrics.cart.size_gauge]
type = "gauge"
help = "Articles in all carts."
"#),
    right: shop!(r#"[metrics.cart.size]
type = "gauge"
help = "Articles in all carts."
"#);
}

/// A Prometheus metric type as a word of the name.
pub(super) fn type_in_name(registry: &Registry, findings: &mut Vec<Finding>) {
    for (id, metric) in metrics(registry) {
        for word in ["counter", "gauge", "histogram", "summary"] {
            if has_inner_word(&metric.exposed, word) {
                let message = format!(
                    "`{}` has the metric type `{word}` in its name",
                    metric.exposed
                );
                let label = format!("expected a name without `{word}`");
                findings.push(Finding::exposed_name(id, metric, message, label));
            }
        }
    }
}

codes! {
    /// A unit that is not a base unit.
    NON_BASE_UNIT = "SM1005" "non-base-unit": "not a base unit",
    "Prometheus metrics use base units (seconds, bytes, meters, ...), so that values from two programs can be compared \
     without conversion. `promtool check metrics` refuses others, such as `milliseconds`, in a name. Write \
     `unit = \"seconds\"`: the recorder then takes a `Duration`, and no caller converts anything.",
    wrong: shop!(r#"[metrics.cart.age_milliseconds]
type = "gauge"
help = "Age of the oldest cart."
"#),
    right: shop!(r#"[metrics.cart.age]
type = "gauge"
unit = "seconds"
help = "Age of the oldest cart."
"#);
}

/// Words for units, and the base unit to use instead. A base unit is here for its prefixes: `kilograms`.
const UNITS: [(&str, &str); 24] = [
    ("amperes", "amperes"),
    ("bytes", "bytes"),
    ("celsius", "celsius"),
    ("grams", "grams"),
    ("joules", "joules"),
    ("kelvin", "kelvin"),
    ("meters", "meters"),
    ("metres", "metres"),
    ("seconds", "seconds"),
    ("volts", "volts"),
    ("minutes", "seconds"),
    ("hours", "seconds"),
    ("days", "seconds"),
    ("weeks", "seconds"),
    ("kelvins", "kelvin"),
    ("fahrenheit", "celsius"),
    ("rankine", "celsius"),
    ("inches", "meters"),
    ("yards", "meters"),
    ("miles", "meters"),
    ("bits", "bytes"),
    ("calories", "joules"),
    ("pounds", "grams"),
    ("ounces", "grams"),
];

/// As promtool spells them, its `mibi` included; the true `mebi` is added.
const PREFIXES: [&str; 20] = [
    "", "pico", "nano", "micro", "milli", "centi", "deci", "deca", "hecto", "kilo", "kibi", "mega",
    "mibi", "mebi", "giga", "gibi", "tera", "tebi", "peta", "pebi",
];

/// A unit that is not a base unit as a word of the name.
pub(super) fn non_base_unit(registry: &Registry, findings: &mut Vec<Finding>) {
    for (id, metric) in metrics(registry) {
        let found = metric
            .exposed
            .split('_')
            .find_map(|word| base_unit(word).map(|base| (word, base)));
        let Some((word, base)) = found else { continue };
        let message = format!(
            "`{}` has `{word}` in its name, which is not a base unit",
            metric.exposed
        );
        let finding =
            Finding::exposed_name(id, metric, message, format!("the base unit is `{base}`"));
        let has_key = Unit::NAMED.iter().any(|unit| unit.name() == base);
        findings.push(if has_key {
            finding.help(format!(
                "if it is a unit, write `unit = \"{base}\"` instead, and record in {base}"
            ))
        } else {
            finding
        });
    }
}

/// The base unit of a word that is another unit.
fn base_unit(word: &str) -> Option<&'static str> {
    let (unit, base) = UNITS.iter().find(|(unit, _)| {
        word.strip_suffix(unit)
            .is_some_and(|p| PREFIXES.contains(&p))
    })?;
    (word != *unit || unit != base).then_some(*base)
}

codes! {
    /// An abbreviated unit.
    UNIT_ABBREVIATION = "SM1006" "unit-abbreviation": "abbreviated unit",
    "`promtool check metrics` takes `s`, `ms`, `us`, `ns`, `sec`, `b`, `kb`, `mb`, `gb`, `tb`, `pb`, `m`, `h` and `d` \
     between underscores for abbreviated units and refuses them. Write the unit with the key `unit`, or the word in \
     full.",
    wrong: shop!(r#"[metrics.cart.age_ms]
type = "gauge"
help = "Age of the oldest cart."
"#),
    right: shop!(r#"[metrics.cart.age]
type = "gauge"
unit = "seconds"
help = "Age of the oldest cart."
"#);
}

/// With the unit each stands for, as the schema calls it, where it has that unit.
const ABBREVIATIONS: [(&str, &str); 14] = [
    ("s", "seconds"),
    ("ms", "seconds"),
    ("us", "seconds"),
    ("ns", "seconds"),
    ("sec", "seconds"),
    ("b", "bytes"),
    ("kb", "bytes"),
    ("mb", "bytes"),
    ("gb", "bytes"),
    ("tb", "bytes"),
    ("pb", "bytes"),
    ("m", "meters"),
    ("h", "seconds"),
    ("d", "seconds"),
];

/// An abbreviated unit as a word of the name.
pub(super) fn unit_abbreviation(registry: &Registry, findings: &mut Vec<Finding>) {
    for (id, metric) in metrics(registry) {
        // One finding a name, as promtool makes one: they would all be mended together.
        let found = ABBREVIATIONS
            .iter()
            .find(|(word, _)| has_inner_word(&metric.exposed, word));
        if let Some((word, unit)) = found {
            let message = format!(
                "`{}` has the abbreviated unit `{word}` in its name",
                metric.exposed
            );
            let label = format!("expected a name without `{word}`");
            let help =
                format!("if it is a unit, write `unit = \"{unit}\"` instead, and record in {unit}");
            findings.push(Finding::exposed_name(id, metric, message, label).help(help));
        }
    }
}

/// Whether `word` stands between underscores in a name, or behind the last, in any case. promtool does not look at a
/// name's first word, so neither do the lints that follow it: a namespace may be called `d`.
fn has_inner_word(name: &str, word: &str) -> bool {
    name.split('_')
        .skip(1)
        .any(|part| part.eq_ignore_ascii_case(word))
}

codes! {
    /// camelCase in a name.
    CAMEL_CASE = "SM1007" "camel-case": "camelCase in a name",
    "Names of metrics and labels are written in snake_case everywhere in Prometheus; `promtool check metrics` refuses \
     others.",
    wrong: shop!(r#"[metrics.cart.size]
type = "gauge"
help = "Articles in all carts."
name = "shop_cartSize"
"#),
    right: shop!(r#"[metrics.cart.size]
type = "gauge"
help = "Articles in all carts."
name = "shop_cart_size"
"#);
}

/// A name written in camelCase. Keys of the schema cannot be, so this is about exact names.
pub(super) fn camel_case(registry: &Registry, findings: &mut Vec<Finding>) {
    for (id, metric) in metrics(registry) {
        let mut pairs = metric.exposed.as_bytes().windows(2);
        if pairs.any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase()) {
            let message = format!("`{}` is written in camelCase", metric.exposed);
            let label = format!("expected snake_case: `{}`", to_snake_case(&metric.exposed));
            findings.push(Finding::exposed_name(id, metric, message, label));
        }
    }
}

codes! {
    /// A colon in an exposed name.
    COLON_IN_NAME = "SM1008" "colon-in-name": "colon in a name",
    "Colons are kept for the names of recording rules, so that a reader can tell a rule's result from what a program \
     exposes. `promtool check metrics` refuses them.",
    wrong: shop!(r#"[metrics.cart.size]
type = "gauge"
help = "Articles in all carts."
name = "shop:cart_size"
"#),
    right: shop!(r#"[metrics.cart.size]
type = "gauge"
help = "Articles in all carts."
name = "shop_cart_size"
"#);
}

/// A name with a colon, which is for recording rules.
pub(super) fn colon_in_name(registry: &Registry, findings: &mut Vec<Finding>) {
    for (id, metric) in metrics(registry) {
        if metric.exposed.contains(':') {
            let message = format!("`{}` has a colon in its name", metric.exposed);
            let label = format!("expected `{}`", metric.exposed.replace(':', "_"));
            findings.push(Finding::exposed_name(id, metric, message, label));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Source, compile};

    // What promtool 2.42 says of each name was read off a run of it, so change a row only after asking it again.

    /// The lints that stop the build for a metric exposed under an exact name.
    fn denied(kind: &str, name: &str) -> Vec<&'static str> {
        let buckets = if kind == "histogram" {
            "buckets = [1, 2]\n"
        } else {
            ""
        };
        let schema = format!(
            "format = 1\nnamespace = \"ns\"\n\n[groups.x]\nhelp = \"Says enough.\"\n\n\
             [metrics.x.y]\ntype = \"{kind}\"\n{buckets}help = \"Says enough.\"\nname = \"{name}\"\n"
        );
        let outcome = compile(Source::new("metrics.toml", schema));
        let mut names: Vec<_> = outcome
            .report
            .errors()
            .map(|error| error.code.name())
            .collect();
        assert!(
            outcome
                .report
                .errors()
                .all(|error| error.code.id().starts_with("SM1")),
            "{:?}",
            outcome.report
        );
        names.dedup();
        names
    }

    #[test]
    fn names_that_promtool_accepts() {
        for (kind, name) in [
            ("gauge", "a_x"),
            ("gauge", "d_x"),
            ("gauge", "counter_foo"),
            ("gauge", "x_thermometers"),
            ("gauge", "x_kelvin"),
            ("gauge", "x_Minutes"),
            ("gauge", "x_counters"),
            ("gauge", "x_bucket_size"),
            ("gauge", "x_hertz"),
            ("counter", "x_count_total"),
            ("counter", "x_bytes_total"),
            ("histogram", "x_seconds"),
            ("updown_counter", "x_totals"),
        ] {
            assert_eq!(denied(kind, name), [""; 0], "{kind} {name}");
        }
    }

    #[test]
    fn names_that_promtool_refuses() {
        for (kind, name, lint) in [
            ("counter", "x_requests", "counter-without-total"),
            ("gauge", "x_total", "total-on-non-counter"),
            ("histogram", "x_total", "total-on-non-counter"),
            ("gauge", "x_bucket", "reserved-suffix"),
            ("gauge", "x_total_count", "reserved-suffix"),
            ("updown_counter", "x_sum", "reserved-suffix"),
            ("gauge", "x_gauge", "type-in-name"),
            ("gauge", "x_gauge_y", "type-in-name"),
            ("gauge", "x_GAUGE", "type-in-name"),
            ("histogram", "x_histogram_seconds", "type-in-name"),
            ("gauge", "milliseconds", "non-base-unit"),
            ("gauge", "ounces_foo", "non-base-unit"),
            ("gauge", "x_decabytes", "non-base-unit"),
            ("gauge", "x_pebibytes", "non-base-unit"),
            ("gauge", "x_kelvins", "non-base-unit"),
            ("gauge", "x_bits_y", "non-base-unit"),
            ("gauge", "d_m", "unit-abbreviation"),
            ("gauge", "x_d_foo", "unit-abbreviation"),
            ("gauge", "x_MS", "unit-abbreviation"),
            ("gauge", "x_minutesB", "camel-case"),
            ("gauge", "x:y", "colon-in-name"),
        ] {
            assert_eq!(denied(kind, name), [lint], "{kind} {name}");
        }
    }

    #[test]
    fn one_name_may_trip_several() {
        assert_eq!(denied("gauge", "x_gaUge_gauge_ms_total").len(), 4);
    }

    #[test]
    fn allowed_names_compile() {
        let schema = "format = 1\nnamespace = \"ns\"\n\n[defaults]\nallow = [\"counter-without-total\"]\n\n\
                      [groups.x]\nhelp = \"Says enough.\"\n\n\
                      [metrics.x.y]\ntype = \"counter\"\nhelp = \"Says enough.\"\nname = \"ns_requests\"\n";
        let outcome = compile(Source::new("metrics.toml", schema));
        assert_eq!(outcome.report.diagnostics(), []);
        assert_eq!(
            outcome
                .registry()
                .map(|registry| registry.metrics[0].exposed.as_str()),
            Some("ns_requests")
        );
    }
}
