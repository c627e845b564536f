//! A callback that borrows from the function that registers it.

shadowcat_metrics::metrics!("ui/shop.toml");

fn main() {
    let metrics = Metrics::new();
    let waiting = 3_u64;
    let guard = metrics.program().queue().register(|| waiting);
    drop(guard);
}
