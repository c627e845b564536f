//! What a metric tells an operator, by which dashboards are laid out, and the words that tell it.

use shadowcat_metrics_codegen::model::{Kind, LabelId, LabelValues, Metric, Registry, Unit};

use crate::model::{Counted, Indicator, Matcher, Schema, Selection};

/// The rows of a dashboard, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Row {
    /// What was promised.
    Objectives,
    /// How much is done.
    Traffic,
    /// How much of it goes wrong.
    Errors,
    /// How long it takes.
    Latency,
    /// How large it is, or how it is spread otherwise.
    Distributions,
    /// How full it is, and in which state.
    Saturation,
    /// What the metrics library reports about itself.
    Library,
}

impl Row {
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Objectives => "Objectives",
            Self::Traffic => "Traffic",
            Self::Errors => "Errors",
            Self::Latency => "Latency",
            Self::Distributions => "Sizes and other distributions",
            Self::Saturation => "Saturation and state",
            Self::Library => "The metrics library itself",
        }
    }

    /// Where a metric is looked for; a counter with an outcome is under errors as well.
    pub(super) fn of(metric: &Metric) -> Self {
        match metric.kind {
            Kind::Counter { .. } if counts_errors(metric) => Self::Errors,
            // Time that is spent, of a processor or of a worker: its rate is how busy they are.
            Kind::Counter { .. } if metric.unit == Unit::Seconds => Self::Saturation,
            Kind::Counter { .. } => Self::Traffic,
            Kind::Histogram { .. } if metric.unit == Unit::Seconds => Self::Latency,
            Kind::Histogram { .. } => Self::Distributions,
            Kind::Gauge { .. }
            | Kind::UpDownCounter
            | Kind::State { .. }
            | Kind::Info
            | Kind::Ratio { .. } => Self::Saturation,
        }
    }
}

/// Whether a metric may have no series although its program runs: none until a label has a value, or a callback tells one.
pub(super) fn is_read_later(registry: &Registry, metric: &Metric) -> bool {
    let open = |id: &LabelId| matches!(registry.labels[id.0].values, LabelValues::Open { .. });
    let told = match metric.kind {
        Kind::Counter { callback } | Kind::Gauge { callback } => callback,
        Kind::Info => true,
        Kind::UpDownCounter | Kind::Histogram { .. } | Kind::State { .. } | Kind::Ratio { .. } => {
            false
        }
    };
    told || metric.labels.iter().any(open)
}

/// Words in a label's value or a counter's key that say that something went wrong.
const BAD: [&str; 31] = [
    "4xx",
    "5xx",
    "aborted",
    "crashed",
    "crashes",
    "denied",
    "error",
    "errors",
    "failed",
    "failure",
    "failures",
    "forced",
    "invalid",
    "killed",
    "large",
    "lost",
    "malformed",
    "overflow",
    "panicked",
    "panics",
    "refused",
    "rejected",
    "rejections",
    "restarts",
    "retries",
    "timed",
    "timeout",
    "timeouts",
    "unavailable",
    "unreachable",
    "violations",
];

/// Words in a label's value that say that it went as it should.
const GOOD: [&str; 10] = [
    "2xx",
    "3xx",
    "accepted",
    "completed",
    "ok",
    "passed",
    "resumed",
    "succeeded",
    "success",
    "valid",
];

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .map(str::to_ascii_lowercase)
}

/// Whether a value or key says that something went wrong.
pub(super) fn is_bad(text: &str) -> bool {
    words(text).any(|word| BAD.contains(&word.as_str()))
}

fn is_good(text: &str) -> bool {
    words(text).any(|word| GOOD.contains(&word.as_str()))
}

fn counts_errors(metric: &Metric) -> bool {
    is_bad(&metric.key)
}

/// The label that says how it ended, with its bad values: as an objective has them, or else by their words.
pub(super) fn outcome(schema: &Schema, metric: &Metric) -> Option<(LabelId, Vec<String>)> {
    promised(schema, metric).or_else(|| by_words(&schema.registry, metric))
}

/// What an objective about a metric holds to be bad.
fn promised(schema: &Schema, metric: &Metric) -> Option<(LabelId, Vec<String>)> {
    let registry = &schema.registry;
    schema.slos.iter().find_map(|slo| {
        let Indicator::Availability { counted, total } = &slo.indicator else {
            return None;
        };
        let (Counted::Good(side) | Counted::Bad(side)) = counted;
        let is_its =
            |selection: &Selection| registry.metrics[selection.metric.0].exposed == metric.exposed;
        // Of other events, or of some of them, its share is another.
        let [Matcher { label, values }] = side.matchers.as_slice() else {
            return None;
        };
        if !is_its(side) || !is_its(total) || !total.matchers.is_empty() {
            return None;
        }
        let LabelValues::Closed(all) = &registry.labels[label.0].values else {
            return None;
        };
        let is_good = matches!(counted, Counted::Good(_));
        let bad = all.iter().map(|value| value.value.clone());
        let bad = bad.filter(|value| values.contains(value) != is_good);
        Some((*label, bad.collect()))
    })
}

/// A closed label with values of both sorts. Without a good one, all that is counted may be errors, or reasons.
fn by_words(registry: &Registry, metric: &Metric) -> Option<(LabelId, Vec<String>)> {
    metric.labels.iter().find_map(|id| {
        let LabelValues::Closed(values) = &registry.labels[id.0].values else {
            return None;
        };
        let bad = values.iter().filter(|value| is_bad(&value.value));
        let bad: Vec<_> = bad.map(|value| value.value.clone()).collect();
        let good = values.iter().any(|value| is_good(&value.value));
        (good && !bad.is_empty()).then_some((*id, bad))
    })
}

#[cfg(test)]
mod tests {
    use super::{BAD, GOOD, is_bad, is_good};

    #[test]
    fn words_decide_and_parts_of_words_do_not() {
        assert!(is_bad("timed_out") && is_bad("too_large") && is_bad("5xx") && is_bad("Failed"));
        assert!(!is_bad("terrors") && !is_bad("closed") && !is_bad("ok"));
        assert!(is_good("ok") && is_good("2xx") && !is_good("token"));
    }

    #[test]
    fn the_tables_are_sorted_and_apart() {
        assert!(BAD.is_sorted() && GOOD.is_sorted());
        assert!(GOOD.iter().all(|word| !BAD.contains(word)));
    }
}
