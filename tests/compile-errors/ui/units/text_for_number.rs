//! A string for a gauge, which takes a number.

shadowcat_metrics::metrics!("ui/shop.toml");

fn main() {
    let metrics = Metrics::new();
    metrics.cart(labels::Shelf::Food).articles().set("many");
}
