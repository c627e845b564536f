//! The `metrics!` macro: reads the schema, has `shadowcat-metrics-codegen` compile it, and hands over what comes out.
//!
//! Nothing is decided here. Use it through `shadowcat_metrics::metrics!`, which documents it.

mod expand;

use proc_macro::TokenStream;
use syn::{LitStr, parse_macro_input};

/// Compiles a `metrics.toml` into typed recorders; see `shadowcat_metrics::metrics!`.
#[proc_macro]
pub fn metrics(input: TokenStream) -> TokenStream {
    let path = parse_macro_input!(input as LitStr);
    expand::expand(&path).into()
}
