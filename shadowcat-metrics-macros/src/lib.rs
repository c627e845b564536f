//! The procedural half of `shadowcat_metrics::metrics!`: reads the schema, has `shadowcat-metrics-codegen` compile it, and
//! returns the result.
//!
//! Nothing is decided here. The macro that users call is in the runtime crate, which tells this one where the runtime is.

mod expand;
mod input;
mod watch;

use input::Input;
use proc_macro::TokenStream;

/// Compiles a `metrics.toml` into typed recorders; called by `shadowcat_metrics::metrics!` alone.
#[doc(hidden)]
#[proc_macro]
pub fn metrics(input: TokenStream) -> TokenStream {
    match Input::parse(input.into()) {
        Ok(input) => expand::expand(&input).into(),
        Err(invalid) => expand::compile_error(invalid.span, &invalid.message).into(),
    }
}
