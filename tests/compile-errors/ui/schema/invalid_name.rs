//! Invalid names.

shadowcat_metrics::metrics!("ui/schema/invalid_name.toml");

fn main() {}
