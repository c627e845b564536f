//! An open label says how many values it may have.

shadowcat_metrics::metrics!("ui/schema/unbounded_label.toml");

fn main() {}
