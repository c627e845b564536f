//! Tools for the end-to-end tests in `tests/`.
//!
//! [`schemas`] generates random valid schemas, and [`dynamic`] records into them and computes the expected result. The crate
//! `shadowcat-metrics-oracle` parses pages. [`everything`] has the recorders of the golden schema, [`sequence`] a fixed
//! sequence of records.

pub mod dynamic;
pub mod pages;
pub mod schemas;
pub mod sequence;

/// The recorders of the golden schema, compiled with the lints of a strict crate.
#[deny(missing_docs, missing_debug_implementations, unreachable_pub, unused)]
#[deny(clippy::all, clippy::pedantic)]
pub mod everything {
    shadowcat_metrics::metrics!("golden/everything.toml");
}
