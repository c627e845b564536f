//! Requests of the revisions from 2026-07-28 on, which have no sessions: each names its revision and, over
//! HTTP, repeats parts of its body in headers.

use std::borrow::Cow;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use memchr::{memchr, memmem};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::jsonrpc::{Request, nested, object};
use crate::transport::http::PROTOCOL_VERSION;

/// The first revision without sessions. Revisions are dates, so they sort as text.
pub const FIRST: &str = "2026-07-28";

/// The method in the body.
pub const METHOD: HeaderName = HeaderName::from_static("mcp-method");

/// The tool, prompt or resource that the method is applied to.
pub const NAME: HeaderName = HeaderName::from_static("mcp-name");

/// A request that listens for events instead of expecting an answer, so it has no time limit.
pub const LISTEN: &str = "subscriptions/listen";

/// The parts of a request that its headers repeat.
#[derive(Debug, PartialEq, Eq)]
pub struct Stateless {
    /// The revision.
    pub version: String,
    /// The tool, prompt or resource, if the method has one.
    pub name: Option<String>,
}

/// The revisions of the protocol, the newest first. The proxy forwards all of them unchanged; a server supports some.
pub const REVISIONS: [&str; 5] = [
    FIRST,
    "2025-11-25",
    "2025-06-18",
    "2025-03-26",
    "2024-11-05",
];

/// Member of a request's metadata.
const VERSION: &str = "io.modelcontextprotocol/protocolVersion";

#[derive(Deserialize)]
struct Params<'a> {
    #[serde(default, rename = "_meta", deserialize_with = "nested")]
    meta: Option<Meta>,
    #[serde(borrow)]
    name: Option<&'a RawValue>,
    #[serde(borrow)]
    uri: Option<&'a RawValue>,
    #[serde(borrow, rename = "taskId")]
    task_id: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Meta {
    #[serde(rename = "io.modelcontextprotocol/protocolVersion")]
    version: Option<String>,
}

impl Stateless {
    /// Returns the parts of `request` that its headers repeat, or `None` if it names no revision, as in older revisions.
    #[must_use]
    pub fn of(request: &Request) -> Option<Self> {
        let params = request.params.as_ref()?.get();
        // Most requests of older revisions need not be read a second time. Any part of the name may be escaped.
        memmem::find(params.as_bytes(), VERSION.as_bytes())
            .or_else(|| memchr(b'\\', params.as_bytes()))?;
        let params = object::<Params<'_>>(params)?;
        let name = match request.method.as_str() {
            "tools/call" | "prompts/get" => params.name,
            "resources/read" => params.uri,
            "tasks/get" | "tasks/update" | "tasks/cancel" => params.task_id,
            _ => None,
        };
        Some(Self {
            version: params.meta?.version?,
            name: name.and_then(|name| serde_json::from_str(name.get()).ok()),
        })
    }

    /// Returns the headers of the request.
    #[must_use]
    pub fn headers(&self, method: &str) -> HeaderMap {
        let name = self.name.as_deref().map(encode);
        let fields = [
            (PROTOCOL_VERSION, Some(self.version.as_str())),
            (METHOD, Some(method)),
            (NAME, name.as_deref()),
        ];
        let fields = fields.into_iter().filter_map(|(field, value)| {
            // Versions and methods that HTTP cannot send do not exist.
            Some((field, HeaderValue::from_str(value?).ok()?))
        });
        fields.collect()
    }

    /// Checks the headers against the body.
    ///
    /// # Errors
    ///
    /// The first header that is missing or differs.
    pub fn check(&self, method: &str, headers: &HeaderMap) -> Result<(), HeaderName> {
        let has = |field: &HeaderName, value: &str| {
            let found = headers.get(field).map(HeaderValue::as_bytes);
            found == Some(value.as_bytes())
        };
        if !has(&PROTOCOL_VERSION, &self.version) {
            return Err(PROTOCOL_VERSION);
        }
        if !has(&METHOD, method) {
            return Err(METHOD);
        }
        let found = headers.get(&NAME).map(|value| decode(value.as_bytes()));
        let agrees = match (&self.name, found) {
            (Some(name), Some(found)) => found.as_deref() == Some(name.as_bytes()),
            // Only an extension requires the header for tasks.
            (Some(_), None) => method.starts_with("tasks/"),
            // A header that the method does not need is ignored.
            (None, _) => true,
        };
        if agrees { Ok(()) } else { Err(NAME) }
    }
}

const SENTINEL: (&str, &str) = ("=?base64?", "?=");

/// Returns a name as the value of a header field: unchanged if HTTP can send it, or else in Base64 between markers.
fn encode(name: &str) -> Cow<'_, str> {
    let is_sendable = |byte: u8| matches!(byte, b' '..=b'~' | b'\t');
    let is_plain =
        name.bytes().all(is_sendable) && name.trim() == name && encoded(name.as_bytes()).is_none();
    if is_plain {
        return name.into();
    }
    format!(
        "{}{}{}",
        SENTINEL.0,
        BASE64_STANDARD.encode(name),
        SENTINEL.1
    )
    .into()
}

/// Returns the name in a header field, or `None` if the text between its markers is not Base64.
fn decode(value: &[u8]) -> Option<Cow<'_, [u8]>> {
    match encoded(value) {
        None => Some(value.into()),
        Some(encoded) => Some(BASE64_STANDARD.decode(encoded).ok()?.into()),
    }
}

/// Returns the text between the markers, if there are any.
fn encoded(value: &[u8]) -> Option<&[u8]> {
    let value = value.strip_prefix(SENTINEL.0.as_bytes())?;
    value.strip_suffix(SENTINEL.1.as_bytes())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn headers_repeat_the_body() {
        let meta = json!({ "io.modelcontextprotocol/protocolVersion": FIRST });
        let call = Request::new(1, "tools/call", &json!({ "name": "echo", "_meta": meta }));
        let stateless = Stateless::of(&call).expect("it has a version");
        let headers = stateless.headers(&call.method);
        assert_eq!(headers[PROTOCOL_VERSION], FIRST);
        assert_eq!(
            (&headers[METHOD], &headers[NAME]),
            (&"tools/call".parse().unwrap(), &"echo".parse().unwrap())
        );
        assert_eq!(stateless.check(&call.method, &headers), Ok(()));
        for field in [PROTOCOL_VERSION, METHOD, NAME] {
            let mut wrong = headers.clone();
            wrong.insert(&field, HeaderValue::from_static("other"));
            assert_eq!(stateless.check(&call.method, &wrong), Err(field.clone()));
            wrong.remove(&field);
            assert_eq!(stateless.check(&call.method, &wrong), Err(field));
        }

        let read = Request::new(
            2,
            "resources/read",
            &json!({ "uri": "file:///a", "_meta": meta }),
        );
        let name_of = |request| Stateless::of(request).expect("it has a version").name;
        assert_eq!(name_of(&read).as_deref(), Some("file:///a"));
        let list = Request::new(3, "tools/list", &json!({ "name": 7, "_meta": meta }));
        assert_eq!(name_of(&list), None);
        let older = Request::new(4, "ping", &json!({}));
        assert_eq!(Stateless::of(&older), None);
    }

    #[test]
    fn only_the_members_of_objects_are_read() {
        const MEMBER: &str = r#""io.modelcontextprotocol/protocolVersion""#;
        let read = |params: &str| {
            let mut request = Request::new(1, "tools/call", &());
            request.params = Some(RawValue::from_string(params.to_owned()).expect("JSON"));
            Stateless::of(&request)
        };
        let deep = "[".repeat(10_000) + &"]".repeat(10_000);
        let found = || {
            Some(Stateless {
                version: FIRST.to_owned(),
                name: Some("a".to_owned()),
            })
        };
        for (params, expected) in [
            (
                format!(r#"{{"name":"a","_meta":{{{MEMBER}:"{FIRST}"}}}}"#),
                found(),
            ),
            (
                format!(r#"{{"name":"a","_meta":["{FIRST}",{MEMBER}]}}"#),
                None,
            ),
            (
                format!(r#"{{"name":"a","_meta":[{{{MEMBER}:"{FIRST}"}}]}}"#),
                None,
            ),
            (format!(r#"{{"name":"a","_meta":"{FIRST}"}}"#), None),
            (format!(r#"{{"name":"a","_meta":null,"x":{MEMBER}}}"#), None),
            (format!(r#"{{"name":"a","_meta":{{{MEMBER}:7}}}}"#), None),
            (
                format!(r#"{{"name":"a","_meta":{{{MEMBER}:["{FIRST}"]}}}}"#),
                None,
            ),
            (
                format!(r#"{{"name":["a"],"_meta":{{{MEMBER}:null}}}}"#),
                None,
            ),
            (format!(r#"[{{{MEMBER}:"{FIRST}"}},"a"]"#), None),
            // Twice the same name: readers disagree about which one counts.
            (
                format!(r#"{{"name":"a","_meta":{{{MEMBER}:"{FIRST}",{MEMBER}:"1"}}}}"#),
                None,
            ),
            (
                format!(
                    r#"{{"n\u0061me":"a","_\u006deta":{{"io.modelcontextprotocol\/protocolVersion":"{FIRST}"}}}}"#
                ),
                found(),
            ),
            (
                format!(r#"{{"x":{deep},"name":"a","_meta":{{"y":{deep},{MEMBER}:"{FIRST}"}}}}"#),
                found(),
            ),
        ] {
            assert_eq!(read(&params), expected, "{params:.200}");
        }
    }

    #[test]
    fn a_name_that_http_cannot_send_is_encoded() {
        for (name, expected) in [
            ("us-west1", "us-west1"),
            ("two words", "two words"),
            ("Hello, 世界", "=?base64?SGVsbG8sIOS4lueVjA==?="),
            (" padded ", "=?base64?IHBhZGRlZCA=?="),
            ("line1\nline2", "=?base64?bGluZTEKbGluZTI=?="),
            ("=?base64?literal?=", "=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?="),
            ("", ""),
        ] {
            let meta = json!({ "io.modelcontextprotocol/protocolVersion": FIRST });
            let call = Request::new(1, "tools/call", &json!({ "name": name, "_meta": meta }));
            let stateless = Stateless::of(&call).expect("it has a version");
            let mut headers = stateless.headers(&call.method);
            assert_eq!(headers[NAME], expected);
            assert_eq!(stateless.check(&call.method, &headers), Ok(()));
            headers.insert(NAME, HeaderValue::from_static("=?base64?!?="));
            assert_eq!(stateless.check(&call.method, &headers), Err(NAME));
        }
    }
}
