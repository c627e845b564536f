//! An open and a closed label in the wrong order.

shadowcat_metrics::metrics!("ui/shop.toml");

fn main() {
    let metrics = Metrics::new();
    let customer = metrics.customer("ada");
    metrics.cart(labels::Shelf::Food).orders(labels::Shelf::Food).inc();
    metrics.order(&customer).deliveries(&customer).inc();
}
