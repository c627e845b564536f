//! A duration where a plain number is counted.

shadowcat_metrics::metrics!("ui/shop.toml");

fn main() {
    let metrics = Metrics::new();
    metrics
        .cart(labels::Shelf::Food)
        .added()
        .add(std::time::Duration::from_millis(250));
}
