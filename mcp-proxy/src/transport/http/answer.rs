//! What the head of an answer says about the rest of it.

use http::{Response, StatusCode};
use shadowcat_metrics::HttpRecorder;

use crate::transport::http::client::Body;
use crate::transport::http::headers::{MediaType, media_type};

/// What comes after a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The message was taken, and there is no more to say.
    Accepted,
    /// A message.
    Message,
    /// A stream of events.
    Events,
    /// Something that MCP knows nothing of.
    Strange,
    /// The session that the request named is not known any more.
    Expired,
    /// The request was refused, or sent elsewhere, which is not followed.
    Rejected(StatusCode),
}

impl Answer {
    /// Reads a head that was received just now. `in_session` if the request had named a session.
    pub(crate) fn read(
        response: &Response<Body>,
        in_session: bool,
        recorder: &HttpRecorder,
    ) -> Self {
        let timer = recorder.header_duration().start_timer();
        let answer = Self::of(response, in_session);
        timer.stop();
        answer
    }

    fn of(response: &Response<Body>, in_session: bool) -> Self {
        let status = response.status();
        if status == StatusCode::NOT_FOUND && in_session {
            return Self::Expired;
        }
        if !status.is_success() {
            return Self::Rejected(status);
        }
        if matches!(status, StatusCode::ACCEPTED | StatusCode::NO_CONTENT) {
            return Self::Accepted;
        }
        match media_type(response.headers()) {
            MediaType::Json => Self::Message,
            MediaType::EventStream => Self::Events,
            MediaType::Other if http_body::Body::is_end_stream(response.body()) => Self::Accepted,
            MediaType::Other => Self::Strange,
        }
    }
}
