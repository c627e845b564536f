//! A state takes the values of its own label.

shadowcat_metrics::metrics!("ui/shop.toml");

fn main() {
    let metrics = Metrics::new();
    let customer = metrics.customer("ada");
    metrics.order(&customer).progress().set(labels::Shelf::Food);
}
