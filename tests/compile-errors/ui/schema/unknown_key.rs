//! A misspelled key is never ignored.

shadowcat_metrics::metrics!("ui/schema/unknown_key.toml");

fn main() {}
