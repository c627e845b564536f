//! Rust keywords as names of methods and parameters.

shadowcat_metrics::metrics!("ui/schema/rust_keyword.toml");

fn main() {}
