//! What an operator runs beside the program: made from the checked schema, and nothing else.
//!
//! A crate of its own, so that neither the macro nor the program that records pays for the parsers this needs.

pub mod dashboards;
pub mod files;
pub mod promql;
pub mod rules;
pub mod runbooks;
mod schema;
mod templates;

use std::collections::BTreeMap;

use shadowcat_metrics_codegen::model::Registry;

use rules::Scale;
pub use schema::check;

/// A document that is kept beside the schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its place in the folder for documents, with `/` between folders: `operations/dashboards/overview.json`.
    pub path: String,
    /// Its text, with a newline at the end.
    pub content: String,
}

/// How documents are made.
#[derive(Debug, Clone)]
pub struct Options {
    /// What people have written about objectives and alerts, by their names: the parts of runbooks in
    /// [`runbooks::NOTES`].
    pub notes: BTreeMap<String, String>,
    /// A factor on the windows of rules and alerts.
    pub scale: Scale,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            notes: BTreeMap::new(),
            scale: Scale::ONE,
        }
    }
}

/// The folders, in the folder for documents, in which a document is left over when what it was about has gone.
pub const FOLDERS: [&str; 2] = [dashboards::FOLDER, runbooks::FOLDER];

/// What a document in one of [`FOLDERS`] bears near its beginning, and nothing that people wrote does.
pub const MARK: &str = "Generated from metrics.toml by `shadowcat-metrics generate`. Do not edit";

/// Every document for operators that a schema asks for, in the order of their paths. The same schema gives the same
/// bytes.
#[must_use]
pub fn documents(registry: &Registry, options: &Options) -> Vec<Document> {
    let mut documents = rules::documents(registry, options.scale);
    documents.extend(runbooks::documents(registry, options));
    documents.extend(dashboards::documents(registry));
    documents.sort_by(|a, b| a.path.cmp(&b.path));
    documents
}
