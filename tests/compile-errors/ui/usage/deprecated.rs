//! A deprecated metric warns, and says what to use.

#![deny(deprecated)]

shadowcat_metrics::metrics!("ui/shop.toml");

fn main() {
    let metrics = Metrics::new();
    metrics.cart(labels::Shelf::Food).dropped().inc();
}
