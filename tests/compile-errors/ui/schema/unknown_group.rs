//! A metric of a group that is not declared.

shadowcat_metrics::metrics!("ui/schema/unknown_group.toml");

fn main() {}
