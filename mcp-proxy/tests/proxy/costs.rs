//! The sizes of tool lists and results, compared with the bytes that the server wrote; and notifications that it refuses.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use shadowcat_metrics::shadowcat::labels::{
    Answer as Kind, Call, Method, Outcome, Side, Transport,
};

use crate::proxied::Proxied;
use crate::scripted::{Answer, ReceivedRequest, Scripted};

/// The sizes include spaces, because the proxy forwards them.
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
    let server = Scripted::start(|asked: ReceivedRequest, mut answer: Answer| async move {
        let body: Value = serde_json::from_str(&asked.body).unwrap_or_default();
        let params = &body["params"];
        if params["arguments"]["fails"] == true {
            return answer.json(&asked.error(-32603)).await;
        }
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
    .await;
    let mut client = Proxied::http(&server);
    client.ask("tools/list").await;
    let more = json!({ "cursor": "more" });
    client.ask_with("tools/list", &more).await;
    for (tool, fails) in [
        ("read", false),
        ("read", false),
        ("write", false),
        ("write", true),
        ("unlisted", false),
        ("invented", false),
        ("ask", false),
    ] {
        let called = json!({ "name": tool, "arguments": { "fails": fails } });
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
    let (metrics, requests) = (&client.metrics, seen.request("bad"));
    // Results, JSON-RPC errors and failures of the tool.
    for (tool, expected, bytes) in [
        ("read", [2, 0, 0], 2 * READ.len()),
        ("write", [0, 1, 1], FAILED.len()),
        ("stat", [0, 0, 0], 0),
        ("unlisted", [1, 0, 0], READ.len()),
        ("__other__", [0, 0, 1], FAILED.len()),
        ("invented", [0, 0, 0], 0),
        ("ask", [0, 0, 0], 0),
    ] {
        let label = metrics.tool(tool);
        let call = Call::ToolsCall(&label);
        let answers = Kind::ALL.map(|answer| requests.answers(call, answer));
        assert_eq!(
            (answers, requests.returned(call)),
            (expected, bytes as u64),
            "{tool}"
        );
    }
    // A call counts under the name that its tool has when the call ends, whatever its outcome.
    for (tool, calls) in [
        ("read", 2),
        ("write", 2),
        ("stat", 0),
        ("unlisted", 1),
        ("__other__", 2),
        ("invented", 0),
        ("ask", 0),
    ] {
        let durations = requests.tool_duration(metrics.tool(tool));
        assert_eq!(durations.count(), calls, "{tool}");
        assert_eq!(durations.sum() > Duration::ZERO, calls > 0, "{tool}");
    }
    let greet = metrics.prompt("greet");
    let call = Call::PromptsGet(&greet);
    assert_eq!(
        (requests.answers(call, Kind::Ok), requests.returned(call)),
        (1, PROMPT.len() as u64)
    );
    assert_eq!(requests.answers(Call::ToolsList, Kind::Ok), 2);
    let lists = TOOLS.map(str::len).iter().sum::<usize>();
    assert_eq!(requests.returned(Call::ToolsList), lists as u64);
    client.end().await;
}

#[tokio::test]
async fn timeouts_are_counted_by_tool() {
    let server = Scripted::start(|asked: ReceivedRequest, mut answer: Answer| async move {
        match asked.called().as_str() {
            "tools/list" => {
                let tools = json!({ "tools": [{ "name": "slow" }, { "name": "fast" }] });
                answer.json(&asked.result(&tools)).await;
            }
            "tools/call" | "resources/read" if !asked.body.contains("fast") => {
                std::future::pending::<()>().await;
            }
            _ => answer.json(&asked.result(&json!({}))).await,
        }
    })
    .await;
    let mut client = Proxied::impatient(&server, Transport::Http, Duration::from_millis(500));
    client.ask("tools/list").await;
    for tool in ["slow", "fast", "slow", "invented"] {
        client
            .ask_with("tools/call", &json!({ "name": tool }))
            .await;
    }
    client.ask_with("tools/call", &json!({})).await;
    client.ask("resources/read").await;
    let seen = client.metrics.snapshot();
    let requests = seen.request("bad");
    for (tool, timeouts) in [("slow", 2), ("fast", 0), ("__other__", 2), ("invented", 0)] {
        let label = client.metrics.tool(tool);
        assert_eq!(requests.tool_timeouts(&label), timeouts, "{tool}");
        let durations = requests.tool_duration(&label);
        assert!(
            durations.sum() >= Duration::from_millis(500 * timeouts),
            "{tool}"
        );
    }
    let durations = |tool| requests.tool_duration(client.metrics.tool(tool)).count();
    let counts = ["slow", "fast", "__other__"].map(durations);
    assert_eq!(counts, [2, 1, 1 + 1], "and the call without a name");
    let calls = requests.completed(Method::ToolsCall, Outcome::TimedOut);
    assert_eq!(calls, 4, "all of them are calls of a tool");
    client.end().await;
}

#[tokio::test]
async fn notifications_that_the_server_refuses_are_dropped() {
    let refused = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&refused);
    let server = Scripted::start(move |asked: ReceivedRequest, mut answer: Answer| {
        let refused = Arc::clone(&refused);
        async move {
            match asked.called().as_str() {
                "notifications/bad" => {
                    refused.fetch_add(1, Ordering::Relaxed);
                    answer.whole("400 Bad Request", "", "").await;
                }
                "notifications/good" => answer.whole("202 Accepted", "", "").await,
                _ => answer.json(&asked.result(&json!({}))).await,
            }
        }
    })
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
