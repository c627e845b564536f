//! The older transport: one stream is the session, and messages are posted to the URL in its first event.

use mcp_proxy::front::FrontSettings;
use serde_json::json;
use shadowcat_metrics::shadowcat::labels::{Limit, Operation, Side, Status, Transport};

use super::wire::Wire;
use super::{Tested, ask, initialize, ping};

const POST: &str = "Content-Type: application/json";

/// Opens a session, and returns the URL for posting.
async fn open(wire: &mut Wire, path: &str) -> String {
    let head = wire
        .request(&format!("GET {path}"), "Accept: text/event-stream", "")
        .await;
    assert_eq!(head.status, 200);
    let event = wire.event().await.expect("the address");
    assert_eq!((event.name.as_str(), event.id), ("endpoint", None));
    event.data
}

#[tokio::test]
async fn messages_are_posted_and_answers_arrive_as_events() {
    let tested = Tested::serving(FrontSettings::default()).await;
    let mut stream = tested.connect().await;
    let address = open(&mut stream, "/sse").await;
    assert!(address.starts_with("/messages?sessionId="), "{address}");
    let mut wire = tested.connect().await;
    for (id, message) in [(0, initialize()), (1, ask(1, "tools/list", &json!({})))] {
        let head = wire
            .request(&format!("POST {address}"), POST, &message)
            .await;
        assert_eq!(head.status, 202);
        let event = stream.event().await.expect("an answer");
        assert_eq!((event.name.as_str(), event.id.as_ref()), ("message", None));
        assert_eq!(event.json()["id"], id);
    }
    let head = wire
        .request(&format!("POST {address}"), POST, "nonsense")
        .await;
    assert_eq!(head.status, 400);
    let _ = wire.body(&head).await;

    let snapshot = tested.metrics.snapshot();
    let transport = snapshot.transport(Transport::Sse);
    let count = |operation, status| transport.operations(Side::Client, operation, status);
    assert_eq!(count(Operation::Receive, Status::Ok), 2);
    assert_eq!(count(Operation::Receive, Status::Malformed), 1);
    assert_eq!(count(Operation::Send, Status::Ok), 2);
    assert_eq!(transport.message_size(Side::Client).count(), 2);
    let http = snapshot.transport(Transport::Http);
    assert_eq!(
        http.operations(Side::Client, Operation::Receive, Status::Ok),
        0
    );
    tested.finish().await;
}

#[tokio::test]
async fn requests_beyond_the_limit_are_refused() {
    let (tested, mut arrivals) = Tested::holding(FrontSettings {
        max_requests: 2,
        ..FrontSettings::default()
    })
    .await;
    let mut stream = tested.connect().await;
    let address = format!("POST {}", open(&mut stream, "/sse").await);
    let mut server = arrivals.recv().await.expect("a session");
    let mut wire = tested.connect().await;
    for (id, status) in [(1, 202), (1, 400), (2, 202), (3, 503)] {
        let head = wire.request(&address, POST, &ping(id)).await;
        assert_eq!(head.status, status, "{id}");
        if status != 202 {
            assert_eq!(wire.json(&head).await["id"], id);
        }
    }
    let snapshot = tested.metrics.snapshot();
    assert_eq!(snapshot.front().limits_reached(Limit::Requests), 1);

    // An answer makes room, and so does a cancellation.
    server.answer().await;
    assert_eq!(stream.event().await.expect("an answer").json()["id"], 1);
    let cancelled = json!({
        "jsonrpc": "2.0",
        "method": "notifications/cancelled",
        "params": { "requestId": 2 },
    });
    let cancelled = cancelled.to_string();
    for message in [ping(3), cancelled, ping(4)] {
        let head = wire.request(&address, POST, &message).await;
        assert_eq!(head.status, 202, "{message}");
    }
    drop(server);
    tested.finish().await;
}

#[tokio::test]
async fn the_session_ends_with_its_stream() {
    let (tested, mut arrivals) = Tested::holding(FrontSettings::default()).await;
    let mut stream = tested.connect().await;
    let address = open(&mut stream, "/default/sse").await;
    assert!(address.starts_with("/default/messages?"), "{address}");
    let mut server = arrivals.recv().await.expect("a session");
    assert_eq!(server.session.transport, Transport::Sse);
    drop(stream);
    assert!(server.next().await.is_none(), "the client is gone");
    drop(server);
    let mut wire = tested.connect().await;
    let head = wire
        .request(&format!("POST {address}"), POST, &initialize())
        .await;
    assert_eq!(head.status, 404);
    let _ = wire.body(&head).await;

    // The stream ends with its session.
    let mut stream = tested.connect().await;
    let address = open(&mut stream, "/sse").await;
    let session = address.split_once('=').expect("an id").1;
    let head = wire.post(session, super::BOTH, &initialize()).await;
    assert_eq!(head.status, 404, "it is no session of the other transport");
    let _ = wire.body(&head).await;
    drop(arrivals.recv().await.expect("a session"));
    assert!(stream.event().await.is_none());
    tested.finish().await;
}

#[tokio::test]
async fn a_subscription_that_the_server_ends_makes_room() {
    let (tested, mut arrivals) = Tested::holding(FrontSettings {
        max_requests: 1,
        ..FrontSettings::default()
    })
    .await;
    let mut stream = tested.connect().await;
    let address = format!("POST {}", open(&mut stream, "/sse").await);
    let mut server = arrivals.recv().await.expect("a session");
    let mut wire = tested.connect().await;
    for id in [1, 2] {
        let listen = ask(id, "subscriptions/listen", &json!({}));
        let head = wire.request(&address, POST, &listen).await;
        assert_eq!(head.status, 202, "{id}");
        server.request().await;
        let request = json!({ "requestId": id });
        server.notify_of("notifications/cancelled", &request).await;
        let event = stream.event().await.expect("the end").json();
        assert_eq!(event["method"], "notifications/cancelled");
        assert_eq!(event["params"], request);
    }
    drop(server);
    tested.finish().await;
}
