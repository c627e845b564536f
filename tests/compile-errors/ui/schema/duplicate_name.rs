//! Two metrics with the same exposed name.

shadowcat_metrics::metrics!("ui/schema/duplicate_name.toml");

fn main() {}
