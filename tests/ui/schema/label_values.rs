//! Values that no enum can be made of.

shadowcat_metrics::metrics!("ui/schema/label_values.toml");

fn main() {}
