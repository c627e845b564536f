//! Outputs made from a checked schema. Each reads the model and nothing else, and is the same to the byte whenever
//! the schema is.
//!
//! [`recorders`] is Rust, for the macro. The others are documents. What they say about sections that another crate owns, that
//! crate hands in.

pub mod recorders;

#[cfg(feature = "documents")]
pub mod catalogue;
#[cfg(feature = "documents")]
pub mod codes;
#[cfg(feature = "documents")]
pub mod json_schema;
pub mod markdown;
#[cfg(feature = "documents")]
pub mod page;
#[cfg(feature = "documents")]
pub mod reference;
