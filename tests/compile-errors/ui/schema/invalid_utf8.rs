//! A schema saved in Latin-1.

shadowcat_metrics::metrics!("ui/schema/invalid_utf8.toml");

fn main() {}
