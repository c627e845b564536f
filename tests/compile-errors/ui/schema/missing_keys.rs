//! Missing required keys.

shadowcat_metrics::metrics!("ui/schema/missing_keys.toml");

fn main() {}
