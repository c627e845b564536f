//! An info metric takes all of its facts, and no more.

shadowcat_metrics::metrics!("ui/shop.toml");

fn main() {
    let metrics = Metrics::new();
    metrics.program().build().set(["1.0.0"]);
}
