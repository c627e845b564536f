//! With CRLF line ends, positions are those that an editor shows.

shadowcat_metrics::metrics!("ui/schema/crlf.toml");

fn main() {}
