//! What a client of streamable HTTP has to say with every message: which session it belongs to, and which version of the
//! protocol that speaks.

use std::sync::{Mutex, MutexGuard, PoisonError};

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use serde::Deserialize;

use crate::jsonrpc::{Message, Payload, Response};
use crate::transport::http::headers::{JSON, PROTOCOL_VERSION, SESSION_ID, session_id};

/// What the answer to `initialize` has brought.
#[derive(Debug, Default)]
pub(crate) struct HttpSession(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    id: Option<HeaderValue>,
    version: Option<HeaderValue>,
    /// The server was out of reach since it last took a message.
    shaken: bool,
}

impl HttpSession {
    /// The head of the answer to `initialize` was received.
    pub(crate) fn opened(&self, headers: &HeaderMap) {
        self.lock().id = session_id(headers).and_then(|id| HeaderValue::from_str(id).ok());
    }

    /// The answer to `initialize` was received.
    pub(crate) fn initialized(&self, message: &Message) {
        #[derive(Deserialize)]
        struct Initialized {
            #[serde(rename = "protocolVersion")]
            version: String,
        }
        if let Message::Response(Response {
            payload: Payload::Result(result),
            ..
        }) = message
            && let Ok(initialized) = serde_json::from_str::<Initialized>(result.get())
        {
            self.lock().version = HeaderValue::from_str(&initialized.version).ok();
        }
    }

    /// Whether the server has given the session a name.
    pub(crate) fn is_open(&self) -> bool {
        self.lock().id.is_some()
    }

    /// Whether the server was reached just now. It may be another process the next time, which knows of no session.
    pub(crate) fn reached(&self, reached: bool) {
        self.lock().shaken = !reached;
    }

    /// Whether the server may have forgotten the session since it last took a message.
    pub(crate) fn is_shaken(&self) -> bool {
        let known = self.lock();
        known.shaken && known.id.is_some()
    }

    /// What to say with a request of any method.
    pub(crate) fn headers(&self) -> HeaderMap {
        let known = self.lock();
        let mut headers = HeaderMap::new();
        if let Some(id) = &known.id {
            headers.insert(SESSION_ID, id.clone());
        }
        if let Some(version) = &known.version {
            headers.insert(PROTOCOL_VERSION, version.clone());
        }
        headers
    }

    /// What to say with a message.
    pub(crate) fn message_headers(&self) -> HeaderMap {
        let mut headers = self.headers();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
        let both = HeaderValue::from_static("application/json, text/event-stream");
        headers.insert(ACCEPT, both);
        headers
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
