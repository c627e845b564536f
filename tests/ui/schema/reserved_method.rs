//! Groups and metrics may not hide methods that there are already.

shadowcat_metrics::metrics!("ui/schema/reserved_method.toml");

fn main() {}
