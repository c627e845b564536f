//! Bounds that make no histogram.

shadowcat_metrics::metrics!("ui/schema/bucket_bounds.toml");

fn main() {}
