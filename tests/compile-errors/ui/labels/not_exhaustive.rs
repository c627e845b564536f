//! Mapping a label must handle every value.

shadowcat_metrics::metrics!("ui/shop.toml");

fn main() {
    let metrics = Metrics::new();
    let _ = metrics;
    let shelf = labels::Shelf::Food;
    let _ = match shelf {
        labels::Shelf::Food => 1,
    };
}
