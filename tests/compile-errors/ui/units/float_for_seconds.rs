//! A float for seconds, which need a `Duration`.

shadowcat_metrics::metrics!("ui/shop.toml");

fn main() {
    let metrics = Metrics::new();
    let customer = metrics.customer("ada");
    metrics.order(&customer).wait().observe(0.25);
}
