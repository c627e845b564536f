//! The worst case exceeds the series budget.

shadowcat_metrics::metrics!("ui/schema/over_budget.toml");

fn main() {}
