//! An unsupported version of the schema language.

shadowcat_metrics::metrics!("ui/schema/unknown_format.toml");

fn main() {}
