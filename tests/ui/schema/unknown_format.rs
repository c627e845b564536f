//! A schema in a version of the language that is not known yet.

shadowcat_metrics::metrics!("ui/schema/unknown_format.toml");

fn main() {}
