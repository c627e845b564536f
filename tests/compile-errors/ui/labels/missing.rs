//! A missing label: of the group, and of the metric.

shadowcat_metrics::metrics!("ui/shop.toml");

fn main() {
    let metrics = Metrics::new();
    metrics.cart().added().inc();
    metrics.cart(labels::Shelf::Food).orders().inc();
}
