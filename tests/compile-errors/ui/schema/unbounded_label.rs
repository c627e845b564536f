//! An open label without a maximum number of values.

shadowcat_metrics::metrics!("ui/schema/unbounded_label.toml");

fn main() {}
