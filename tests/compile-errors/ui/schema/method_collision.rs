//! A group and an open label that would become the same method.

shadowcat_metrics::metrics!("ui/schema/method_collision.toml");

fn main() {}
