//! Tools for the end-to-end tests in `tests/`.
//!
//! [`schemas`] generates random valid schemas, and [`dynamic`] records into them and computes the expected result. The crate
//! `shadowcat-metrics-oracle` parses pages. [`everything`] has the recorders of the golden schema, [`sequence`] a fixed
//! sequence of records.

pub mod dynamic;
pub mod everything;
pub mod pages;
pub mod schemas;
pub mod sequence;
