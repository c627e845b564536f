//! Labels are declared once, and used by name.

shadowcat_metrics::metrics!("ui/schema/unknown_label.toml");

fn main() {}
