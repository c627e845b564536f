//! Outputs made from a checked schema. Each reads the model and nothing else, and is the same to the byte whenever
//! the schema is.
//!
//! [`recorders`] is Rust, for the macro. The others are documents, each a file here and a row in [`OUTPUTS`]; but for
//! [`codes`], which is about no schema.

pub mod recorders;

#[cfg(feature = "documents")]
pub mod catalogue;
#[cfg(feature = "documents")]
pub mod codes;
#[cfg(feature = "documents")]
pub mod json_schema;
pub mod markdown;
#[cfg(feature = "documents")]
mod page;
#[cfg(feature = "documents")]
pub mod reference;

#[cfg(feature = "documents")]
use crate::model::Registry;

/// One row of [`OUTPUTS`]: a document that is kept beside the schema.
#[cfg(feature = "documents")]
#[derive(Debug)]
pub struct Output {
    /// A word for it: `reference`.
    pub name: &'static str,
    /// The file it is kept in, in the folder for documents: `metrics.md`.
    pub file_name: &'static str,
    /// Makes its text, with a newline at the end.
    pub emit: fn(&Registry) -> String,
}

/// Every document. Whoever writes documents walks this table, so that a new row is all that a new one needs.
#[cfg(feature = "documents")]
pub const OUTPUTS: &[Output] = &[
    Output {
        name: "reference",
        file_name: "metrics.md",
        emit: reference::emit_reference,
    },
    Output {
        name: "catalogue",
        file_name: "metrics.json",
        emit: catalogue::emit_catalogue,
    },
    Output {
        name: "schema",
        file_name: json_schema::FILE_NAME,
        emit: json_schema::emit_json_schema,
    },
];
