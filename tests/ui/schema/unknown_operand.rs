//! A ratio is made of metrics that there are.

shadowcat_metrics::metrics!("ui/schema/unknown_operand.toml");

fn main() {}
