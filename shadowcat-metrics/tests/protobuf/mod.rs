//! Reads native histograms from a page in protobuf, with message types of their own.

use std::collections::BTreeMap;

use prost::Message;

#[derive(Message)]
struct MetricFamily {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(message, repeated, tag = "4")]
    metrics: Vec<Metric>,
}

#[derive(Message)]
struct Metric {
    #[prost(message, repeated, tag = "1")]
    labels: Vec<LabelPair>,
    #[prost(message, tag = "7")]
    histogram: Option<Histogram>,
}

#[derive(Message)]
struct LabelPair {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    value: String,
}

/// A histogram with its classic and its native buckets.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Histogram {
    #[prost(uint64, tag = "1")]
    pub(crate) count: u64,
    #[prost(message, repeated, tag = "3")]
    pub(crate) buckets: Vec<Bucket>,
    #[prost(sint32, tag = "5")]
    pub(crate) schema: i32,
    #[prost(double, tag = "6")]
    pub(crate) zero_threshold: f64,
    #[prost(uint64, tag = "7")]
    pub(crate) zero_count: u64,
    #[prost(message, repeated, tag = "12")]
    pub(crate) spans: Vec<Span>,
    #[prost(sint64, repeated, tag = "13")]
    pub(crate) deltas: Vec<i64>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Bucket {
    #[prost(uint64, tag = "1")]
    pub(crate) count: u64,
    #[prost(double, tag = "2")]
    pub(crate) bound: f64,
}

/// Adjacent buckets: the distance of the first one from the end of the previous span, and their number.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Span {
    #[prost(sint32, tag = "1")]
    pub(crate) offset: i32,
    #[prost(uint32, tag = "2")]
    pub(crate) length: u32,
}

impl Histogram {
    /// Returns the native buckets with observations, by number.
    pub(crate) fn native_buckets(&self) -> BTreeMap<i32, u64> {
        let mut number = 0;
        let mut count = 0;
        let mut deltas = self.deltas.iter();
        let mut buckets = BTreeMap::new();
        for span in &self.spans {
            number += span.offset;
            for _ in 0..span.length {
                count += deltas.next().expect("a delta for each bucket");
                buckets.insert(number, u64::try_from(count).expect("not negative"));
                number += 1;
            }
        }
        assert_eq!(deltas.next(), None);
        buckets.retain(|_, count| *count > 0);
        buckets
    }
}

/// Returns a histogram of a page in protobuf, by its family and labels.
pub(crate) fn histogram(mut page: &[u8], family: &str, labels: &[(&str, &str)]) -> Histogram {
    while !page.is_empty() {
        let found = MetricFamily::decode_length_delimited(&mut page).expect("a family");
        let has_labels = |metric: &Metric| {
            let found = metric.labels.iter();
            found
                .map(|pair| (&*pair.name, &*pair.value))
                .eq(labels.iter().copied())
        };
        if found.name == family {
            let metric = found.metrics.into_iter().find(has_labels);
            return metric
                .and_then(|metric| metric.histogram)
                .expect("a histogram with the labels");
        }
    }
    panic!("there is no family {family}");
}
