//! The `metrics!` macro: reads the schema, has `shadowcat-metrics-codegen` compile it, and hands over what comes out.
//!
//! Nothing is decided here. Use it through `shadowcat_metrics::metrics!`, which documents it.

mod expand;

use proc_macro::TokenStream;
use syn::LitStr;

/// Compiles a `metrics.toml` into typed recorders; see `shadowcat_metrics::metrics!`.
#[proc_macro]
pub fn metrics(input: TokenStream) -> TokenStream {
    match syn::parse::<LitStr>(input) {
        Ok(path) => expand::expand(&path).into(),
        Err(error) => {
            let message =
                "expected the path of a schema, as a string: `metrics!(\"metrics.toml\")`";
            syn::Error::new(error.span(), message)
                .into_compile_error()
                .into()
        }
    }
}
