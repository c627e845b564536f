//! Entering a state with a value of another label.

shadowcat_metrics::metrics!("ui/shop.toml");

fn main() {
    let metrics = Metrics::new();
    let customer = metrics.customer("ada");
    metrics.order(&customer).progress().set(labels::Shelf::Food);
}
