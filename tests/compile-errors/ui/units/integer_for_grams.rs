//! An integer for a unit that takes floats.

shadowcat_metrics::metrics!("ui/shop.toml");

fn main() {
    let metrics = Metrics::new();
    let customer = metrics.customer("ada");
    metrics.order(&customer).weight().set(500);
}
