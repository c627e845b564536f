//! Findings of promtool stop the build.

shadowcat_metrics::metrics!("ui/schema/promtool_lints.toml");

fn main() {}
