//! Values of the wrong type for their keys.

shadowcat_metrics::metrics!("ui/schema/wrong_type.toml");

fn main() {}
