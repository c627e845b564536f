//! A string where a handle is needed: it is interned once, and then passed on.

shadowcat_metrics::metrics!("ui/shop.toml");

fn main() {
    let metrics = Metrics::new();
    metrics.order("ada").wait().start_timer().stop();
}
