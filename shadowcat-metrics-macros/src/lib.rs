//! The procedural part of `shadowcat_metrics::metrics!`: reads the schema, compiles it with
//! `shadowcat-metrics-codegen`, and returns the result.
//!
//! Users call the macro of the runtime crate, which passes the runtime's path to this one.

mod excerpt;
mod expand;
mod input;
mod watch;

use input::Input;
use proc_macro::TokenStream;

/// Compiles a `metrics.toml` into typed recorders. Only `shadowcat_metrics::metrics!` may call it.
#[doc(hidden)]
#[proc_macro]
pub fn metrics(input: TokenStream) -> TokenStream {
    match Input::parse(input) {
        Ok(input) => expand::expand(&input),
        Err(invalid) => expand::compile_error(invalid.span, &invalid.message),
    }
}
