//! From text to the schema as written: TOML's syntax, then which keys there are and of what types.
//!
//! [`tree`] knows TOML and no schema, [`syntax`] what is wrong with TOML, [`ast`] is the schema as written, [`reader`] takes
//! a table apart key by key, [`sections`], [`metrics`] and [`operations`] say which keys each table has, [`include`] puts the
//! files of a schema together. What the values mean is for [`check`](crate::check).

pub(crate) mod ast;
mod buckets;
mod include;
mod metrics;
mod operations;
mod reader;
mod sections;
mod slips;
mod syntax;
mod tree;

pub(crate) use include::parse_schema;
