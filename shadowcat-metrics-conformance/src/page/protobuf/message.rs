//! The parts of `metrics.proto` that pages are compared by; prost passes over the others.

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
