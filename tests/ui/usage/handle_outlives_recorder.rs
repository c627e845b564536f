//! A handle borrows its recorder; the recorder is what to keep.

shadowcat_metrics::metrics!("ui/shop.toml");

fn main() {
    let metrics = Metrics::new();
    let added = metrics.cart(labels::Shelf::Food).added();
    added.inc();
}
