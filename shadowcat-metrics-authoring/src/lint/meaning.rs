//! Lints about a metric's kind, unit and owner.

use super::{has_word, shop, split};
use shadowcat_metrics_codegen::Diagnostic;
use shadowcat_metrics_codegen::codes::codes;
use shadowcat_metrics_codegen::model::{Metric, Operand, Registry, Stability, Unit, Units};
use shadowcat_metrics_codegen::name::ends_with_word;

codes! {
    GAUGE_WORD_IN_COUNTER = "SM1213" "gauge-word-in-counter": "counter named like a gauge",
    "A number of things that are `active`, `open`, `pending` or `in_flight` goes down again, but a counter never \
     does. Use `updown_counter`, or name the counter after the event that it counts, such as `opened`.",
    example: shop!(r#"[metrics.cart.articles_pending]
- type = "counter"
+ type = "updown_counter"
help = "Articles that wait to be packed."
"#);
}

const GAUGE_WORDS: &str = "active current in_flight in_use inflight open pending";

/// Reports a counter named like something that comes and goes: `active`, `in_flight`.
pub(super) fn gauge_word_in_counter(_: &Registry, metric: &Metric) -> Option<Diagnostic> {
    // In seconds or bytes, it is a sum over active things: `active_seconds_total`.
    if !metric.kind.is_counter() || metric.unit != Unit::None {
        return None;
    }
    let stem = metric.key.strip_suffix("_total").unwrap_or(&metric.key);
    let begins = |word: &str| {
        let rest = stem.strip_prefix(word);
        rest.is_some_and(|rest| rest.starts_with('_'))
    };
    // In the middle of a key, the word may modify another: `retries_of_pending_jobs`. A word after `open_`
    // may be countable: errors.
    let word = split(GAUGE_WORDS)
        .find(|word| ends_with_word(stem, word) || (*word != "open" && begins(word)))?;
    let message = format!("the counter `{}` is named like a gauge", metric.key);
    let problem = Diagnostic::warning(GAUGE_WORD_IN_COUNTER, metric.spans.key, message)
        .label(format!("`{word}` suggests a value that goes down again"))
        .help("make it an `updown_counter`, or name it after the event that it counts, such as `opened` or `started`");
    Some(problem)
}

codes! {
    COUNTER_WORD_IN_GAUGE = "SM1214" "counter-word-in-gauge": "gauge named like a counter",
    "A number of things that were `sent`, `received` or `served` only goes up, so it should be a counter. `rate()` \
     and `increase()` work on counters only: they read any decrease of a gauge as a reset.",
    example: shop!(r#"[metrics.cart.parcels_sent]
- type = "gauge"
+ type = "counter"
help = "Parcels handed to the carrier."
"#);
}

/// Past events cannot decrease. Words for temporary states, such as `failed`, are not in this list.
const COUNTER_WORDS: &str = "dropped handled opened processed received reconnections rejected restarts retried retries \
     sent served";

/// Reports a gauge named like something that only accumulates: `received`, `retries`.
pub(super) fn counter_word_in_gauge(_: &Registry, metric: &Metric) -> Option<Diagnostic> {
    // `last_received` in seconds is a point in time.
    if metric.kind.spec().operand != Some(Operand::Gauge) || metric.unit != Unit::None {
        return None;
    }
    let word = split(COUNTER_WORDS).find(|word| ends_with_word(&metric.key, word))?;
    let (kind, key) = (metric.kind.name(), &metric.key);
    let message = format!("the {kind} `{key}` is named like a counter");
    let label = format!("expected `type = \"counter\"`, or a name without `{word}`");
    Some(Diagnostic::warning(COUNTER_WORD_IN_GAUGE, metric.spans.kind, message).label(label))
}

codes! {
    MISSING_UNIT = "SM1222" "missing-unit": "quantity without a unit",
    "A `duration` or a `temperature` needs a unit. `unit` adds the unit to the exposed name. With `seconds`, the \
     recorder takes a `Duration` instead of a plain number, so nobody can pass milliseconds by mistake. Without `unit`, each caller \
     has to guess.",
    example: shop!(r#"[metrics.cart.payment_duration]
type = "histogram"
+ unit = "seconds"
buckets = [0.1, 0.5, 1, 5]
help = "Time to pay."
"#);
}

/// Last words of keys, with their units.
const QUANTITIES: [(Unit, &str); 5] = [
    (
        Unit::Seconds,
        "age delay duration elapsed latency lifetime uptime",
    ),
    (Unit::Ratio, "fraction utilisation utilization"),
    (Unit::Hertz, "frequency"),
    (Unit::Celsius, "temperature"),
    (Unit::Volts, "voltage"),
];

/// Reports a key that names a quantity with a unit, on a metric without one.
pub(super) fn missing_unit(_: &Registry, metric: &Metric) -> Option<Diagnostic> {
    // An exact name stays as dashboards use it, with or without a unit.
    let speaks_for_itself = metric.name_is_exact || metric.unit != Unit::None;
    if metric.kind.spec().units != Units::Declared || speaks_for_itself {
        return None;
    }
    let word = metric.key.rsplit('_').next()?;
    let (unit, _) = QUANTITIES.iter().find(|(_, words)| has_word(words, word))?;
    let unit = unit.name();
    let message = format!("the metric `{}` has no unit", metric.key);
    let problem = Diagnostic::warning(MISSING_UNIT, metric.spans.key, message)
        .label(format!("`{word}` is measured in {unit}"))
        .help(format!("write `unit = \"{unit}\"`"));
    Some(problem)
}

codes! {
    STABLE_WITHOUT_OWNER = "SM1217" "stable-without-owner": "stable metric without an owner",
    "`stability = \"stable\"` promises that the name and the labels of a metric only change in a major release. \
     Someone should be responsible for that promise. Write `owner` on the metric, or in `[defaults]`.",
    example: shop!(r#"[metrics.cart.paid]
type = "counter"
stability = "stable"
since = "1.0.0"
+ owner = "@shop/checkout"
help = "Carts that were paid."
"#);
}

/// Reports a stable metric without an owner.
pub(super) fn stable_without_owner(_: &Registry, metric: &Metric) -> Option<Diagnostic> {
    let nobody = metric.stability == Stability::Stable && metric.owner.is_none();
    nobody.then(|| {
        let message = format!("the stable metric `{}` has no owner", metric.key);
        Diagnostic::warning(STABLE_WITHOUT_OWNER, metric.spans.key, message)
            .label("expected an `owner`")
            .help("write `owner = \"...\"` here, or in `[defaults]` for all metrics")
    })
}

#[test]
fn words_of_counters_and_gauges() {
    crate::testing::lints(
        r#"
        articles_active: counter => gauge-word-in-counter articles_active
        articles_active: gauge =>
        pending_articles: counter => gauge-word-in-counter pending_articles
        in_flight: counter => gauge-word-in-counter in_flight
        in_flight: gauge =>
        carts_open: counter => gauge-word-in-counter carts_open
        active: counter, unit = "seconds" =>
        open_errors: counter =>
        retries_of_pending_orders: counter =>
        parcels_sent: updown_counter => counter-word-in-gauge "updown_counter"
        last_received: gauge, unit = "seconds" =>
        jobs_failed: gauge =>
    "#,
    );
}

#[test]
fn quantities_have_units() {
    crate::testing::lints(
        r"
        packing_duration: gauge => missing-unit packing_duration
        age: gauge => missing-unit age
        fill_fraction: gauge => missing-unit fill_fraction
        duration_changes: gauge =>
        pages: gauge =>
        size: gauge =>
    ",
    );
}
