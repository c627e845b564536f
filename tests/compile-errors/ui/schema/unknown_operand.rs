//! A ratio of metrics that do not exist.

shadowcat_metrics::metrics!("ui/schema/unknown_operand.toml");

fn main() {}
