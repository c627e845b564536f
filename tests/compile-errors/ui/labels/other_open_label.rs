//! A handle of another open label.

shadowcat_metrics::metrics!("ui/shop.toml");

fn main() {
    let metrics = Metrics::new();
    let supplier = metrics.supplier("acme");
    metrics.order(&supplier).wait().start_timer().stop();
}
