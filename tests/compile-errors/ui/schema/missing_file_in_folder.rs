//! The schema is in a parent folder of the named path.

shadowcat_metrics::metrics!("ui/schema/src/unknown_unit.toml");

fn main() {}
