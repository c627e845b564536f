//! The program without exported spans: everything here is empty.
#![expect(
    clippy::unused_self,
    reason = "the signatures are those of the program with exported spans"
)]

use http::StatusCode;
use tracing::warn;

use crate::jsonrpc::Request;
use crate::spans::{Ended, StartError, variable};
use crate::trace::Span;
use crate::upstream::Upstream;

/// Exports no spans. Warns if the environment asks for them.
///
/// # Errors
///
/// Never: other programs may need the variable, so it is not an error here.
pub fn start() -> Result<(), StartError> {
    let is_asked = variable("OTEL_TRACES_EXPORTER").is_some_and(|exporter| exporter != "none");
    if is_asked {
        warn!(
            "OTEL_TRACES_EXPORTER asks for spans, but this program was built without `--features otlp-traces`"
        );
    }
    Ok(())
}

/// Does nothing.
pub fn shut_down() {}

pub(crate) const fn are_on() -> bool {
    false
}

#[inline]
pub(crate) fn samples(parent: Option<bool>, _trace_id: &str) -> bool {
    parent.unwrap_or(false)
}

pub(crate) fn notified(_span: &Span, _method: &str) {}

#[inline]
pub(crate) const fn responded(_status: StatusCode) {}

/// The exchange of a request with a server: nothing.
pub(crate) struct ExchangeSpan;

impl ExchangeSpan {
    pub(crate) const fn of(_request: &Request) -> Self {
        Self
    }

    pub(crate) fn around<F: Future>(self, future: F) -> F {
        future
    }
}

/// The span of a session: nothing.
#[derive(Debug, Clone, Default)]
pub struct SessionSpan(());

impl SessionSpan {
    /// Begins nothing.
    #[must_use]
    pub const fn begin(_server: &str, _id: Option<&str>) -> Self {
        Self(())
    }

    pub(crate) fn reaches(&self, _upstream: &Upstream) {}

    pub(crate) fn process(&self, _pid: Option<u32>) -> ProcessSpan {
        ProcessSpan(())
    }

    pub(crate) fn end(&self, _reason: &'static str) {}
}

/// The span of a child process: nothing.
#[derive(Debug, Default)]
pub(crate) struct ProcessSpan(());

impl ProcessSpan {
    pub(crate) fn exited(&mut self, _status: Option<std::process::ExitStatus>) {}
}

/// The spans of a request: nothing.
#[derive(Debug, Default)]
pub(crate) struct RequestSpans(());

impl RequestSpans {
    pub(crate) fn begin(&self, _request: &Request) {}

    pub(crate) fn join(&self, _session: &SessionSpan) {}

    pub(crate) fn forwarded(&self, _span: &Span) {}

    pub(crate) fn end(&self, _ended: &Ended<'_>) {}
}
