//! Setting a callback gauge, which is read.

shadowcat_metrics::metrics!("ui/shop.toml");

fn main() {
    let metrics = Metrics::new();
    metrics.program().queue().set(3);
}
