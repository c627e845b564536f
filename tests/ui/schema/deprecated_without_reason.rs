//! Who deprecates says what to use instead, or why.

shadowcat_metrics::metrics!("ui/schema/deprecated_without_reason.toml");

fn main() {}
