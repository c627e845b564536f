//! A group that is not in the schema.

shadowcat_metrics::metrics!("ui/shop.toml");

fn main() {
    let metrics = Metrics::new();
    metrics.basket(labels::Shelf::Food).added().inc();
}
