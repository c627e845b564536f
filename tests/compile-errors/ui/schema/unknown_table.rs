//! A table that the language does not have.

shadowcat_metrics::metrics!("ui/schema/unknown_table.toml");

fn main() {}
