//! Trace context as the W3C defines it: the proxy is a span of its own between its client's and its server's.
//!
//! The parent of this span is the context in `params._meta`, as MCP defines it. A context in the header fields of the client's
//! request belongs to the connection and not to the message, so it is only a link: without a parent, the proxy begins a trace
//! and logs which trace it is linked to. The proxy sends its own context on, and the parent's `tracestate` unchanged. Invalid
//! contexts count as absent, and without any context there is no span.

use std::fmt;
use std::ops::Range;

use http::{HeaderMap, HeaderName, HeaderValue};
use memchr::{memchr, memmem};
use serde::Deserialize;
use serde_json::value::RawValue;
use shadowcat_metrics::TraceContext;

use crate::jsonrpc::{even_null, object};
use crate::spans;

/// The id of the trace, the id of the sender's span, and flags.
pub const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// The data of each tracing system about the trace.
pub const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// Flag: the trace is recorded.
pub(crate) const SAMPLED: u8 = 0b01;

/// Flag: the trace id is random.
const RANDOM: u8 = 0b10;

/// The position of a span in a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Context {
    pub(crate) trace_id: String,
    pub(crate) span_id: String,
    pub(crate) flags: u8,
}

impl Context {
    /// Parses a `traceparent`. Returns `None` if it is invalid.
    fn parse(text: &str) -> Option<Self> {
        // Later versions may add fields after the flags.
        let (known, rest) = text.split_at_checked(55)?;
        let mut fields = known.split('-');
        let mut field = |length: usize| {
            let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
            let field = fields.next()?;
            (field.len() == length && field.bytes().all(is_hex)).then_some(field)
        };
        let (version, trace_id, span_id) = (field(2)?, field(32)?, field(16)?);
        let flags = u8::from_str_radix(field(2)?, 16).ok()?;
        let is_zero = |id: &str| id.bytes().all(|byte| byte == b'0');
        let fits = match version {
            "00" => rest.is_empty(),
            "ff" => false,
            _ => rest.is_empty() || rest.starts_with('-'),
        };
        (fits && !is_zero(trace_id) && !is_zero(span_id)).then(|| Self {
            trace_id: trace_id.to_owned(),
            span_id: span_id.to_owned(),
            flags,
        })
    }

    /// Creates a span whose parent is this one.
    pub(crate) fn child(&self) -> Self {
        let trace_id = self.trace_id.clone();
        Self::sampled_like(Some(self), trace_id, self.flags & RANDOM)
    }

    /// Creates a span that begins a new trace, which is recorded if this one is.
    fn linked(&self) -> Self {
        Self::sampled_like(Some(self), new_trace_id(), RANDOM)
    }

    /// Creates a span that begins a new trace.
    pub(crate) fn root() -> Self {
        Self::sampled_like(None, new_trace_id(), RANDOM)
    }

    /// Creates a span. Without an exporter, it is sampled if `parent` is.
    fn sampled_like(parent: Option<&Self>, trace_id: String, flags: u8) -> Self {
        let parent = parent.map(|parent| parent.flags & SAMPLED != 0);
        let sampled = if spans::samples(parent, &trace_id) {
            SAMPLED
        } else {
            0
        };
        Self {
            trace_id,
            span_id: new_span_id(),
            flags: flags | sampled,
        }
    }
}

fn new_trace_id() -> String {
    format!("{:032x}", fastrand::u128(1..))
}

fn new_span_id() -> String {
    format!("{:016x}", fastrand::u64(1..))
}

impl fmt::Display for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (trace, span) = (&self.trace_id, &self.span_id);
        write!(f, "00-{trace}-{span}-{:02x}", self.flags)
    }
}

/// The proxy's own span for one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    pub(crate) own: Context,
    /// The sender's span, if it is in the same trace.
    pub(crate) parent: Option<Context>,
    /// The span in the header fields.
    pub(crate) link: Option<Context>,
}

impl Span {
    /// Returns the proxy's own context, for exemplars.
    #[must_use]
    pub fn context(&self) -> Option<TraceContext> {
        TraceContext::from_traceparent(&self.own.to_string())
    }
}

/// The format in logs.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.own)?;
        if let Some(parent) = &self.parent {
            write!(f, " parent {}", parent.span_id)?;
        }
        if let Some(link) = &self.link {
            write!(f, " linked to {link}")?;
        }
        Ok(())
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

/// Replaces the trace context of a message with that of the proxy's own span: in its parameters, and in the header fields that
/// are forwarded with it. All other bytes are unchanged. Returns the span.
pub fn pass_on(params: &mut Option<Box<RawValue>>, headers: &mut HeaderMap) -> Option<Span> {
    let link = in_headers(headers);
    headers.remove(&TRACEPARENT);
    headers.remove(&TRACESTATE);
    let continued = may_be_in_body(params.as_deref())
        .then(|| in_body(params.as_deref()))
        .flatten();
    let passed = match (continued, &link) {
        (Some(continued), _) => continued,
        (None, Some(link)) => begin(params.as_deref(), link.linked())?,
        (None, None) => return None,
    };
    Some(insert(passed, link, params, headers))
}

/// Begins a trace for a request that belongs to none, if spans are exported and the trace is sampled.
pub(crate) fn begin_sampled(
    params: &mut Option<Box<RawValue>>,
    headers: &mut HeaderMap,
) -> Option<Span> {
    if !spans::are_on() {
        return None;
    }
    let own = Context::root();
    if own.flags & SAMPLED == 0 {
        return None;
    }
    let passed = begin(params.as_deref(), own)?;
    Some(insert(passed, None, params, headers))
}

/// Returns the valid context in a request's parameters.
#[cfg_attr(
    not(feature = "otlp-traces"),
    expect(dead_code, reason = "only exported spans have this")
)]
pub(crate) fn parent(params: Option<&RawValue>) -> Option<Context> {
    if !may_be_in_body(params) {
        return None;
    }
    let (_, _, parent) = context_in(params?.get())?;
    Some(parent)
}

fn may_be_in_body(params: Option<&RawValue>) -> bool {
    let mentions = |params: &RawValue| {
        let bytes = params.get().as_bytes();
        // Any part of the name may be escaped.
        memmem::find(bytes, b"\"traceparent\"").or_else(|| memchr(b'\\', bytes))
    };
    params.and_then(mentions).is_some()
}

/// Replaces the parameters and the header fields with those to forward.
fn insert(
    passed: Passed,
    link: Option<Context>,
    params: &mut Option<Box<RawValue>>,
    headers: &mut HeaderMap,
) -> Span {
    if let Ok(changed) = RawValue::from_string(passed.params) {
        *params = Some(changed);
    }
    let fields = [
        (TRACEPARENT, Some(passed.own.to_string())),
        (TRACESTATE, passed.state),
    ];
    for (field, value) in fields {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            headers.insert(field, value);
        }
    }
    Span {
        own: passed.own,
        parent: passed.parent,
        link,
    }
}

/// A trace context to forward.
struct Passed {
    params: String,
    own: Context,
    parent: Option<Context>,
    state: Option<String>,
}

/// Returns the context in the header fields, or `None` without exactly one valid context.
fn in_headers(headers: &HeaderMap) -> Option<Context> {
    let mut fields = headers.get_all(&TRACEPARENT).iter();
    match (fields.next(), fields.next()) {
        (Some(field), None) => Context::parse(field.to_str().ok()?),
        _ => None,
    }
}

/// Returns the context in the parameters and the text to forward, or `None` without a valid context.
fn in_body(params: Option<&RawValue>) -> Option<Passed> {
    let params = params?.get();
    let (meta, value, parent) = context_in(params)?;
    let own = parent.child();
    let state = meta.tracestate;
    let state = state.and_then(|state| serde_json::from_str(state.get()).ok());
    let edit = (place(value, params), format!("\"{own}\""));
    Some(Passed {
        params: edited(params, [Some(edit), None]),
        own,
        parent: Some(parent),
        state,
    })
}

/// Returns the metadata in parameters, and the context in it with its text.
fn context_in(params: &str) -> Option<(Meta<'_>, &RawValue, Context)> {
    let meta: Meta<'_> = object(object::<Params<'_>>(params)?.meta?.get())?;
    let value = meta.traceparent?;
    let text: String = serde_json::from_str(value.get()).ok()?;
    let parent = Context::parse(&text)?;
    Some((meta, value, parent))
}

/// Writes the context of a new trace into the parameters. Returns `None` if they have no place for it.
fn begin(params: Option<&RawValue>, own: Context) -> Option<Passed> {
    let value = format!("\"{own}\"");
    let member = format!("\"traceparent\":{value}");
    let params = params.map_or("{}", RawValue::get);
    let params = match object::<Params<'_>>(params)?.meta {
        None => inserted(params, &format!("\"_meta\":{{{member}}}")),
        Some(meta) if meta.get() == "null" => {
            let edit = (place(meta, params), format!("{{{member}}}"));
            edited(params, [Some(edit), None])
        }
        Some(meta) => {
            let known: Meta<'_> = object(meta.get())?;
            let missing = if known.traceparent.is_none() {
                &member
            } else {
                ""
            };
            let edits = [
                known.traceparent.map(|raw| (raw, value)),
                // The state of another trace.
                known.tracestate.map(|raw| (raw, "\"\"".to_owned())),
            ];
            let edits = edits.map(|edit| edit.map(|(raw, new)| (place(raw, meta.get()), new)));
            let changed = inserted(&edited(meta.get(), edits), missing);
            edited(params, [Some((place(meta, params), changed)), None])
        }
    };
    Some(Passed {
        params,
        own,
        parent: None,
        state: None,
    })
}

/// Returns the range of a value in the text that it was read from.
fn place(value: &RawValue, text: &str) -> Range<usize> {
    let begin = value.get().as_ptr().addr() - text.as_ptr().addr();
    begin..begin + value.get().len()
}

/// Returns the text with new values at some ranges, which must not overlap.
fn edited(text: &str, edits: [Option<(Range<usize>, String)>; 2]) -> String {
    let mut edits: Vec<_> = edits.into_iter().flatten().collect();
    edits.sort_by_key(|(place, _)| place.start);
    let mut text = text.to_owned();
    for (place, value) in edits.into_iter().rev() {
        text.replace_range(place, &value);
    }
    text
}

/// Returns a JSON object with more members at its beginning.
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
        let (params, headers, _) = passed_with_span(params, fields);
        (params, headers)
    }

    fn passed_with_span(
        params: Option<&str>,
        fields: &[(HeaderName, &str)],
    ) -> (Option<String>, HeaderMap, Option<Span>) {
        let mut params = params.map(|text| RawValue::from_string(text.to_owned()).expect("JSON"));
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(name, value.parse().expect("a value"));
        }
        let span = pass_on(&mut params, &mut headers);
        (params.map(|params| params.get().to_owned()), headers, span)
    }

    fn meta(params: Option<String>) -> Value {
        let params: Value = serde_json::from_str(&params.expect("parameters")).expect("JSON");
        params["_meta"].clone()
    }

    fn assert_own(traceparent: &Value, flags: &str) {
        let traceparent = traceparent.as_str().expect("text");
        let (before, after) = (format!("00-{TRACE}-"), format!("-{flags}"));
        assert!(
            traceparent.starts_with(&before) && traceparent.ends_with(&after),
            "{traceparent}"
        );
        assert!(
            !traceparent.contains(PARENT) && Context::parse(traceparent).is_some(),
            "{traceparent}"
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
            assert!(Context::parse(&bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn the_context_in_the_parameters_is_replaced_in_its_place() {
        let before = format!(
            r#"{{ "n": 1.50, "_meta": {{"tracestate":"a=1" , "traceparent": "{}"}}, "x": [1,  2] }}"#,
            parent("ff")
        );
        let other = format!("00-{}-{PARENT}-01", "1".repeat(32));
        let (after, headers, span) = passed_with_span(Some(&before), &[(TRACEPARENT, &other)]);
        let text = after.clone().expect("parameters");
        let forwarded = meta(after);
        assert_own(&forwarded["traceparent"], "03");
        let own = forwarded["traceparent"].as_str().expect("text");
        assert_eq!(text, before.replace(&parent("ff"), own));
        assert_eq!(headers[TRACEPARENT], own);
        assert_eq!(headers[TRACESTATE], "a=1");
        let span = span.expect("a span").to_string();
        assert_eq!(span, format!("{own} parent {PARENT} linked to {other}"));
    }

    #[test]
    fn a_context_in_the_headers_is_linked_to_by_a_new_trace() {
        let (valid, state) = (parent("01"), "a=1");
        let fields = [(TRACEPARENT, valid.as_str()), (TRACESTATE, state)];
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
            let (after, headers, span) = passed_with_span(params, &fields);
            let forwarded = meta(after);
            let own = forwarded["traceparent"].as_str().expect("text");
            let context = Context::parse(own).expect("a context");
            assert_eq!(context.flags, SAMPLED | RANDOM);
            assert!(!own.contains(TRACE) && !own.contains(PARENT), "{own}");
            let has_state = forwarded.get("tracestate");
            assert!(has_state.is_none_or(|state| state == ""), "{params:?}");
            assert_eq!(headers[TRACEPARENT], own);
            assert!(
                !headers.contains_key(TRACESTATE),
                "it is of the other trace"
            );
            let span = span.expect("a span").to_string();
            assert_eq!(span, format!("{own} linked to {valid}"));
        }
        let unsampled = [(TRACEPARENT, &*parent("00"))];
        let (_, headers) = passed(None, &unsampled);
        assert!(headers[TRACEPARENT].as_bytes().ends_with(b"-02"));
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
        for positions in ["[1]", "[{}]"] {
            let (after, headers) = passed(Some(positions), &[(TRACEPARENT, &parent("01"))]);
            assert_eq!((after.as_deref(), headers.len()), (Some(positions), 0));
        }
        let twice = [parent("01"), parent("00")];
        let twice = twice
            .each_ref()
            .map(|parent| (TRACEPARENT, parent.as_str()));
        assert_eq!(passed(None, &twice).0, None);
    }
}
