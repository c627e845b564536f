//! A ratio of metrics with different units or labels.

shadowcat_metrics::metrics!("ui/schema/unlike_ratio.toml");

fn main() {}
