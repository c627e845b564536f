//! Clients that close their sending side after a request, and clients that are gone.

use std::time::Duration;

use mcp_proxy::front::FrontSettings;
use mcp_proxy::jsonrpc::{Message, Response, code};
use serde_json::{Value, json};
use shadowcat_metrics::shadowcat::labels::{Operation, Status, Transport};
use tokio::time::sleep;

use super::wire::Wire;
use super::{
    BOTH, JSON, Tested, ask, ask_stateless, begin, in_session, ping, until, without_session,
};

/// Reads an answer in any form that is sent in chunks or with a length, and the end of the connection.
async fn answer(wire: &mut Wire) -> Value {
    let head = wire.head().await;
    assert_eq!(head.status, 200);
    let json = if head.header("content-length").is_some() {
        wire.body(&head).await
    } else {
        let mut body = String::new();
        while let Some(chunk) = wire.chunk().await {
            body.push_str(&chunk);
        }
        if head.header("content-type") == Some(JSON) {
            body
        } else {
            let mut lines = body.lines();
            let data = lines.find_map(|line| line.strip_prefix("data: "));
            data.expect("an event").to_owned()
        }
    };
    assert_eq!(wire.line().await, None, "the connection ends");
    serde_json::from_str(&json).expect("JSON")
}

/// Long enough for several attempts to find out whether the client is still there.
const SLOW: Duration = Duration::from_millis(400);

#[tokio::test]
async fn a_client_that_closes_its_sending_side_gets_its_answer() {
    for delay in [Duration::ZERO, SLOW] {
        for accept in [BOTH, JSON] {
            let (tested, wire, mut server, session) = begin(FrontSettings::default()).await;
            let mut asking = tested.connect().await;
            asking
                .send("POST /mcp", &in_session(&session, accept), &ping(1))
                .await;
            asking.half_close().await;
            let answering = async {
                let request = server.request().await;
                sleep(delay).await;
                server.answer_to(request.id).await;
            };
            let (answer, ()) = tokio::join!(answer(&mut asking), answering);
            assert_eq!(answer["id"], 1, "{accept}");
            drop((wire, server));
            tested.finish().await;
        }
    }
}

#[tokio::test]
async fn a_client_of_the_revision_without_sessions_gets_its_answer_too() {
    for delay in [Duration::ZERO, SLOW] {
        for accept in [BOTH, JSON] {
            let (tested, mut arrivals) = Tested::holding(FrontSettings::default()).await;
            let mut asking = tested.connect().await;
            let headers = without_session(accept, "tools/list", None);
            let request = ask_stateless(1, "tools/list", json!({}));
            asking.send("POST /mcp", &headers, &request).await;
            asking.half_close().await;
            let answering = async {
                let mut server = arrivals.recv().await.expect("a session");
                sleep(delay).await;
                assert_eq!(server.answer().await, "tools/list");
                server
            };
            let (answer, server) = tokio::join!(answer(&mut asking), answering);
            assert_eq!(answer["id"], 1, "{accept}");
            drop(server);
            tested.finish().await;
        }
    }
}

/// The status is not known before the answer.
#[tokio::test]
async fn a_slow_error_keeps_its_status() {
    for accept in [BOTH, JSON] {
        let settings = FrontSettings {
            first_message: Duration::from_secs(3600),
            ..FrontSettings::default()
        };
        let (tested, mut arrivals) = Tested::holding(settings).await;
        let mut asking = tested.connect().await;
        let headers = without_session(accept, "no/such/method", None);
        let request = ask_stateless(1, "no/such/method", json!({}));
        asking.send("POST /mcp", &headers, &request).await;
        asking.half_close().await;
        let mut server = arrivals.recv().await.expect("a session");
        let request = server.request().await;
        sleep(SLOW).await;
        let unknown = Response::error(Some(request.id), code::METHOD_NOT_FOUND, "unknown");
        server.say(Message::Response(unknown)).await;
        let head = asking.head().await;
        assert_eq!(head.status, 404, "{accept}");
        assert_eq!(asking.json(&head).await["error"]["code"], -32601);
        drop(server);
        tested.finish().await;
    }
}

#[tokio::test]
async fn a_large_answer_arrives_completely() {
    const BYTES: usize = 8 * 1024 * 1024;
    let (tested, mut wire, session) = Tested::with_session(FrontSettings::default()).await;
    let big = ask(
        1,
        "tools/call",
        &json!({ "name": "big", "arguments": { "bytes": BYTES } }),
    );
    wire.send("POST /mcp", &in_session(&session, JSON), &big)
        .await;
    wire.half_close().await;
    let answer = answer(&mut wire).await;
    let text = answer["result"]["content"][0]["text"].as_str();
    assert_eq!(text.map(str::len), Some(BYTES));
    tested.finish().await;
}

#[tokio::test]
async fn a_body_that_ends_early_is_refused() {
    let tested = Tested::serving(FrontSettings::default()).await;
    let mut wire = tested.connect().await;
    let part = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
    wire.write(part).await;
    wire.half_close().await;
    assert_eq!(wire.head().await.status, 400);
    let failed = tested.operations(Transport::Http, Operation::Receive, Status::Failed);
    assert_eq!(failed, 1);
    tested.finish().await;
}

/// A client that is gone looks as if it had closed its sending side.
#[tokio::test]
async fn a_client_that_is_gone_is_noticed_before_its_answer() {
    let (tested, mut wire, mut server, session) = begin(FrontSettings {
        max_requests: 1,
        ..FrontSettings::default()
    })
    .await;
    let headers = in_session(&session, JSON);
    let mut gone = tested.connect().await;
    gone.send("POST /mcp", &headers, &ping(1)).await;
    server.request().await;
    drop(gone);
    // Its request takes up the only place until the proxy notices.
    for id in 2.. {
        wire.send("POST /mcp", &headers, &ping(id)).await;
        tokio::select! {
            head = wire.head() => {
                assert_eq!(head.status, 503, "the place is taken");
                wire.body(&head).await;
            }
            _ = server.answer() => {
                let head = wire.head().await;
                assert_eq!(head.status, 200);
                wire.body(&head).await;
                break;
            }
        }
        assert!(id < 1000, "not in time");
        sleep(Duration::from_millis(10)).await;
    }
    server.answer_to(1).await;
    let failed = || tested.operations(Transport::Http, Operation::Send, Status::Failed);
    until("the answer for nobody is counted", || failed() == 1).await;
    drop(server);
    tested.finish().await;
}

#[tokio::test]
async fn a_request_without_a_session_is_cancelled_when_its_client_is_gone() {
    for accept in [BOTH, JSON] {
        let (tested, mut arrivals) = Tested::holding(FrontSettings::default()).await;
        let mut gone = tested.connect().await;
        let headers = without_session(accept, "tools/list", None);
        let request = ask_stateless(1, "tools/list", json!({}));
        gone.send("POST /mcp", &headers, &request).await;
        let mut server = arrivals.recv().await.expect("a session");
        server.request().await;
        drop(gone);
        until("the session is over", || server.link().outgoing.is_closed()).await;
        drop(server);
        tested.finish().await;
    }
}
