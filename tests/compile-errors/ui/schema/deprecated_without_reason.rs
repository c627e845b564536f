//! A deprecation without a replacement or reason.

shadowcat_metrics::metrics!("ui/schema/deprecated_without_reason.toml");

fn main() {}
