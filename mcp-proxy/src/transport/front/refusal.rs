//! Answers that are errors: an HTTP status for the client's transport, and a JSON-RPC error for whoever asked.

use hyper::header::{ALLOW, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use hyper::{Response, StatusCode};

use super::body::{Reply, whole};
use crate::jsonrpc::{self, Id, Malformed, Message, code};

/// Why a request is not served.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    code: i32,
    id: Option<Id>,
    reason: String,
    header: Option<(HeaderName, &'static str)>,
}

impl Refusal {
    /// With JSON-RPC's code for requests that are not as they should be.
    pub(super) fn new(status: StatusCode, reason: impl Into<String>) -> Self {
        Self {
            status,
            code: code::INVALID_REQUEST,
            id: None,
            reason: reason.into(),
            header: None,
        }
    }

    /// The body is no message.
    pub(super) fn malformed(malformed: Malformed) -> Self {
        Self {
            code: malformed.code,
            id: malformed.id,
            ..Self::new(StatusCode::BAD_REQUEST, malformed.reason)
        }
    }

    /// The client may try again a little later.
    pub(super) fn busy(reason: &str) -> Self {
        Self {
            code: code::INTERNAL_ERROR,
            header: Some((RETRY_AFTER, "1")),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, reason)
        }
    }

    /// There is no such session. MCP's clients then begin a new one.
    pub(super) fn no_session() -> Self {
        Self::new(StatusCode::NOT_FOUND, "there is no such session")
    }

    /// The path is right, the method is not.
    pub(super) fn method(allowed: &'static str) -> Self {
        Self {
            header: Some((ALLOW, allowed)),
            ..Self::new(
                StatusCode::METHOD_NOT_ALLOWED,
                format!("only {allowed} are answered here"),
            )
        }
    }

    /// About the request with this id.
    pub(super) fn about(self, id: Option<Id>) -> Self {
        Self { id, ..self }
    }

    /// As HTTP.
    pub(super) fn into_response(self) -> Response<Reply> {
        let error = jsonrpc::Response::error(self.id, self.code, &self.reason);
        let mut json = Vec::new();
        Message::Response(error).write_to(&mut json);
        let mut response = Response::new(whole(json));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some((name, value)) = self.header {
            headers.insert(name, HeaderValue::from_static(value));
        }
        response
    }
}
