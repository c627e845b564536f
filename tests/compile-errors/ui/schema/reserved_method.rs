//! Groups and metrics that would hide existing methods.

shadowcat_metrics::metrics!("ui/schema/reserved_method.toml");

fn main() {}
