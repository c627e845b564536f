//! An info metric with a missing fact.

shadowcat_metrics::metrics!("ui/shop.toml");

fn main() {
    let metrics = Metrics::new();
    metrics.program().build().set(["1.0.0"]);
}
