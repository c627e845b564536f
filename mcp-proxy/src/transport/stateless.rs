//! Requests of the revisions from 2026-07-28 on, which belong to no session: each says which revision it speaks, and over HTTP
//! repeats in header fields what its body says.

use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::jsonrpc::Request;
use crate::transport::http::PROTOCOL_VERSION;

/// The first revision without sessions. Revisions are dates, so they are ordered as text.
pub const FIRST: &str = "2026-07-28";

/// The method in the body.
pub const METHOD: HeaderName = HeaderName::from_static("mcp-method");

/// What the method is asked of: a tool, a prompt or a resource.
pub const NAME: HeaderName = HeaderName::from_static("mcp-name");

/// A request that waits for what happens rather than for an answer, so no time is too long for it.
pub const LISTEN: &str = "subscriptions/listen";

/// What a request says of itself.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Stateless {
    /// The revision, if it says so: an older one does not.
    pub version: Option<String>,
    /// What it is asked of, if its method is asked of something.
    pub name: Option<String>,
}

#[derive(Deserialize)]
struct Params {
    #[serde(default, rename = "_meta")]
    meta: Meta,
    name: Option<Box<RawValue>>,
    uri: Option<Box<RawValue>>,
}

#[derive(Default, Deserialize)]
struct Meta {
    #[serde(rename = "io.modelcontextprotocol/protocolVersion")]
    version: Option<String>,
}

impl Stateless {
    /// Reads what a request says of itself.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        let params = request.params.as_ref();
        let params = params.and_then(|params| serde_json::from_str::<Params>(params.get()).ok());
        let Some(Params { meta, name, uri }) = params else {
            return Self::default();
        };
        let name = match request.method.as_str() {
            "tools/call" | "prompts/get" => name,
            "resources/read" => uri,
            _ => None,
        };
        Self {
            version: meta.version,
            name: name.and_then(|name| serde_json::from_str(name.get()).ok()),
        }
    }

    /// The header fields of a request of such a revision; none for one of an older revision.
    #[must_use]
    pub fn headers(&self, method: &str) -> Option<HeaderMap> {
        let version = self.version.as_ref()?;
        let fields = [
            (PROTOCOL_VERSION, Some(version.as_str())),
            (METHOD, Some(method)),
            (NAME, self.name.as_deref()),
        ];
        let fields = fields.into_iter().filter_map(|(field, value)| {
            // A name that HTTP cannot send is left to the body.
            Some((field, HeaderValue::from_str(value?).ok()?))
        });
        Some(fields.collect())
    }

    /// Whether header fields say what the body says; if not, the first that does not.
    ///
    /// # Errors
    ///
    /// If a field is missing or differs.
    pub fn check(&self, method: &str, headers: &HeaderMap) -> Result<(), HeaderName> {
        let Some(expected) = self.headers(method) else {
            return Err(PROTOCOL_VERSION);
        };
        for field in [PROTOCOL_VERSION, METHOD, NAME] {
            let (said, expected) = (headers.get(&field), expected.get(&field));
            let is_name = field == NAME;
            // A field that the method does not need says nothing.
            if said != expected && !(is_name && self.name.is_none()) {
                return Err(field);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn header_fields_repeat_the_body() {
        let meta = json!({ "io.modelcontextprotocol/protocolVersion": FIRST });
        let call = Request::new(1, "tools/call", &json!({ "name": "echo", "_meta": meta }));
        let said = Stateless::of(&call);
        let headers = said.headers(&call.method).expect("it has a version");
        assert_eq!(headers[PROTOCOL_VERSION], FIRST);
        assert_eq!(
            (&headers[METHOD], &headers[NAME]),
            (&"tools/call".parse().unwrap(), &"echo".parse().unwrap())
        );
        assert_eq!(said.check(&call.method, &headers), Ok(()));
        for field in [PROTOCOL_VERSION, METHOD, NAME] {
            let mut wrong = headers.clone();
            wrong.insert(&field, HeaderValue::from_static("other"));
            assert_eq!(said.check(&call.method, &wrong), Err(field.clone()));
            wrong.remove(&field);
            assert_eq!(said.check(&call.method, &wrong), Err(field));
        }

        let read = Request::new(
            2,
            "resources/read",
            &json!({ "uri": "file:///a", "_meta": meta }),
        );
        assert_eq!(Stateless::of(&read).name.as_deref(), Some("file:///a"));
        let list = Request::new(3, "tools/list", &json!({ "name": 7, "_meta": meta }));
        assert_eq!(Stateless::of(&list).name, None);
        let older = Request::new(4, "ping", &json!({}));
        assert_eq!(Stateless::of(&older).headers("ping"), None);
    }
}
