//! JSON-RPC 2.0 messages, as far as a proxy must understand them: what kind a message is, its id and its method.
//! Parameters, results and errors stay the bytes they came as, so that forwarding cannot change them.

mod envelope;
mod salvage;

use std::fmt;

use memchr::memchr2;
use serde::{Deserialize, Serialize};
use serde_json::Number;
use serde_json::value::{RawValue, to_raw_value};

use envelope::Envelope;
pub use salvage::salvage_id;

/// Error codes of JSON-RPC itself, and those that this proxy answers with.
pub mod code {
    /// The bytes were not JSON.
    pub const PARSE_ERROR: i32 = -32700;
    /// The JSON was not a message, or was a message that cannot be forwarded.
    pub const INVALID_REQUEST: i32 = -32600;
    /// The method is not known.
    pub const METHOD_NOT_FOUND: i32 = -32601;
    /// The method's parameters are not what it takes.
    pub const INVALID_PARAMS: i32 = -32602;
    /// Something else went wrong.
    pub const INTERNAL_ERROR: i32 = -32603;
    /// The server went away before it answered, or cannot be reached.
    pub const SERVER_GONE: i32 = -32001;
    /// The server did not answer in time.
    pub const TIMED_OUT: i32 = -32002;
}

/// One message.
#[derive(Debug, Clone)]
pub enum Message {
    /// Asks for an answer.
    Request(Request),
    /// Asks for none.
    Notification(Notification),
    /// The answer to a request.
    Response(Response),
}

/// A message that asks for an answer.
#[derive(Debug, Clone)]
pub struct Request {
    /// Chosen by the side that asks.
    pub id: Id,
    /// What is asked for.
    pub method: String,
    /// With what.
    pub params: Option<Box<RawValue>>,
}

/// A message that asks for no answer.
#[derive(Debug, Clone)]
pub struct Notification {
    /// What has happened.
    pub method: String,
    /// To what.
    pub params: Option<Box<RawValue>>,
}

/// The answer to a request.
#[derive(Debug, Clone)]
pub struct Response {
    /// The request's; none where the request could not be read.
    pub id: Option<Id>,
    /// What was found out.
    pub payload: Payload,
}

/// What an answer carries.
#[derive(Debug, Clone)]
pub enum Payload {
    /// The request succeeded.
    Result(Box<RawValue>),
    /// It failed.
    Error(Box<RawValue>),
}

/// The id of a request: a number or a string, told apart as JSON-RPC does.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Id {
    /// `7`
    Number(Number),
    /// `"seven"`
    String(String),
}

impl From<u64> for Id {
    fn from(id: u64) -> Self {
        Self::Number(id.into())
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::String(string) => write!(f, "{string:?}"),
        }
    }
}

/// Bytes that are not a message.
#[derive(Debug, Clone)]
pub struct Malformed {
    /// The id that the sender seems to have meant, of a request or of an answer.
    pub id: Option<Id>,
    /// [`code::PARSE_ERROR`] or [`code::INVALID_REQUEST`].
    pub code: i32,
    /// What is wrong with them.
    pub reason: String,
}

impl Message {
    /// Reads one message.
    ///
    /// # Errors
    ///
    /// Says what is wrong when `bytes` are not JSON, or not a JSON-RPC 2.0 message. Batches, which MCP took out of the
    /// protocol again, are not messages.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let malformed = |code, reason: String| Malformed {
            id: salvage_id(bytes),
            code,
            reason,
        };
        let envelope: Envelope<'_> = serde_json::from_slice(bytes).map_err(|error| {
            let code = if error.is_data() {
                code::INVALID_REQUEST
            } else {
                code::PARSE_ERROR
            };
            malformed(code, error.to_string())
        })?;
        envelope
            .open()
            .map_err(|reason| malformed(code::INVALID_REQUEST, reason.to_owned()))
    }

    /// Appends the message as one line of JSON, without a line break at its end or anywhere in it.
    ///
    /// # Panics
    ///
    /// Never: all keys are strings, and memory takes what is written.
    pub fn write_to(&self, buffer: &mut Vec<u8>) {
        let mut clean = buffer.len();
        serde_json::to_writer(&mut *buffer, self)
            .expect("maps with string keys, written to memory, cannot fail");
        // What is forwarded as it came may have been laid out on several lines. In JSON a line break is never but
        // white space between tokens, and over pipes, as in events, it would end the message.
        while let Some(offset) = memchr2(b'\n', b'\r', &buffer[clean..]) {
            clean += offset;
            buffer[clean] = b' ';
        }
    }
}

impl Request {
    /// A request with `params` made from a value.
    ///
    /// # Panics
    ///
    /// If `params` cannot be JSON, as a map with keys that are not strings.
    pub fn new(id: impl Into<Id>, method: &str, params: &impl Serialize) -> Self {
        Self {
            id: id.into(),
            method: method.to_owned(),
            params: Some(raw(params)),
        }
    }
}

impl Notification {
    /// A notification with `params` made from a value.
    ///
    /// # Panics
    ///
    /// If `params` cannot be JSON, as a map with keys that are not strings.
    #[must_use]
    pub fn new(method: &str, params: &impl Serialize) -> Self {
        Self {
            method: method.to_owned(),
            params: Some(raw(params)),
        }
    }

    /// The request that this notification withdraws, if it is MCP's `notifications/cancelled`.
    #[must_use]
    pub fn cancelled_request(&self) -> Option<Id> {
        #[derive(Deserialize)]
        struct Params {
            #[serde(rename = "requestId")]
            request_id: Id,
        }
        if self.method != "notifications/cancelled" {
            return None;
        }
        let params: Params = serde_json::from_str(self.params.as_ref()?.get()).ok()?;
        Some(params.request_id)
    }
}

impl Response {
    /// An answer with a result made from a value.
    ///
    /// # Panics
    ///
    /// If `result` cannot be JSON, as a map with keys that are not strings.
    pub fn result(id: Id, result: &impl Serialize) -> Self {
        Self {
            id: Some(id),
            payload: Payload::Result(raw(result)),
        }
    }

    /// An answer with an error.
    #[must_use]
    pub fn error(id: Option<Id>, code: i32, message: &str) -> Self {
        let error = serde_json::json!({ "code": code, "message": message });
        Self {
            id,
            payload: Payload::Error(raw(&error)),
        }
    }
}

fn raw(value: &impl Serialize) -> Box<RawValue> {
    to_raw_value(value).expect("the caller's value is JSON")
}

#[cfg(test)]
mod tests;
