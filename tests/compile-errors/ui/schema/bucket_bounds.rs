//! Invalid bucket bounds.

shadowcat_metrics::metrics!("ui/schema/bucket_bounds.toml");

fn main() {}
