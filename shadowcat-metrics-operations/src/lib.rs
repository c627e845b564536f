//! Rules, alerts, dashboards and runbooks that are generated from a schema, and checks of PromQL, rule files and dashboards.
//!
//! A separate crate, so that neither the macro nor a recording program needs its parsers.

pub mod codes;
mod compile;
pub mod dashboards;
pub mod documents;
pub mod duration;
pub mod files;
mod kinds;
pub mod model;
pub mod program;
pub mod promql;
pub mod rules;
pub mod runbooks;
mod schema;
pub mod sections;
mod templates;
#[cfg(test)]
mod testing;
mod toml_string;
pub mod weaver;

pub use compile::{Outcome, compile, compile_files};
pub use documents::{Document, Options, documents};
pub use model::Schema;
pub use promql::write::Histograms;
pub use schema::check;

#[cfg(test)]
extern crate self as shadowcat_metrics_operations;
#[cfg(test)]
use shadowcat_metrics_codegen::{Source, Version, name};

/// Folders below the folder of documents where a document becomes stale when its subject is removed from the
/// schema.
pub const FOLDERS: [&str; 4] = [
    rules::FOLDER,
    dashboards::FOLDER,
    runbooks::FOLDER,
    documents::PARTS,
];

/// A text near the beginning of each document in [`FOLDERS`], and in no hand-written file.
pub const MARK: &str = "Generated from metrics.toml by `shadowcat-metrics generate`. Do not edit";
