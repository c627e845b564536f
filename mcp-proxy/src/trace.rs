//! Trace context as the W3C defines it: the proxy is a span of its own between its client's and its server's.
//!
//! The context is in `params._meta`, where MCP has it, or else in the header fields of the client's request. The proxy sends
//! on the same trace with the id of its own span as the parent, and the `tracestate` unchanged. What is invalid counts as
//! absent, and the proxy begins no trace.

use std::ops::Range;

use http::{HeaderMap, HeaderName, HeaderValue};
use memchr::memmem;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::jsonrpc::even_null;

/// The id of the trace, the id of the sender's span, and flags.
pub const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// What each tracing system has to say of the trace.
pub const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// Flags that version 00 and its level 2 define: sampled, and random trace id.
const FLAGS: u8 = 0b11;

/// The position of a span in a trace.
#[derive(Debug, PartialEq, Eq)]
struct Context<'a> {
    trace_id: &'a str,
    flags: u8,
}

impl<'a> Context<'a> {
    /// Reads a `traceparent`; none if it is invalid.
    fn parse(text: &'a str) -> Option<Self> {
        // A later version may have more after the flags.
        let (known, rest) = text.split_at_checked(55)?;
        let mut fields = known.split('-');
        let mut field = |length: usize| {
            let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
            let field = fields.next()?;
            (field.len() == length && field.bytes().all(is_hex)).then_some(field)
        };
        let (version, trace_id, parent_id) = (field(2)?, field(32)?, field(16)?);
        let flags = u8::from_str_radix(field(2)?, 16).ok()?;
        let is_zero = |id: &str| id.bytes().all(|byte| byte == b'0');
        let fits = match version {
            "00" => rest.is_empty(),
            "ff" => false,
            _ => rest.is_empty() || rest.starts_with('-'),
        };
        (fits && !is_zero(trace_id) && !is_zero(parent_id)).then_some(Self { trace_id, flags })
    }

    /// The `traceparent` of a new span whose parent this is.
    fn child(&self) -> String {
        let span = fastrand::u64(1..);
        format!(
            "00-{}-{span:016x}-{:02x}",
            self.trace_id,
            self.flags & FLAGS
        )
    }
}

#[derive(Deserialize)]
struct Params<'a> {
    #[serde(borrow, rename = "_meta", default, deserialize_with = "even_null")]
    meta: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
struct Meta<'a> {
    #[serde(borrow, default, deserialize_with = "even_null")]
    traceparent: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "even_null")]
    tracestate: Option<&'a RawValue>,
}

/// Replaces the trace context that a message came with by that of the proxy's own span: in its parameters, and in the header
/// fields that go on with it. Everything else stays as it is, byte for byte.
pub fn pass_on(params: &mut Option<Box<RawValue>>, headers: &mut HeaderMap) {
    let mentions = |params: &RawValue| memmem::find(params.get().as_bytes(), b"\"traceparent\"");
    let may_be_in_body = params.as_deref().and_then(mentions).is_some();
    if !may_be_in_body && !headers.contains_key(&TRACEPARENT) {
        headers.remove(&TRACESTATE);
        return;
    }
    let passed = in_body(params.as_deref()).or_else(|| from_headers(params.as_deref(), headers));
    headers.remove(&TRACEPARENT);
    headers.remove(&TRACESTATE);
    let Some(passed) = passed else {
        return;
    };
    if let Ok(changed) = RawValue::from_string(passed.params) {
        *params = Some(changed);
    }
    let fields = [
        (TRACEPARENT, Some(passed.parent)),
        (TRACESTATE, passed.state),
    ];
    for (field, value) in fields {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            headers.insert(field, value);
        }
    }
}

/// What is sent on.
struct Passed {
    params: String,
    parent: String,
    state: Option<String>,
}

/// The context in the parameters, passed on; none if there is no valid one.
fn in_body(params: Option<&RawValue>) -> Option<Passed> {
    let params = params?.get();
    let meta = serde_json::from_str::<Params<'_>>(params).ok()?.meta?;
    let meta: Meta<'_> = serde_json::from_str(meta.get()).ok()?;
    let value = meta.traceparent?;
    let text: String = serde_json::from_str(value.get()).ok()?;
    let parent = Context::parse(&text)?.child();
    let state = meta.tracestate;
    let state = state.and_then(|state| serde_json::from_str(state.get()).ok());
    let edit = (place(value, params), format!("\"{parent}\""));
    Some(Passed {
        params: edited(params, [Some(edit), None]),
        parent,
        state,
    })
}

/// The context in the header fields, written into the parameters; none if there is no valid one, or no place for it.
fn from_headers(params: Option<&RawValue>, headers: &HeaderMap) -> Option<Passed> {
    let mut parents = headers.get_all(&TRACEPARENT).iter();
    let (parent, None) = (parents.next()?, parents.next()) else {
        return None;
    };
    let parent = Context::parse(parent.to_str().ok()?)?.child();
    let states = headers.get_all(&TRACESTATE).iter();
    let states: Option<Vec<_>> = states.map(|state| state.to_str().ok()).collect();
    let state = states.filter(|states| !states.is_empty());
    let state = state.map(|states| states.join(","));

    let json = |text: &str| serde_json::Value::from(text).to_string();
    let parent_json = json(&parent);
    let state_json = state.as_deref().map(json);
    let members = |with_parent: bool, with_state: bool| {
        let parent = with_parent.then(|| format!("\"traceparent\":{parent_json}"));
        let state = state_json.as_ref().filter(|_| with_state);
        let state = state.map(|state| format!("\"tracestate\":{state}"));
        let members: Vec<_> = parent.into_iter().chain(state).collect();
        members.join(",")
    };
    let params = params.map_or("{}", RawValue::get);
    let params = match serde_json::from_str::<Params<'_>>(params).ok()?.meta {
        None => inserted(params, &format!("\"_meta\":{{{}}}", members(true, true))),
        Some(meta) if meta.get() == "null" => {
            let edit = (place(meta, params), format!("{{{}}}", members(true, true)));
            edited(params, [Some(edit), None])
        }
        Some(meta) => {
            let known: Meta<'_> = serde_json::from_str(meta.get()).ok()?;
            let missing = members(known.traceparent.is_none(), known.tracestate.is_none());
            let replaced = [
                known.traceparent.map(|raw| (raw, parent_json.clone())),
                // The state of a trace that is not this one.
                known
                    .tracestate
                    .map(|raw| (raw, state_json.clone().unwrap_or_else(|| json("")))),
            ];
            let edits = replaced.map(|edit| edit.map(|(raw, new)| (place(raw, meta.get()), new)));
            let changed = inserted(&edited(meta.get(), edits), &missing);
            edited(params, [Some((place(meta, params), changed)), None])
        }
    };
    Some(Passed {
        params,
        parent,
        state,
    })
}

/// Where a value is in the text that it was read from.
fn place(value: &RawValue, text: &str) -> Range<usize> {
    let begin = value.get().as_ptr().addr() - text.as_ptr().addr();
    begin..begin + value.get().len()
}

/// The text with other values at these places, which do not overlap.
fn edited(text: &str, edits: [Option<(Range<usize>, String)>; 2]) -> String {
    let mut edits: Vec<_> = edits.into_iter().flatten().collect();
    edits.sort_by_key(|(place, _)| place.start);
    let mut text = text.to_owned();
    for (place, value) in edits.into_iter().rev() {
        text.replace_range(place, &value);
    }
    text
}

/// A JSON object with more members at its beginning.
fn inserted(object: &str, members: &str) -> String {
    let Some(rest) = object.trim_start().strip_prefix('{') else {
        return object.to_owned();
    };
    let is_empty = rest.trim_start().starts_with('}');
    let comma = if is_empty || members.is_empty() {
        ""
    } else {
        ","
    };
    format!("{{{members}{comma}{rest}")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const PARENT: &str = "00f067aa0ba902b7";

    fn parent(flags: &str) -> String {
        format!("00-{TRACE}-{PARENT}-{flags}")
    }

    fn passed(params: Option<&str>, fields: &[(HeaderName, &str)]) -> (Option<String>, HeaderMap) {
        let mut params = params.map(|text| RawValue::from_string(text.to_owned()).expect("JSON"));
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(name, value.parse().expect("a value"));
        }
        pass_on(&mut params, &mut headers);
        (params.map(|params| params.get().to_owned()), headers)
    }

    fn meta(params: Option<String>) -> Value {
        let params: Value = serde_json::from_str(&params.expect("parameters")).expect("JSON");
        params["_meta"].clone()
    }

    fn assert_own(said: &Value, flags: &str) {
        let said = said.as_str().expect("text");
        let (before, after) = (format!("00-{TRACE}-"), format!("-{flags}"));
        assert!(
            said.starts_with(&before) && said.ends_with(&after),
            "{said}"
        );
        assert!(
            !said.contains(PARENT) && Context::parse(said).is_some(),
            "{said}"
        );
    }

    #[test]
    fn valid_contexts_follow_the_specification() {
        let longer = format!("01-{TRACE}-{PARENT}-01-more");
        for good in [
            parent("01"),
            parent("00"),
            longer,
            format!("cc-{TRACE}-{PARENT}-09"),
        ] {
            assert!(Context::parse(&good).is_some(), "{good}");
        }
        let zeros = "0".repeat(32);
        for bad in [
            String::new(),
            parent("01") + "-more",
            parent("0"),
            parent("0x"),
            parent("01").to_uppercase(),
            format!("ff-{TRACE}-{PARENT}-01"),
            format!("01-{TRACE}-{PARENT}-01more"),
            format!("00-{zeros}-{PARENT}-01"),
            format!("00-{TRACE}-{}-01", &zeros[..16]),
            format!("00-{TRACE}{PARENT}-01--"),
            format!("00-{TRACE}-{PARENT}-é1"),
        ] {
            assert_eq!(Context::parse(&bad), None, "{bad}");
        }
    }

    #[test]
    fn the_context_in_the_parameters_is_replaced_in_its_place() {
        let before = format!(
            r#"{{ "n": 1.50, "_meta": {{"tracestate":"a=1" , "traceparent": "{}"}}, "x": [1,  2] }}"#,
            parent("ff")
        );
        // What a header field says is another's span.
        let other = format!("00-{}-{PARENT}-01", "1".repeat(32));
        let (after, headers) = passed(Some(&before), &[(TRACEPARENT, &other)]);
        let text = after.clone().expect("parameters");
        let said = meta(after);
        assert_own(&said["traceparent"], "03");
        assert_eq!(
            text,
            before.replace(&parent("ff"), said["traceparent"].as_str().expect("text"))
        );
        assert_eq!(
            headers[TRACEPARENT],
            said["traceparent"].as_str().expect("text")
        );
        assert_eq!(headers[TRACESTATE], "a=1");
    }

    #[test]
    fn the_context_in_the_headers_is_written_into_the_parameters() {
        let (valid, state) = (parent("01"), "a=1");
        let fields = [
            (TRACEPARENT, valid.as_str()),
            (TRACESTATE, state),
            (TRACESTATE, "b=2"),
        ];
        for params in [
            None,
            Some("{}"),
            Some(r#"{"a":1}"#),
            Some(r#"{"a":1,"_meta":null}"#),
            Some(r#"{"_meta":{}}"#),
            Some(r#"{"_meta":{ "progressToken": 7 }}"#),
            Some(r#"{"_meta":{"traceparent":"broken","tracestate":"z=9"}}"#),
            Some(r#"{"_meta":{"tracestate":"z=9","traceparent":null}}"#),
        ] {
            let (after, headers) = passed(params, &fields);
            let said = meta(after);
            assert_own(&said["traceparent"], "01");
            assert_eq!(said["tracestate"], "a=1,b=2", "{params:?}");
            assert_eq!(headers[TRACESTATE], "a=1,b=2");
        }
        let (after, _) = passed(
            Some(r#"{"_meta":{"traceparent":"broken","tracestate":"z=9"}}"#),
            &fields[..1],
        );
        assert_eq!(meta(after)["tracestate"], "", "it belongs to another trace");
    }

    #[test]
    fn invalid_contexts_count_as_absent() {
        let broken =
            json!({ "_meta": { "traceparent": "broken", "tracestate": "a=1" } }).to_string();
        for params in [None, Some(broken.as_str()), Some("{}"), Some("[1]")] {
            let fields = [(TRACEPARENT, "broken"), (TRACESTATE, "a=1")];
            let (after, headers) = passed(params, &fields);
            assert_eq!(after.as_deref(), params);
            assert!(headers.is_empty(), "{headers:?}");
        }
        let (after, headers) = passed(Some("[1]"), &[(TRACEPARENT, &parent("01"))]);
        assert_eq!((after.as_deref(), headers.len()), (Some("[1]"), 0));
        let twice = [parent("01"), parent("00")];
        let twice = twice
            .each_ref()
            .map(|parent| (TRACEPARENT, parent.as_str()));
        assert_eq!(passed(None, &twice).0, None);
    }
}
