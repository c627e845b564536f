//! The `metrics!` macro: reads the schema, has `shadowcat-metrics-codegen` compile it, and hands over what comes out.
//!
//! Nothing is decided here. Use it through `shadowcat_metrics::metrics!`, which documents it.

mod expand;
mod path;
mod watch;

use path::SchemaPath;
use proc_macro::TokenStream;

/// Compiles a `metrics.toml` into typed recorders; see `shadowcat_metrics::metrics!`.
#[proc_macro]
pub fn metrics(input: TokenStream) -> TokenStream {
    match SchemaPath::parse(input.into()) {
        Ok(path) => expand::expand(&path).into(),
        Err(span) => expand::compile_error(span, path::EXPECTED).into(),
    }
}
