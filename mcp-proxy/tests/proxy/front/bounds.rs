//! Malicious and slow clients: how much they can make the proxy hold, and for how long.

use std::time::Duration;

use mcp_proxy::front::FrontSettings;
use serde_json::json;
use shadowcat_metrics::shadowcat::labels::{
    Limit, NotificationStream, Operation, Status, StreamEnd, Transport,
};
use tokio::time::Instant;

use super::wire::Wire;
use super::{JSON, TIMEOUT, Tested, assert_answered, begin, ping, until};

#[tokio::test]
async fn a_missing_head_times_out() {
    let tested = Tested::serving(FrontSettings {
        head_timeout: Duration::from_millis(100),
        max_connections: 1,
        ..FrontSettings::default()
    })
    .await;
    let mut slow = tested.connect().await;
    slow.write("POST /mcp HTTP/1.1\r\nHost: loc").await;
    // There is room for one session, so this client is served once the other is disconnected.
    let mut next = tested.connect().await;
    let begun = Instant::now();
    next.initialize("/mcp").await;
    assert!(begun.elapsed() >= Duration::from_millis(50));
    while slow.line().await.is_some() {}

    // No other client waits for this connection's place.
    let mut alone = tested.connect().await;
    alone.write("POST /mcp HTTP/1.1\r\nHost: loc").await;
    while alone.line().await.is_some() {}
    tested.finish().await;
}

#[tokio::test]
async fn clients_that_send_parts_of_heads_do_not_keep_others_out() {
    let tested = Tested::serving(FrontSettings {
        head_timeout: 100 * TIMEOUT,
        max_connections: 8,
        ..FrontSettings::default()
    })
    .await;
    let mut slow = Vec::new();
    for _ in 0..20 {
        let mut wire = tested.connect().await;
        wire.write("POST /mcp HTTP/1.1\r\nHost: loc").await;
        slow.push(wire);
    }
    tested.connect().await.initialize("/mcp").await;
    assert_eq!(slow[0].line().await, None);
    drop(slow);
    tested.finish().await;
}

#[tokio::test]
async fn at_the_limit_the_longest_idle_connection_makes_room() {
    let (tested, mut first, mut server, session) = begin(FrontSettings {
        max_connections: 3,
        ..FrontSettings::default()
    })
    .await;
    let stream = tested.listen(&session).await;
    let mut second = tested.connect().await;
    assert_answered(&mut second, &mut server, &session, 1).await;
    let mut third = tested.connect().await;
    assert_answered(&mut third, &mut server, &session, 2).await;
    assert_eq!(first.line().await, None, "closed, unlike the stream");

    // While no connection is idle, a client waits.
    let reached = || {
        let front = tested.metrics.snapshot();
        front.front().limits_reached(Limit::Connections)
    };
    assert_eq!(reached(), 1);
    let ask = async |wire: &mut Wire, id| {
        let head = wire.post(&session, JSON, ping(id)).await;
        wire.json(&head).await["id"].clone()
    };
    let fourth = async {
        let mut asked = Vec::new();
        while asked.len() < 2 {
            asked.push(server.request().await.id);
        }
        let mut fourth = tested.connect().await;
        until("the client waits", || reached() == 2).await;
        let (answer, ()) = tokio::join!(ask(&mut fourth, 5), async {
            for id in asked {
                server.answer_to(id).await;
            }
            server.answer().await;
        });
        answer
    };
    let answers = tokio::join!(ask(&mut second, 3), ask(&mut third, 4), fourth);
    assert_eq!(answers, (json!(3), json!(4), json!(5)));
    drop((server, stream));
    tested.finish().await;
}

#[tokio::test]
async fn an_endless_head_is_refused() {
    let tested = Tested::serving(FrontSettings::default()).await;
    let mut wire = tested.connect().await;
    let padding = "x".repeat(200_000);
    wire.write(&format!(
        "GET /mcp HTTP/1.1\r\nHost: localhost\r\nX-Padding: {padding}"
    ))
    .await;
    assert_eq!(wire.head().await.status, 431);
    let mut wire = tested.connect().await;
    let many = "X-Many: 1\n".repeat(150);
    assert_eq!(wire.request("GET /mcp", &many, "").await.status, 431);
    tested.finish().await;
}

#[tokio::test]
async fn a_client_that_does_not_read_delays_others_for_a_limited_time() {
    let (tested, mut wire, mut server, session) = begin(FrontSettings {
        write_timeout: Duration::from_millis(200),
        ..FrontSettings::default()
    })
    .await;
    let _deaf = tested.listen(&session).await;
    let big = json!({ "padding": "x".repeat(1 << 20) });
    // More than the kernel, the queue and the history can hold together.
    for _ in 0..64 {
        server.notify_of("notifications/message", &big).await;
    }
    assert_answered(&mut wire, &mut server, &session, 1).await;
    let failed = tested.operations(Transport::Http, Operation::Send, Status::Failed);
    assert!(failed > 0, "what nobody reads is lost, and counted");
    let ends = [StreamEnd::Unread, StreamEnd::Client];
    until("the stream ends, because nobody reads it", || {
        tested.streams(NotificationStream::Standing, ends) == (1, [1, 0])
    })
    .await;
    drop(server);
    tested.finish().await;
}

#[tokio::test]
async fn a_stream_with_room_in_its_queue_is_unread_if_the_client_does_not_read() {
    let (tested, _wire, mut server, session) = begin(FrontSettings {
        write_timeout: Duration::from_millis(200),
        ..FrontSettings::default()
    })
    .await;
    let _unread = tested.listen(&session).await;
    let big = json!({ "padding": "x".repeat(600_000) });
    // More than the kernel holds, but fewer than the queue holds.
    for _ in 0..12 {
        server.notify_of("notifications/message", &big).await;
    }
    let ends = [StreamEnd::Unread, StreamEnd::Client];
    until("the stream ends, because nobody reads it", || {
        tested.streams(NotificationStream::Standing, ends) == (1, [1, 0])
    })
    .await;
    drop(server);
    tested.finish().await;
}

#[tokio::test]
async fn a_stream_with_a_full_queue_is_not_unread_if_the_client_resets_the_connection() {
    let (tested, mut wire, mut server, session) = begin(FrontSettings {
        // The proxy does not give up a client that does not read.
        write_timeout: 100 * TIMEOUT,
        ..FrontSettings::default()
    })
    .await;
    let unread = tested.listen(&session).await;
    let big = json!({ "padding": "x".repeat(600_000) });
    // More than the kernel and the queue hold together.
    for _ in 0..40 {
        server.notify_of("notifications/message", &big).await;
    }
    assert_answered(&mut wire, &mut server, &session, 1).await;
    // The kernel resets a connection that is closed before all its bytes are read.
    drop(unread);
    let ends = [StreamEnd::Unread, StreamEnd::Client];
    until("the stream ends, because its client is gone", || {
        tested.streams(NotificationStream::Standing, ends) == (1, [0, 1])
    })
    .await;
    drop(server);
    tested.finish().await;
}

#[tokio::test]
async fn a_standing_stream_that_nobody_reads_does_not_stall_its_session() {
    let (tested, mut wire, mut server, session) = begin(FrontSettings {
        // The proxy does not give up a client that does not read, so a stalled session would never answer.
        write_timeout: 100 * TIMEOUT,
        ..FrontSettings::default()
    })
    .await;
    let mut unread = tested.listen(&session).await;
    let flood = async {
        let padding = json!({ "padding": "x".repeat(10_000) });
        // More than the kernel, the queue and the history hold together.
        for _ in 0..2000 {
            server.notify_of("notifications/message", &padding).await;
        }
        assert_eq!(server.answer().await, "ping");
        server
    };
    let (head, mut server) = tokio::join!(wire.post(&session, JSON, ping(1)), flood);
    assert_eq!(wire.json(&head).await["id"], 1);
    let failed = || tested.operations(Transport::Http, Operation::Send, Status::Failed);
    let sent = || tested.operations(Transport::Http, Operation::Send, Status::Ok);
    let lost = failed();
    assert!(
        lost > 0,
        "what the history cannot hold is lost, and counted"
    );

    // A client that reads again gets the remaining events in order, and then new ones.
    let mut newest = 0;
    let mut events = 0;
    while events + lost < 2000 {
        let event = unread.event().await.expect("what has waited");
        let (_, number) = event
            .id
            .as_deref()
            .expect("an id")
            .split_once('-')
            .expect("two");
        let number = number.parse().expect("a number");
        assert!(number > newest, "{number} after {newest}");
        newest = number;
        events += 1;
    }
    server.notify(7).await;
    let event = unread.event().await.expect("the next").json();
    assert_eq!(event["params"]["number"], 7);
    assert_eq!((failed(), sent()), (lost, events + 1 + 2));
    drop(server);
    tested.finish().await;
}
