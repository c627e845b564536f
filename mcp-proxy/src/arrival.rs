//! One request from its arrival at the proxy to its end: in flight until then, and counted with exactly one
//! outcome.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::value::RawValue;
use shadowcat_metrics::shadowcat::RequestRecorder;
use shadowcat_metrics::shadowcat::labels::{Method, Outcome, Transport};

use crate::jsonrpc::Payload;

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
    recorder: RequestRecorder,
    handed_on: OnceLock<Instant>,
    ended: AtomicBool,
}

impl Arrival {
    /// Records the arrival of a request for `method` over `transport`.
    #[must_use]
    pub fn now(recorder: &RequestRecorder, transport: Transport, method: &str) -> Self {
        recorder.in_flight(transport).inc();
        Self(Arc::new(Inner {
            at: Instant::now(),
            transport,
            method: method_label(method),
            recorder: recorder.clone(),
            handed_on: OnceLock::new(),
            ended: AtomicBool::new(false),
        }))
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

    /// Notes that it is handed on to its receiver. The first time counts.
    pub fn hand_on(&self) {
        self.0.handed_on.get_or_init(Instant::now);
    }

    /// Records its outcome, unless one was recorded.
    pub fn end(&self, outcome: Outcome) {
        self.0.end(outcome);
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
    fn end(&self, outcome: Outcome) {
        if self.ended.swap(true, Ordering::Relaxed) {
            return;
        }
        match outcome {
            Outcome::Ok
            | Outcome::Error
            | Outcome::ToolError
            | Outcome::InputRequired
            | Outcome::Lost
            | Outcome::TimedOut => {
                let duration = self.recorder.duration(self.method);
                duration.observe(self.at.elapsed());
                if let Some(handed_on) = self.handed_on.get() {
                    let answer = self.recorder.answer_duration(self.method);
                    answer.observe(handed_on.elapsed());
                }
            }
            // These requests ended without an answer from the peer.
            Outcome::Rejected | Outcome::Cancelled => {}
        }
        let completed = self
            .recorder
            .completed(self.transport, self.method, outcome);
        completed.inc();
        self.recorder.in_flight(self.transport).dec();
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.end(Outcome::Cancelled);
    }
}

/// Returns the method's label value; methods that the schema does not list share one.
#[must_use]
pub fn method_label(method: &str) -> Method {
    let Ok(method) = method.parse();
    method
}

/// The members of a result that tell success from failure.
#[derive(Deserialize)]
struct Verdict<'a> {
    #[serde(borrow, rename = "isError")]
    is_error: Option<&'a RawValue>,
    #[serde(borrow, rename = "resultType")]
    result_type: Option<&'a RawValue>,
}

fn outcome_of_result(method: Method, result: &RawValue) -> Outcome {
    // A result that is not an object does not describe its outcome.
    let Ok(verdict) = serde_json::from_str::<Verdict<'_>>(result.get()) else {
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

    #[test]
    fn a_request_ends_exactly_once() {
        let metrics = Metrics::new();
        let recorder = metrics.request(&metrics.server("files"));
        let arrive = |method| Arrival::now(&recorder, Transport::Http, method);
        let count = |outcome| {
            let snapshot = metrics.snapshot();
            let requests = snapshot.request("files");
            (
                requests.completed(Transport::Http, Method::Ping, outcome),
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
        handed_on.hand_on();
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
    fn a_result_determines_the_outcome() {
        let metrics = Metrics::new();
        let recorder = metrics.request(&metrics.server("files"));
        let outcome = |method: &str, result: serde_json::Value| {
            let response = Response::result(1.into(), &result);
            Arrival::now(&recorder, Transport::Http, method).outcome(&response.payload)
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
            ("ping", json!([true]), Outcome::Ok),
        ] {
            assert_eq!(
                outcome(method, result.clone()),
                expected,
                "{method}: {result}"
            );
        }
        let error = Response::error(Some(1.into()), -32603, "isError");
        let arrival = Arrival::now(&recorder, Transport::Http, "tools/call");
        assert_eq!(arrival.outcome(&error.payload), Outcome::Error);
    }
}
