//! A duplicate table, and a duplicate key.

shadowcat_metrics::metrics!("ui/schema/duplicate_key.toml");

fn main() {}
