//! Bounds that make no sense in their unit.

shadowcat_metrics::metrics!("ui/schema/bucket_units.toml");

fn main() {}
