//! A deprecated label value warns, and says what to use.

#![deny(deprecated)]

shadowcat_metrics::metrics!("ui/labels/deprecated_value.toml");

fn main() {
    let metrics = Metrics::new();
    metrics.http().requests(labels::Method::Get).inc();
    metrics.http().requests(labels::Method::Fetch).inc();
}
