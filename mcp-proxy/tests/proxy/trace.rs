//! The trace context of a request, as servers behind each kind of upstream get it.

use std::sync::Arc;

use serde_json::{Value, json};
use shadowcat_metrics::shadowcat::labels::Transport;
use tokio::sync::mpsc;

use crate::proxied::{Proxied, TIMEOUT};
use crate::scripted::{Answer, ReceivedRequest, Scripted};
use crate::support::{Page, Running, SERVE, STDIO, exchange, posting, quote};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

/// A server that answers its first request with that request.
pub(crate) const ECHO: &str =
    r#"read ask; printf '{"jsonrpc":"2.0","id":1,"result":%s}\n' "$ask"; cat >/dev/null"#;

/// Returns the argument for a server `echo`.
pub(crate) fn echo_upstream() -> String {
    let command = format!("echo=stdio:sh -c {}", quote(ECHO));
    quote(&command).into_owned()
}

fn meta() -> Value {
    json!({ "traceparent": format!("00-{TRACE}-{PARENT}-01"), "tracestate": "a=1" })
}

/// The same trace and state, with another span as the parent.
fn assert_passed_on(params: &Value) {
    assert_eq!(params["arguments"], json!({ "n": 1 }), "{params}");
    assert_eq!(params["_meta"]["tracestate"], "a=1");
    let parent = params["_meta"]["traceparent"].as_str().expect("text");
    assert!(parent.starts_with(&format!("00-{TRACE}-")), "{parent}");
    assert!(
        parent.ends_with("-01") && !parent.contains(PARENT),
        "{parent}"
    );
}

#[test]
fn a_child_gets_the_span_of_the_proxy() {
    let mut proxy = Running::start(&format!("{STDIO} -- sh -c {}", quote(ECHO)));
    let params = json!({ "arguments": { "n": 1 }, "_meta": meta() });
    let answer = proxy.request("tools/call", &params);
    assert_passed_on(&answer["result"]["params"]);
}

/// Programs share the variables of their environment, so one of them may need what another does not have.
#[test]
#[cfg(not(feature = "otlp-traces"))]
fn a_program_without_spans_warns_that_it_exports_none() {
    let mut command = crate::support::program();
    command
        .args(["stdio", "--metrics", "off", "--", "cat"])
        .env("OTEL_TRACES_EXPORTER", "otlp")
        .stdin(std::process::Stdio::null());
    let output = command.output().expect("it starts");
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{log}");
    assert!(log.contains("--features otlp-traces"), "{log}");
}

/// Only a sampled trace can be looked up, so only such a one is an exemplar.
#[test]
fn durations_have_the_trace_as_an_exemplar() {
    let script = r#"read ask; printf '{"jsonrpc":"2.0","id":1,"result":{}}\n'; read ask; printf '{"jsonrpc":"2.0","id":2,"result":{}}\n'; read end"#;
    let mut proxy = Running::before_shell("traced", script);
    let metrics = proxy.metrics_address();
    let exemplars = || -> Vec<String> {
        let page = Page::scrape(&metrics, "application/openmetrics-text");
        let lines = page.text().lines().filter(|line| line.contains(" # {"));
        lines.map(str::to_owned).collect()
    };
    let unsampled = json!({ "_meta": { "traceparent": format!("00-{TRACE}-{PARENT}-00") } });
    proxy.request("tools/call", &unsampled);
    assert_eq!(exemplars(), [""; 0]);
    proxy.request("tools/call", &json!({ "_meta": meta() }));
    let exemplars = exemplars();
    let family = |name: &str| {
        let mut lines = exemplars.iter().filter(|line| line.starts_with(name));
        lines.next().is_some_and(|line| {
            let is_own = !line.contains(PARENT);
            is_own && line.contains(&format!("trace_id=\"{TRACE}\"")) && lines.next().is_none()
        })
    };
    assert!(
        family("shadowcat_request_duration_seconds_bucket"),
        "{exemplars:?}"
    );
    assert!(
        family("shadowcat_request_answer_duration_seconds_bucket"),
        "{exemplars:?}"
    );
    assert_eq!(exemplars.len(), 2, "{exemplars:?}");
}

/// A context in the header fields of a client's request is linked to, and is not the parent.
#[test]
fn the_context_in_the_head_is_linked_to() {
    let line = format!("{SERVE} --upstream {}", echo_upstream());
    let proxy = Running::start_in(&[("RUST_LOG", "debug")], &line);
    let address = proxy.serving_address();
    let linked = format!("00-{TRACE}-{PARENT}-01");
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"arguments":{"n":1}}}"#;
    let posting = posting("application/json");
    let fields = format!("{posting}\nTraceparent: {linked}\nTracestate: a=1");
    let answer = exchange(&address, "POST /mcp", &fields, body);
    let answer: Value = serde_json::from_slice(&answer.body).expect("JSON");
    let meta = &answer["result"]["params"]["_meta"];
    let own = meta["traceparent"].as_str().expect("text");
    assert!(own.starts_with("00-") && own.ends_with("-03"), "{own}");
    assert!(!own.contains(TRACE) && !own.contains(PARENT), "{own}");
    assert_eq!(meta.get("tracestate"), None);
    proxy.logged(&format!("{own} linked to {linked}"));
}

#[tokio::test]
async fn a_server_over_http_gets_the_span_of_the_proxy_in_body_and_head() {
    for transport in [Transport::Http, Transport::Sse] {
        let (asked, mut seen) = mpsc::unbounded_channel::<ReceivedRequest>();
        let (answered, answers) = mpsc::unbounded_channel::<String>();
        let answers = Arc::new(tokio::sync::Mutex::new(answers));
        let server = Scripted::start(move |request: ReceivedRequest, mut answer: Answer| {
            let (asked, answered) = (asked.clone(), answered.clone());
            let answers = Arc::clone(&answers);
            async move {
                match (request.method.as_str(), transport) {
                    ("POST", Transport::Sse) => {
                        let _ = answered.send(request.result(&json!({})));
                        let _ = asked.send(request);
                        answer.whole("202 Accepted", "", "").await;
                    }
                    ("POST", Transport::Http | Transport::Stdio) => {
                        let result = request.result(&json!({}));
                        let _ = asked.send(request);
                        answer.json(&result).await;
                    }
                    _ => {
                        answer.events().await;
                        answer.raw("event: endpoint\ndata: post\n\n").await;
                        let next = answers.lock().await.recv().await;
                        answer
                            .raw(format!("data: {}\n\n", next.expect("an answer")))
                            .await;
                        tokio::time::sleep(TIMEOUT).await;
                    }
                }
            }
        })
        .await;
        let mut proxied = Proxied::impatient(&server, transport, TIMEOUT);
        let params = json!({ "arguments": { "n": 1 }, "_meta": meta() });
        assert!(proxied.ask_with("tools/call", &params).await["result"].is_object());
        let asked = seen.recv().await.expect("a request");
        let body: Value = serde_json::from_str(&asked.body).expect("JSON");
        assert_passed_on(&body["params"]);
        let parent = body["params"]["_meta"]["traceparent"]
            .as_str()
            .expect("text");
        let head = [
            format!("traceparent: {parent}\r\n"),
            "tracestate: a=1\r\n".to_owned(),
        ];
        for field in head {
            assert!(asked.head.contains(&field), "{}", asked.head);
        }
        proxied.end().await;
    }
}
