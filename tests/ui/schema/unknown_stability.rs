//! Three words say how firm a promise is.

shadowcat_metrics::metrics!("ui/schema/unknown_stability.toml");

fn main() {}
