//! Bucket sets are declared once, and used by name.

shadowcat_metrics::metrics!("ui/schema/unknown_bucket_set.toml");

fn main() {}
