//! What must be there and is not.

shadowcat_metrics::metrics!("ui/schema/missing_keys.toml");

fn main() {}
