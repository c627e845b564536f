//! Label values that cannot become enum variants.

shadowcat_metrics::metrics!("ui/schema/label_values.toml");

fn main() {}
