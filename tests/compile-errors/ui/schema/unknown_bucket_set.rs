//! A bucket set that is not declared.

shadowcat_metrics::metrics!("ui/schema/unknown_bucket_set.toml");

fn main() {}
