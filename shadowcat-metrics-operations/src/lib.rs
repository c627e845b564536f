//! What an operator runs beside the program: made from the checked schema, and nothing else.
//!
//! A crate of its own, so that neither the macro nor the program that records pays for the parsers this needs.

pub mod codes;
mod compile;
pub mod dashboards;
pub mod documents;
pub mod files;
mod kinds;
pub mod model;
pub mod promql;
pub mod rules;
pub mod runbooks;
mod schema;
pub mod sections;
mod templates;

pub use compile::{Outcome, compile, compile_files};
pub use documents::{Document, Options, documents};
pub use model::Schema;
pub use schema::check;

/// The folders, in the folder for documents, in which a document is left over when what it was about has gone.
pub const FOLDERS: [&str; 2] = [dashboards::FOLDER, runbooks::FOLDER];

/// What a document in one of [`FOLDERS`] bears near its beginning, and nothing that people wrote does.
pub const MARK: &str = "Generated from metrics.toml by `shadowcat-metrics generate`. Do not edit";
