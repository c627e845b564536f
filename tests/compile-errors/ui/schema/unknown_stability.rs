//! An unknown word for the stability.

shadowcat_metrics::metrics!("ui/schema/unknown_stability.toml");

fn main() {}
