//! Only like can be divided by like.

shadowcat_metrics::metrics!("ui/schema/unlike_ratio.toml");

fn main() {}
