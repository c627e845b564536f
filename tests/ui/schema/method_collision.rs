//! A group and an open label would be the same method.

shadowcat_metrics::metrics!("ui/schema/method_collision.toml");

fn main() {}
