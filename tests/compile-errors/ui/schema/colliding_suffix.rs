//! A name that collides with a sample of another family.

shadowcat_metrics::metrics!("ui/schema/colliding_suffix.toml");

fn main() {}
