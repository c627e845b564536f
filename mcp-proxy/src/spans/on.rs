//! Spans exported by OpenTelemetry's SDK. The proxy chooses the ids itself, because they are in the messages that it forwards
//! whether or not it exports spans.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use http::StatusCode;
use opentelemetry::trace::{
    Link, SpanContext, SpanId, SpanKind, Status, TraceContextExt, TraceFlags, TraceId, TraceState,
};
use opentelemetry::{Context as OtelContext, InstrumentationScope, KeyValue, Value};
use opentelemetry_sdk::trace::{
    BatchSpanProcessor, Sampler, SamplingDecision, ShouldSample, SpanData, SpanEvents, SpanLinks,
    SpanProcessor,
};
use parking_lot::Mutex;
use shadowcat_metrics::shadowcat::labels::{Outcome, Transport};
use tokio::task::futures::TaskLocalFuture;
use tokio::task_local;
use tracing::Instrument;
use tracing::instrument::Instrumented;

use crate::arrival::Arrival;
use crate::context::Subject;
use crate::jsonrpc::Request;
use crate::spans::{Ended, StartError};
use crate::trace::{self, Context, SAMPLED, Span};
use crate::upstream::Upstream;

mod exporter;

/// The program's exporter, if the environment names a receiver.
static EXPORTER: OnceLock<Exporter> = OnceLock::new();

#[derive(Debug)]
struct Exporter {
    processor: BatchSpanProcessor,
    sampler: Sampler,
    scope: InstrumentationScope,
}

/// Starts to export spans if the environment names a receiver. Call it inside the tokio runtime that sends them.
///
/// The export is on if `OTEL_TRACES_EXPORTER` is `otlp`, or if that variable is not set and `OTEL_EXPORTER_OTLP_ENDPOINT` or
/// `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` is.
///
/// # Errors
///
/// If a variable of the environment has a value that is not supported, or the export was started before.
pub fn start() -> Result<(), StartError> {
    match exporter::from_env()? {
        Some(exporter) => EXPORTER.set(exporter).map_err(|_| StartError::Twice),
        None => Ok(()),
    }
}

/// Exports the spans that wait, and stops. Blocks for at most ten seconds.
pub fn shut_down() {
    if let Some(exporter) = EXPORTER.get() {
        // The SDK has logged why it failed.
        let _ = exporter
            .processor
            .shutdown_with_timeout(Duration::from_secs(10));
    }
}

/// Returns whether spans are exported.
pub(crate) fn are_on() -> bool {
    EXPORTER.get().is_some()
}

/// Returns whether the trace is sampled, where `parent` says it of the parent, if there is one.
pub(crate) fn samples(parent: Option<bool>, trace_id: &str) -> bool {
    let Some(exporter) = EXPORTER.get() else {
        return parent.unwrap_or(false);
    };
    let trace_id = TraceId::from_hex(trace_id).unwrap_or(TraceId::INVALID);
    let mut context = OtelContext::new();
    if let Some(is_sampled) = parent {
        let flags = TraceFlags::default().with_sampled(is_sampled);
        let any = SpanId::from(1_u64);
        let parent = SpanContext::new(trace_id, any, flags, true, TraceState::default());
        context = context.with_remote_span_context(parent);
    }
    let kind = &SpanKind::Server;
    let sampled = exporter
        .sampler
        .should_sample(Some(&context), trace_id, "", kind, &[], &[]);
    sampled.decision == SamplingDecision::RecordAndSample
}

task_local! {
    /// The spans of the request whose exchange with a server runs in this task.
    static EXCHANGING: RequestSpans;
}

/// The exchange of a request with a server: its log lines have the trace, and its spans the status of the response.
pub(crate) struct ExchangeSpan {
    log: tracing::Span,
    request: RequestSpans,
}

impl ExchangeSpan {
    pub(crate) fn of(request: &Request) -> Self {
        let own = request.headers.get(trace::TRACEPARENT);
        let log = match own.filter(|_| are_on()) {
            Some(own) => tracing::info_span!("request", id = %request.id, span = ?own),
            None => tracing::Span::none(),
        };
        let arrival = request.arrival.as_ref();
        let request = arrival.map(Arrival::spans).unwrap_or_default();
        Self { log, request }
    }

    pub(crate) fn around<F: Future>(
        self,
        future: F,
    ) -> TaskLocalFuture<RequestSpans, Instrumented<F>> {
        EXCHANGING.scope(self.request, future.instrument(self.log))
    }
}

/// Notes the status of a server's response. Only the first one of an exchange counts: later ones resume its stream.
pub(crate) fn responded(status: StatusCode) {
    // Outside of an exchange of a request, there are no spans.
    let _ = EXCHANGING.try_with(|request| {
        if let Some(begun) = request.0.get()
            && let Some(forwarded) = begun.forwarded.lock().last_mut()
        {
            forwarded.status.get_or_insert(status);
        }
    });
}

/// Exports the span of a notification that the proxy forwards.
pub(crate) fn notified(span: &Span, method: &str) {
    let now = SystemTime::now();
    let parent = span.parent.as_ref();
    export(Finished {
        parent: parent.map_or(SpanId::INVALID, |parent| span_id(&parent.span_id)),
        parent_is_remote: true,
        kind: SpanKind::Client,
        attributes: vec![KeyValue::new("mcp.method.name", method.to_owned())],
        ..Finished::new(context_of(&span.own), method.to_owned(), now, now)
    });
}

/// The span of a session, and what it tells the spans of its requests. Clones are the same session.
#[derive(Debug, Clone, Default)]
pub struct SessionSpan(Option<Arc<SessionInner>>);

#[derive(Debug)]
struct SessionInner {
    server: String,
    id: Option<String>,
    context: SpanContext,
    begun: SystemTime,
    /// The server at the other end of the current connection.
    peer: Mutex<Vec<KeyValue>>,
}

impl SessionSpan {
    /// Begins the span of a session with `server`, where `id` is the client's id of the session. Without an exporter, it is empty.
    #[must_use]
    pub fn begin(server: &str, id: Option<&str>) -> Self {
        Self(are_on().then(|| {
            let root = Context::root();
            Arc::new(SessionInner {
                server: server.to_owned(),
                id: id.map(str::to_owned),
                context: context_of(&root),
                begun: SystemTime::now(),
                peer: Mutex::default(),
            })
        }))
    }

    /// Notes the server that the session connects to.
    pub(crate) fn reaches(&self, upstream: &Upstream) {
        let Some(session) = &self.0 else { return };
        let mut peer = vec![network(upstream.transport())];
        if let Some(url) = upstream.url() {
            let host = url.host_str().unwrap_or_default().to_owned();
            peer.push(KeyValue::new("server.address", host));
            let port = url.port_or_known_default().map(i64::from);
            peer.extend(port.map(|port| KeyValue::new("server.port", port)));
        }
        *session.peer.lock() = peer;
    }

    /// Begins the span of a child process.
    pub(crate) fn process(&self, pid: Option<u32>) -> ProcessSpan {
        let Some(session) = &self.0 else {
            return ProcessSpan::default();
        };
        let pid = pid.map(|pid| KeyValue::new("process.pid", i64::from(pid)));
        let mut peer = vec![network(Transport::Stdio)];
        peer.extend(pid.clone());
        *session.peer.lock() = peer;
        ProcessSpan(Some(RunningProcess {
            session: Arc::clone(session),
            begun: SystemTime::now(),
            attributes: pid.into_iter().collect(),
        }))
    }

    /// Exports the span, because the session has ended.
    pub(crate) fn end(&self, reason: &'static str) {
        let Some(session) = &self.0 else { return };
        let mut attributes = session.attributes();
        attributes.push(KeyValue::new("shadowcat.session.end", reason));
        export(Finished {
            attributes,
            ..Finished::new(
                session.context.clone(),
                "session".to_owned(),
                session.begun,
                SystemTime::now(),
            )
        });
    }
}

impl SessionInner {
    fn attributes(&self) -> Vec<KeyValue> {
        let mut attributes = vec![KeyValue::new("shadowcat.server", self.server.clone())];
        let id = self.id.clone();
        attributes.extend(id.map(|id| KeyValue::new("mcp.session.id", id)));
        attributes
    }
}

/// The span of a child process, which ends when this is dropped.
#[derive(Debug, Default)]
pub(crate) struct ProcessSpan(Option<RunningProcess>);

#[derive(Debug)]
struct RunningProcess {
    session: Arc<SessionInner>,
    begun: SystemTime,
    attributes: Vec<KeyValue>,
}

impl ProcessSpan {
    /// Ends the span with the status of the process.
    pub(crate) fn exited(&mut self, status: Option<std::process::ExitStatus>) {
        if let (Some(process), Some(status)) = (&mut self.0, status) {
            let status = status.to_string();
            let status = KeyValue::new("shadowcat.process.status", status);
            process.attributes.push(status);
        }
        *self = Self::default();
    }
}

impl Drop for ProcessSpan {
    fn drop(&mut self) {
        let Some(process) = self.0.take() else { return };
        let session = &process.session;
        let mut attributes = session.attributes();
        attributes.extend(process.attributes);
        export(Finished {
            parent: session.context.span_id(),
            attributes,
            ..Finished::new(
                below(&session.context),
                "process".to_owned(),
                process.begun,
                SystemTime::now(),
            )
        });
    }
}

/// The spans of a request.
#[derive(Debug, Clone, Default)]
pub(crate) struct RequestSpans(Arc<OnceLock<Begun>>);

#[derive(Debug)]
struct Begun {
    id: String,
    method: String,
    /// The client's span, from the parameters.
    parent: Option<Context>,
    session: OnceLock<Arc<SessionInner>>,
    /// The spans in which the request was forwarded: one, or two if the server asked for it again.
    forwarded: Mutex<Vec<Forwarded>>,
}

/// The span in which a request was forwarded.
#[derive(Debug)]
struct Forwarded {
    span: Span,
    at: SystemTime,
    /// The status of the server's response over HTTP.
    status: Option<StatusCode>,
}

impl RequestSpans {
    /// Notes what the spans need of a request that has arrived.
    pub(crate) fn begin(&self, request: &Request) {
        if are_on() {
            let _ = self.0.set(Begun {
                id: request.id.to_string(),
                method: request.method.clone(),
                parent: trace::parent(request.params.as_deref()),
                session: OnceLock::new(),
                forwarded: Mutex::default(),
            });
        }
    }

    /// Notes the session of the request.
    pub(crate) fn join(&self, session: &SessionSpan) {
        if let (Some(begun), Some(session)) = (self.0.get(), &session.0) {
            let _ = begun.session.set(Arc::clone(session));
        }
    }

    /// Notes that the request was forwarded in this span.
    pub(crate) fn forwarded(&self, span: &Span) {
        if let Some(begun) = self.0.get() {
            begun.forwarded.lock().push(Forwarded {
                span: span.clone(),
                at: SystemTime::now(),
                status: None,
            });
        }
    }

    /// Exports the spans of a request that has ended.
    pub(crate) fn end(&self, ended: &Ended<'_>) {
        if let Some(begun) = self.0.get() {
            begun.export(ended);
        }
    }
}

impl Begun {
    fn export(&self, ended: &Ended<'_>) {
        let forwarded = self.forwarded.lock();
        // A request that was refused earlier still belongs to the client's trace.
        let trace = forwarded
            .first()
            .map(|first| first.span.own.clone())
            .or_else(|| self.parent.as_ref().map(Context::child));
        let Some(trace) = trace.filter(is_sampled) else {
            return;
        };
        let (name, attributes) = self.describe(ended);
        let status = status(ended.outcome);
        let end = SystemTime::now();
        let begin = end.checked_sub(ended.age).unwrap_or(end);
        let whole = below(&context_of(&trace));
        let parent = self.parent.as_ref();
        let linked = forwarded.first();
        let linked = linked.and_then(|first| first.span.link.as_ref());
        let session = self.session.get();
        let session_context = session.map(|session| session.context.clone());
        let links = linked.map(context_of).into_iter().chain(session_context);
        export(Finished {
            parent: parent.map_or(SpanId::INVALID, |parent| span_id(&parent.span_id)),
            parent_is_remote: true,
            kind: SpanKind::Server,
            attributes: [&attributes[..], &[network(ended.transport)]].concat(),
            links: links
                .filter(SpanContext::is_sampled)
                .map(Link::with_context)
                .collect(),
            status: status.clone(),
            ..Finished::new(whole.clone(), name.clone(), begin, end)
        });
        if let Some(first) = forwarded.first() {
            export(Finished {
                parent: whole.span_id(),
                ..Finished::new(below(&whole), "forward".to_owned(), begin, first.at)
            });
        }
        let ends = forwarded.iter().skip(1).map(|next| next.at).chain([end]);
        for (index, (forwarded, end)) in forwarded.iter().zip(ends).enumerate() {
            let span = &forwarded.span;
            // The first is a part of the whole; a second one follows the first, whose context the request had by then.
            let earlier = span.parent.as_ref().filter(|_| index > 0);
            let mut attributes = attributes.clone();
            attributes.extend(
                session
                    .iter()
                    .flat_map(|session| session.peer.lock().clone()),
            );
            attributes.extend(forwarded.status.map(response_status));
            export(Finished {
                parent: earlier.map_or(whole.span_id(), |first| span_id(&first.span_id)),
                kind: SpanKind::Client,
                attributes,
                status: status.clone(),
                ..Finished::new(context_of(&span.own), name.clone(), forwarded.at, end)
            });
        }
    }

    /// Returns the name and the attributes of the request's spans.
    fn describe(&self, ended: &Ended<'_>) -> (String, Vec<KeyValue>) {
        let mut attributes = vec![
            KeyValue::new("mcp.method.name", self.method.clone()),
            KeyValue::new("jsonrpc.request.id", self.id.clone()),
            KeyValue::new("shadowcat.outcome", ended.outcome.as_str()),
        ];
        if let Some(session) = self.session.get() {
            attributes.extend(session.attributes());
        }
        if is_failure(ended.outcome) {
            attributes.push(KeyValue::new("error.type", ended.outcome.as_str()));
        }
        let subject = match ended.subject {
            Subject::Tool(name) => Some(("gen_ai.tool.name", name)),
            Subject::Prompt(name) => Some(("gen_ai.prompt.name", name)),
            Subject::Tools(_) | Subject::Other => None,
        };
        let mut span = self.method.clone();
        if let Some((key, name)) = subject {
            attributes.push(KeyValue::new(key, name.clone()));
            span = format!("{span} {name}");
        }
        (span, attributes)
    }
}

const fn is_failure(outcome: Outcome) -> bool {
    match outcome {
        Outcome::Error
        | Outcome::ToolError
        | Outcome::Rejected
        | Outcome::Lost
        | Outcome::TimedOut => true,
        Outcome::Ok | Outcome::InputRequired | Outcome::Cancelled => false,
    }
}

fn status(outcome: Outcome) -> Status {
    if is_failure(outcome) {
        Status::error(outcome.as_str())
    } else {
        Status::Unset
    }
}

fn network(transport: Transport) -> KeyValue {
    let transport = match transport {
        Transport::Stdio => "pipe",
        Transport::Http | Transport::Sse => "tcp",
    };
    KeyValue::new("network.transport", Value::from(transport))
}

fn response_status(status: StatusCode) -> KeyValue {
    KeyValue::new("http.response.status_code", i64::from(status.as_u16()))
}

fn is_sampled(context: &Context) -> bool {
    context.flags & SAMPLED != 0
}

fn span_id(hex: &str) -> SpanId {
    SpanId::from_hex(hex).unwrap_or(SpanId::INVALID)
}

fn context_of(context: &Context) -> SpanContext {
    SpanContext::new(
        TraceId::from_hex(&context.trace_id).unwrap_or(TraceId::INVALID),
        span_id(&context.span_id),
        TraceFlags::new(context.flags),
        false,
        TraceState::default(),
    )
}

/// Returns the context of a new span in the same trace.
fn below(context: &SpanContext) -> SpanContext {
    SpanContext::new(
        context.trace_id(),
        SpanId::from(fastrand::u64(1..)),
        context.trace_flags(),
        false,
        TraceState::default(),
    )
}

/// A span that has ended.
struct Finished {
    context: SpanContext,
    name: String,
    begin: SystemTime,
    end: SystemTime,
    parent: SpanId,
    parent_is_remote: bool,
    kind: SpanKind,
    attributes: Vec<KeyValue>,
    links: Vec<Link>,
    status: Status,
}

impl Finished {
    /// Creates an internal span without a parent.
    const fn new(context: SpanContext, name: String, begin: SystemTime, end: SystemTime) -> Self {
        Self {
            context,
            name,
            begin,
            end,
            parent: SpanId::INVALID,
            parent_is_remote: false,
            kind: SpanKind::Internal,
            attributes: Vec::new(),
            links: Vec::new(),
            status: Status::Unset,
        }
    }
}

/// Passes a span to the exporter, if it is sampled.
fn export(span: Finished) {
    let is_sampled = span.context.is_sampled();
    let Some(exporter) = EXPORTER.get().filter(|_| is_sampled) else {
        return;
    };
    let mut links = SpanLinks::default();
    links.links = span.links;
    exporter.processor.on_end(SpanData {
        span_context: span.context,
        parent_span_id: span.parent,
        parent_span_is_remote: span.parent_is_remote,
        span_kind: span.kind,
        name: span.name.into(),
        start_time: span.begin,
        end_time: span.end,
        attributes: span.attributes,
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links,
        status: span.status,
        instrumentation_scope: exporter.scope.clone(),
    });
}
