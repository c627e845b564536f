//! The recorders of the golden schema, as any crate gets them. The lints are those that a careful crate sets.
#![deny(missing_docs, missing_debug_implementations, unreachable_pub, unused)]
#![deny(clippy::all, clippy::pedantic)]

shadowcat_metrics::metrics!("golden/everything.toml");
