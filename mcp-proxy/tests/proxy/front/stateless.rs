//! Requests of the revision 2026-07-28, which belong to no session.

use std::time::Duration;

use mcp_proxy::front::FrontSettings;
use serde_json::json;
use shadowcat_metrics::shadowcat::labels::{Limit, Method, Operation, Outcome, Status, Transport};

use super::ask_stateless as ask;
use super::{BOTH, JSON, STATELESS, Tested, until, without_session};

/// Returns the header fields for posting a request that accepts both kinds of answers.
fn head(method: &str, name: Option<&str>) -> String {
    without_session(BOTH, method, name)
}

fn echo(id: u64) -> String {
    let params = json!({ "name": "echo", "arguments": { "text": "hi" } });
    ask(id, "tools/call", params)
}

#[tokio::test]
async fn requests_without_a_session_reuse_a_server() {
    let (tested, mut arrivals) = Tested::holding(FrontSettings::default()).await;
    let mut wire = tested.connect().await;
    let mut server = None;
    for id in 1..=3 {
        let answering = async {
            let server = match &mut server {
                Some(server) => server,
                None => server.insert(arrivals.recv().await.expect("a session")),
            };
            server.answer().await
        };
        let call = head("tools/call", Some("echo"));
        let body = echo(id);
        let (head, method) = tokio::join!(wire.request("POST /mcp", &call, &body), answering);
        assert_eq!((head.status, method.as_str()), (200, "tools/call"));
        assert_eq!(head.header("content-type"), Some(JSON));
        assert_eq!(head.header("mcp-session-id"), None);
        let answer = wire.json(&head).await;
        assert_eq!((&answer["id"], &answer["result"]), (&json!(id), &json!({})));
    }
    assert!(arrivals.try_recv().is_err(), "one was enough");
    let sent = tested.operations(Transport::Http, Operation::Send, Status::Ok);
    assert_eq!(sent, 3);
    drop(server);
    tested.finish().await;
}

#[tokio::test]
async fn at_the_limit_the_longest_idle_session_without_a_client_makes_room() {
    let (tested, mut arrivals) = Tested::holding(FrontSettings {
        routes: vec!["first".to_owned(), "second".to_owned()],
        max_sessions: 2,
        ..FrontSettings::default()
    })
    .await;
    let mut wire = tested.connect().await;
    let mut other = tested.connect().await;
    let call = head("tools/call", Some("echo"));
    // Two requests at the same time take both places, and leave both sessions idle.
    wire.send("POST /mcp", &call, &echo(1)).await;
    let mut older = arrivals.recv().await.expect("a session");
    other.send("POST /mcp", &call, &echo(2)).await;
    let mut newer = arrivals.recv().await.expect("a session");
    for (wire, server) in [(&mut wire, &mut older), (&mut other, &mut newer)] {
        server.answer().await;
        let answered = wire.head().await;
        assert_eq!(answered.status, 200);
        wire.body(&answered).await;
    }

    let (_, server) = tokio::join!(wire.initialize("/second/mcp"), async {
        let mut server = arrivals.recv().await.expect("a session");
        server.answer().await;
        server
    });
    assert!(older.next().await.is_none(), "it has made room");

    // A session with a client is not idle, and neither is one that answers.
    other.send("POST /mcp", &call, &echo(3)).await;
    newer.request().await;
    let refused = wire.request("POST /mcp", &call, &echo(4)).await;
    assert_eq!(refused.status, 503);
    wire.body(&refused).await;
    let snapshot = tested.metrics.snapshot();
    assert_eq!(snapshot.front().limits_reached(Limit::Sessions), 1);

    newer.answer_to(3).await;
    assert_eq!(other.head().await.status, 200);
    drop((newer, server));
    tested.finish().await;
}

#[tokio::test]
async fn headers_must_match_the_body() {
    let tested = Tested::serving(FrontSettings::default()).await;
    let mut wire = tested.connect().await;
    let right = head("tools/call", Some("echo"));
    for wrong in [
        head("tools/list", Some("echo")),
        head("tools/call", Some("other")),
        head("tools/call", None),
        right.replace(STATELESS, "2026-08-01"),
        right.replace("Mcp-Method", "X-Method"),
    ] {
        let refused = wire.request("POST /mcp", &wrong, &echo(7)).await;
        assert_eq!(refused.status, 400, "{wrong}");
        let answer = wire.json(&refused).await;
        assert_eq!(
            (&answer["error"]["code"], &answer["id"]),
            (&json!(-32020), &json!(7))
        );
    }
    let snapshot = tested.metrics.snapshot();
    let requests = snapshot.request("default");
    assert_eq!(requests.completed(Method::ToolsCall, Outcome::Rejected), 5);
    assert_eq!(
        wire.request("POST /mcp", &right, &echo(7)).await.status,
        200
    );
    tested.finish().await;
}

#[tokio::test]
async fn an_unknown_method_is_not_found_and_there_is_no_standing_stream() {
    let tested = Tested::serving(FrontSettings::default()).await;
    let mut wire = tested.connect().await;
    let asked = ask(1, "no/such/method", json!({}));
    let unknown = wire
        .request("POST /mcp", &head("no/such/method", None), &asked)
        .await;
    assert_eq!(unknown.status, 404);
    assert_eq!(wire.json(&unknown).await["error"]["code"], -32601);
    for method in ["GET", "DELETE"] {
        let refused = wire
            .request(&format!("{method} /mcp"), &head("x", None), "")
            .await;
        assert_eq!(refused.status, 405, "{method}");
        wire.body(&refused).await;
    }
    tested.finish().await;
}

#[tokio::test]
async fn a_message_before_the_answer_makes_the_response_a_stream() {
    let tested = Tested::serving(FrontSettings::default()).await;
    let mut wire = tested.connect().await;
    let slow = json!({ "name": "slow", "arguments": { "milliseconds": 200 } });
    let asked = ask(1, "tools/call", slow);
    let stream = wire
        .request("POST /mcp", &head("tools/call", Some("slow")), &asked)
        .await;
    assert_eq!(stream.header("content-type"), Some("text/event-stream"));
    assert_eq!(stream.header("x-accel-buffering"), Some("no"));
    let progress = wire.event().await.expect("progress").json();
    assert_eq!(progress["method"], "notifications/progress");
    assert_eq!(wire.event().await.expect("an answer").json()["id"], 1);
    assert!(wire.event().await.is_none());
    tested.finish().await;
}

#[tokio::test]
async fn closing_the_stream_cancels_the_request() {
    let (tested, mut arrivals) = Tested::holding(FrontSettings {
        keep_alive: Duration::from_millis(20),
        ..FrontSettings::default()
    })
    .await;
    let mut wire = tested.connect().await;
    let asked = ask(1, "subscriptions/listen", json!({}));
    let listening = head("subscriptions/listen", None);
    let (stream, server) = tokio::join!(
        wire.request("POST /mcp", &listening, &asked),
        arrivals.recv()
    );
    assert_eq!(stream.status, 200);
    let mut server = server.expect("a session");
    server.request().await;
    assert_eq!(wire.chunk().await.as_deref(), Some(": keep-alive\n\n"));
    drop(wire);
    until("the session is over", || server.link().outgoing.is_closed()).await;
    drop(server);
    tested.finish().await;
}

#[tokio::test]
async fn a_name_may_be_encoded_and_other_headers_are_kept() {
    let (tested, mut arrivals) = Tested::holding(FrontSettings::default()).await;
    let mut wire = tested.connect().await;
    let asked = ask(1, "tools/call", json!({ "name": "Hello, 世界" }));
    let call = head("tools/call", Some("=?base64?SGVsbG8sIOS4lueVjA==?="));
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let call = format!("{call}\nMcp-Param-Region: us-west1\nTraceparent: {parent}\nX-Other: 1");
    let serving = async {
        let mut server = arrivals.recv().await.expect("a session");
        let request = server.request().await;
        server.answer_to(request.id).await;
        (server, request.headers)
    };
    let (answered, (server, passed)) =
        tokio::join!(wire.request("POST /mcp", &call, &asked), serving);
    assert_eq!(answered.status, 200);
    wire.body(&answered).await;
    assert_eq!(passed.len(), 2, "{passed:?}");
    assert_eq!(
        (&passed["mcp-param-region"], &passed["traceparent"]),
        (
            &"us-west1".parse().expect("a value"),
            &parent.parse().expect("a value"),
        )
    );
    drop(server);
    tested.finish().await;
}

#[tokio::test]
async fn an_unknown_version_is_refused_with_the_supported_ones() {
    let tested = Tested::serving(FrontSettings::default()).await;
    let mut wire = tested.connect().await;
    let right = head("tools/list", None);
    for (version, code) in [
        ("yesterday", -32022),
        ("1900-01-01", -32022),
        ("2025-11-25", -32020),
    ] {
        let declared = if code == -32022 { version } else { STATELESS };
        let body = ask(7, "tools/list", json!({})).replace(STATELESS, declared);
        let refused = wire
            .request("POST /mcp", &right.replace(STATELESS, version), &body)
            .await;
        assert_eq!(refused.status, 400, "{version}");
        let answer = wire.json(&refused).await;
        assert_eq!(
            (&answer["error"]["code"], &answer["id"]),
            (&json!(code), &json!(7)),
            "{answer}"
        );
        if code == -32022 {
            let data = &answer["error"]["data"];
            assert_eq!(data["requested"], version);
            assert!(
                data["supported"]
                    .as_array()
                    .expect("a list")
                    .contains(&json!(STATELESS))
            );
        }
    }
    // The body names a revision that requires the header field.
    let without = right.replace("MCP-Protocol-Version", "X-Version");
    let refused = wire
        .request("POST /mcp", &without, &ask(7, "tools/list", json!({})))
        .await;
    assert_eq!(wire.json(&refused).await["error"]["code"], -32020);
    tested.finish().await;
}

#[tokio::test]
async fn a_server_cannot_cancel_a_request_that_it_then_answers() {
    for accept in [BOTH, JSON] {
        let (tested, mut arrivals) = Tested::holding(FrontSettings::default()).await;
        let mut wire = tested.connect().await;
        let headers = head("tools/list", None).replace(BOTH, accept);
        let asked = ask(1, "tools/list", json!({}));
        let serving = async {
            let mut server = arrivals.recv().await.expect("a session");
            let request = json!({ "requestId": 1 });
            server.notify_of("notifications/cancelled", &request).await;
            assert_eq!(server.answer().await, "tools/list");
            server
        };
        let (answered, server) = tokio::join!(wire.request("POST /mcp", &headers, &asked), serving);
        assert_eq!(answered.status, 200);
        if accept == BOTH {
            let cancelled = wire.event().await.expect("it is passed on").json();
            assert_eq!(cancelled["method"], "notifications/cancelled");
            assert_eq!(wire.event().await.expect("the answer").json()["id"], 1);
        } else {
            assert_eq!(wire.json(&answered).await["id"], 1);
        }
        drop(server);
        tested.finish().await;
    }
}

#[tokio::test]
async fn a_server_that_ends_a_subscription_ends_its_stream() {
    let (tested, mut arrivals) = Tested::holding(FrontSettings::default()).await;
    let mut wire = tested.connect().await;
    let asked = ask(1, "subscriptions/listen", json!({}));
    let listening = head("subscriptions/listen", None);
    let serving = async {
        let mut server = arrivals.recv().await.expect("a session");
        server.request().await;
        server.notify(1).await;
        let request = json!({ "requestId": 1 });
        server.notify_of("notifications/cancelled", &request).await;
        server
    };
    let (stream, server) = tokio::join!(wire.request("POST /mcp", &listening, &asked), serving);
    assert_eq!(stream.status, 200);
    let event = wire.event().await.expect("an earlier event").json();
    assert_eq!(event["method"], "notifications/message");
    assert!(wire.event().await.is_none(), "the end needs no message");
    drop(server);
    tested.finish().await;
}
