//! The interface for another crate to own sections of the schema.
//!
//! The compiler knows the names of these sections ([`SECTIONS`](crate::language::SECTIONS)), so that it recognizes
//! misspelled ones. Their keys, checks, codes and model belong to the crate that implements [`Sections`].
//! [`compile_sections`](crate::compile_sections) runs the implementation as part of the pipeline.

pub use crate::check::{Checker, Hint};
pub use crate::parse::{
    Entry, Field, Given, Node, Reader, Spanned, Texts, Value, merge, number, table, text,
    text_or_texts, wrong_type,
};

use crate::diagnostic::Report;
use crate::lint::Linter;

/// Reads and checks the sections of a schema that the compiler passes over.
pub trait Sections {
    /// Parses the tables of one file, each with the name of its section. A misspelled section gets its likely name, so a name
    /// may occur twice. Called once for each file of the schema, the including file first.
    fn parse(&mut self, tables: &[(&'static str, &Entry)], report: &mut Report);

    /// Checks the parsed sections. Called once, when all metrics are known.
    fn check(&mut self, checker: &mut Checker<'_>);

    /// Runs further lints, after all checks and the lints of the compiler.
    fn lint(&self, linter: &mut Linter<'_>);
}
