//! A handle is passed by reference, not by value.

shadowcat_metrics::metrics!("ui/shop.toml");

fn main() {
    let metrics = Metrics::new();
    let customer = metrics.customer("ada");
    metrics.order(customer).wait().start_timer().stop();
}
