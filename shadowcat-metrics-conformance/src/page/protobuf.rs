//! Parses pages in the protobuf format: length-delimited messages of the type `io.prometheus.client.MetricFamily`.
//!
//! <https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto>

use prost::Message as _;
use shadowcat_metrics_codegen::name::{bucket_bound, is_metric_name};

use super::lines::shorten;
use super::native::NativeBuckets;
use super::{Family, Format, Page, Problem, Sample, Type};
use crate::finding::Severity;

/// Parses every complete message.
pub(super) fn read(mut bytes: &[u8]) -> Page {
    let mut page = Page {
        format: Format::Protobuf,
        ..Page::default()
    };
    let mut number = 0;
    while !bytes.is_empty() {
        number += 1;
        let length = prost::decode_length_delimiter(&mut bytes).map_err(|error| error.to_string());
        let message = length.and_then(|length| {
            let message = bytes.split_at_checked(length);
            message.ok_or_else(|| format!("it has {} of {length} bytes", bytes.len()))
        });
        let message = match message {
            Ok((message, rest)) => {
                bytes = rest;
                message::MetricFamily::decode(message).map_err(|error| error.to_string())
            }
            Err(error) => {
                bytes = &[];
                Err(error)
            }
        };
        match message {
            Ok(message) => add_family(&mut page, message),
            Err(error) => page.problems.push(refused(format!(
                "the message {number} is no `MetricFamily`: {error}"
            ))),
        }
    }
    page
}

fn refused(message: String) -> Problem {
    Problem {
        line: 0,
        message,
        severity: Severity::Error,
        prometheus_refuses: true,
    }
}

fn add_family(page: &mut Page, message: message::MetricFamily) {
    let kind = match message.kind {
        0 => Some(Type::Counter),
        1 => Some(Type::Gauge),
        2 => Some(Type::Summary),
        3 => Some(Type::Unknown),
        4 => Some(Type::Histogram),
        5 => Some(Type::GaugeHistogram),
        _ => None,
    };
    let name = shorten(&message.name);
    // Prometheus skips families without metrics.
    if !message.metrics.is_empty() {
        if !is_metric_name(&message.name) {
            let message = format!("`{name}` is not a metric name, and Prometheus 2 refuses it");
            page.problems.push(refused(message));
        }
        if kind.is_none() {
            let message = format!(
                "`{name}` has the type {}, which does not exist",
                message.kind
            );
            page.problems.push(refused(message));
        }
        let stem = message
            .name
            .strip_suffix("_total")
            .filter(|_| message.kind == 0);
        let stem = stem.unwrap_or(&message.name).strip_suffix(&*message.unit);
        if !message.unit.is_empty() && !stem.is_some_and(|stem| stem.ends_with('_')) {
            let unit = shorten(&message.unit);
            let message =
                format!("`{name}` does not end with its unit `{unit}`, which Prometheus 3 refuses");
            page.problems.push(refused(message));
        }
    }
    let kind = kind.unwrap_or(Type::Unknown);
    let (mut samples, mut native) = (Vec::new(), Vec::new());
    let has_exemplars = message.metrics.iter().any(message::Metric::has_exemplars);
    for metric in message.metrics {
        page.problems
            .extend(label_fault(&name, &metric.labels).map(refused));
        let found = push_samples(&mut samples, &message.name, kind, metric);
        match found {
            Ok(found) => native.extend(found),
            Err(fault) => page
                .problems
                .push(refused(format!("a histogram `{name}` is broken: {fault}"))),
        }
    }
    page.families.push(Family {
        name: message.name,
        kind,
        help: message.help,
        unit: message.unit,
        samples,
        native,
        has_exemplars,
        line: 0,
    });
}

/// Returns why Prometheus refuses the labels of a metric.
fn label_fault(family: &str, labels: &[message::LabelPair]) -> Option<String> {
    let is_label_name = |name: &str| is_metric_name(name) && !name.contains(':');
    let wrong = labels.iter().find(|label| !is_label_name(&label.name));
    if let Some(label) = wrong {
        let label = shorten(&label.name);
        return Some(format!(
            "`{label}` of `{family}` is not a label name, and Prometheus 2 refuses it"
        ));
    }
    let mut names: Vec<_> = labels
        .iter()
        .filter(|label| !label.value.is_empty())
        .collect();
    names.sort_unstable_by_key(|label| &label.name);
    let twice = names.windows(2).find(|pair| pair[0].name == pair[1].name);
    if let Some(pair) = twice {
        let label = shorten(&pair[0].name);
        return Some(format!(
            "the label `{label}` appears twice in a metric of `{family}`"
        ));
    }
    let own = labels.iter().any(|label| label.name == "__name__");
    own.then(|| format!("the label name `__name__` is reserved for the metric name, in `{family}`"))
}

/// Adds a metric's samples, named as in the text formats. A metric without a value of its family's type is 0. Returns the native
/// buckets of a histogram.
fn push_samples(
    samples: &mut Vec<Sample>,
    name: &str,
    kind: Type,
    metric: message::Metric,
) -> Result<Option<NativeBuckets>, String> {
    let labels = metric.labels.into_iter();
    let labels: Vec<_> = labels.map(|pair| (pair.name, pair.value)).collect();
    let mut push = |suffix: &str, own: Option<(&str, f64)>, value| {
        let own = own.map(|(label, bound)| (label.to_owned(), bucket_bound(bound)));
        samples.push(Sample {
            name: format!("{name}{suffix}"),
            labels: labels.iter().cloned().chain(own).collect(),
            value,
            line: 0,
        });
    };
    match kind {
        Type::Counter => push("", None, metric.counter.unwrap_or_default().value),
        Type::Gauge => push("", None, metric.gauge.unwrap_or_default().value),
        Type::Unknown | Type::StateSet | Type::Info => {
            push("", None, metric.untyped.unwrap_or_default().value);
        }
        Type::Summary => {
            let summary = metric.summary.unwrap_or_default();
            for found in summary.quantiles {
                push("", Some(("quantile", found.quantile)), found.value);
            }
            push("_sum", None, summary.sum);
            push("_count", None, float(summary.count));
        }
        Type::Histogram | Type::GaugeHistogram => {
            let histogram = metric.histogram.unwrap_or_default();
            let count = count(histogram.count, histogram.count_float);
            let native = NativeBuckets::read(&histogram, &labels, count);
            let mut is_bounded = true;
            for bucket in histogram.buckets {
                is_bounded &= bucket.bound < f64::INFINITY;
                let below = self::count(bucket.count, bucket.count_float);
                push("_bucket", Some(("le", bucket.bound)), below);
            }
            // The last bucket is optional in this format.
            if is_bounded {
                push("_bucket", Some(("le", f64::INFINITY)), count);
            }
            // In the text formats, these have separate names in a gauge histogram.
            let (sum, all) = match kind {
                Type::GaugeHistogram => ("_gsum", "_gcount"),
                _ => ("_sum", "_count"),
            };
            push(sum, None, histogram.sum);
            push(all, None, count);
            return native;
        }
    }
    Ok(None)
}

/// Returns a count, which is an integer or a float.
pub(super) fn count(integer: u64, number: f64) -> f64 {
    if number > 0.0 { number } else { float(integer) }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "so do the text formats' readers"
)]
const fn float(count: u64) -> f64 {
    count as f64
}

/// The parts of `metrics.proto` that are compared; prost ignores the others.
pub(super) mod message {
    use prost::Message;

    #[derive(Message)]
    pub(in crate::page) struct MetricFamily {
        #[prost(string, tag = "1")]
        pub(in crate::page) name: String,
        #[prost(string, tag = "2")]
        pub(in crate::page) help: String,
        #[prost(int32, tag = "3")]
        pub(in crate::page) kind: i32,
        #[prost(message, repeated, tag = "4")]
        pub(in crate::page) metrics: Vec<Metric>,
        #[prost(string, tag = "5")]
        pub(in crate::page) unit: String,
    }

    #[derive(Message)]
    pub(in crate::page) struct Metric {
        #[prost(message, repeated, tag = "1")]
        pub(in crate::page) labels: Vec<LabelPair>,
        #[prost(message, tag = "2")]
        pub(in crate::page) gauge: Option<Value>,
        #[prost(message, tag = "3")]
        pub(in crate::page) counter: Option<Value>,
        #[prost(message, tag = "4")]
        pub(in crate::page) summary: Option<Summary>,
        #[prost(message, tag = "5")]
        pub(in crate::page) untyped: Option<Value>,
        #[prost(message, tag = "7")]
        pub(in crate::page) histogram: Option<Histogram>,
    }

    #[derive(Message)]
    pub(in crate::page) struct LabelPair {
        #[prost(string, tag = "1")]
        pub(in crate::page) name: String,
        #[prost(string, tag = "2")]
        pub(in crate::page) value: String,
    }

    /// A `Gauge`, a `Counter` or an `Untyped`. Only counters have exemplars.
    #[derive(Message)]
    pub(in crate::page) struct Value {
        #[prost(double, tag = "1")]
        pub(in crate::page) value: f64,
        #[prost(message, optional, tag = "2")]
        pub(in crate::page) exemplar: Option<Exemplar>,
    }

    /// An exemplar, whose fields are not read.
    #[derive(Message)]
    pub(in crate::page) struct Exemplar {}

    #[derive(Message)]
    pub(in crate::page) struct Summary {
        #[prost(uint64, tag = "1")]
        pub(in crate::page) count: u64,
        #[prost(double, tag = "2")]
        pub(in crate::page) sum: f64,
        #[prost(message, repeated, tag = "3")]
        pub(in crate::page) quantiles: Vec<Quantile>,
    }

    #[derive(Message)]
    pub(in crate::page) struct Quantile {
        #[prost(double, tag = "1")]
        pub(in crate::page) quantile: f64,
        #[prost(double, tag = "2")]
        pub(in crate::page) value: f64,
    }

    #[derive(Message)]
    pub(in crate::page) struct Histogram {
        #[prost(uint64, tag = "1")]
        pub(in crate::page) count: u64,
        #[prost(double, tag = "2")]
        pub(in crate::page) sum: f64,
        #[prost(message, repeated, tag = "3")]
        pub(in crate::page) buckets: Vec<Bucket>,
        #[prost(double, tag = "4")]
        pub(in crate::page) count_float: f64,
        #[prost(sint32, tag = "5")]
        pub(in crate::page) schema: i32,
        #[prost(double, tag = "6")]
        pub(in crate::page) zero_threshold: f64,
        #[prost(uint64, tag = "7")]
        pub(in crate::page) zero_count: u64,
        #[prost(double, tag = "8")]
        pub(in crate::page) zero_count_float: f64,
        #[prost(message, repeated, tag = "9")]
        pub(in crate::page) negative_spans: Vec<Span>,
        #[prost(sint64, repeated, tag = "10")]
        pub(in crate::page) negative_deltas: Vec<i64>,
        #[prost(double, repeated, tag = "11")]
        pub(in crate::page) negative_counts: Vec<f64>,
        #[prost(message, repeated, tag = "12")]
        pub(in crate::page) positive_spans: Vec<Span>,
        #[prost(sint64, repeated, tag = "13")]
        pub(in crate::page) positive_deltas: Vec<i64>,
        #[prost(double, repeated, tag = "14")]
        pub(in crate::page) positive_counts: Vec<f64>,
        #[prost(message, repeated, tag = "16")]
        pub(in crate::page) exemplars: Vec<Exemplar>,
    }

    /// Adjacent native buckets.
    #[derive(Message)]
    pub(in crate::page) struct Span {
        #[prost(sint32, tag = "1")]
        pub(in crate::page) offset: i32,
        #[prost(uint32, tag = "2")]
        pub(in crate::page) length: u32,
    }

    #[derive(Message)]
    pub(in crate::page) struct Bucket {
        #[prost(uint64, tag = "1")]
        pub(in crate::page) count: u64,
        #[prost(double, tag = "2")]
        pub(in crate::page) bound: f64,
        #[prost(message, optional, tag = "3")]
        pub(in crate::page) exemplar: Option<Exemplar>,
        #[prost(double, tag = "4")]
        pub(in crate::page) count_float: f64,
    }

    impl Metric {
        /// Returns whether a counter, a bucket or a native histogram has an exemplar.
        pub(in crate::page) fn has_exemplars(&self) -> bool {
            let mut counter = self.counter.iter();
            let mut histogram = self.histogram.iter();
            counter.any(|counter| counter.exemplar.is_some())
                || histogram.any(|histogram| {
                    let mut buckets = histogram.buckets.iter();
                    !histogram.exemplars.is_empty() || buckets.any(|it| it.exemplar.is_some())
                })
        }
    }
}
