//! Several syntax errors are reported at once.

shadowcat_metrics::metrics!("ui/schema/syntax.toml");

fn main() {}
