//! Buckets on another kind than a histogram, and a histogram without buckets.

shadowcat_metrics::metrics!("ui/schema/misplaced_buckets.toml");

fn main() {}
