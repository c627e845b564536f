//! One request from its arrival at the proxy to its end: in flight until then, and counted with exactly one
//! outcome.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::value::RawValue;
use shadowcat_metrics::shadowcat::labels::{
    Answer, Method, NotificationStream, Outcome, Server, StreamEnd, Transport,
};
use shadowcat_metrics::shadowcat::{
    Metrics, NotificationRecorder, RequestRecorder, StreamRecorder,
};
use shadowcat_metrics::{Instant, TraceContext};

use crate::context::{ContextCost, Subject};
use crate::jsonrpc::{Payload, Request, object};
use crate::notifications::OpenStream;
use crate::spans::{self, RequestSpans, SessionSpan};
use crate::trace::Span;

/// The recorders of one server that do not depend on how it is reached.
#[derive(Debug)]
pub struct ServerRecorders {
    /// The recorder of requests.
    pub requests: RequestRecorder,
    /// The recorder of notifications.
    pub notifications: NotificationRecorder,
    /// The recorder of streams to clients.
    pub streams: StreamRecorder,
    context: ContextCost,
}

impl ServerRecorders {
    /// Creates the recorders of `server`.
    #[must_use]
    pub fn new(metrics: &Metrics, server: &Server) -> Arc<Self> {
        Arc::new(Self {
            requests: metrics.request(server),
            notifications: metrics.notification(server),
            streams: metrics.stream(server),
            context: ContextCost::new(metrics, server),
        })
    }
}

/// A request that has arrived. Clones are the same request.
///
/// The first call of [`end`](Self::end) decides the outcome. If the last clone is dropped earlier, the
/// request ends as cancelled: a request is dropped without an answer only if its sender is gone.
#[derive(Debug, Clone)]
pub struct Arrival(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    at: Instant,
    transport: Transport,
    method: Method,
    subject: Subject,
    server: Arc<ServerRecorders>,
    handed_on: OnceLock<Instant>,
    /// The proxy's own span, if the request belongs to a trace: the exemplar of its durations.
    trace: OnceLock<TraceContext>,
    spans: RequestSpans,
    /// Open while the server may send notifications for this request.
    subscription: Mutex<Option<OpenStream>>,
    ended: AtomicBool,
}

impl Arrival {
    /// Records that a request for or from `server` arrives now over `transport`.
    #[must_use]
    pub fn now(server: &Arc<ServerRecorders>, transport: Transport, request: &Request) -> Self {
        Self::at(Instant::now(), server, transport, request)
    }

    /// Like [`now`](Self::now), for a request that has arrived at a known time.
    #[must_use]
    pub fn at(
        at: Instant,
        server: &Arc<ServerRecorders>,
        transport: Transport,
        request: &Request,
    ) -> Self {
        let method = method_label(&request.method);
        let arrival = Self::begin(at, server, transport, method, Subject::of(method, request));
        arrival.0.spans.begin(request);
        arrival
    }

    /// Records bytes from a client over `transport` that are not a message, as a request that is rejected at once.
    pub fn reject_unreadable(server: &Arc<ServerRecorders>, transport: Transport) {
        let now = Instant::now();
        Self::begin(now, server, transport, Method::Other, Subject::Other).end(Outcome::Rejected);
    }

    fn begin(
        at: Instant,
        server: &Arc<ServerRecorders>,
        transport: Transport,
        method: Method,
        subject: Subject,
    ) -> Self {
        server.requests.in_flight(transport).inc();
        Self(Arc::new(Inner {
            at,
            transport,
            method,
            subject,
            server: Arc::clone(server),
            handed_on: OnceLock::new(),
            trace: OnceLock::new(),
            spans: RequestSpans::default(),
            subscription: Mutex::default(),
            ended: AtomicBool::new(false),
        }))
    }

    /// Notes the session of the request, for its spans.
    pub(crate) fn join(&self, session: &SessionSpan) {
        self.0.spans.join(session);
    }

    /// Returns its spans.
    #[cfg(feature = "otlp-traces")]
    pub(crate) fn spans(&self) -> RequestSpans {
        self.0.spans.clone()
    }

    /// Returns the time since it arrived.
    #[must_use]
    pub fn age(&self) -> Duration {
        self.0.at.elapsed()
    }

    /// Returns its method.
    #[must_use]
    pub fn method(&self) -> Method {
        self.0.method
    }

    /// Records that it was forwarded to its receiver, in this span. Only the first call counts.
    pub fn hand_on(&self, span: Option<&Span>) {
        if let Some(span) = span {
            self.0.spans.forwarded(span);
            if let Some(trace) = span.context() {
                let _ = self.0.trace.set(trace);
            }
        }
        let mut is_first = false;
        self.0.handed_on.get_or_init(|| {
            is_first = true;
            Instant::now()
        });
        if is_first && self.0.method == Method::SubscriptionsListen {
            let streams = &self.0.server.streams;
            let opened = OpenStream::open(streams, NotificationStream::Subscription);
            *self.0.subscription.lock() = Some(opened);
        }
    }

    /// Records the outcome of a forwarded request that the peer answers with `payload`, and the answer.
    pub fn answered(&self, payload: &Payload) {
        self.0.end(self.outcome(payload), Some(payload));
    }

    /// Returns whether its outcome was recorded.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.0.ended.load(Ordering::Relaxed)
    }

    /// Records its outcome, unless one was recorded.
    pub fn end(&self, outcome: Outcome) {
        self.0.end(outcome, None);
    }

    /// Returns the outcome of a request that the peer answers with `payload`.
    #[must_use]
    pub fn outcome(&self, payload: &Payload) -> Outcome {
        match payload {
            Payload::Error(_) => Outcome::Error,
            Payload::Result(result) => outcome_of_result(self.0.method, result),
        }
    }
}

impl Inner {
    /// Records the outcome, unless one was recorded, and the peer's answer, if there is one.
    fn end(&self, outcome: Outcome, payload: Option<&Payload>) {
        if self.ended.swap(true, Ordering::Relaxed) {
            return;
        }
        let requests = &self.server.requests;
        let _in_trace = self.trace.get().map(TraceContext::enter);
        // Both end at the same moment, so that their difference is exact.
        let now = Instant::now();
        let whole = now.since(self.at);
        requests.duration(self.method).observe(whole);
        if let Some(&handed_on) = self.handed_on.get() {
            let time = now.since(handed_on);
            requests.answer_duration(self.method).observe(time);
            let answer = payload.zip(answer(outcome));
            let context = &self.server.context;
            context.record(self.method, &self.subject, time, answer);
        }
        if let Some(subscription) = self.subscription.lock().take() {
            subscription.end(stream_end(outcome));
        }
        if self.method == Method::ToolsCall && outcome == Outcome::TimedOut {
            self.server.context.record_timeout(&self.subject);
        }
        requests.completed(self.method, outcome).inc();
        requests.in_flight(self.transport).dec();
        self.spans.end(&spans::Ended {
            age: whole,
            outcome,
            subject: &self.subject,
            transport: self.transport,
        });
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.end(Outcome::Cancelled, None);
    }
}

/// Returns the answer that a request with this outcome got. A result that asks for more input is not the result of the tool.
const fn answer(outcome: Outcome) -> Option<Answer> {
    match outcome {
        Outcome::Ok => Some(Answer::Ok),
        Outcome::Error => Some(Answer::Error),
        Outcome::ToolError => Some(Answer::ToolError),
        Outcome::InputRequired
        | Outcome::Rejected
        | Outcome::Lost
        | Outcome::TimedOut
        | Outcome::Cancelled => None,
    }
}

/// Returns why a subscription has ended whose request has this outcome.
const fn stream_end(outcome: Outcome) -> StreamEnd {
    match outcome {
        Outcome::Ok => StreamEnd::Server,
        Outcome::Error | Outcome::ToolError | Outcome::InputRequired | Outcome::Rejected => {
            StreamEnd::Refused
        }
        Outcome::Lost | Outcome::TimedOut => StreamEnd::Lost,
        Outcome::Cancelled => StreamEnd::Client,
    }
}

/// Returns the method's label value; methods that the schema does not list share one.
#[must_use]
pub fn method_label(method: &str) -> Method {
    let Ok(method) = method.parse();
    method
}

/// The members of a result that distinguish success from failure.
#[derive(Deserialize)]
struct Verdict<'a> {
    #[serde(borrow, rename = "isError")]
    is_error: Option<&'a RawValue>,
    #[serde(borrow, rename = "resultType")]
    result_type: Option<&'a RawValue>,
}

fn outcome_of_result(method: Method, result: &RawValue) -> Outcome {
    // A result that is not an object does not describe its outcome.
    let Some(verdict) = object::<Verdict<'_>>(result.get()) else {
        return Outcome::Ok;
    };
    let is = |member: Option<&RawValue>, value: &str| member.is_some_and(|raw| raw.get() == value);
    if is(verdict.result_type, r#""input_required""#) {
        return Outcome::InputRequired;
    }
    // Both return the result of a tool.
    let calls_tool = matches!(method, Method::ToolsCall | Method::TasksResult);
    if calls_tool && is(verdict.is_error, "true") {
        Outcome::ToolError
    } else {
        Outcome::Ok
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use shadowcat_metrics::shadowcat::Metrics;

    use super::*;
    use crate::jsonrpc::Response;

    fn files() -> (Metrics, Arc<ServerRecorders>) {
        let metrics = Metrics::new();
        let server = ServerRecorders::new(&metrics, &metrics.server("files"));
        (metrics, server)
    }

    fn arrive(server: &Arc<ServerRecorders>, method: &str) -> Arrival {
        let request = Request::new(1, method, &json!({}));
        Arrival::now(server, Transport::Http, &request)
    }

    #[test]
    fn the_series_of_a_server_begin_at_zero() {
        let (metrics, _server) = files();
        let page = metrics.encode(shadowcat_metrics::Format::PrometheusText);
        let lost = page.lines().filter(|line| {
            line.starts_with("shadowcat_request_completed_total{server=\"files\"")
                && line.contains("outcome=\"lost\"")
        });
        assert!(lost.clone().count() > 0);
        assert!(lost.clone().all(|line| line.ends_with(" 0")));
    }

    #[test]
    fn a_request_ends_exactly_once() {
        let (metrics, server) = files();
        let arrive = |method: &str| arrive(&server, method);
        let count = |outcome| {
            let snapshot = metrics.snapshot();
            let requests = snapshot.request("files");
            (
                requests.completed(Method::Ping, outcome),
                requests.in_flight(Transport::Http),
            )
        };
        let arrival = arrive("ping");
        let again = arrival.clone();
        assert_eq!(count(Outcome::Ok), (0, 1));
        again.end(Outcome::Ok);
        assert_eq!(count(Outcome::Ok), (1, 0));
        arrival.end(Outcome::Lost);
        drop((arrival, again));
        assert_eq!(count(Outcome::Ok), (1, 0));
        assert_eq!(count(Outcome::Lost), (0, 0));

        let handed_on = arrive("initialize");
        std::thread::sleep(Duration::from_millis(20));
        handed_on.hand_on(None);
        handed_on.end(Outcome::Ok);
        let snapshot = metrics.snapshot();
        let requests = snapshot.request("files");
        let answer = requests.answer_duration(Method::Initialize);
        let whole = requests.duration(Method::Initialize).sum();
        assert_eq!(answer.count(), 1);
        assert!(whole >= answer.sum() + Duration::from_millis(20));
        assert_eq!(requests.answer_duration(Method::Ping).count(), 0);

        drop(arrive("ping"));
        assert_eq!(count(Outcome::Cancelled), (1, 0));
    }

    #[test]
    fn durations_count_every_request_whatever_its_outcome() {
        let (metrics, server) = files();
        for is_forwarded in [true, false] {
            for outcome in Outcome::ALL {
                let arrival = arrive(&server, "tools/call");
                if is_forwarded {
                    arrival.hand_on(None);
                }
                std::thread::sleep(Duration::from_millis(2));
                arrival.end(outcome);
            }
        }
        Arrival::reject_unreadable(&server, Transport::Http);
        let snapshot = metrics.snapshot();
        let requests = snapshot.request("files");
        let outcomes = Outcome::ALL.len() as u64;
        let durations = requests.duration(Method::ToolsCall);
        assert_eq!(durations.count(), 2 * outcomes);
        assert!(durations.sum() >= Duration::from_millis(4 * outcomes));
        let answers = requests.answer_duration(Method::ToolsCall);
        assert_eq!(answers.count(), outcomes);
        assert_eq!(requests.duration(Method::Other).count(), 1);
        let rejected = requests.completed(Method::Other, Outcome::Rejected);
        assert_eq!((rejected, requests.in_flight(Transport::Http)), (1, 0));
    }

    #[test]
    fn a_result_determines_the_outcome() {
        let (_metrics, server) = files();
        let arrive = |method: &str| arrive(&server, method);
        let outcome = |method: &str, result: serde_json::Value| {
            let response = Response::result(1.into(), &result);
            arrive(method).outcome(&response.payload)
        };
        for (method, result, expected) in [
            (
                "tools/call",
                json!({ "isError": true, "content": [] }),
                Outcome::ToolError,
            ),
            ("tools/call", json!({ "isError": false }), Outcome::Ok),
            ("tools/call", json!({ "isError": "true" }), Outcome::Ok),
            (
                "tools/call",
                json!({ "structuredContent": { "isError": true } }),
                Outcome::Ok,
            ),
            (
                "tasks/result",
                json!({ "isError": true }),
                Outcome::ToolError,
            ),
            ("resources/read", json!({ "isError": true }), Outcome::Ok),
            (
                "tools/call",
                json!({ "resultType": "complete", "isError": true }),
                Outcome::ToolError,
            ),
            (
                "tools/call",
                json!({ "resultType": "input_required" }),
                Outcome::InputRequired,
            ),
            (
                "prompts/get",
                json!({ "resultType": "input_required" }),
                Outcome::InputRequired,
            ),
            ("tools/call", json!({ "resultType": 7 }), Outcome::Ok),
            ("ping", json!(null), Outcome::Ok),
            ("tools/call", json!([true]), Outcome::Ok),
        ] {
            assert_eq!(
                outcome(method, result.clone()),
                expected,
                "{method}: {result}"
            );
        }
        let error = Response::error(Some(1.into()), -32603, "isError");
        let arrival = arrive("tools/call");
        assert_eq!(arrival.outcome(&error.payload), Outcome::Error);
    }
}
