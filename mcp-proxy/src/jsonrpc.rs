//! JSON-RPC 2.0 messages, as far as a proxy must understand them: their kind, id and method. Parameters,
//! results and errors are kept as the received bytes, so forwarding cannot change them.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};

use http::HeaderMap;
use memchr::memchr2;
use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Number, Value, json};
use shadowcat_metrics::shadowcat::labels::Outcome;

use crate::arrival::Arrival;
use crate::notifications::Delivery;

/// Error codes: those of JSON-RPC, and those that this proxy adds.
pub mod code {
    /// The bytes were not JSON.
    pub const PARSE_ERROR: i32 = -32700;
    /// The JSON was not a message, or the message cannot be forwarded.
    pub const INVALID_REQUEST: i32 = -32600;
    /// The method is not known.
    pub const METHOD_NOT_FOUND: i32 = -32601;
    /// The method does not accept these parameters.
    pub const INVALID_PARAMS: i32 = -32602;
    /// Something else went wrong.
    pub const INTERNAL_ERROR: i32 = -32603;
    /// The server exited before it answered, or cannot be reached.
    pub const SERVER_GONE: i32 = -32001;
    /// The server did not answer in time.
    pub const TIMED_OUT: i32 = -32002;
    /// A header does not match the body.
    pub const HEADER_MISMATCH: i32 = -32020;
    /// The protocol revision is not supported.
    pub const UNSUPPORTED_VERSION: i32 = -32022;
    /// The server refused the request with an HTTP status.
    pub const REFUSED: i32 = -32003;
}

/// One message.
#[derive(Debug, Clone)]
pub enum Message {
    /// A request, which expects an answer.
    Request(Request),
    /// A notification, which expects no answer.
    Notification(Notification),
    /// The answer to a request.
    Response(Response),
}

/// A message that expects an answer.
#[derive(Debug, Clone)]
pub struct Request {
    /// Chosen by the sender.
    pub id: Id,
    /// The requested method.
    pub method: String,
    /// The method's parameters.
    pub params: Option<Box<RawValue>>,
    /// Its arrival at the proxy. `None` for requests that the proxy itself sends.
    pub arrival: Option<Arrival>,
    /// Header fields that arrived with it, and are forwarded with it to a server over HTTP.
    pub headers: HeaderMap,
}

/// A message that expects no answer.
#[derive(Debug, Clone)]
pub struct Notification {
    /// The method, which names an event.
    pub method: String,
    /// The event's parameters.
    pub params: Option<Box<RawValue>>,
    /// Header fields that arrived with it, and are forwarded with it to a server over HTTP.
    pub headers: HeaderMap,
    /// Its delivery. `None` for notifications that the proxy itself sends.
    pub delivery: Option<Delivery>,
}

/// The answer to a request.
#[derive(Debug, Clone)]
pub struct Response {
    /// The id of the request. `None` if the request could not be read.
    pub id: Option<Id>,
    /// The result or the error.
    pub payload: Payload,
}

/// The content of an answer.
#[derive(Debug, Clone)]
pub enum Payload {
    /// The request succeeded.
    Result(Box<RawValue>),
    /// It failed.
    Error(Box<RawValue>),
}

/// The id of a request: a number or a string, compared as JSON-RPC does.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(untagged)]
pub enum Id {
    /// `7`
    Number(Number),
    /// `18446744073709551616`
    LongInteger(LongInteger),
    /// `"seven"`
    String(String),
}

impl Id {
    /// Returns its approximate size in memory, in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        match self {
            Self::Number(_) => size_of::<Self>(),
            Self::LongInteger(integer) => size_of::<Self>() + integer.0.get().len(),
            Self::String(text) => size_of::<Self>() + text.len(),
        }
    }
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
            Self::LongInteger(integer) => f.write_str(integer.0.get()),
            Self::String(string) => write!(f, "{string:?}"),
        }
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = <&RawValue>::deserialize(deserializer)?;
        let text = json.get();
        if text.starts_with('"') {
            return serde_json::from_str(text)
                .map(Self::String)
                .map_err(D::Error::custom);
        }
        let is_integer = text.bytes().all(|b| b == b'-' || b.is_ascii_digit());
        match serde_json::from_str::<Number>(text) {
            Ok(number) if !(is_integer && number.is_f64()) => Ok(Self::Number(number)),
            Err(error) if !is_integer => Err(D::Error::custom(error)),
            Ok(_) | Err(_) => Ok(Self::LongInteger(LongInteger(json.to_owned()))),
        }
    }
}

/// An integer of more than 64 bits, which is kept as its text: a float would be another number.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct LongInteger(Box<RawValue>);

impl PartialEq for LongInteger {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

impl Eq for LongInteger {}

impl Hash for LongInteger {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.get().hash(state);
    }
}

/// Bytes that are not a message.
#[derive(Debug, Clone)]
pub struct Malformed {
    /// The ids of the intended requests or answers that could be found: at most one, except in a batch.
    pub ids: Vec<Id>,
    /// [`code::PARSE_ERROR`] or [`code::INVALID_REQUEST`].
    pub code: i32,
    /// What is wrong with the bytes.
    pub reason: String,
}

impl Malformed {
    /// Returns the errors to answer with: one for each id, or one without an id.
    pub fn refusals(&self) -> impl Iterator<Item = Response> {
        let without_id = self.ids.is_empty().then_some(None);
        let ids = self.ids.iter().cloned().map(Some).chain(without_id);
        ids.map(|id| Response::error(id, self.code, &self.reason))
    }
}

impl Message {
    /// Parses one message.
    ///
    /// # Errors
    ///
    /// If `bytes` are not JSON, or not a JSON-RPC 2.0 message. Batches, which only one revision of MCP has, are not
    /// messages.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let malformed = |code, reason: String| Malformed {
            ids: salvage_id(bytes).into_iter().collect(),
            code,
            reason,
        };
        if is_batch(bytes) {
            return Err(malformed(code::INVALID_REQUEST, BATCH_REFUSED.to_owned()));
        }
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

    /// Returns its approximate size in memory, in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        let texts = match self {
            Self::Request(Request {
                id,
                method,
                params,
                headers,
                ..
            }) => id.size() + method.len() + length(params.as_deref()) + size_of_headers(headers),
            Self::Notification(Notification {
                method,
                params,
                headers,
                ..
            }) => method.len() + length(params.as_deref()) + size_of_headers(headers),
            Self::Response(Response { id, payload }) => {
                let (Payload::Result(text) | Payload::Error(text)) = payload;
                id.as_ref().map_or(0, Id::size) + length(Some(text))
            }
        };
        size_of::<Self>() + texts
    }

    /// Returns the message as one line of JSON, without a line break.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let mut json = Vec::new();
        self.write_to(&mut json);
        json
    }

    /// Appends the message as one line of JSON, without a line break at its end or anywhere in it.
    ///
    /// # Panics
    ///
    /// Never: all keys are strings, and writing to memory does not fail.
    pub fn write_to(&self, buffer: &mut Vec<u8>) {
        let mut clean = buffer.len();
        serde_json::to_writer(&mut *buffer, self)
            .expect("maps with string keys, written to memory, cannot fail");
        // A forwarded part may contain line breaks. In JSON, a line break is always white space between
        // tokens; over pipes, as in events, it would end the message.
        while let Some(offset) = memchr2(b'\n', b'\r', &buffer[clean..]) {
            clean += offset;
            buffer[clean] = b' ';
        }
    }
}

fn length(text: Option<&RawValue>) -> usize {
    text.map_or(0, |text| text.get().len())
}

fn size_of_headers(headers: &HeaderMap) -> usize {
    let sizes = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len());
    sizes.sum()
}

/// Why batches are refused.
pub(crate) const BATCH_REFUSED: &str = "the proxy does not support batches, which only the revision 2025-03-26 has: send each message separately";

/// Returns whether these bytes are a batch of messages, if they are JSON.
pub(crate) fn is_batch(bytes: &[u8]) -> bool {
    bytes.trim_ascii_start().starts_with(b"[")
}

/// Maximum number of messages in a batch that are read. A larger batch is refused as a whole.
pub(crate) const MAX_BATCH: usize = 1024;

/// Returns the messages of a batch. It is empty if `bytes` are not an array, or have more than [`MAX_BATCH`] messages.
pub(crate) fn messages_of(bytes: &[u8]) -> Vec<&RawValue> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let messages = deserializer.deserialize_seq(Messages);
    let ended = deserializer.end();
    messages.ok().filter(|_| ended.is_ok()).unwrap_or_default()
}

struct Messages;

impl<'de> Visitor<'de> for Messages {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an array with at most {MAX_BATCH} messages")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Self::Value, A::Error> {
        let mut messages = Vec::new();
        while let Some(message) = array.next_element()? {
            if messages.len() == MAX_BATCH {
                return Err(A::Error::invalid_length(MAX_BATCH + 1, &self));
            }
            messages.push(message);
        }
        Ok(messages)
    }
}

impl Request {
    /// Creates a request with serialized `params`.
    ///
    /// # Panics
    ///
    /// If `params` cannot be serialized to JSON, for example a map with keys that are not strings.
    pub fn new(id: impl Into<Id>, method: &str, params: &impl Serialize) -> Self {
        Self::with_params(id.into(), method.to_owned(), Some(raw(params)))
    }

    /// Creates a request with these parameters.
    pub(crate) fn with_params(id: Id, method: String, params: Option<Box<RawValue>>) -> Self {
        Self {
            id,
            method,
            params,
            arrival: None,
            headers: HeaderMap::new(),
        }
    }

    /// Records the outcome of the request.
    pub fn end(&self, outcome: Outcome) {
        if let Some(arrival) = &self.arrival {
            arrival.end(outcome);
        }
    }
}

impl Notification {
    /// Creates a notification with serialized `params`.
    ///
    /// # Panics
    ///
    /// If `params` cannot be serialized to JSON, for example a map with keys that are not strings.
    #[must_use]
    pub fn new(method: &str, params: &impl Serialize) -> Self {
        Self::with_params(method.to_owned(), Some(raw(params)))
    }

    /// Creates a notification with these parameters.
    pub(crate) fn with_params(method: String, params: Option<Box<RawValue>>) -> Self {
        Self {
            method,
            params,
            headers: HeaderMap::new(),
            delivery: None,
        }
    }

    /// Records that it was written to its receiver, or that the proxy itself has acted on it.
    pub fn delivered(&self) {
        if let Some(delivery) = &self.delivery {
            delivery.delivered();
        }
    }

    /// Returns the id of the request to cancel, if this is MCP's `notifications/cancelled`.
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
        let params: Params = object(self.params.as_ref()?.get())?;
        Some(params.request_id)
    }
}

impl Response {
    /// Creates an answer with a serialized result.
    ///
    /// # Panics
    ///
    /// If `result` cannot be serialized to JSON, for example a map with keys that are not strings.
    pub fn result(id: Id, result: &impl Serialize) -> Self {
        Self {
            id: Some(id),
            payload: Payload::Result(raw(result)),
        }
    }

    /// Creates an answer with an error.
    #[must_use]
    pub fn error(id: Option<Id>, code: i32, message: &str) -> Self {
        Self::failure(id, &json!({ "code": code, "message": message }))
    }

    /// Creates an answer with an error and its `data`.
    ///
    /// # Panics
    ///
    /// If `data` cannot be serialized to JSON, for example a map with keys that are not strings.
    #[must_use]
    pub fn error_with(id: Option<Id>, code: i32, message: &str, data: &impl Serialize) -> Self {
        Self::failure(
            id,
            &json!({ "code": code, "message": message, "data": data }),
        )
    }

    fn failure(id: Option<Id>, error: &Value) -> Self {
        Self {
            id,
            payload: Payload::Error(raw(error)),
        }
    }
}

fn raw(value: &impl Serialize) -> Box<RawValue> {
    to_raw_value(value).expect("the caller's value is JSON")
}

/// Reads members of a JSON object. Returns `None` for other JSON: an array would be read as members in their order.
#[must_use]
pub fn object<'a, T: Deserialize<'a>>(text: &'a str) -> Option<T> {
    let is_object = text.trim_ascii_start().starts_with('{');
    if is_object {
        serde_json::from_str(text).ok()
    } else {
        None
    }
}

/// Reads a member that is a JSON object. Returns `None` for other JSON, as [`object`] does.
pub(crate) fn nested<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let text = <&RawValue>::deserialize(deserializer)?;
    Ok(object(text.get()))
}

/// Every member that a message may have. Other members are not forwarded.
#[derive(Deserialize)]
#[serde(expecting = "a JSON-RPC message")]
#[expect(
    clippy::option_option,
    reason = "a member that is null differs from one that is missing"
)]
pub(super) struct Envelope<'a> {
    #[serde(borrow)]
    jsonrpc: Option<Cow<'a, str>>,
    #[serde(default, deserialize_with = "even_null")]
    id: Option<Option<Id>>,
    method: Option<String>,
    params: Option<Box<RawValue>>,
    #[serde(default, deserialize_with = "even_null")]
    result: Option<Box<RawValue>>,
    error: Option<Box<RawValue>>,
}

/// Distinguishes a member that is `null` from a missing one, which `Option` alone does not.
pub(crate) fn even_null<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl Envelope<'_> {
    pub(super) fn open(self) -> Result<Message, &'static str> {
        if self.jsonrpc.as_deref() != Some("2.0") {
            return Err("the member `jsonrpc` is not \"2.0\"");
        }
        match (self.method, self.id, self.result, self.error) {
            (Some(method), Some(Some(id)), None, None) => {
                let request = Request::with_params(id, method, self.params);
                Ok(Message::Request(request))
            }
            (Some(method), None, None, None) => {
                let notification = Notification::with_params(method, self.params);
                Ok(Message::Notification(notification))
            }
            (None, Some(id @ Some(_)), Some(result), None) => Ok(Message::Response(Response {
                id,
                payload: Payload::Result(result),
            })),
            (None, Some(id), None, Some(error)) => Ok(Message::Response(Response {
                id,
                payload: Payload::Error(error),
            })),
            (Some(_), Some(None), ..) => Err("a request's id is null"),
            (Some(_), ..) => Err("a message has both a method and an answer"),
            (None, ..) => Err("neither a request, nor a notification, nor an answer"),
        }
    }
}

impl Serialize for Message {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("jsonrpc", "2.0")?;
        match self {
            Self::Request(Request {
                id, method, params, ..
            }) => {
                map.serialize_entry("id", id)?;
                map.serialize_entry("method", method)?;
                serialize_present(&mut map, params.as_deref())?;
            }
            Self::Notification(Notification { method, params, .. }) => {
                map.serialize_entry("method", method)?;
                serialize_present(&mut map, params.as_deref())?;
            }
            Self::Response(Response { id, payload }) => {
                map.serialize_entry("id", id)?;
                match payload {
                    Payload::Result(result) => map.serialize_entry("result", result)?,
                    Payload::Error(error) => map.serialize_entry("error", error)?,
                }
            }
        }
        map.end()
    }
}

fn serialize_present<M: SerializeMap>(
    map: &mut M,
    params: Option<&RawValue>,
) -> Result<(), M::Error> {
    params.map_or(Ok(()), |params| map.serialize_entry("params", params))
}

/// Returns the `id` member of a JSON object that is truncated or not a message, if it comes before the fault.
#[must_use]
pub fn salvage_id(bytes: &[u8]) -> Option<Id> {
    let mut found = None;
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    // Parsing stops at the same fault as before; the id may have been found by then.
    let _ = deserializer.deserialize_map(IdFinder(&mut found));
    found
}

struct IdFinder<'a>(&'a mut Option<Id>);

impl<'de> Visitor<'de> for IdFinder<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Key>()? {
            match key {
                Key::Id => *self.0 = map.next_value()?,
                Key::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Key {
    Id,
    #[serde(other)]
    Other,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(text: &str) -> String {
        let mut bytes = Vec::new();
        Message::parse(text.as_bytes())
            .expect("a message")
            .write_to(&mut bytes);
        String::from_utf8(bytes).expect("UTF-8")
    }

    #[test]
    fn messages_survive_a_round_trip() {
        for text in [
            r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":"a\"b","method":"x","params":{"n":1.50,"big":123456789012345678901234567890}}"#,
            r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
            r#"{"jsonrpc":"2.0","id":1,"result":null}"#,
            r#"{"jsonrpc":"2.0","id":-3,"result":{"a":[1, 2,  3]}}"#,
            r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"no"}}"#,
        ] {
            assert_eq!(round_trip(text), text);
        }
    }

    #[test]
    fn the_size_of_a_message_includes_all_its_texts() {
        let long = "x".repeat(1000);
        for (text, least) in [
            (
                format!(
                    r#"{{"jsonrpc":"2.0","id":"{long}","method":"{long}","params":["{long}"]}}"#
                ),
                3000,
            ),
            (
                format!(r#"{{"jsonrpc":"2.0","method":"{long}","params":["{long}"]}}"#),
                2000,
            ),
            (
                format!(r#"{{"jsonrpc":"2.0","id":"{long}","result":"{long}"}}"#),
                2000,
            ),
            (
                format!(r#"{{"jsonrpc":"2.0","id":"{long}","error":"{long}"}}"#),
                2000,
            ),
        ] {
            let message = Message::parse(text.as_bytes()).expect("a message");
            let size = message.size();
            assert!((least..least + 500).contains(&size), "{text}: {size}");
        }
        let mut request = Request::new(1, "ping", &());
        let name = http::HeaderName::from_static("mcp-param-a");
        let value = http::HeaderValue::from_str(&long).expect("a value");
        request.headers.insert(name, value);
        assert!(Message::Request(request).size() > 1000);
    }

    #[test]
    fn long_integers_are_kept_exactly() {
        let id = |text: &str| serde_json::from_str::<Id>(text).expect("an id");
        let long = "9".repeat(400);
        for text in [
            "18446744073709551615",
            "18446744073709551616",
            "-9223372036854775809",
            "123456789012345678901234567890",
            &long,
        ] {
            assert_eq!(id(text).to_string(), text);
            let message = format!(r#"{{"jsonrpc":"2.0","id":{text},"method":"ping"}}"#);
            assert_eq!(round_trip(&message), message);
            assert_eq!(salvage_id(message.as_bytes()), Some(id(text)));
        }
        assert_ne!(
            id("123456789012345678901234567890"),
            id("123456789012345678901234567891")
        );
        assert_eq!(id("1.50"), id("1.5"));
    }

    #[test]
    fn ids_that_differ_in_type_differ() {
        let number: Id = serde_json::from_str("1").expect("an id");
        let string: Id = serde_json::from_str("\"1\"").expect("an id");
        assert_ne!(number, string);
    }

    #[test]
    fn malformed_messages_are_classified() {
        for (text, code) in [
            ("", code::PARSE_ERROR),
            ("hello", code::PARSE_ERROR),
            ("{", code::PARSE_ERROR),
            ("[]", code::INVALID_REQUEST),
            ("{}", code::INVALID_REQUEST),
            (r#"{"id":1,"method":"ping"}"#, code::INVALID_REQUEST),
            (
                r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#,
                code::INVALID_REQUEST,
            ),
            (
                r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#,
                code::INVALID_REQUEST,
            ),
            (r#"{"jsonrpc":"2.0","id":1}"#, code::INVALID_REQUEST),
            (
                r#"{"jsonrpc":"2.0","id":1,"result":1,"error":{}}"#,
                code::INVALID_REQUEST,
            ),
            (
                r#"{"jsonrpc":"2.0","id":[1],"method":"ping"}"#,
                code::INVALID_REQUEST,
            ),
        ] {
            let malformed = Message::parse(text.as_bytes()).expect_err(text);
            assert_eq!(malformed.code, code, "{text}: {}", malformed.reason);
        }
        assert!(Message::parse(b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\"}").is_err());
        let number = Message::parse(b"12").expect_err("a number");
        assert_eq!(
            number.reason,
            "invalid type: integer `12`, expected a JSON-RPC message at line 1 column 2"
        );
    }

    #[test]
    fn the_id_is_found_in_a_truncated_message() {
        let id = |text: &str| salvage_id(text.as_bytes()).map(|id| id.to_string());
        assert_eq!(
            id(r#"{"jsonrpc":"2.0","id":7,"result":{"text":"aaaa"#),
            Some("7".to_owned())
        );
        assert_eq!(
            id(r#"{"jsonrpc":"2.0","result":{"id":8,"text":"aaaa"#),
            None
        );
        assert_eq!(id(r#"{"id":"x"}"#), Some("\"x\"".to_owned()));
        assert_eq!(id("garbage"), None);
        assert_eq!(id("[1]"), None);
    }

    #[test]
    fn a_cancellation_names_its_request() {
        let cancelled = Notification::new("notifications/cancelled", &json!({ "requestId": "r" }));
        assert_eq!(
            cancelled.cancelled_request(),
            Some(Id::String("r".to_owned()))
        );
        let progress = Notification::new("notifications/progress", &json!({ "requestId": "r" }));
        assert_eq!(progress.cancelled_request(), None);
    }

    #[test]
    fn a_multi_line_message_is_sent_on_one_line() {
        let message = Message::parse(
            b"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\r\n  \"a\": \"b\\nc\"\n}\n}",
        );
        let mut line = Vec::new();
        message.expect("a message").write_to(&mut line);
        let line = String::from_utf8(line).expect("text");
        assert_eq!(
            line,
            r#"{"jsonrpc":"2.0","id":1,"result":{    "a": "b\nc" }}"#
        );
    }
}
