//! Negative bytes.

shadowcat_metrics::metrics!("ui/shop.toml");

fn main() {
    let metrics = Metrics::new();
    let customer = metrics.customer("ada");
    let read: isize = -1;
    metrics.order(&customer).received().add(read);
}
