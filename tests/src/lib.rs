//! Tools for testing the whole from the outside; the suites are in `tests/`.
//!
//! [`schemas`] makes random valid schemas, [`dynamic`] records into them and knows what must come out. The crate
//! `shadowcat-metrics-oracle` reads the pages. [`everything`] are the recorders of the golden schema, [`sequence`] records with
//! them.

pub mod dynamic;
pub mod everything;
pub mod pages;
pub mod schemas;
pub mod sequence;
