//! Links over streamable HTTP: connections, order, sessions, and their metrics.

use std::sync::Arc;
use std::time::{Duration, Instant};

use mcp_proxy::jsonrpc::{Id, Message, Request, Response};
use mcp_proxy::transport::Incoming;
use serde_json::json;
use shadowcat_metrics::shadowcat::labels::{
    Direction, Operation, Phase, Reconnection, Side, Status, Transport,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};
use url::Url;

use crate::linked::{Linked, TIMEOUT, result};
use crate::scripted::{Answer, ReceivedRequest, Scripted};

/// Starts a server that keeps connections open and answers every request with `answer`, sending the last five
/// bytes a little later.
async fn keeping(answer: &'static str) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut asked = Vec::new();
                while stream.read_buf(&mut asked).await.is_ok_and(|read| read > 0) {
                    if !asked.ends_with(b"}") {
                        continue;
                    }
                    asked.clear();
                    let (early, late) = answer.split_at(answer.len() - 5);
                    stream
                        .write_all(early.as_bytes())
                        .await
                        .expect("it is read");
                    sleep(Duration::from_millis(20)).await;
                    stream.write_all(late.as_bytes()).await.expect("it is read");
                }
            });
        }
    });
    format!("http://{address}/mcp").parse().expect("a URL")
}

#[tokio::test]
async fn connections_are_reused_after_a_message_and_after_a_stream() {
    let json = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 36\r\n\r\n\
                {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}";
    let events = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n\
                  2c\r\ndata: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n\n\r\n0\r\n\r\n";
    for answer in [json, events] {
        let url = keeping(answer).await;
        let alive = || {
            tokio::runtime::Handle::current()
                .metrics()
                .num_alive_tasks()
        };
        let before = alive();
        let mut linked = Linked::open(Transport::Http, &url).await;
        for _ in 0..5 {
            linked.ask(1, "ping").await;
            linked.answer_to(1).await;
            // The time that the server needs to finish its response.
            sleep(Duration::from_millis(100)).await;
        }
        let snapshot = linked.metrics.snapshot();
        let http = snapshot.http(Side::Server);
        assert_eq!(
            (http.connections_opened(), http.connections_reused()),
            (1, 4),
            "{answer}"
        );
        let body = answer.split_once("\r\n\r\n").expect("a body").1;
        if answer == json {
            let expected = 5 * u64::try_from(body.len()).expect("it is short");
            assert_eq!(http.body(Direction::Received), expected);
        }
        assert_eq!(http.body_duration(Direction::Received).count(), 5);
        assert_eq!(http.body_duration(Direction::Sent).count(), 5);
        assert_eq!(http.body_chunks(Direction::Sent), 5);
        assert_eq!(http.header_duration().count(), 5);
        let transport = snapshot.transport(Transport::Http);
        assert_eq!(transport.phase_duration(Phase::Connect).count(), 1);
        for phase in [
            Phase::FirstByte,
            Phase::Transfer,
            Phase::Serialize,
            Phase::Deserialize,
        ] {
            assert_eq!(transport.phase_duration(phase).count(), 5, "{phase}");
        }
        linked.end().await;
        let begun = Instant::now();
        while alive() > before {
            assert!(
                begun.elapsed() < TIMEOUT,
                "{} tasks are left",
                alive() - before
            );
            sleep(Duration::from_millis(5)).await;
        }
    }
}

#[tokio::test]
async fn an_error_page_counts_only_as_a_rejection() {
    let server = Scripted::start(|_, mut answer: Answer| async move {
        let html = "content-type: text/html\r\n";
        answer.whole("502 Bad Gateway", html, "<p>no</p>").await;
    })
    .await;
    let mut linked = Linked::open(Transport::Http, &server.url("mcp")).await;
    linked.ask(1, "ping").await;
    let received = linked.next().await;
    assert!(
        matches!(received, Some(Incoming::Unanswered { .. })),
        "{received:?}"
    );
    assert_eq!(linked.count(Operation::Send, Status::Rejected), 1);
    for status in Status::ALL {
        assert_eq!(linked.count(Operation::Receive, status), 0, "{status}");
    }
    linked.end().await;
}

#[tokio::test]
async fn a_server_that_delays_a_notification_does_not_delay_other_messages() {
    let server = Scripted::start(|asked: ReceivedRequest, mut answer: Answer| async move {
        if asked.id() == "null" {
            sleep(TIMEOUT).await;
        }
        answer.json(&result(&asked.id())).await;
    })
    .await;
    let mut linked = Linked::open(Transport::Http, &server.url("mcp")).await;
    linked.notify("notifications/progress", json!({})).await;
    linked.ask(1, "ping").await;
    let begun = Instant::now();
    linked.answer_to(1).await;
    assert!(begun.elapsed() < TIMEOUT / 2, "{:?}", begun.elapsed());
    assert!(
        begun.elapsed() < Duration::from_millis(400),
        "{:?}",
        begun.elapsed()
    );
    linked.end().await;
}

#[tokio::test]
async fn a_server_may_send_a_request_before_it_opens_the_session() {
    let asked_back = Arc::new(tokio::sync::Notify::new());
    let server = Scripted::start(move |asked: ReceivedRequest, mut answer: Answer| {
        let asked_back = Arc::clone(&asked_back);
        async move {
            if asked.called() == "initialize" {
                answer.events().await;
                answer
                    .raw("data: {\"jsonrpc\":\"2.0\",\"id\":\"s\",\"method\":\"ping\"}\n\n")
                    .await;
                asked_back.notified().await;
                answer.raw(format!("data: {}\n\n", result("1"))).await;
            } else {
                asked_back.notify_one();
                answer.whole("202 Accepted", "", "").await;
            }
        }
    })
    .await;
    let mut linked = Linked::open(Transport::Http, &server.url("mcp")).await;
    linked.ask(1, "initialize").await;
    let received = linked.next().await;
    assert!(
        matches!(received, Some(Incoming::Message(Message::Request(_)))),
        "{received:?}"
    );
    let id = Id::String("s".to_owned());
    linked
        .send(Message::Response(Response::result(id, &json!({}))))
        .await;
    linked.answer_to(1).await;
    linked.end().await;
}

#[tokio::test]
async fn requests_beyond_the_limit_are_refused_and_cancelled_ones_make_room() {
    let server = Scripted::start(|asked: ReceivedRequest, mut answer: Answer| async move {
        match asked.called().as_str() {
            "slow" => sleep(TIMEOUT).await,
            "ping" => answer.json(&result(&asked.id())).await,
            _ => answer.whole("202 Accepted", "", "").await,
        }
    })
    .await;
    let mut linked = Linked::open(Transport::Http, &server.url("mcp")).await;
    linked.ask(1, "slow").await;
    linked.ask(2, "slow").await;
    linked.ask(3, "ping").await;
    let received = linked.next().await;
    assert!(
        matches!(&received, Some(Incoming::Unanswered { id, .. }) if *id == Id::from(3)),
        "{received:?}"
    );
    let withdrawn = json!({ "requestId": 1 });
    linked.notify("notifications/cancelled", withdrawn).await;
    // The end of the task is noticed a little after it is stopped.
    sleep(Duration::from_millis(50)).await;
    linked.ask(4, "ping").await;
    linked.answer_to(4).await;
    linked.end().await;
}

#[tokio::test]
async fn a_later_refusal_of_the_standing_stream_ends_the_session() {
    let server = Scripted::start(|asked: ReceivedRequest, mut answer: Answer| async move {
        if asked.called() == "initialize" {
            let named = "mcp-session-id: abc\r\ncontent-type: application/json\r\n";
            return answer.whole("200 OK", named, &result("1")).await;
        }
        match (asked.method.as_str(), asked.number) {
            ("POST", _) => answer.whole("202 Accepted", "", "").await,
            ("GET", 0) => {
                answer.events().await;
                let notification = r#"{"jsonrpc":"2.0","method":"notifications/message"}"#;
                answer.raw(format!("data: {notification}\n\n")).await;
            }
            // Like a server that has not noticed the end of a stream,
            ("GET", 1) => answer.whole("409 Conflict", "", "").await,
            // and like a restarted server.
            _ => answer.whole("400 Bad Request", "", "No session").await,
        }
    })
    .await;
    let mut linked = Linked::open(Transport::Http, &server.url("mcp")).await;
    linked.initialize().await;
    linked.notification().await;
    assert!(linked.next().await.is_none(), "the link has ended");
    let snapshot = linked.metrics.snapshot();
    let rejected = snapshot.sse("tested").reconnections(Reconnection::Rejected);
    assert_eq!(rejected, 2);
    linked.end().await;
}

#[tokio::test]
async fn a_standing_stream_is_opened_after_a_short_outage() {
    let server = Scripted::start(|asked: ReceivedRequest, mut answer: Answer| async move {
        if asked.called() == "initialize" {
            return answer.json(&result("1")).await;
        }
        if asked.method != "GET" {
            return answer.whole("202 Accepted", "", "").await;
        }
        // More often than the maximum number of consecutive attempts.
        if asked.number < 5 {
            return answer.reset();
        }
        answer.events().await;
        let notification = r#"{"jsonrpc":"2.0","method":"notifications/message"}"#;
        answer.raw(format!("data: {notification}\n\n")).await;
        sleep(TIMEOUT).await;
    })
    .await;
    let mut linked = Linked::open(Transport::Http, &server.url("mcp")).await;
    linked.initialize().await;
    linked.notification().await;
    let snapshot = linked.metrics.snapshot();
    for outcome in Reconnection::ALL {
        // No stream was interrupted.
        assert_eq!(
            snapshot.sse("tested").reconnections(outcome),
            0,
            "{outcome}"
        );
    }
    let asked = snapshot.http(Side::Server);
    let exchanges = asked.connections_opened() + asked.connections_reused();
    // The two messages, and every attempt.
    assert_eq!(exchanges, 2 + 6);
    linked.end().await;
}

#[tokio::test]
async fn a_half_open_session_ends() {
    let server = Scripted::start(
        move |asked: ReceivedRequest, mut answer: Answer| async move {
            match asked.called().as_str() {
                "initialize" => answer.json(&result("1")).await,
                "notifications/initialized" => answer.reset(),
                _ => answer.whole("202 Accepted", "", "").await,
            }
        },
    )
    .await;
    let mut linked = Linked::open(Transport::Http, &server.url("mcp")).await;
    linked.initialize().await;
    assert!(linked.next().await.is_none(), "the link has ended");
    linked.end().await;
}

#[tokio::test]
async fn a_request_without_a_session_repeats_its_body_in_headers_and_ends_with_its_exchange() {
    let hung_up = Arc::new(tokio::sync::Notify::new());
    let hanging_up = Arc::clone(&hung_up);
    let server = Scripted::start(move |asked: ReceivedRequest, mut answer: Answer| {
        let hanging_up = Arc::clone(&hanging_up);
        async move {
            if asked.called() == "tools/call" {
                return answer.json(&result(&asked.id())).await;
            }
            answer.events().await;
            // Until the client disconnects.
            while answer.raw(": still here\n\n").await {
                sleep(Duration::from_millis(5)).await;
            }
            hanging_up.notify_one();
        }
    })
    .await;
    let mut linked = Linked::open(Transport::Http, &server.url("mcp")).await;
    let meta = json!({ "io.modelcontextprotocol/protocolVersion": "2026-07-28" });
    let call = json!({ "name": "echo", "_meta": meta });
    linked
        .send(Message::Request(Request::new(1, "tools/call", &call)))
        .await;
    linked.answer_to(1).await;
    let listen = json!({ "_meta": meta });
    linked
        .send(Message::Request(Request::new(
            2,
            "subscriptions/listen",
            &listen,
        )))
        .await;
    sleep(Duration::from_millis(50)).await;
    linked
        .notify("notifications/cancelled", json!({ "requestId": 2 }))
        .await;
    let waited = timeout(TIMEOUT, hung_up.notified()).await;
    waited.expect("the proxy hangs up");
    let asked = server.received();
    for header in [
        "mcp-protocol-version: 2026-07-28\r\n",
        "mcp-method: tools/call\r\n",
        "mcp-name: echo\r\n",
    ] {
        assert!(asked[0].head.contains(header), "{}", asked[0].head);
    }
    let listen = "mcp-method: subscriptions/listen\r\n";
    assert!(asked[1].head.contains(listen));
    assert_eq!(asked.len(), 2, "the withdrawal is no message");
    linked.end().await;
}

#[tokio::test]
async fn a_subscription_whose_stream_ends_is_over_and_not_lost() {
    let server = Scripted::start(|_: ReceivedRequest, mut answer: Answer| async move {
        answer.events().await;
        answer.raw(": and that is all\n\n").await;
    })
    .await;
    let mut linked = Linked::open(Transport::Http, &server.url("mcp")).await;
    linked.ask(1, "subscriptions/listen").await;
    let received = linked.next().await;
    assert!(
        matches!(&received, Some(Incoming::Message(Message::Notification(ended)))
            if ended.cancelled_request() == Some(Id::from(1))),
        "{received:?}"
    );
    assert_eq!(linked.count(Operation::Receive, Status::Failed), 0);
    linked.ask(2, "ping").await;
    assert!(matches!(
        linked.next().await,
        Some(Incoming::Unanswered { .. })
    ));
    assert_eq!(linked.count(Operation::Receive, Status::Failed), 1);
    linked.end().await;
}
