//! The recorders of the golden schema, compiled with the lints of a strict crate.
#![deny(missing_docs, missing_debug_implementations, unreachable_pub, unused)]
#![deny(clippy::all, clippy::pedantic)]

shadowcat_metrics::metrics!("golden/everything.toml");
