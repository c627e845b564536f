//! The macro's argument is not a path as a string literal.

shadowcat_metrics::metrics!(metrics.toml);

fn main() {}
