//! The trace context of a request, as servers behind each kind of upstream get it.

use std::sync::Arc;

use serde_json::{Value, json};
use shadowcat_metrics::shadowcat::labels::Transport;
use tokio::sync::mpsc;

use crate::proxied::{LONGEST, Proxied};
use crate::scripted::{Answer, ReceivedRequest, Scripted};
use crate::support::Running;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

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
    // It answers with what it was asked.
    let script = r#"read ask; printf '{"jsonrpc":"2.0","id":1,"result":%s}\n' "$ask"; read end"#;
    let mut proxy = Running::start(&["stdio", "--metrics", "off", "--", "sh", "-c", script]);
    let params = json!({ "arguments": { "n": 1 }, "_meta": meta() });
    let answer = proxy.request("tools/call", &params);
    assert_passed_on(&answer["result"]["params"]);
}

#[tokio::test]
async fn a_server_over_http_gets_the_span_of_the_proxy_in_body_and_head() {
    for transport in [Transport::Http, Transport::Sse] {
        let (asked, mut seen) = mpsc::unbounded_channel::<ReceivedRequest>();
        let (answered, answers) = mpsc::unbounded_channel::<String>();
        let answers = Arc::new(tokio::sync::Mutex::new(answers));
        let server = Scripted::start(Arc::new(
            move |request: ReceivedRequest, mut answer: Answer| {
                let (asked, answered) = (asked.clone(), answered.clone());
                let answers = Arc::clone(&answers);
                Box::pin(async move {
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
                            tokio::time::sleep(LONGEST).await;
                        }
                    }
                })
            },
        ))
        .await;
        let mut proxied = Proxied::impatient(&server, transport, LONGEST);
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
