//! A gauge is set as a whole; what comes and goes is an up-down counter.

shadowcat_metrics::metrics!("ui/shop.toml");

fn main() {
    let metrics = Metrics::new();
    metrics.cart(labels::Shelf::Food).articles().inc();
}
