//! From text to the parsed schema: TOML's syntax, then keys and types.
//!
//! [`check`](crate::check) interprets the values.

pub(crate) mod ast;
mod buckets;
pub(crate) mod include;
mod labels;
pub(crate) mod metrics;
mod outline;
pub(crate) mod reader;
mod sections;
mod slips;
pub(crate) mod syntax;
pub(crate) mod tree;

pub use ast::{Field, Given, Texts};
pub use include::merge;
pub(crate) use include::parse_schema;
pub use reader::{Reader, number, table, text, text_or_texts, wrong_type};
pub use tree::{Entry, Node, Spanned, Value};
