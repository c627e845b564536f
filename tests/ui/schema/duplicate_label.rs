//! A label twice on one metric.

shadowcat_metrics::metrics!("ui/schema/duplicate_label.toml");

fn main() {}
