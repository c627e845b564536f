//! What an operator runs beside the program: made from the checked schema, and nothing else.
//!
//! A crate of its own, so that neither the macro nor the program that records pays for the parsers this needs.

use shadowcat_metrics_codegen::model::Registry;

/// A document that is kept beside the schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its place in the folder for documents, with `/` between folders: `operations/dashboards/overview.json`.
    pub path: String,
    /// Its text, with a newline at the end.
    pub content: String,
}

/// Every document for operators that a schema asks for, in the order of their paths. The same schema gives the same
/// bytes.
#[must_use]
pub fn documents(registry: &Registry) -> Vec<Document> {
    let _ = registry;
    Vec::new()
}
