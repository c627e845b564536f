//! Milliseconds for seconds, which need a `Duration`.

shadowcat_metrics::metrics!("ui/shop.toml");

fn main() {
    let metrics = Metrics::new();
    let customer = metrics.customer("ada");
    let millis: u64 = 250;
    metrics.order(&customer).wait().observe(millis);
}
