//! An absolute path would build on one machine only.

shadowcat_metrics::metrics!("/etc/metrics.toml");

fn main() {}
