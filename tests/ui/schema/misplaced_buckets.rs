//! Only histograms have buckets, and each of them has.

shadowcat_metrics::metrics!("ui/schema/misplaced_buckets.toml");

fn main() {}
