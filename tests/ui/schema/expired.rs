//! What was to be gone by this release of the package must be gone.

shadowcat_metrics::metrics!("ui/schema/expired.toml");

fn main() {}
