//! Observing a counter. Only histograms observe.

shadowcat_metrics::metrics!("ui/shop.toml");

fn main() {
    let metrics = Metrics::new();
    metrics.cart(labels::Shelf::Food).added().observe(0.25);
}
