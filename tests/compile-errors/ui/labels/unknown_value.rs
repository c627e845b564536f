//! A value that the label does not have.

shadowcat_metrics::metrics!("ui/shop.toml");

fn main() {
    let metrics = Metrics::new();
    metrics.cart(labels::Shelf::Foods).added().inc();
}
