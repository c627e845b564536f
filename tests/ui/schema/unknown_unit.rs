//! Multiples of a base unit are not units, and the message says what to write.

shadowcat_metrics::metrics!("ui/schema/unknown_unit.toml");

fn main() {}
