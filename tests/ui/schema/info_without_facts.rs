//! An info metric states facts.

shadowcat_metrics::metrics!("ui/schema/info_without_facts.toml");

fn main() {}
