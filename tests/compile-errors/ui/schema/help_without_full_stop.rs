//! A help text that is not a sentence.

shadowcat_metrics::metrics!("ui/schema/help_without_full_stop.toml");

fn main() {}
