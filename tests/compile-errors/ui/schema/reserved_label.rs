//! Labels that belong to Prometheus.

shadowcat_metrics::metrics!("ui/schema/reserved_label.toml");

fn main() {}
