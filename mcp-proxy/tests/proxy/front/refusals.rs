//! Requests that the front refuses: their responses, and that each is counted once.

use mcp_proxy::front::FrontSettings;
use serde_json::json;
use shadowcat_metrics::shadowcat::labels::{
    Direction, Method, Operation, Outcome, Side, Status, Transport,
};

use super::{BOTH, JSON, Tested, ask, begin, in_session, initialize, ping, until};
use crate::support::{posting, request_text};

impl Tested {
    fn completed(&self, method: Method, outcome: Outcome) -> u64 {
        let snapshot = self.metrics.snapshot();
        let requests = snapshot.request("default");
        requests.completed(method, outcome)
    }

    /// Returns the number of refused requests.
    fn rejected(&self, method: Method) -> u64 {
        self.completed(method, Outcome::Rejected)
    }
}

#[tokio::test]
async fn every_refusal_names_its_request_and_is_counted() {
    let (tested, _wire, session) = Tested::with_session(FrontSettings {
        max_message: 10_000,
        max_sessions: 1,
        ..FrontSettings::default()
    })
    .await;
    let (post, named) = (posting(JSON), in_session(&session, JSON));
    let large = ask(7, "tools/call", &json!({ "padding": "x".repeat(12_000) }));
    let mut sent = initialize().len();
    for (headers, body, status, method) in [
        (post.clone(), ping(7), 400, Method::Ping),
        (
            format!("{post}\nMcp-Session-Id: none"),
            ping(7),
            404,
            Method::Ping,
        ),
        (
            format!("{named}\nOrigin: https://evil.test"),
            ping(7),
            403,
            Method::Ping,
        ),
        (
            named.replace("Accept: application/json", "Accept: text/html"),
            ping(7),
            406,
            Method::Ping,
        ),
        (
            format!("{named}\nMCP-Protocol-Version: new"),
            ping(7),
            400,
            Method::Ping,
        ),
        (named.clone(), initialize(), 400, Method::Initialize),
        (post, initialize(), 503, Method::Initialize),
        (
            named.clone(),
            "{\"jsonrpc\":\"2.0\",\"id\":7,".to_owned(),
            400,
            Method::Other,
        ),
        (named.clone(), large, 413, Method::Other),
    ] {
        let before = tested.rejected(method);
        // Each request has a new connection, because one with surplus bytes may be closed.
        let mut wire = tested.connect().await;
        let head = wire.request("POST /mcp", &headers, &body).await;
        assert_eq!(head.status, status, "{headers}: {body:.80}");
        let answer = wire.json(&head).await;
        let id = if method == Method::Initialize {
            json!(0)
        } else {
            json!(7)
        };
        assert!(answer["error"]["code"].is_i64(), "{answer}");
        assert!(
            answer["id"] == id || method == Method::Initialize,
            "{answer}"
        );
        assert_eq!(tested.rejected(method), before + 1, "{headers}: {body:.80}");
        sent += body.len();
    }
    let snapshot = tested.metrics.snapshot();
    assert_eq!(
        snapshot.http(Side::Client).body(Direction::Received),
        sent as u64
    );
    assert_eq!(tested.completed(Method::Ping, Outcome::Ok), 0);
    tested.finish().await;
}

#[tokio::test]
async fn each_request_of_a_batch_is_refused_and_counted() {
    let (tested, mut wire, session) = Tested::with_session(FrontSettings::default()).await;
    let note = r#"{"jsonrpc":"2.0","method":"notifications/x"}"#;
    let call = ask(8, "tools/call", &json!({ "name": "echo" }));
    let batch = format!("[{}, {note},{call},7,\n{}]", ping(7), ping(9));
    let head = wire.post(&session, BOTH, &batch).await;
    assert_eq!(head.status, 400);
    let answers = wire.json(&head).await;
    let codes = answers.as_array().expect("an array").iter();
    let codes: Vec<_> = codes
        .map(|answer| (answer["id"].clone(), answer["error"]["code"].clone()))
        .collect();
    let refused = |id: u64| (json!(id), json!(-32600));
    assert_eq!(codes, [refused(7), refused(8), refused(9)]);
    let rejected = |method| tested.rejected(method);
    assert_eq!(
        (rejected(Method::Ping), rejected(Method::ToolsCall)),
        (2, 1)
    );
    assert_eq!(rejected(Method::Other), 1, "what is no message");
    let malformed = || tested.operations(Transport::Http, Operation::Receive, Status::Malformed);
    assert_eq!(malformed(), 5);
    let snapshot = tested.metrics.snapshot();
    assert_eq!(snapshot.notification("default").dropped(Side::Server), 1);

    // A batch without messages, and one with too many, are refused as one.
    let many = format!("[{}]", vec![ping(7); 2000].join(","));
    for whole in ["[]", "[1,", &many] {
        let head = wire.post(&session, BOTH, whole).await;
        assert_eq!(head.status, 400);
        let answer = wire.json(&head).await;
        assert_eq!(
            (&answer["id"], answer["error"]["code"].is_i64()),
            (&json!(null), true)
        );
    }
    assert_eq!((rejected(Method::Ping), rejected(Method::Other)), (2, 4));
    let one = format!("[{}]", ping(3));
    let head = wire.post(&session, BOTH, &one).await;
    assert_eq!(wire.json(&head).await["id"], 3);
    assert_eq!(wire.post(&session, BOTH, ping(4)).await.status, 200);
    tested.finish().await;
}

#[tokio::test]
async fn requests_over_a_session_limit_are_counted() {
    let (tested, mut wire, mut server, session) = begin(FrontSettings {
        max_requests: 2,
        ..FrontSettings::default()
    })
    .await;
    let mut waiting = Vec::new();
    for id in 1..=2 {
        let mut asking = tested.connect().await;
        assert_eq!(asking.post(&session, BOTH, ping(id)).await.status, 200);
        waiting.push(asking);
    }
    for (id, status) in [(1, 503), (3, 503)] {
        let head = wire.post(&session, JSON, ping(id)).await;
        assert_eq!(head.status, status);
        assert_eq!(wire.json(&head).await["id"], id);
    }
    server.answer().await;
    let head = wire.post(&session, JSON, ping(2)).await;
    assert_eq!(
        (head.status, &wire.json(&head).await["id"]),
        (400, &json!(2))
    );
    assert_eq!(tested.rejected(Method::Ping), 3);
    drop((server, waiting));
    tested.finish().await;
}

#[tokio::test]
async fn the_older_transport_counts_refused_requests() {
    let tested = Tested::serving(FrontSettings::default()).await;
    let mut wire = tested.connect().await;
    let json = "Content-Type: application/json";
    let head = wire
        .request("POST /messages?sessionId=none", json, &ping(1))
        .await;
    assert_eq!(
        (head.status, &wire.json(&head).await["id"]),
        (404, &json!(1))
    );
    assert_eq!(tested.completed(Method::Ping, Outcome::Rejected), 1);
    tested.finish().await;
}

#[tokio::test]
async fn an_unread_body_is_counted() {
    let tested = Tested::serving(FrontSettings::default()).await;
    let mut wire = tested.connect().await;
    for (line, status) in [
        ("POST /not_found", 404),
        ("PUT /mcp", 405),
        ("POST /sse", 405),
    ] {
        let head = wire.request(line, "", "0123456789").await;
        assert_eq!(head.status, status, "{line}");
        wire.body(&head).await;
    }
    until("all bytes are counted", || {
        let snapshot = tested.metrics.snapshot();
        snapshot.http(Side::Client).body(Direction::Received) == 30
    })
    .await;
    tested.finish().await;
}

#[tokio::test]
async fn pages_of_allowed_origins_may_read_answers() {
    let tested = Tested::serving(FrontSettings {
        allowed_origins: vec!["https://app.test".to_owned()],
        ..FrontSettings::default()
    })
    .await;
    let mut wire = tested.connect().await;
    for (origin, allowed) in [
        ("https://app.test", true),
        ("http://localhost:5173", true),
        ("https://evil.test", false),
    ] {
        let asked = format!(
            "Origin: {origin}\nAccess-Control-Request-Method: POST\n\
             Access-Control-Request-Headers: content-type,mcp-protocol-version"
        );
        let head = wire.request("OPTIONS /mcp", &asked, "").await;
        assert_eq!(head.status, if allowed { 204 } else { 403 }, "{origin}");
        let origin = allowed.then_some(origin);
        assert_eq!(head.header("access-control-allow-origin"), origin);
        wire.body(&head).await;
        if allowed {
            let methods = head
                .header("access-control-allow-methods")
                .expect("methods");
            assert!(
                methods.contains("POST") && methods.contains("DELETE"),
                "{methods}"
            );
            let headers = head
                .header("access-control-allow-headers")
                .expect("headers");
            for needed in ["content-type", "mcp-session-id", "mcp-protocol-version"] {
                assert!(headers.to_lowercase().contains(needed), "{headers}");
            }
        }
    }
    let post = format!("{}\nOrigin: https://app.test", posting(JSON));
    let head = wire.request("POST /mcp", &post, &initialize()).await;
    assert_eq!(head.status, 200);
    assert_eq!(
        head.header("access-control-allow-origin"),
        Some("https://app.test")
    );
    let exposed = head
        .header("access-control-expose-headers")
        .expect("headers");
    assert!(
        exposed.to_lowercase().contains("mcp-session-id"),
        "{exposed}"
    );
    wire.body(&head).await;
    // The refusal also allows cross-origin reading, so that the page can see the reason.
    let head = wire.request("POST /mcp", &post, &ping(1)).await;
    assert_eq!(head.status, 400);
    assert_eq!(
        head.header("access-control-allow-origin"),
        Some("https://app.test")
    );
    tested.finish().await;
}

#[tokio::test]
async fn a_host_may_be_allowed() {
    let tested = Tested::serving(FrontSettings {
        allowed_hosts: vec!["mcp.test".to_owned()],
        ..FrontSettings::default()
    })
    .await;
    let mut wire = tested.connect().await;
    let body = initialize();
    for (host, status) in [
        ("mcp.test", 200),
        ("mcp.test:8443", 200),
        ("other.test", 403),
    ] {
        wire.write(&request_text("POST /mcp", host, &posting(JSON), &body))
            .await;
        let head = wire.head().await;
        assert_eq!(head.status, status, "{host}");
        wire.body(&head).await;
    }
    tested.finish().await;
}
