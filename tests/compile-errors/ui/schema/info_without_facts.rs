//! An info metric without facts.

shadowcat_metrics::metrics!("ui/schema/info_without_facts.toml");

fn main() {}
