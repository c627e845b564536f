//! Parses pages in the protobuf format: length-delimited messages of the type `io.prometheus.client.MetricFamily`.
//!
//! <https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto>

use prost::Message as _;
use shadowcat_metrics_codegen::name::{bucket_bound, is_label_name, is_metric_name};

use super::exemplar::Exemplar;
use super::lines::{repeated, shorten};
use super::native::{Fault, NativeBuckets};
use super::{Family, Format, Page, Problem, Sample, Type};
use crate::finding::Severity;

/// Parses every complete message.
pub(super) fn read(mut bytes: &[u8]) -> Page {
    let mut reader = Reader::default();
    while !bytes.is_empty() {
        reader.message += 1;
        reader.metric = None;
        let message = message(&mut bytes).and_then(|message| {
            message::MetricFamily::decode(message).map_err(|error| error.to_string())
        });
        match message {
            // Prometheus skips families without metrics. Without a name, there is nothing to compare.
            Ok(message) if message.metrics.is_empty() && message.name.is_empty() => {}
            Ok(message) => reader.family(message),
            Err(error) => reader.refuse(&format!("this is not a `MetricFamily`: {error}")),
        }
    }
    reader.page.format = Format::Protobuf;
    reader.page
}

/// Returns whether a page looks like protobuf: its messages end where the page does, or the first one begins with a name.
pub(super) fn is_likely(bytes: &[u8]) -> bool {
    let is_text = |byte: &u8| *byte >= b' ' || byte.is_ascii_whitespace();
    // The lengths of short fields and the tags of most are control characters.
    if bytes.iter().all(is_text) {
        return false;
    }
    are_messages(bytes) || begins_with_name(bytes)
}

fn are_messages(mut bytes: &[u8]) -> bool {
    while !bytes.is_empty() {
        if !message(&mut bytes).is_ok_and(|message| !message.is_empty()) {
            return false;
        }
    }
    true
}

/// Returns whether the first message has a name as its first field, even if the page is cut off in it.
fn begins_with_name(mut bytes: &[u8]) -> bool {
    const NAME: u8 = 1 << 3 | 2;
    let Ok(length) = prost::decode_length_delimiter(&mut bytes) else {
        return false;
    };
    let Some(mut bytes) = bytes.strip_prefix(&[NAME]) else {
        return false;
    };
    let of_name = prost::decode_length_delimiter(&mut bytes);
    of_name.is_ok_and(|of_name| {
        let name = &bytes[..of_name.min(bytes.len())];
        of_name < length && name.iter().all(u8::is_ascii_graphic)
    })
}

/// Splits the first message off. Nothing is left after a message that is incomplete.
fn message<'b>(bytes: &mut &'b [u8]) -> Result<&'b [u8], String> {
    let rest = std::mem::take(bytes);
    let mut after = rest;
    let length = prost::decode_length_delimiter(&mut after).map_err(|error| error.to_string())?;
    let found = after.split_at_checked(length);
    let (message, next) =
        found.ok_or_else(|| format!("it has {} of {length} bytes", after.len()))?;
    *bytes = next;
    Ok(message)
}

/// Adds families to a page.
#[derive(Default)]
struct Reader {
    page: Page,
    /// The current message and metric, counted from 1.
    message: usize,
    metric: Option<usize>,
}

impl Reader {
    fn problem(&mut self, fault: &str, severity: Severity, prometheus_refuses: bool) {
        let metric = self.metric.map(|metric| format!(", metric {metric}"));
        self.page.problems.push(Problem {
            line: 0,
            message: format!(
                "message {}{}: {fault}",
                self.message,
                metric.unwrap_or_default()
            ),
            severity,
            prometheus_refuses,
        });
    }

    fn refuse(&mut self, fault: &str) {
        self.problem(fault, Severity::Error, true);
    }

    fn family(&mut self, message: message::MetricFamily) {
        let kind = match message.kind {
            0 => Some(Type::Counter),
            1 => Some(Type::Gauge),
            2 => Some(Type::Summary),
            3 => Some(Type::Unknown),
            4 => Some(Type::Histogram),
            5 => Some(Type::GaugeHistogram),
            _ => None,
        };
        // Prometheus skips families without metrics.
        if !message.metrics.is_empty() {
            self.metadata(&message, kind);
        }
        let name = shorten(&message.name);
        let kind = kind.unwrap_or(Type::Unknown);
        let (mut samples, mut native) = (Vec::new(), Vec::new());
        let has_exemplars = message.metrics.iter().any(message::Metric::has_exemplars);
        for (position, metric) in message.metrics.into_iter().enumerate() {
            self.metric = Some(position + 1);
            if let Some(fault) = label_fault(&name, &metric.labels) {
                self.refuse(&fault);
            }
            if !has_value(&metric, kind) {
                let fault = format!(
                    "`{name}` is a {} without a value of this type, which Prometheus reads as 0",
                    kind.name()
                );
                self.problem(&fault, Severity::Error, false);
            }
            let found = push_samples(&mut samples, &message.name, kind, metric);
            for fault in found.exemplars {
                self.problem(&format!("{fault}, in `{name}`"), Severity::Warning, false);
            }
            match found.native {
                Ok(found) => native.extend(found),
                Err(Fault { message, refused }) => {
                    let fault = format!("the histogram `{name}` is broken: {message}");
                    self.problem(&fault, Severity::Error, refused);
                }
            }
        }
        self.page.families.push(Family {
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

    fn metadata(&mut self, message: &message::MetricFamily, kind: Option<Type>) {
        let name = shorten(&message.name);
        if !is_metric_name(&message.name) {
            self.refuse(&format!(
                "`{name}` is not a metric name, and Prometheus 2 rejects it"
            ));
        }
        if kind.is_none() {
            self.refuse(&format!(
                "`{name}` has the type {}, which does not exist",
                message.kind
            ));
        }
        let stem = message
            .name
            .strip_suffix("_total")
            .filter(|_| message.kind == 0);
        let stem = stem.unwrap_or(&message.name).strip_suffix(&*message.unit);
        if !message.unit.is_empty() && !stem.is_some_and(|stem| stem.ends_with('_')) {
            let unit = shorten(&message.unit);
            self.refuse(&format!(
                "`{name}` does not end with its unit `{unit}`, which Prometheus 3 rejects"
            ));
        }
    }
}

/// Returns whether a metric has a value of its family's type.
const fn has_value(metric: &message::Metric, kind: Type) -> bool {
    match kind {
        Type::Counter => metric.counter.is_some(),
        Type::Gauge => metric.gauge.is_some(),
        Type::Summary => metric.summary.is_some(),
        Type::Histogram | Type::GaugeHistogram => metric.histogram.is_some(),
        Type::Unknown | Type::StateSet | Type::Info => metric.untyped.is_some(),
    }
}

/// Returns why Prometheus refuses the labels of a metric.
fn label_fault(family: &str, labels: &[message::LabelPair]) -> Option<String> {
    let wrong = labels.iter().find(|label| !is_label_name(&label.name));
    if let Some(label) = wrong {
        let label = shorten(&label.name);
        return Some(format!(
            "`{label}` of `{family}` is not a label name, and Prometheus 2 rejects it"
        ));
    }
    let kept = labels.iter().filter(|label| !label.value.is_empty());
    if let Some(name) = repeated(kept.map(|label| &label.name)) {
        let label = shorten(name);
        return Some(format!(
            "the label `{label}` appears twice in a metric of `{family}`"
        ));
    }
    let own = labels.iter().any(|label| label.name == "__name__");
    own.then(|| format!("the label name `__name__` is reserved for the metric name, in `{family}`"))
}

/// The faults of a metric's exemplars, and its native buckets.
struct Extras {
    exemplars: Vec<String>,
    native: Result<Option<NativeBuckets>, Fault>,
}

/// Adds a metric's samples, named as in the text formats. A metric without a value of its family's type is 0.
fn push_samples(
    samples: &mut Vec<Sample>,
    name: &str,
    kind: Type,
    metric: message::Metric,
) -> Extras {
    let labels = metric.labels.into_iter();
    let labels: Vec<_> = labels.map(|pair| (pair.name, pair.value)).collect();
    let mut extras = Extras {
        exemplars: Vec::new(),
        native: Ok(None),
    };
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
        Type::Counter => {
            let counter = metric.counter.unwrap_or_default();
            let exemplar = counter.exemplar.map(Exemplar::from);
            push("", None, counter.value);
            let fault = exemplar.and_then(|exemplar| exemplar.fault(None));
            extras.exemplars.extend(fault);
        }
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
            extras.native = NativeBuckets::read(&histogram, &labels, count);
            let mut is_bounded = true;
            for bucket in histogram.buckets {
                is_bounded &= bucket.bound < f64::INFINITY;
                let below = self::count(bucket.count, bucket.count_float);
                let exemplar = bucket.exemplar.map(Exemplar::from);
                let le = Some(("le", bucket.bound));
                push("_bucket", le, below);
                let fault = exemplar.and_then(|exemplar| exemplar.fault(Some(bucket.bound)));
                extras.exemplars.extend(fault);
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
            let of_native = histogram.exemplars.into_iter().map(Exemplar::from);
            let faults = of_native.filter_map(|exemplar| {
                let without_time = exemplar.time.is_none().then(|| {
                    "an exemplar of native buckets has no time: Prometheus drops it".to_owned()
                });
                exemplar.fault(None).or(without_time)
            });
            extras.exemplars.extend(faults);
        }
    }
    extras
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

    #[derive(Clone, Message)]
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

    #[derive(Clone, Message)]
    pub(in crate::page) struct Metric {
        #[prost(message, repeated, tag = "1")]
        pub(in crate::page) labels: Vec<LabelPair>,
        #[prost(message, tag = "2")]
        pub(in crate::page) gauge: Option<Value>,
        #[prost(message, tag = "3")]
        pub(in crate::page) counter: Option<Counter>,
        #[prost(message, tag = "4")]
        pub(in crate::page) summary: Option<Summary>,
        #[prost(message, tag = "5")]
        pub(in crate::page) untyped: Option<Value>,
        #[prost(message, tag = "7")]
        pub(in crate::page) histogram: Option<Histogram>,
    }

    #[derive(Clone, Message)]
    pub(in crate::page) struct LabelPair {
        #[prost(string, tag = "1")]
        pub(in crate::page) name: String,
        #[prost(string, tag = "2")]
        pub(in crate::page) value: String,
    }

    #[derive(Clone, Message)]
    pub(in crate::page) struct Counter {
        #[prost(double, tag = "1")]
        pub(in crate::page) value: f64,
        #[prost(message, optional, tag = "2")]
        pub(in crate::page) exemplar: Option<Exemplar>,
    }

    #[derive(Clone, Message)]
    pub(in crate::page) struct Exemplar {
        #[prost(message, repeated, tag = "1")]
        pub(in crate::page) labels: Vec<LabelPair>,
        #[prost(double, tag = "2")]
        pub(in crate::page) value: f64,
        #[prost(message, optional, tag = "3")]
        pub(in crate::page) time: Option<Timestamp>,
    }

    /// A `google.protobuf.Timestamp`.
    #[derive(Clone, Message)]
    pub(in crate::page) struct Timestamp {
        #[prost(int64, tag = "1")]
        pub(in crate::page) seconds: i64,
        #[prost(int32, tag = "2")]
        pub(in crate::page) nanos: i32,
    }

    /// A `Gauge` or an `Untyped`.
    #[derive(Clone, Message)]
    pub(in crate::page) struct Value {
        #[prost(double, tag = "1")]
        pub(in crate::page) value: f64,
    }

    #[derive(Clone, Message)]
    pub(in crate::page) struct Summary {
        #[prost(uint64, tag = "1")]
        pub(in crate::page) count: u64,
        #[prost(double, tag = "2")]
        pub(in crate::page) sum: f64,
        #[prost(message, repeated, tag = "3")]
        pub(in crate::page) quantiles: Vec<Quantile>,
    }

    #[derive(Clone, Message)]
    pub(in crate::page) struct Quantile {
        #[prost(double, tag = "1")]
        pub(in crate::page) quantile: f64,
        #[prost(double, tag = "2")]
        pub(in crate::page) value: f64,
    }

    #[derive(Clone, Message)]
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
    #[derive(Clone, Message)]
    pub(in crate::page) struct Span {
        #[prost(sint32, tag = "1")]
        pub(in crate::page) offset: i32,
        #[prost(uint32, tag = "2")]
        pub(in crate::page) length: u32,
    }

    #[derive(Clone, Message)]
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
