//! A label that is not declared.

shadowcat_metrics::metrics!("ui/schema/unknown_label.toml");

fn main() {}
