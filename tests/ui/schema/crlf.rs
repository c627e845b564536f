//! Lines that end as on Windows have the positions that an editor shows.

shadowcat_metrics::metrics!("ui/schema/crlf.toml");

fn main() {}
