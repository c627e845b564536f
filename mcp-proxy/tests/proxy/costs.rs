//! The context cost of a server, against the bytes that it has written; and notifications that a server refuses.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};
use shadowcat_metrics::shadowcat::labels::Side;

use crate::proxied::Proxied;
use crate::scripted::{Answer, ReceivedRequest, Scripted};

/// Spaces are kept, so that they count.
const TOOLS: [&str; 2] = [
    r#"{"tools":[ {"name": "read",  "inputSchema":{}}, {"name":"write"} ],"nextCursor":"more"}"#,
    r#"{"tools":[{"name":"stat"}]}"#,
];
const LISTED: [&str; 3] = [
    r#"{"name": "read",  "inputSchema":{}}"#,
    r#"{"name":"write"}"#,
    r#"{"name":"stat"}"#,
];
const READ: &str = r#"{"content":[ {"type":"text","text":"größer"} ]}"#;
const FAILED: &str = r#"{"isError":true,"content":[]}"#;
const ASKS: &str = r#"{"resultType":"input_required","inputRequests":{}}"#;
const PROMPT: &str = r#"{"messages":[]}"#;

#[tokio::test]
async fn lists_and_results_are_counted_by_their_bytes() {
    let server = Scripted::start(Arc::new(|asked: ReceivedRequest, mut answer: Answer| {
        Box::pin(async move {
            let body: Value = serde_json::from_str(&asked.body).unwrap_or_default();
            let params = &body["params"];
            let result = match (asked.called().as_str(), params["name"].as_str()) {
                ("tools/list", _) => TOOLS[usize::from(params["cursor"] == "more")],
                ("tools/call", Some("read" | "unlisted")) => READ,
                ("tools/call", Some("ask")) => ASKS,
                ("tools/call", _) => FAILED,
                ("prompts/get", _) => PROMPT,
                _ => "{}",
            };
            let id = asked.id();
            let answered = format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#);
            answer.json(&answered).await;
        })
    }))
    .await;
    let mut client = Proxied::http(&server);
    client.ask("tools/list").await;
    let more = json!({ "cursor": "more" });
    client.ask_with("tools/list", &more).await;
    for tool in ["read", "read", "write", "unlisted", "invented", "ask"] {
        let called = json!({ "name": tool, "arguments": {} });
        client.ask_with("tools/call", &called).await;
    }
    let greet = json!({ "name": "greet" });
    client.ask_with("prompts/get", &greet).await;
    let seen = client.metrics.snapshot();

    let context = seen.context("bad");
    let listed: usize = LISTED.map(str::len).iter().sum();
    assert_eq!(
        (context.tools(), context.tool_list()),
        (3.0, listed as u64),
        "of both pages"
    );
    for (tool, results, failures, bytes) in [
        ("read", 2, 0, 2 * READ.len()),
        ("write", 1, 1, FAILED.len()),
        ("stat", 0, 0, 0),
        ("unlisted", 1, 0, READ.len()),
        ("__other__", 1, 1, FAILED.len()),
        ("invented", 0, 0, 0),
        ("ask", 0, 0, 0),
    ] {
        let called = seen.tool_call("bad", tool);
        assert_eq!(
            (called.results(), called.failures(), called.returned()),
            (results, failures, bytes as u64),
            "{tool}"
        );
    }
    let prompt = seen.prompt_get("bad", "greet");
    assert_eq!(
        (prompt.results(), prompt.returned()),
        (1, PROMPT.len() as u64)
    );
    client.end().await;
}

#[tokio::test]
async fn notifications_that_the_server_refuses_are_dropped() {
    let refused = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&refused);
    let server = Scripted::start(Arc::new(
        move |asked: ReceivedRequest, mut answer: Answer| {
            let refused = Arc::clone(&refused);
            Box::pin(async move {
                match asked.called().as_str() {
                    "notifications/bad" => {
                        refused.fetch_add(1, Ordering::Relaxed);
                        answer.whole("400 Bad Request", "", "").await;
                    }
                    "notifications/good" => answer.whole("202 Accepted", "", "").await,
                    _ => answer.json(&asked.result(&json!({}))).await,
                }
            })
        },
    ))
    .await;
    let mut client = Proxied::http(&server);
    for method in ["bad", "good", "bad", "good", "bad"] {
        client.notify(&format!("notifications/{method}")).await;
    }
    client.ask("ping").await;
    let (seen, _metrics) = client.end().await;
    let notifications = seen.notification("bad");
    assert_eq!(counted.load(Ordering::Relaxed), 3);
    assert_eq!(notifications.dropped(Side::Server), 3);
    assert_eq!(notifications.dropped(Side::Client), 0);
}
