//! Exported spans, as a receiver of OTLP gets them.

mod receiver;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use crate::scripted::{Answer, ReceivedRequest, Scripted};
use crate::support::{Running, SERVE, STDIO, exchange, posting, program, quote, words};
use crate::trace::{ECHO, echo_upstream};
use receiver::{Receiver, Span};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

/// Kinds of spans in OTLP.
const INTERNAL: i32 = 1;
const SERVER: i32 = 2;
const CLIENT: i32 = 3;

/// Returns the command line of a proxy before a server that answers its first request with that request.
fn before_echo() -> String {
    format!("{STDIO} -- sh -c {}", quote(ECHO))
}

fn traceparent(flags: &str) -> String {
    format!("00-{TRACE}-{PARENT}-{flags}")
}

/// Sends one call of a tool through a proxy with these variables, and ends it. Returns the context that the server got, and the
/// spans.
fn call(settings: &[(&str, &str)], meta: &Value) -> (Option<String>, Vec<Span>) {
    let receiver = Receiver::start();
    let endpoint = receiver.endpoint();
    let endpoint = [("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str())];
    let mut proxy = Running::start_in(&[&endpoint, settings].concat(), &before_echo());
    let params = json!({ "name": "add", "arguments": {}, "_meta": meta });
    let answer = proxy.request("tools/call", &params);
    assert!(proxy.finish().success());
    let own = &answer["result"]["params"]["_meta"]["traceparent"];
    (own.as_str().map(str::to_owned), receiver.spans())
}

fn only<'a>(spans: &'a [Span], kind: i32, name: &str) -> &'a Span {
    let mut found = spans
        .iter()
        .filter(|span| (span.kind, &*span.name) == (kind, name));
    match (found.next(), found.next()) {
        (Some(span), None) => span,
        _ => panic!("no span, or several, of kind {kind} named {name}: {spans:#?}"),
    }
}

#[test]
fn a_request_is_followed_from_the_client_to_the_server() {
    let (own, spans) = call(&[], &json!({ "traceparent": traceparent("01") }));
    let whole = only(&spans, SERVER, "tools/call add");
    assert_eq!((&*whole.trace(), &*whole.parent()), (TRACE, PARENT));
    let forward = only(&spans, INTERNAL, "forward");
    let client = only(&spans, CLIENT, "tools/call add");
    for span in [forward, client] {
        assert_eq!((span.trace(), span.parent()), (whole.trace(), whole.id()));
    }
    // The server's parent is the exported span.
    let expected = format!("00-{TRACE}-{}-01", client.id());
    assert_eq!(own.as_deref(), Some(&*expected));
    for (key, value) in [
        ("mcp.method.name", "tools/call"),
        ("gen_ai.tool.name", "add"),
        ("jsonrpc.request.id", "1"),
        ("network.transport", "pipe"),
        ("shadowcat.server", "sh"),
        ("shadowcat.outcome", "ok"),
    ] {
        for span in [whole, client] {
            assert_eq!(span.text(key).as_deref(), Some(value), "{key}: {span:#?}");
        }
    }

    let session = only(&spans, INTERNAL, "session");
    assert_eq!(
        session.text("shadowcat.session.end").as_deref(),
        Some("client")
    );
    assert_ne!(session.trace(), TRACE);
    assert_eq!(whole.links(), [(session.trace(), session.id())]);
    let process = only(&spans, INTERNAL, "process");
    assert_eq!(
        (process.trace(), process.parent()),
        (session.trace(), session.id())
    );
    assert!(process.number("process.pid").is_some_and(|pid| pid > 1));
    assert_eq!(process.number("process.pid"), client.number("process.pid"));
    assert!(process.text("shadowcat.process.status").is_some());

    assert!(whole.begin <= forward.begin && forward.begin <= forward.end);
    assert!(forward.end <= client.end && client.end <= whole.end);
    assert_eq!(spans.len(), 5, "{spans:#?}");
}

#[test]
fn the_sampler_decides() {
    let requests = |spans: Vec<Span>| {
        let of_requests = |span: &Span| span.kind == SERVER;
        spans.into_iter().filter(of_requests).collect::<Vec<_>>()
    };
    let unsampled = json!({ "traceparent": traceparent("00") });
    let (own, spans) = call(&[], &unsampled);
    assert!(own.is_some_and(|own| own.ends_with("-00")));
    assert_eq!(requests(spans), []);

    let all = [("OTEL_TRACES_SAMPLER", "always_on")];
    let (own, spans) = call(&all, &unsampled);
    assert!(own.is_some_and(|own| own.ends_with("-01")));
    assert_eq!(requests(spans)[0].trace(), TRACE);

    // A request without a trace begins one, which is sampled by the ratio.
    let (own, spans) = call(&[], &json!({}));
    let spans = requests(spans);
    assert!(own.is_some_and(|own| own.contains(&spans[0].trace())));
    assert_eq!(spans[0].parent(), "");
    let none = [
        ("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"),
        ("OTEL_TRACES_SAMPLER_ARG", "0"),
    ];
    assert_eq!(call(&none, &json!({})), (None, Vec::new()));
    let (_, spans) = call(&none, &json!({ "traceparent": traceparent("01") }));
    assert_eq!(requests(spans)[0].trace(), TRACE);
}

#[test]
fn nothing_is_exported_unless_the_environment_asks_for_it() {
    for settings in [
        [("OTEL_TRACES_EXPORTER", "none")],
        [("OTEL_SDK_DISABLED", "true")],
        [("OTEL_EXPORTER_OTLP_ENDPOINT", "")],
    ] {
        assert_eq!(call(&settings, &json!({})), (None, Vec::new()));
    }
}

#[test]
fn wrong_settings_are_errors() {
    for (name, value) in [
        ("OTEL_TRACES_EXPORTER", "zipkin"),
        ("OTEL_TRACES_SAMPLER", "sometimes"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "10s"),
    ] {
        let mut command = program();
        command.args(words(&before_echo())).env(name, value);
        command.env("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://127.0.0.1:1");
        let output = command.output().expect("it starts");
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.contains(name) && error.contains(value), "{error}");
    }
}

#[test]
fn requests_over_http_have_their_session_and_links_and_logs_have_the_trace() {
    let receiver = Receiver::start();
    let endpoint = format!("{}/v1/traces", receiver.endpoint());
    // Nothing listens there.
    let refusing = "http://127.0.0.1:1/mcp";
    let servers = format!("--upstream {} --upstream gone={refusing}", echo_upstream());
    let mut proxy = Running::start_in(
        &[
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", &endpoint),
            ("RUST_LOG", "warn"),
        ],
        &format!("{SERVE} {servers}"),
    );
    let address = proxy.serving_address();
    let linked = traceparent("01");
    let initialize = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}"#;
    let post = |field: &str, body| {
        let posting = posting("application/json, text/event-stream");
        exchange(&address, "POST /mcp", &format!("{posting}\n{field}"), body)
    };
    let opened = post(&format!("Traceparent: {linked}"), initialize);
    let session = opened.header("mcp-session-id").expect("a session");

    // A request that the front refuses still belongs to the client's trace.
    let refused = format!(
        r#"{{"jsonrpc":"2.0","id":2,"method":"ping","params":{{"_meta":{{"traceparent":"{linked}"}}}}}}"#
    );
    assert_eq!(post("Mcp-Session-Id: unknown", &refused).status, 404);

    proxy.signal("TERM");
    assert!(proxy.wait().success());
    let spans = receiver.spans();
    let whole = only(&spans, SERVER, "initialize");
    assert_ne!(whole.trace(), TRACE);
    assert!(
        whole
            .links()
            .contains(&(TRACE.to_owned(), PARENT.to_owned())),
        "{whole:#?}"
    );
    assert_eq!(whole.text("mcp.session.id").as_deref(), Some(session));
    assert_eq!(whole.text("network.transport").as_deref(), Some("tcp"));
    let ping = only(&spans, SERVER, "ping");
    assert_eq!((&*ping.trace(), &*ping.parent()), (TRACE, PARENT));
    assert_eq!(ping.text("error.type").as_deref(), Some("rejected"));
    assert!(ping.has_failed());
}

/// A server that forgets its first session when a tool is called.
async fn forgetful() -> Scripted {
    let calls = Arc::new(AtomicU64::new(0));
    Scripted::start(move |asked: ReceivedRequest, mut answer: Answer| {
        let calls = Arc::clone(&calls);
        async move {
            let result = asked.result(&json!({}));
            match (&*asked.method, &*asked.called()) {
                ("POST", "initialize") => {
                    let head = "content-type: application/json\r\nmcp-session-id: s\r\n";
                    answer.whole("200 OK", head, &result).await;
                }
                ("POST", "tools/call") if calls.fetch_add(1, Ordering::Relaxed) == 0 => {
                    answer.whole("404 Not Found", "", "").await;
                }
                ("POST", "tools/call") => answer.json(&result).await,
                ("POST", _) => answer.whole("202 Accepted", "", "").await,
                _ => answer.whole("405 Method Not Allowed", "", "").await,
            }
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_sent_twice_has_a_span_for_each_response() {
    let server = forgetful().await;
    let receiver = Receiver::start();
    let endpoint = receiver.endpoint();
    let upstream = format!("forgetful={}", server.url("mcp"));
    let spans = tokio::task::spawn_blocking(move || {
        let environment = [("OTEL_EXPORTER_OTLP_ENDPOINT", &*endpoint)];
        let line = format!("{STDIO} --upstream {upstream}");
        let mut proxy = Running::start_in(&environment, &line);
        let _ = proxy.request("initialize", &json!({}));
        proxy.send_line(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
        let params = json!({ "name": "add", "_meta": { "traceparent": traceparent("01") } });
        assert!(proxy.request("tools/call", &params)["result"].is_object());
        assert!(proxy.finish().success());
        receiver.spans()
    });
    let spans = spans.await.expect("no panic");
    let whole = only(&spans, SERVER, "tools/call add");
    let mut sent: Vec<_> = spans
        .iter()
        .filter(|span| (span.kind, &*span.name) == (CLIENT, "tools/call add"))
        .collect();
    sent.sort_by_key(|span| span.begin);
    let [first, second] = sent[..] else {
        panic!("{spans:#?}");
    };
    assert_eq!(first.parent(), whole.id());
    assert_eq!(second.parent(), first.id());
    for (span, status) in [(first, 404), (second, 200)] {
        assert_eq!(span.trace(), TRACE);
        assert_eq!(span.number("http.response.status_code"), Some(status));
    }
    assert!(first.end <= second.begin);
    assert_eq!(whole.number("http.response.status_code"), None);
}

#[test]
fn log_lines_about_a_request_have_its_trace() {
    let receiver = Receiver::start();
    let endpoint = receiver.endpoint();
    let mut proxy = Running::start_in(
        &[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint),
            ("RUST_LOG", "warn"),
        ],
        // Nothing listens there.
        &format!("{STDIO} --upstream gone=http://127.0.0.1:1/mcp"),
    );
    let params = json!({ "_meta": { "traceparent": traceparent("01") } });
    assert!(proxy.request("initialize", &params)["error"].is_object());
    proxy.logged(TRACE);
    proxy.hang_up();
    proxy.wait();
    let spans = receiver.spans();
    let client = only(&spans, CLIENT, "initialize");
    assert_eq!(client.text("server.address").as_deref(), Some("127.0.0.1"));
    assert_eq!(client.number("server.port"), Some(1));
    assert!(client.has_failed());
}
