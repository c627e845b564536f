//! A label that is optional without `Some`, and one that is not optional with it.

shadowcat_metrics::metrics!("ui/labels/optional.toml");

fn main() {
    let metrics = Metrics::new();
    let coupon = metrics.coupon("SPRING");
    metrics.cart().paid(labels::Shelf::Food, &coupon).inc();
    metrics.cart().paid(Some(labels::Shelf::Food), None).inc();
}
