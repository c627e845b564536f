//! Reading a page in the protobuf format: messages of the type `io.prometheus.client.MetricFamily`, each behind its length.
//!
//! <https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto>

use prost::Message;
use shadowcat_metrics_codegen::name::bucket_bound;

use super::{Family, Format, Page, Problem, Sample, Type};

/// The parts of `metrics.proto` that pages are compared by; prost passes over the others.
mod message {
    use prost::Message;

    #[derive(Message)]
    pub(super) struct MetricFamily {
        #[prost(string, tag = "1")]
        pub(super) name: String,
        #[prost(string, tag = "2")]
        pub(super) help: String,
        #[prost(int32, tag = "3")]
        pub(super) kind: i32,
        #[prost(message, repeated, tag = "4")]
        pub(super) metrics: Vec<Metric>,
        #[prost(string, tag = "5")]
        pub(super) unit: String,
    }

    #[derive(Message)]
    pub(super) struct Metric {
        #[prost(message, repeated, tag = "1")]
        pub(super) labels: Vec<LabelPair>,
        #[prost(message, tag = "2")]
        pub(super) gauge: Option<Value>,
        #[prost(message, tag = "3")]
        pub(super) counter: Option<Value>,
        #[prost(message, tag = "4")]
        pub(super) summary: Option<Summary>,
        #[prost(message, tag = "5")]
        pub(super) untyped: Option<Value>,
        #[prost(message, tag = "7")]
        pub(super) histogram: Option<Histogram>,
    }

    #[derive(Message)]
    pub(super) struct LabelPair {
        #[prost(string, tag = "1")]
        pub(super) name: String,
        #[prost(string, tag = "2")]
        pub(super) value: String,
    }

    /// A `Gauge`, a `Counter` or an `Untyped`.
    #[derive(Message)]
    pub(super) struct Value {
        #[prost(double, tag = "1")]
        pub(super) value: f64,
    }

    #[derive(Message)]
    pub(super) struct Summary {
        #[prost(uint64, tag = "1")]
        pub(super) count: u64,
        #[prost(double, tag = "2")]
        pub(super) sum: f64,
        #[prost(message, repeated, tag = "3")]
        pub(super) quantiles: Vec<Quantile>,
    }

    #[derive(Message)]
    pub(super) struct Quantile {
        #[prost(double, tag = "1")]
        pub(super) quantile: f64,
        #[prost(double, tag = "2")]
        pub(super) value: f64,
    }

    #[derive(Message)]
    pub(super) struct Histogram {
        #[prost(uint64, tag = "1")]
        pub(super) count: u64,
        #[prost(double, tag = "2")]
        pub(super) sum: f64,
        #[prost(message, repeated, tag = "3")]
        pub(super) buckets: Vec<Bucket>,
    }

    #[derive(Message)]
    pub(super) struct Bucket {
        #[prost(uint64, tag = "1")]
        pub(super) count: u64,
        #[prost(double, tag = "2")]
        pub(super) bound: f64,
    }
}

/// Reads messages until the first that is none: what follows it cannot be told apart.
pub(super) fn read(mut bytes: &[u8]) -> Page {
    let mut page = Page {
        format: Format::Protobuf,
        ..Page::default()
    };
    while !bytes.is_empty() {
        match message::MetricFamily::decode_length_delimited(&mut bytes) {
            Ok(message) => page.families.push(family(message)),
            Err(error) => {
                let number = page.families.len() + 1;
                page.problems.push(Problem {
                    line: 0,
                    message: format!("the message {number} is no `MetricFamily`: {error}"),
                });
                break;
            }
        }
    }
    page
}

fn family(message: message::MetricFamily) -> Family {
    let mut samples = Vec::new();
    for metric in message.metrics {
        push_samples(&mut samples, &message.name, metric);
    }
    Family {
        name: message.name,
        kind: match message.kind {
            0 => Type::Counter,
            1 => Type::Gauge,
            2 => Type::Summary,
            4 => Type::Histogram,
            5 => Type::GaugeHistogram,
            _ => Type::Unknown,
        },
        help: message.help,
        unit: message.unit,
        samples,
        line: 0,
    }
}

/// The samples that a metric is in the text formats.
fn push_samples(samples: &mut Vec<Sample>, name: &str, metric: message::Metric) {
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
    let values = [metric.gauge, metric.counter, metric.untyped];
    for found in values.into_iter().flatten() {
        push("", None, found.value);
    }
    if let Some(summary) = metric.summary {
        for found in summary.quantiles {
            push("", Some(("quantile", found.quantile)), found.value);
        }
        push("_sum", None, summary.sum);
        push("_count", None, float(summary.count));
    }
    if let Some(histogram) = metric.histogram {
        let mut bounded = true;
        for bucket in histogram.buckets {
            bounded &= bucket.bound < f64::INFINITY;
            push("_bucket", Some(("le", bucket.bound)), float(bucket.count));
        }
        // The format leaves it to the count to say what is in the last bucket.
        if bounded {
            let last = Some(("le", f64::INFINITY));
            push("_bucket", last, float(histogram.count));
        }
        push("_sum", None, histogram.sum);
        push("_count", None, float(histogram.count));
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "so do the text formats' readers"
)]
const fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use message::{Bucket, Histogram, LabelPair, Metric, MetricFamily, Quantile, Summary, Value};

    fn page(families: &[MetricFamily]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for family in families {
            bytes.extend(family.encode_length_delimited_to_vec());
        }
        bytes
    }

    fn family_of(kind: i32, metric: Metric) -> MetricFamily {
        MetricFamily {
            name: "a".to_owned(),
            help: "A.".to_owned(),
            kind,
            metrics: vec![metric],
            unit: "seconds".to_owned(),
        }
    }

    fn told(page: &Page) -> Vec<String> {
        let samples = page.families.iter().flat_map(|family| &family.samples);
        let told =
            samples.map(|sample| format!("{} {:?} {}", sample.name, sample.labels, sample.value));
        told.collect()
    }

    #[test]
    fn values() {
        let metric = Metric {
            labels: vec![LabelPair {
                name: "x".to_owned(),
                value: "1".to_owned(),
            }],
            gauge: Some(Value { value: 0.5 }),
            ..Metric::default()
        };
        let page = read(&page(&[family_of(1, metric)]));
        let [family] = &*page.families else {
            panic!("{page:?}")
        };
        assert_eq!(
            (&*family.name, &*family.help, &*family.unit),
            ("a", "A.", "seconds")
        );
        assert_eq!(family.kind, Type::Gauge);
        assert_eq!(told(&page), [r#"a [("x", "1")] 0.5"#]);
    }

    #[test]
    fn histograms_and_summaries() {
        let histogram = |bounds: &[f64]| Histogram {
            count: 3,
            sum: 2.5,
            buckets: bounds
                .iter()
                .map(|bound| Bucket {
                    count: 2,
                    bound: *bound,
                })
                .collect(),
        };
        let of = |histogram| Metric {
            histogram: Some(histogram),
            ..Metric::default()
        };
        let expected = [
            r#"a_bucket [("le", "1.0")] 2"#,
            r#"a_bucket [("le", "+Inf")] 3"#,
            "a_sum [] 2.5",
            "a_count [] 3",
        ];
        let without = page(&[family_of(4, of(histogram(&[1.0])))]);
        assert_eq!(told(&read(&without)), expected);
        let with = page(&[family_of(4, of(histogram(&[1.0, f64::INFINITY])))]);
        assert_eq!(told(&read(&with)).len(), 4);
        let summary = Summary {
            count: 3,
            sum: 2.5,
            quantiles: vec![Quantile {
                quantile: 0.5,
                value: 0.25,
            }],
        };
        let summary = Metric {
            summary: Some(summary),
            ..Metric::default()
        };
        let expected = [
            r#"a [("quantile", "0.5")] 0.25"#,
            "a_sum [] 2.5",
            "a_count [] 3",
        ];
        assert_eq!(told(&read(&page(&[family_of(2, summary)]))), expected);
    }

    #[test]
    fn a_page_that_is_cut_off_or_none() {
        let whole = page(&[
            family_of(1, Metric::default()),
            family_of(1, Metric::default()),
        ]);
        assert_eq!(read(&whole).problems, []);
        for cut in 1..whole.len() {
            let page = read(&whole[..cut]);
            let at_a_message_s_end = cut == whole.len() / 2;
            assert_eq!(
                page.problems.is_empty(),
                at_a_message_s_end,
                "{cut}: {page:?}"
            );
        }
        let page = read(b"# TYPE a gauge\na 1\n");
        assert_eq!(page.problems.len(), 1, "{page:?}");
    }
}
