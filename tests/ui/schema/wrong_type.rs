//! A value of a type that its key does not take.

shadowcat_metrics::metrics!("ui/schema/wrong_type.toml");

fn main() {}
