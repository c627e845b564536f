//! The worst case is known, and bounded.

shadowcat_metrics::metrics!("ui/schema/over_budget.toml");

fn main() {}
