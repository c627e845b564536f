//! An absolute path, which would only build on one machine.

shadowcat_metrics::metrics!("/etc/metrics.toml");

fn main() {}
