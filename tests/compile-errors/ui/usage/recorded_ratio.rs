//! Recording a ratio, which is computed.

shadowcat_metrics::metrics!("ui/shop.toml");

fn main() {
    let metrics = Metrics::new();
    metrics.cart(labels::Shelf::Food).return_ratio().set(0.5);
}
