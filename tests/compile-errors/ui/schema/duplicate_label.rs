//! A duplicate label of one metric.

shadowcat_metrics::metrics!("ui/schema/duplicate_label.toml");

fn main() {}
