//! Names of metrics and attributes in OpenTelemetry, and the Prometheus names that a collector derives from them.
//!
//! <https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/>

use std::borrow::Cow;

use super::{is_metric_name, open_metrics_family};
use crate::model::{Kind, Label, Metric, Operand, Registry, Storage, Unit};

/// Maximum length of a metric's name in OpenTelemetry, in bytes.
const MAX_LENGTH: usize = 255;

/// Returns whether OpenTelemetry accepts it as a name: a letter, then letters, digits, `_`, `.`, `-` and `/`.
#[must_use]
pub fn is_otel_name(name: &str) -> bool {
    name.len() <= MAX_LENGTH
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '/'))
}

/// Returns the name of a label as an attribute in OpenTelemetry: `otel`, or else its own name.
#[must_use]
pub fn otel_label_name(label: &Label) -> &str {
    label.otel.as_ref().map_or(&label.name, |otel| &otel.value)
}

/// Returns the name of a metric in OpenTelemetry: `otel`, or else `namespace.group.key`, with `.info` or `.ratio` if a collector
/// derives the exposed name only from that. If a collector derives it from none of these, the OpenMetrics family name.
#[must_use]
pub fn otel_metric_name<'r>(registry: &'r Registry, metric: &'r Metric) -> Cow<'r, str> {
    if let Some(otel) = &metric.otel {
        return Cow::from(&otel.value);
    }
    let group = &registry.groups[metric.group.0].name;
    let path = format!("{}.{group}.{}", registry.namespace, metric.key);
    for suffix in ["", ".info", ".ratio"] {
        let name = format!("{path}{suffix}");
        if translated_metric(&name, metric.unit, &metric.kind) == metric.exposed {
            return Cow::from(name);
        }
    }
    Cow::from(open_metrics_family(&metric.exposed, &metric.kind))
}

/// Returns the Prometheus name that a collector derives from a metric's name: words joined by `_`, then the unit, then `_total`
/// for counters and `_ratio` for gauges of the unit `1`.
#[must_use]
pub fn translated_metric(otel: &str, unit: Unit, kind: &Kind) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == ':';
    let mut words = Vec::new();
    for word in otel.split(|c| !is_word(c)) {
        if !word.is_empty() {
            words.push(word);
        }
    }
    let spec = kind.spec();
    let is_gauge = (spec.operand == Some(Operand::Gauge) && spec.storage != Storage::PerThread)
        || spec.operands.is_some();
    let has_unit = matches!(unit, Unit::None | Unit::Ratio) || words.contains(&unit.name());
    let suffixes = [
        (!has_unit, unit.name()),
        (kind.is_counter(), "total"),
        (is_gauge && unit == Unit::Ratio, Unit::Ratio.name()),
    ];
    for (_, suffix) in suffixes.iter().filter(|(applies, _)| *applies) {
        words.retain(|word| word != suffix);
        words.push(suffix);
    }
    let name = words.join("_");
    if is_metric_name(&name) {
        name
    } else {
        format!("_{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected names of the library `otlptranslator`, which Prometheus and the collector share.
    #[test]
    fn names_are_translated_as_a_collector_does() {
        let rows = "
            http.server.request.duration, seconds, histogram: http_server_request_duration_seconds
            system.memory.usage, bytes, updown_counter: system_memory_usage_bytes
            system.network.io, bytes, counter: system_network_io_bytes_total
            system.cpu.utilization, ratio, gauge: system_cpu_utilization_ratio
            system.cpu.utilization, ratio, callback: system_cpu_utilization_ratio
            system.cpu.utilization, ratio, updown_counter: system_cpu_utilization
            system.cpu.utilization, ratio, histogram: system_cpu_utilization
            a.ratio.of.b, ratio, gauge: a_of_b_ratio
            requests.total, , counter: requests_total
            total.requests, , counter: requests_total
            total.requests, , gauge: total_requests
            wait.seconds.sum, seconds, gauge: wait_seconds_sum
            a//b--c__d., , gauge: a_b_c_d
            system.cpu.load_average.1m, , gauge: system_cpu_load_average_1m
        ";
        for row in rows.trim().lines() {
            let (metric, name) = row.split_once(": ").expect("a metric and its name");
            let parts: Vec<_> = metric.trim().split(", ").collect();
            let unit = Unit::NAMED.into_iter().find(|unit| unit.name() == parts[1]);
            let kind = Kind::named(parts[2]).unwrap_or(&Kind::Gauge { callback: true });
            let translated = translated_metric(parts[0], unit.unwrap_or(Unit::None), kind);
            assert_eq!(translated, name, "{row}");
        }
    }

    #[test]
    fn names_have_at_most_255_characters() {
        assert!(is_otel_name(&"a".repeat(255)));
        assert!(!is_otel_name(&"a".repeat(256)));
    }

    /// Without `otel`, a collector that gets the metric exposes the name of the page.
    #[test]
    fn default_names_translate_to_exposed_names() {
        let metrics = [
            "opened: counter",
            "paid_total: counter, unit = \"seconds\"",
            "fill: gauge, unit = \"ratio\"",
            "load: histogram, unit = \"ratio\", buckets = [0.5]",
            "held: updown_counter, unit = \"ratio\"",
            "build: info, labels = [\"host\"]",
            "state: state, states = \"mode\"",
            "share: ratio, numerator = \"app.opened\", denominator = \"app.opened\"",
            "exact: counter, name = \"carts_total\"",
            "sold: gauge, name = \"old_name\", unit = \"grams\"",
        ];
        let (outcome, _) = crate::testing::compiled(&metrics.join(" | "));
        let registry = outcome.registry().expect("a schema without errors");
        let names = registry.metrics.iter().filter_map(|metric| {
            let otel = otel_metric_name(registry, metric);
            let translated = translated_metric(&otel, metric.unit, &metric.kind);
            let differs = translated != metric.exposed;
            differs.then_some((otel.into_owned(), translated))
        });
        assert_eq!(
            names.collect::<Vec<_>>(),
            [("old_name".to_owned(), "old_name_grams".to_owned())],
            "only an exact name without its unit differs"
        );
        let first = otel_metric_name(registry, &registry.metrics[0]);
        assert_eq!(first, "t.app.opened");
    }
}
