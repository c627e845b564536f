//! A string for an open label, which needs an interned handle.

shadowcat_metrics::metrics!("ui/shop.toml");

fn main() {
    let metrics = Metrics::new();
    metrics.order("ada").wait().start_timer().stop();
}
