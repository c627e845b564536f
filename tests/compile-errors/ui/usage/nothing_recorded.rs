//! A handle that is dropped without recording.

#![deny(unused_must_use)]

shadowcat_metrics::metrics!("ui/shop.toml");

fn main() {
    let metrics = Metrics::new();
    metrics.cart(labels::Shelf::Food).added();
    metrics.cart(labels::Shelf::Food).open().track();
}
