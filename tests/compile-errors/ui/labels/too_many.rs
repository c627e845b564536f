//! A label that the metric does not have.

shadowcat_metrics::metrics!("ui/shop.toml");

fn main() {
    let metrics = Metrics::new();
    metrics.cart(labels::Shelf::Food).added(labels::Ending::Paid).inc();
}
