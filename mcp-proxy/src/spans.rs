//! Spans of the proxy's work, exported over OTLP. Without the feature `otlp-traces`, these types are empty and the functions do
//! nothing.
//!
//! A request has up to three spans:
//!
//! | span | kind | parent | time |
//! |---|---|---|---|
//! | `METHOD TOOL` | server | the client's span | from the arrival of the request to its end |
//! | `forward` | internal | the first one | until the session has forwarded the request |
//! | `METHOD TOOL` | client | the first one | from there to the end; the server gets the id of this span |
//!
//! A session has a trace of its own: a span `session`, and below it a span `process` for each child process. The spans of requests
//! link to that of their session.

#[cfg(not(feature = "otlp-traces"))]
mod off;
#[cfg(feature = "otlp-traces")]
mod on;

use std::time::Duration;

#[cfg(not(feature = "otlp-traces"))]
use off as chosen;
#[cfg(feature = "otlp-traces")]
use on as chosen;

pub(crate) use chosen::{
    ExchangeSpan, ProcessSpan, RequestSpans, are_on, notified, responded, samples,
};
pub use chosen::{SessionSpan, shut_down, start};

use shadowcat_metrics::shadowcat::labels::{Outcome, Transport};

use crate::context::Subject;

/// Why no spans can be exported.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The program has two exporters.
    #[error("the export of spans was started twice")]
    Twice,
    /// A variable has a value that is not supported.
    #[error("{variable}: expected {expected}, found {found:?}")]
    Variable {
        /// The variable's name.
        variable: &'static str,
        /// The supported values.
        expected: &'static str,
        /// The value.
        found: String,
    },
    /// The exporter refuses its settings.
    #[error("spans cannot be exported: {0}")]
    Exporter(String),
}

/// How a request ended.
#[cfg_attr(
    not(feature = "otlp-traces"),
    expect(dead_code, reason = "only exported spans have this")
)]
pub(crate) struct Ended<'a> {
    /// The time since it arrived.
    pub(crate) age: Duration,
    pub(crate) outcome: Outcome,
    pub(crate) subject: &'a Subject,
    pub(crate) transport: Transport,
}

/// Returns the value of an environment variable, unless it is empty.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
