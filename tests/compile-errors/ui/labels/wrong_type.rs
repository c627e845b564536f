//! A label that differs from the group's label.

shadowcat_metrics::metrics!("ui/shop.toml");

fn main() {
    let metrics = Metrics::new();
    metrics.cart(labels::Ending::Paid).added().inc();
}
