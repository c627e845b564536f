//! Keys that belong to other types of metrics.

shadowcat_metrics::metrics!("ui/schema/misplaced_keys.toml");

fn main() {}
