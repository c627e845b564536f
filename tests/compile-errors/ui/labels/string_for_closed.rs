//! A string for a closed label, which is an enum.

shadowcat_metrics::metrics!("ui/shop.toml");

fn main() {
    let metrics = Metrics::new();
    metrics.cart("food").added().inc();
}
