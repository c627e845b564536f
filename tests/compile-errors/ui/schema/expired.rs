//! An item that should have been removed by this release of the package.

shadowcat_metrics::metrics!("ui/schema/expired.toml");

fn main() {}
