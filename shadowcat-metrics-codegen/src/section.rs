//! How another crate owns sections of the schema: what it implements, and what it reads and checks them with.
//!
//! The compiler knows the names of these sections ([`language::sections`](crate::language::sections)), so that a misspelt
//! one is recognized. Their keys, checks and codes belong to the crate that implements [`Sections`], and so does the model
//! that it makes of them. [`compile_sections`](crate::compile_sections) runs it as part of the pipeline.

pub use crate::check::{Checker, Hint};
pub use crate::parse::{
    Entry, Field, Given, Reader, Spanned, Texts, Value, merge, number, table, text, text_or_texts,
    wrong_type,
};

use crate::diagnostic::Report;

/// Reads and checks the sections of a schema that the compiler passes over.
pub trait Sections {
    /// Parses the tables of one file, each with the name of its section. A misspelt section has the name that was meant, so
    /// a name may come twice. Called once for each file of the schema, the including file first.
    fn parse(&mut self, tables: &[(&'static str, &Entry)], report: &mut Report);

    /// Checks what was parsed. Called once, when all metrics are known.
    fn check(&mut self, checker: &mut Checker<'_>);
}
