//! Requirements on requests, their responses, and what is counted.

use std::time::Duration;

use mcp_proxy::front::FrontSettings;
use serde_json::json;
use shadowcat_metrics::shadowcat::labels::{Direction, Operation, Phase, Side, Status, Transport};

use super::{BOTH, JSON, Tested, ask, in_session, initialize, ping, until};
use crate::support::posting;

#[tokio::test]
async fn counts_match_the_exchanged_messages() {
    let (tested, mut wire, session) = Tested::with_session(FrontSettings::default()).await;

    let initialized = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
    let head = wire.post(&session, BOTH, initialized).await;
    assert_eq!((head.status, wire.body(&head).await.as_str()), (202, ""));

    let echo = json!({ "name": "echo", "arguments": { "text": "hi" } });
    let head = wire.post(&session, JSON, ask(1, "tools/call", &echo)).await;
    assert_eq!(head.header("content-type"), Some(JSON));
    let answer = wire.body(&head).await;
    assert!(answer.contains("\"hi\""), "{answer}");

    let head = wire.post(&session, BOTH, ping(2)).await;
    assert_eq!(head.header("content-type"), Some("text/event-stream"));
    let event = wire.event().await.expect("an answer");
    assert_eq!(
        (event.name.as_str(), &event.json()["id"]),
        ("message", &json!(2))
    );
    assert!(wire.event().await.is_none());

    assert_eq!(wire.end(&session).await, 200);

    let snapshot = tested.metrics.snapshot();
    let transport = snapshot.transport(Transport::Http);
    let count = |operation, status| transport.operations(Side::Client, operation, status);
    assert_eq!(count(Operation::Receive, Status::Ok), 4);
    assert_eq!(count(Operation::Send, Status::Ok), 3);
    assert_eq!(count(Operation::Send, Status::Failed), 0);
    assert_eq!(transport.message_size(Side::Client).count(), 4);
    for phase in [Phase::Transfer, Phase::Deserialize] {
        assert_eq!(transport.phase_duration(phase).count(), 4, "{phase}");
    }
    assert_eq!(transport.phase_duration(Phase::Serialize).count(), 3);
    for phase in [Phase::Connect, Phase::FirstByte] {
        assert_eq!(transport.phase_duration(phase).count(), 0, "{phase}");
    }
    let http = snapshot.http(Side::Client);
    assert_eq!(
        (http.connections_opened(), http.connections_reused()),
        (1, 4)
    );
    assert_eq!(http.header_duration().count(), 5);
    let received =
        initialize().len() + initialized.len() + ask(1, "tools/call", &echo).len() + ping(2).len();
    assert_eq!(http.body(Direction::Received), received as u64);
    assert_eq!(http.body_duration(Direction::Received).count(), 4);
    assert_eq!(http.body_chunks(Direction::Sent), 3);
    until("the bodies are over", || {
        let snapshot = tested.metrics.snapshot();
        snapshot
            .http(Side::Client)
            .body_duration(Direction::Sent)
            .count()
            == 3
    })
    .await;
    tested.finish().await;
}

#[tokio::test]
async fn heads_are_checked() {
    let (tested, _wire, session) = Tested::with_session(FrontSettings {
        allowed_origins: vec!["https://example.org".to_owned()],
        ..FrontSettings::default()
    })
    .await;
    let (post, named) = (posting(BOTH), in_session(&session, BOTH));
    let listen = format!("Accept: text/event-stream\nMcp-Session-Id: {session}");
    let cases: [(&str, String, u16); 26] = [
        ("POST /mcp", post.clone(), 400),
        ("POST /mcp", format!("{post}\nMcp-Session-Id: unknown"), 404),
        ("POST /mcp", named.clone(), 200),
        ("POST /default/mcp", named.clone(), 200),
        (
            "POST /mcp",
            format!("{named}\nMCP-Protocol-Version: 2024-11-05"),
            200,
        ),
        (
            "POST /mcp",
            format!("{named}\nMCP-Protocol-Version: newest"),
            400,
        ),
        (
            "POST /mcp",
            format!("{named}\nOrigin: http://127.0.0.1:6274"),
            200,
        ),
        (
            "POST /mcp",
            format!("{named}\nOrigin: https://example.org"),
            200,
        ),
        (
            "POST /mcp",
            format!("{named}\nOrigin: https://example.org.evil.test"),
            403,
        ),
        ("POST /mcp", format!("{named}\nOrigin: null"), 403),
        ("POST /mcp", named.replace("Accept", "X-Accept"), 200),
        ("POST /mcp", named.replace(BOTH, "text/html"), 406),
        (
            "POST /mcp",
            named.replace("Content-Type: application/json", ""),
            415,
        ),
        (
            "POST /mcp",
            named.replace("Type: application/json", "Type: text/plain"),
            415,
        ),
        ("PUT /mcp", named.clone(), 405),
        ("HEAD /mcp", named.clone(), 405),
        ("OPTIONS /mcp", String::new(), 204),
        ("POST /sse", named.clone(), 405),
        ("POST /", named.clone(), 404),
        ("POST /other/mcp", named.clone(), 404),
        ("POST /messages", post.clone(), 400),
        ("POST /messages?sessionId=unknown", post.clone(), 404),
        ("GET /mcp", "Accept: text/event-stream".to_owned(), 400),
        ("GET /mcp", listen.replace("text/event-stream", JSON), 406),
        (
            "GET /mcp",
            format!("{listen}\nLast-Event-ID: nonsense"),
            400,
        ),
        ("GET /mcp", format!("{listen}\nLast-Event-ID: 99-1"), 400),
    ];
    for (line, headers, expected) in cases {
        // A new connection each, because some responses have endless bodies.
        let mut wire = tested.connect().await;
        let ping = ping(7);
        let body = if line.starts_with("POST") {
            ping.as_str()
        } else {
            ""
        };
        let head = wire.request(line, &headers, body).await;
        assert_eq!(head.status, expected, "{line}\n{headers}");
        if expected == 405 {
            assert!(head.header("allow").is_some(), "{line}");
        }
        if head.status == 200 {
            while wire.event().await.is_some() {}
        } else if expected != 204 && !line.starts_with("HEAD") {
            let error = wire.json(&head).await;
            assert!(error["error"]["message"].is_string(), "{error}");
        }
    }

    tested.finish().await;
}

#[tokio::test]
async fn a_session_is_opened_once_and_under_a_local_host_name() {
    let (tested, mut wire, session) = Tested::with_session(FrontSettings::default()).await;
    let head = wire.post(&session, BOTH, initialize()).await;
    assert_eq!(head.status, 400, "one session is opened once");
    let _ = wire.body(&head).await;
    let mut rebound = tested.connect().await;
    rebound
        .write("GET /sse HTTP/1.1\r\nHost: evil.test\r\nAccept: text/event-stream\r\n\r\n")
        .await;
    assert_eq!(
        rebound.head().await.status,
        403,
        "a name that was made to point here"
    );
    tested.finish().await;
}

#[tokio::test]
async fn malformed_bodies_are_refused_and_counted() {
    let (tested, mut wire, session) = Tested::with_session(FrontSettings {
        max_message: 1000,
        body_timeout: Duration::from_millis(200),
        ..FrontSettings::default()
    })
    .await;
    for (body, code) in [
        ("{\"jsonrpc\":", -32700),
        ("\u{1}\u{2}", -32700),
        ("[]", -32600),
        (r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#, -32600),
        (r#"{"jsonrpc":"1.0","id":5,"method":"ping"}"#, -32600),
    ] {
        let head = wire.post(&session, BOTH, body).await;
        assert_eq!(head.status, 400, "{body}");
        assert_eq!(wire.json(&head).await["error"]["code"], code, "{body}");
    }
    let big = ask(6, "ping", &json!({ "padding": "x".repeat(1200) }));
    let head = wire.post(&session, BOTH, &big).await;
    assert_eq!(head.status, 413);
    assert_eq!(wire.json(&head).await["id"], 6);

    let part = format!(
        "POST /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: {BOTH}\r\nContent-Type: {JSON}\r\nMcp-Session-Id: {session}\r\nContent-Length: 100\r\n\r\n{{"
    );
    let mut slow = tested.connect().await;
    slow.write(&part).await;
    assert_eq!(slow.head().await.status, 408);
    let mut broken = tested.connect().await;
    broken.write(&part).await;
    drop(broken);

    // The session has not seen any of the requests above.
    let head = wire.post(&session, JSON, ping(8)).await;
    assert_eq!(wire.json(&head).await["id"], 8);
    let receive = |status| tested.operations(Transport::Http, Operation::Receive, status);
    until("the broken body is counted", || {
        receive(Status::Failed) == 2
    })
    .await;
    assert_eq!(receive(Status::Malformed), 5);
    assert_eq!(receive(Status::TooLarge), 1);
    assert_eq!(receive(Status::Ok), 2);
    tested.finish().await;
}
