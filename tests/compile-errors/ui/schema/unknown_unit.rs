//! A multiple of a base unit. The message names the unit to use.

shadowcat_metrics::metrics!("ui/schema/unknown_unit.toml");

fn main() {}
