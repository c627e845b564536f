//! Lints about the kind, unit and owner that a metric should have.

use super::finding::{Finding, Item, metrics};
use crate::codes::codes;
use crate::model::{Operand, Origin, Registry, Stability, Unit, Units};
use crate::name::ends_with_word;

codes! {
    /// A counter has the name of something that goes down again.
    GAUGE_WORD_IN_COUNTER = "SM1213" "gauge-word-in-counter": "counter called like a gauge",
    "What is `active`, `open`, `pending` or `in_flight` becomes less again, and a counter does not. Either the type \
     is wrong, and `updown_counter` is right, or the name is: a counter is called by what happens each time.",
    wrong: shop!(r#"[metrics.cart.articles_pending]
type = "counter"
help = "Articles that wait to be packed."
"#),
    right: shop!(r#"[metrics.cart.articles_pending]
type = "updown_counter"
help = "Articles that wait to be packed."
"#);
}

const GAUGE_WORDS: &[&str] = &[
    "active",
    "current",
    "in_flight",
    "in_use",
    "inflight",
    "open",
    "pending",
];

/// A counter called like something that comes and goes: `active`, `in_flight`.
pub(super) fn gauge_word_in_counter(registry: &Registry, findings: &mut Vec<Finding>) {
    for (id, metric) in metrics(registry) {
        // In seconds or bytes it is a sum over what was active: `active_seconds_total`.
        let counts = metric.kind.is_counter() && metric.unit == Unit::None;
        if metric.origin == Origin::Library || !counts {
            continue;
        }
        let stem = metric.key.strip_suffix("_total").unwrap_or(&metric.key);
        // In the middle it may be anything: `retries_of_pending_jobs`. What is behind `open_` may be counted: errors.
        let found = GAUGE_WORDS.iter().find(|word| {
            ends_with_word(stem, word)
                || (**word != "open"
                    && stem
                        .strip_prefix(**word)
                        .is_some_and(|rest| rest.starts_with('_')))
        });
        if let Some(word) = found {
            let message = format!("the counter `{}` is called like a gauge", metric.key);
            let label = format!("what is `{word}` goes down again");
            let finding = Finding::new(Item::Metric(id), metric.spans.key, message, label);
            findings.push(finding.help(
                "make it an `updown_counter`, or call it by what happens each time: `opened`, `started`",
            ));
        }
    }
}

codes! {
    /// A gauge has the name of something that only adds up.
    COUNTER_WORD_IN_GAUGE = "SM1214" "counter-word-in-gauge": "gauge called like a counter",
    "What was `sent`, `received` or `served` does not become less. As a gauge its increase cannot be queried: \
     `rate()` takes a restart of a counter into account, and takes any fall of a gauge for one.",
    wrong: shop!(r#"[metrics.cart.parcels_sent]
type = "gauge"
help = "Parcels on their way so far."
"#),
    right: shop!(r#"[metrics.cart.parcels_sent]
type = "counter"
help = "Parcels on their way so far."
"#);
}

/// What has happened does not happen less. Words for states that things leave again, such as `failed`, are not here.
const COUNTER_WORDS: &[&str] = &[
    "dropped",
    "handled",
    "opened",
    "processed",
    "received",
    "reconnections",
    "rejected",
    "restarts",
    "retried",
    "retries",
    "sent",
    "served",
];

/// A gauge called like something that only adds up: `received`, `retries`.
pub(super) fn counter_word_in_gauge(registry: &Registry, findings: &mut Vec<Finding>) {
    for (id, metric) in metrics(registry) {
        // `last_received` in seconds is a point in time.
        let is_gauge =
            metric.kind.spec().operand == Some(Operand::Gauge) && metric.unit == Unit::None;
        let found = COUNTER_WORDS
            .iter()
            .find(|word| ends_with_word(&metric.key, word));
        let Some(word) = found.filter(|_| is_gauge && metric.origin == Origin::Schema) else {
            continue;
        };
        let message = format!(
            "the {} `{}` is called like a counter",
            metric.kind.name(),
            metric.key
        );
        let label = format!("expected `type = \"counter\"`, or a name without `{word}`");
        findings.push(Finding::new(
            Item::Metric(id),
            metric.spans.kind,
            message,
            label,
        ));
    }
}

codes! {
    /// A key names a quantity, and the metric has no unit.
    MISSING_UNIT = "SM1222" "missing-unit": "quantity without a unit",
    "A `duration` or a `temperature` is a number of something. With `unit` the exposed name says of what, and the recorder \
     takes a `Duration` instead of any number, so that nobody passes milliseconds. Without it each caller has to guess.",
    wrong: shop!(r#"[metrics.cart.payment_duration]
type = "histogram"
buckets = [0.1, 0.5, 1, 5]
help = "Time to pay."
"#),
    right: shop!(r#"[metrics.cart.payment_duration]
type = "histogram"
unit = "seconds"
buckets = [0.1, 0.5, 1, 5]
help = "Time to pay."
"#);
}

/// Last words of keys, and the unit that they are measured in here.
const QUANTITIES: &[(&str, Unit)] = &[
    ("age", Unit::Seconds),
    ("delay", Unit::Seconds),
    ("duration", Unit::Seconds),
    ("elapsed", Unit::Seconds),
    ("fraction", Unit::Ratio),
    ("frequency", Unit::Hertz),
    ("latency", Unit::Seconds),
    ("lifetime", Unit::Seconds),
    ("temperature", Unit::Celsius),
    ("uptime", Unit::Seconds),
    ("utilisation", Unit::Ratio),
    ("utilization", Unit::Ratio),
    ("voltage", Unit::Volts),
];

/// A key that names a quantity which has a unit, on a metric that has none.
pub(super) fn missing_unit(registry: &Registry, findings: &mut Vec<Finding>) {
    for (id, metric) in metrics(registry) {
        let takes_unit = metric.kind.spec().units == Units::Declared;
        // An exact name is kept as dashboards have it, with a unit of its own or without.
        let speaks_for_itself = metric.name_is_exact || metric.unit != Unit::None;
        if metric.origin == Origin::Library || !takes_unit || speaks_for_itself {
            continue;
        }
        let last = metric.key.rsplit('_').next().unwrap_or_default();
        let Some((word, unit)) = QUANTITIES.iter().find(|(word, _)| *word == last) else {
            continue;
        };
        let message = format!("the metric `{}` has no unit", metric.key);
        let label = format!("a {word} is measured in {}", unit.name());
        findings.push(
            Finding::new(Item::Metric(id), metric.spans.key, message, label)
                .help(format!("write `unit = \"{}\"`", unit.name())),
        );
    }
}

codes! {
    /// A stable metric has no owner.
    STABLE_WITHOUT_OWNER = "SM1217" "stable-without-owner": "stable metric without an owner",
    "`stability = \"stable\"` promises that neither name nor labels change before a major release. Somebody must \
     keep that promise, and be asked when the metric is in the way. Write `owner` on the metric, or in \
     `[defaults]`.",
    wrong: shop!(r#"[metrics.cart.paid]
type = "counter"
stability = "stable"
since = "1.0.0"
help = "Carts that were paid."
"#),
    right: shop!(r#"[metrics.cart.paid]
type = "counter"
stability = "stable"
since = "1.0.0"
owner = "@shop/checkout"
help = "Carts that were paid."
"#);
}

/// A promise that nobody gives.
pub(super) fn stable_without_owner(registry: &Registry, findings: &mut Vec<Finding>) {
    for (id, metric) in metrics(registry) {
        let nobody = metric.stability == Stability::Stable && metric.owner.is_none();
        if nobody && metric.origin == Origin::Schema {
            let message = format!(
                "the metric `{}` is stable, and nobody answers for it",
                metric.key
            );
            let finding = Finding::new(
                Item::Metric(id),
                metric.spans.key,
                message,
                "expected an `owner`",
            );
            findings.push(
                finding.help("write `owner = \"...\"` here, or in `[defaults]` for all metrics"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{COUNTER, GAUGE, NONE, found_in};

    #[test]
    fn words_of_counters_and_gauges() {
        for key in [
            "articles_active",
            "pending_articles",
            "in_flight",
            "carts_open",
        ] {
            assert_eq!(
                found_in(&[(key, COUNTER)]),
                [format!("gauge-word-in-counter {key}")]
            );
            assert_eq!(found_in(&[(key, GAUGE)]), NONE);
        }
        let seconds = "type = \"counter\"\nunit = \"seconds\"";
        assert_eq!(found_in(&[("active", seconds)]), NONE);
        assert_eq!(found_in(&[("open_errors", COUNTER)]), NONE);
        assert_eq!(found_in(&[("retries_of_pending_orders", COUNTER)]), NONE);

        assert_eq!(
            found_in(&[("parcels_sent", "type = \"updown_counter\"")]),
            ["counter-word-in-gauge \"updown_counter\""]
        );
        let seconds = "type = \"gauge\"\nunit = \"seconds\"";
        assert_eq!(found_in(&[("last_received", seconds)]), NONE);
        assert_eq!(
            found_in(&[("jobs_failed", GAUGE)]),
            NONE,
            "a state that is left again"
        );
    }

    #[test]
    fn quantities_have_units() {
        for key in ["packing_duration", "age", "fill_fraction"] {
            assert_eq!(found_in(&[(key, GAUGE)]), [format!("missing-unit {key}")]);
        }
        for key in ["duration_changes", "pages", "size"] {
            assert_eq!(found_in(&[(key, GAUGE)]), NONE);
        }
    }
}
