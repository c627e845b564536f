//! From text to the schema as written: TOML's syntax, then which keys there are and of what types.
//!
//! [`tree`] knows TOML and no schema, [`syntax`] what is wrong with TOML, [`ast`] is the schema as written, [`reader`] takes
//! a table apart key by key, [`sections`], [`metrics`] and [`operations`] say which keys each table has. What the values
//! mean is for [`check`](crate::check).

pub(crate) mod ast;
mod buckets;
mod metrics;
mod operations;
mod reader;
mod sections;
mod syntax;
mod tree;

use toml::de::DeTable;

use crate::diagnostic::Report;
pub(crate) use tree::parse_toml;

/// Parses the schema out of a file's TOML.
pub(crate) fn parse_schema(toml: &DeTable<'_>, report: &mut Report) -> ast::Schema {
    let entries = tree::convert_table(toml, report);
    sections::parse_file(&entries, report)
}
