//! Tools for testing the whole from the outside; the suites are in `tests/`.
//!
//! [`strict`] reads pages and accepts no sloppiness, [`schemas`] makes random valid schemas, [`dynamic`] records into
//! them and knows what must come out. [`everything`] are the recorders of the golden schema, [`sequence`] records with
//! them.

pub mod dynamic;
pub mod everything;
pub mod pages;
pub mod schemas;
pub mod sequence;
pub mod strict;
