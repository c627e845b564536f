//! The choice of stream for each message, and the resumption of streams.

use std::time::Duration;

use mcp_proxy::front::FrontSettings;
use mcp_proxy::jsonrpc::{Id, Message, Request};
use serde_json::json;
use shadowcat_metrics::shadowcat::labels::{
    Direction, NotificationStream, Operation, Side, Status, Transport,
};

use super::{BOTH, JSON, Tested, ask, assert_answered, begin, in_session, initialize, ping, until};
use crate::support::posting;

#[tokio::test]
async fn notifications_arrive_before_their_answer() {
    let (tested, mut wire, mut server, session) = begin(FrontSettings::default()).await;
    let mut standing = tested.listen(&session).await;
    let mut other = tested.connect().await;
    let call = json!({ "name": "x", "_meta": { "progressToken": "token" } });
    let call = ask(1, "tools/call", &call);
    assert_eq!(wire.post(&session, BOTH, call).await.status, 200);
    server.next().await.expect("a request");
    assert_eq!(other.post(&session, BOTH, ping(2)).await.status, 200);
    server.next().await.expect("a request");

    let progress = json!({ "progressToken": "token", "progress": 1 });
    server.notify_of("notifications/progress", &progress).await;
    let progress = wire.event().await.expect("progress").json();
    assert_eq!(progress["params"]["progressToken"], "token");

    // With two requests in flight, the notification cannot be attributed to either.
    server.notify(1).await;
    assert_eq!(
        standing.event().await.expect("it").json()["params"]["number"],
        1
    );
    server.answer_to(2).await;
    assert_eq!(other.event().await.expect("the answer").json()["id"], 2);
    assert!(other.event().await.is_none());

    // With one request in flight, it can.
    let sampling = Request::new(77, "sampling/createMessage", &json!({}));
    server.say(Message::Request(sampling)).await;
    assert_eq!(wire.event().await.expect("a request").json()["id"], 77);
    let answer = r#"{"jsonrpc":"2.0","id":77,"result":{}}"#;
    let head = other.post(&session, BOTH, answer).await;
    assert_eq!(head.status, 202);
    assert!(matches!(server.next().await, Some(Message::Response(_))));
    server.answer_to(1).await;
    assert_eq!(wire.event().await.expect("the answer").json()["id"], 1);
    assert!(wire.event().await.is_none());

    drop(server);
    assert!(
        standing.event().await.is_none(),
        "streams end with the session"
    );
    assert_eq!(wire.post(&session, BOTH, answer).await.status, 404);
    tested.finish().await;
}

#[tokio::test]
async fn waiting_events_are_bounded_and_do_not_delay_answers() {
    let (tested, mut wire, mut server, session) = begin(FrontSettings {
        history_events: 4,
        ..FrontSettings::default()
    })
    .await;
    for number in 0..100 {
        server.notify(number).await;
    }
    assert_answered(&mut wire, &mut server, &session, 1).await;

    let mut standing = tested.listen(&session).await;
    for number in 96..100 {
        let event = standing.event().await.expect("it waits");
        assert_eq!(event.json()["params"]["number"], number);
    }
    let send = |status| tested.operations(Transport::Http, Operation::Send, status);
    assert_eq!(send(Status::Failed), 96);
    assert_eq!(send(Status::Ok), 2 + 4);
    drop(server);
    tested.finish().await;
}

#[tokio::test]
async fn the_proxy_resumes_a_stream_after_the_last_event() {
    let (tested, mut wire, mut server, session) = begin(FrontSettings::default()).await;
    let mut standing = tested.listen(&session).await;
    let mut second = tested.connect().await;
    let head = second.listen(&session, None).await;
    assert_eq!(head.status, 409, "there is one such stream");
    let _ = second.body(&head).await;
    let mut seen = Vec::new();
    for number in 0..3 {
        server.notify(number).await;
        seen.push(standing.event().await.expect("it").id.expect("an id"));
    }
    // The proxy has not noticed that the first stream is gone, but the client knows.
    assert_eq!(second.listen(&session, Some(&seen[0])).await.status, 200);
    for number in 1..3 {
        assert_eq!(
            second.event().await.expect("it").json()["params"]["number"],
            number
        );
    }
    assert!(standing.event().await.is_none(), "it was replaced");
    server.notify(3).await;
    let event = second.event().await.expect("it");
    assert_eq!(event.json()["params"]["number"], 3);

    // A request's stream that is interrupted before the answer.
    let mut broken = tested.connect().await;
    assert_eq!(broken.post(&session, BOTH, ping(1)).await.status, 200);
    server.next().await.expect("a request");
    server.notify(4).await;
    let last = broken
        .event()
        .await
        .expect("it is the one in flight")
        .id
        .expect("an id");
    drop(broken);
    server.answer_to(1).await;
    assert_eq!(wire.listen(&session, Some(&last)).await.status, 200);
    assert_eq!(wire.event().await.expect("the answer").json()["id"], 1);
    assert!(wire.event().await.is_none());
    drop(server);
    tested.finish().await;
}

/// Returns the id in an event without a message.
fn priming_id(event: &str) -> &str {
    let rest = event.strip_prefix("id: ").expect("an id");
    let (id, rest) = rest.split_once('\n').expect("a line");
    assert_eq!(rest, "retry: 1000\ndata: \n\n");
    id
}

#[tokio::test]
async fn streams_of_newer_clients_can_be_resumed_before_their_first_message() {
    let (tested, mut wire, mut server, session) = begin(FrontSettings::default()).await;
    let newer = |accept: &str| {
        let in_session = in_session(&session, accept);
        format!("{in_session}\nMCP-Protocol-Version: 2025-11-25")
    };
    let mut broken = tested.connect().await;
    let head = broken.request("POST /mcp", &newer(BOTH), &ping(1)).await;
    assert_eq!(head.status, 200);
    let first = broken.chunk().await.expect("an event");
    let last = priming_id(&first).to_owned();
    drop(broken);
    assert_eq!(server.answer().await, "ping");
    assert_eq!(wire.listen(&session, Some(&last)).await.status, 200);
    assert_eq!(wire.event().await.expect("the answer").json()["id"], 1);
    assert!(wire.event().await.is_none());

    // A single JSON body cannot be resumed, and older clients take every event for a message.
    let (headers, body) = (newer(JSON), ping(2));
    let asking = wire.request("POST /mcp", &headers, &body);
    let (head, _) = tokio::join!(asking, server.answer());
    assert_eq!(wire.json(&head).await["id"], 2);
    let (head, _) = tokio::join!(wire.post(&session, BOTH, ping(3)), server.answer());
    assert_eq!(head.status, 200);
    assert_eq!(wire.event().await.expect("the answer").json()["id"], 3);
    assert!(wire.event().await.is_none());

    let listening = newer("text/event-stream");
    let mut standing = tested.connect().await;
    let head = standing.request("GET /mcp", &listening, "").await;
    assert_eq!(head.status, 200);
    let first = standing.chunk().await.expect("an event");
    let last = priming_id(&first).to_owned();
    server.notify(1).await;
    let event = standing.event().await.expect("it");
    assert_eq!(event.json()["params"]["number"], 1);
    let resuming = format!("{listening}\nLast-Event-ID: {last}");
    let mut standing = tested.connect().await;
    assert_eq!(
        standing.request("GET /mcp", &resuming, "").await.status,
        200
    );
    let event = standing.event().await.expect("it again");
    assert_eq!(event.json()["params"]["number"], 1);
    drop(standing);
    until("the stream is gone", || {
        let snapshot = tested.metrics.snapshot();
        snapshot
            .stream("default")
            .active(NotificationStream::Standing)
            == 0
    })
    .await;
    server.notify(2).await;
    let mut standing = tested.connect().await;
    assert_eq!(
        standing.request("GET /mcp", &listening, "").await.status,
        200
    );
    let event = standing.event().await.expect("what was missed comes first");
    assert_eq!(event.json()["params"]["number"], 2);
    drop(server);
    tested.finish().await;
}

#[tokio::test]
async fn the_answer_to_initialize_is_primed_if_the_client_asks_for_a_newer_revision() {
    for (version, is_primed) in [("2025-06-18", false), ("2025-11-25", true)] {
        let tested = Tested::serving(FrontSettings::default()).await;
        let mut wire = tested.connect().await;
        let headers = posting(BOTH);
        let body = initialize().replace("2025-06-18", version);
        let head = wire.request("POST /mcp", &headers, &body).await;
        assert_eq!(head.status, 200);
        let first = wire.chunk().await.expect("an event");
        let mut sent = first.len();
        if is_primed {
            priming_id(&first);
            sent += wire.chunk().await.expect("the answer").len();
        } else {
            assert!(first.contains("\"result\""), "{first}");
        }
        assert!(wire.chunk().await.is_none());
        let snapshot = tested.metrics.snapshot();
        let body = snapshot.http(Side::Client).body(Direction::Sent);
        assert_eq!(body, sent as u64);
        let messages = tested.operations(Transport::Http, Operation::Send, Status::Ok);
        assert_eq!(messages, 1);
        tested.finish().await;
    }
}

#[tokio::test]
async fn a_cancelled_request_stops_waiting() {
    let (tested, mut wire, mut server, session) = begin(FrontSettings::default()).await;
    let withdrawal = |id: u64| {
        json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": id } }).to_string()
    };
    let mut control = tested.connect().await;
    assert_eq!(wire.post(&session, BOTH, ping(1)).await.status, 200);
    let head = control.post(&session, BOTH, ping(1)).await;
    assert_eq!(head.status, 400, "the id is in use");
    assert_eq!(control.json(&head).await["id"], 1);
    assert_eq!(
        control.post(&session, BOTH, &withdrawal(1)).await.status,
        202
    );
    assert!(wire.event().await.is_none());
    let (head, ()) = tokio::join!(wire.post(&session, JSON, ping(2)), async {
        while !matches!(server.next().await, Some(Message::Request(request)) if request.id == Id::from(2))
        {
        }
        assert_eq!(
            control.post(&session, BOTH, &withdrawal(2)).await.status,
            202
        );
    });
    assert!(wire.json(&head).await["error"]["message"].is_string());
    drop(server);
    tested.finish().await;
}

#[tokio::test]
async fn a_silent_stream_is_kept_alive() {
    let (tested, _wire, server, session) = begin(FrontSettings {
        keep_alive: Duration::from_millis(20),
        ..FrontSettings::default()
    })
    .await;
    let mut standing = tested.listen(&session).await;
    for _ in 0..3 {
        let comment = standing.chunk().await.expect("a comment");
        assert!(
            comment.starts_with(':') && comment.ends_with("\n\n"),
            "{comment:?}"
        );
    }
    drop(server);
    tested.finish().await;
}

#[tokio::test]
async fn answers_do_not_evict_events_for_the_standing_stream() {
    let (tested, mut wire, mut server, session) = begin(FrontSettings {
        history_events: 40,
        ..FrontSettings::default()
    })
    .await;
    for number in 0..30 {
        server.notify(number).await;
    }
    for id in 1..=50 {
        let (head, _) = tokio::join!(wire.post(&session, BOTH, ping(id)), server.answer());
        assert_eq!(head.status, 200);
        assert_eq!(wire.event().await.expect("an answer").json()["id"], id);
        assert!(wire.event().await.is_none());
    }
    let mut listening = tested.listen(&session).await;
    for _ in 0..30 {
        listening.event().await.expect("what has waited");
    }
    let failed = || tested.operations(Transport::Http, Operation::Send, Status::Failed);
    assert_eq!(failed(), 0);
    drop(listening);
    // Without a reader, events beyond the limit are lost immediately, and the rest at the end.
    until("the stream is gone", || {
        tested
            .metrics
            .snapshot()
            .http(Side::Client)
            .body_duration(Direction::Sent)
            .count()
            >= 52
    })
    .await;
    for number in 0..45 {
        server.notify(number).await;
    }
    assert_eq!(wire.end(&session).await, 200);
    drop(server);
    until("all is lost", || failed() == 45).await;
    tested.finish().await;
}
