//! Bounds that are invalid in their unit.

shadowcat_metrics::metrics!("ui/schema/bucket_units.toml");

fn main() {}
