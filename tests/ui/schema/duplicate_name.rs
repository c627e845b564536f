//! Two metrics that would be exposed under one name.

shadowcat_metrics::metrics!("ui/schema/duplicate_name.toml");

fn main() {}
