//! There is no such file.

shadowcat_metrics::metrics!("ui/schema/nowhere.toml");

fn main() {}
