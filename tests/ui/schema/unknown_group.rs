//! A metric belongs to a group that there is.

shadowcat_metrics::metrics!("ui/schema/unknown_group.toml");

fn main() {}
