//! An unknown type of metric.

shadowcat_metrics::metrics!("ui/schema/unknown_kind.toml");

fn main() {}
