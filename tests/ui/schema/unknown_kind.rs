//! A type of metric that there is not.

shadowcat_metrics::metrics!("ui/schema/unknown_kind.toml");

fn main() {}
