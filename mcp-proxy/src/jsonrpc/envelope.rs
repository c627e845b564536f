//! The members of a message as JSON has them: which of them together make a message, and how they are written.

use std::borrow::Cow;

use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::{Id, Message, Notification, Payload, Request, Response};

/// Every member that a message may have. Members outside the protocol are not forwarded.
#[derive(Deserialize)]
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

/// Tells a member that is `null` from one that is missing, which `Option` alone does not.
fn even_null<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
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
            (Some(method), Some(Some(id)), None, None) => Ok(Message::Request(Request {
                id,
                method,
                params: self.params,
            })),
            (Some(method), None, None, None) => Ok(Message::Notification(Notification {
                method,
                params: self.params,
            })),
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
            Self::Request(Request { id, method, params }) => {
                map.serialize_entry("id", id)?;
                map.serialize_entry("method", method)?;
                serialize_present(&mut map, params.as_deref())?;
            }
            Self::Notification(Notification { method, params }) => {
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
