//! A name that is a part of another family.

shadowcat_metrics::metrics!("ui/schema/colliding_suffix.toml");

fn main() {}
