//! A float for bytes, which are integers.

shadowcat_metrics::metrics!("ui/shop.toml");

fn main() {
    let metrics = Metrics::new();
    let customer = metrics.customer("ada");
    metrics.order(&customer).size().observe(1.5);
    metrics.order(&customer).received().add(1.5);
}
