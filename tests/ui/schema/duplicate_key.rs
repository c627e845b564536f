//! A table or a key twice.

shadowcat_metrics::metrics!("ui/schema/duplicate_key.toml");

fn main() {}
