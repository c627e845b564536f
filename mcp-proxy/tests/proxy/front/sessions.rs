//! Sessions: how many may be open, how they end, and what happens to waiting requests.

use std::time::Duration;

use mcp_proxy::front::FrontSettings;
use mcp_proxy::jsonrpc::Message;
use serde_json::json;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use super::{BOTH, JSON, TIMEOUT, Tested, ask, begin, in_session, initialize, ping, until};
use crate::support::posting;

#[tokio::test]
async fn sessions_are_isolated() {
    let (tested, mut arrivals) = Tested::holding(FrontSettings {
        routes: vec!["first".to_owned(), "second".to_owned()],
        max_sessions: 2,
        ..FrontSettings::default()
    })
    .await;
    let mut wires = Vec::new();
    for (path, route) in [("/mcp", "first"), ("/second/mcp", "second")] {
        let mut wire = tested.connect().await;
        let (session, server) = tokio::join!(wire.initialize(path), async {
            let mut server = arrivals.recv().await.expect("a session");
            assert_eq!(server.session.route.as_ref(), route);
            server.answer().await;
            server
        });
        assert!(session.len() >= 32, "{session}");
        wires.push((path, wire, session, server));
    }
    assert_ne!(wires[0].2, wires[1].2);
    for (path, wire, session, server) in &mut wires {
        let line = format!("POST {path}");
        let named = in_session(session, JSON);
        // The same id on both sides.
        let body = ping(1);
        let (head, _) = tokio::join!(wire.request(&line, &named, &body), server.answer());
        assert_eq!(wire.json(&head).await["id"], 1);
    }
    let (_, wire, session, _) = &mut wires[1];
    let head = wire.post(session, JSON, ping(2)).await;
    assert_eq!(head.status, 404, "the session is with the other server");
    let _ = wire.body(&head).await;

    let mut third = tested.connect().await;
    let head = third
        .request("POST /mcp", &posting(BOTH), &initialize())
        .await;
    assert_eq!(head.status, 503);
    assert!(head.header("retry-after").is_some());
    let _ = third.body(&head).await;
    let (_, wire, session, server) = &mut wires[0];
    assert_eq!(wire.end(session).await, 200);
    assert!(
        server.next().await.is_none(),
        "the client has no more to say"
    );
    let head = wire.post(session, BOTH, ping(2)).await;
    assert_eq!(head.status, 404);
    let _ = wire.body(&head).await;
    let (_, server) = tokio::join!(third.initialize("/mcp"), async {
        let mut server = arrivals.recv().await.expect("a session");
        server.answer().await;
        server
    });
    drop((wires, server));
    tested.finish().await;
}

#[tokio::test]
async fn a_stream_cannot_be_opened_after_the_end_of_the_session() {
    let (tested, mut wire, server, session) = begin(FrontSettings::default()).await;
    // Sent in one write, so that the second request is checked before cleanup after the first.
    let head = format!("Host: localhost\r\nMcp-Session-Id: {session}\r\n");
    wire.write(&format!(
        "DELETE /mcp HTTP/1.1\r\n{head}\r\nGET /mcp HTTP/1.1\r\n{head}Accept: text/event-stream\r\n\r\n"
    ))
    .await;
    assert_eq!(wire.head().await.status, 200);
    assert_eq!(wire.head().await.status, 404);
    drop(server);
    tested.finish().await;
}

#[tokio::test]
async fn an_idle_session_ends() {
    let (tested, mut wire, mut server, session) = begin(FrontSettings {
        idle: Duration::from_millis(200),
        ..FrontSettings::default()
    })
    .await;
    let mut standing = tested.listen(&session).await;
    sleep(Duration::from_millis(500)).await;
    server.notify(1).await;
    assert!(standing.event().await.is_some(), "an open stream is use");
    drop(standing);
    assert!(server.next().await.is_none(), "it is ended");
    assert_eq!(wire.post(&session, BOTH, ping(1)).await.status, 404);
    drop(server);
    tested.finish().await;
}

#[tokio::test]
async fn waiting_requests_fail_when_the_session_ends() {
    let (tested, mut wire, mut server, session) = begin(FrontSettings::default()).await;
    let mut json_wire = tested.connect().await;
    assert_eq!(wire.post(&session, BOTH, ping(1)).await.status, 200);
    server.next().await.expect("a request");
    let (head, ()) = tokio::join!(json_wire.post(&session, JSON, ping(2)), async {
        server.next().await.expect("a request");
        drop(server);
    });
    assert_eq!(json_wire.json(&head).await["error"]["code"], -32001);
    assert_eq!(
        wire.event().await.expect("an error").json()["error"]["code"],
        -32001
    );
    assert!(wire.event().await.is_none());
    tested.finish().await;
}

#[tokio::test]
async fn a_disconnected_client_frees_its_slot() {
    let (tested, mut wire, mut server, session) = begin(FrontSettings {
        max_requests: 1,
        ..FrontSettings::default()
    })
    .await;
    let mut gone = tested.connect().await;
    gone.send("POST /mcp", &in_session(&session, JSON), &ping(1))
        .await;
    server.next().await.expect("a request");
    let head = wire.post(&session, JSON, ping(2)).await;
    assert_eq!(head.status, 503, "as many as are allowed wait");
    let _ = wire.body(&head).await;
    drop(gone);
    let deadline = Instant::now() + TIMEOUT;
    let answering = async {
        while let Some(Message::Request(request)) = server.next().await {
            server.answer_to(request.id).await;
        }
    };
    let asking = async {
        loop {
            let head = wire.post(&session, JSON, ping(3)).await;
            let answer = wire.json(&head).await;
            if head.status == 200 {
                assert_eq!(answer["id"], 3);
                break;
            }
            assert!(Instant::now() < deadline, "the place is not freed");
            sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        () = answering => panic!("the session has ended"),
        () = asking => {}
    }
    drop(server);
    tested.finish().await;
}

#[tokio::test]
async fn a_shutdown_waits_for_pending_answers() {
    let tested = Tested::serving(FrontSettings::default()).await;
    let address = tested.front.local_addr();
    let mut wire = tested.connect().await;
    let session = wire.initialize("/mcp").await;
    let mut standing = tested.listen(&session).await;
    let slow = json!({ "name": "slow", "arguments": { "milliseconds": 300 } });
    assert_eq!(
        wire.post(&session, BOTH, ask(1, "tools/call", &slow))
            .await
            .status,
        200
    );
    let ((), ()) = tokio::join!(tested.finish(), async {
        let mut last = None;
        while let Some(event) = wire.event().await {
            last = Some(event.json());
        }
        let last = last.expect("an answer");
        assert_eq!(last["result"]["content"][0]["text"], "done");
        assert!(standing.event().await.is_none());
    });
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens");
}

#[tokio::test]
async fn a_shutdown_has_a_time_limit() {
    let (tested, mut arrivals) = Tested::holding(FrontSettings {
        drain: Duration::from_millis(200),
        ..FrontSettings::default()
    })
    .await;
    let mut wire = tested.connect().await;
    let head = wire
        .request("POST /mcp", &posting(BOTH), &initialize())
        .await;
    assert_eq!(head.status, 200);
    let server = arrivals.recv().await.expect("a session");
    let begun = Instant::now();
    tested.finish().await;
    assert!(begun.elapsed() < Duration::from_secs(3));
    until("its client's link is cut", || {
        server.session.link.outgoing.is_closed()
    })
    .await;
}
