//! The path names a directory.

shadowcat_metrics::metrics!("ui/schema");

fn main() {}
