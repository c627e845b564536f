//! A path without a file.

shadowcat_metrics::metrics!("ui/schema/nowhere.toml");

fn main() {}
