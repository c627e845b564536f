//! Every naming rule: of metrics as scrapers see them, in OpenTelemetry, and of the Rust items made from a schema.

mod exposed;
mod otel;
mod rust;

pub use exposed::{
    bucket_bound, created_name, ends_with_word, exposed_name, is_label_name, is_metric_name,
    names_taken, open_metrics_family, sample_names,
};
pub use otel::{is_otel_name, otel_label_name, otel_metric_name, translated_metric};
pub use rust::{
    METRICS_METHODS, is_keyword, is_metrics_method, is_recorder_method, is_snake_case, pascal_case,
    to_snake_case,
};

/// Labels that Prometheus adds to every series that it scrapes.
pub const TARGET_LABELS: [&str; 2] = ["job", "instance"];

/// The group of the library's own metrics.
pub const OWN_GROUP: &str = "metrics";
