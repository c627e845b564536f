//! A duration for a metric that counts plain numbers.

shadowcat_metrics::metrics!("ui/shop.toml");

fn main() {
    let metrics = Metrics::new();
    metrics
        .cart(labels::Shelf::Food)
        .added()
        .add(std::time::Duration::from_millis(250));
}
