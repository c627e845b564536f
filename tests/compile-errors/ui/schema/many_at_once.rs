//! Every problem is reported in one run, in the order of the file.

shadowcat_metrics::metrics!("ui/schema/many_at_once.toml");

fn main() {}
