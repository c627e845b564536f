//! A handle that outlives its recorder. Store the recorder instead.

shadowcat_metrics::metrics!("ui/shop.toml");

fn main() {
    let metrics = Metrics::new();
    let added = metrics.cart(labels::Shelf::Food).added();
    added.inc();
}
