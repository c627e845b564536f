//! From text to the schema as written: TOML's syntax, then which keys there are and of what types.
//!
//! [`tree`] knows TOML and no schema, [`syntax`] what is wrong with TOML, [`slips`] what was meant by it, [`ast`] is the schema
//! as written, [`reader`] takes a table apart key by key, [`unknown`] knows the names that keys have elsewhere, [`wrong`]
//! what is said of wrong types, [`sections`], [`labels`] and [`metrics`] say which keys each table has,
//! [`include`] and [`merge`] put the files of a schema together. What the values mean is for [`check`](crate::check).

pub(crate) mod ast;
mod buckets;
mod include;
mod labels;
mod merge;
mod metrics;
mod outline;
mod reader;
mod sections;
mod slips;
mod syntax;
mod tree;
mod unknown;
mod wrong;

pub use ast::{Field, Given, Texts};
pub(crate) use include::parse_schema;
pub use merge::merge;
pub use reader::{Reader, number, table, text, text_or_texts};
pub use tree::{Entry, Spanned, Value};
pub use wrong::wrong_type;
