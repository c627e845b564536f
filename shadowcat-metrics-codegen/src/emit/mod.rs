//! Outputs of a checked schema. Each depends only on the model, so the same schema gives the same bytes.
//!
//! [`recorders`] is Rust, for the macro. The others are documents. A crate that owns sections of the schema
//! passes in their contents.

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
