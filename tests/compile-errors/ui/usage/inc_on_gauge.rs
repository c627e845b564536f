//! Incrementing a gauge, which is set. Use an up-down counter instead.

shadowcat_metrics::metrics!("ui/shop.toml");

fn main() {
    let metrics = Metrics::new();
    metrics.cart(labels::Shelf::Food).articles().inc();
}
