//! HTTP servers that refuse, redirect, or respond too late: the client's error, and what is counted.

use std::time::Duration;

use serde_json::json;
use shadowcat_metrics::shadowcat::labels::{
    Direction, Method, Operation, Outcome, Phase, Side, Status, Transport,
};
use tokio::time::sleep;

use crate::proxied::{Proxied, TIMEOUT, reason};
use crate::scripted::{Answer, ReceivedRequest, Scripted};

fn called(server: &Scripted) -> Vec<String> {
    let received = server.received();
    received.iter().map(ReceivedRequest::called).collect()
}

#[tokio::test]
async fn a_server_that_times_out_is_notified_and_counted() {
    for transport in [Transport::Http, Transport::Sse] {
        let server = Scripted::start(|asked: ReceivedRequest, mut answer: Answer| async move {
            match (asked.method.as_str(), asked.called().as_str()) {
                ("GET", _) => {
                    answer.events().await;
                    answer.raw("event: endpoint\ndata: /post\n\n").await;
                    sleep(TIMEOUT).await;
                }
                (_, "ping") => {
                    sleep(TIMEOUT).await;
                    drop(answer);
                }
                _ => answer.whole("202 Accepted", "", "").await,
            }
        })
        .await;
        let limit = Duration::from_millis(200);
        let mut client = Proxied::impatient(&server, transport, limit);
        for _ in 0..2 {
            let answer = client.ask("ping").await;
            assert_eq!(answer["error"]["code"], -32002, "{answer}");
        }
        // Each request is cancelled. The cancellations are still in progress when the client has its answers.
        for _ in 0..200 {
            if called(&server).len() >= 4 + usize::from(transport == Transport::Sse) {
                break;
            }
            sleep(Duration::from_millis(10)).await;
        }
        let calls = called(&server);
        let cancelled = calls
            .iter()
            .filter(|call| *call == "notifications/cancelled");
        assert_eq!(cancelled.count(), 2, "{calls:?}");
        let (seen, _metrics) = client.end().await;
        let requests = seen.request("bad");
        assert_eq!(requests.completed(Method::Ping, Outcome::TimedOut), 2);
        assert!(requests.duration(Method::Ping).sum() >= 2 * limit);
        let sent = seen.transport(transport);
        let sent = sent.operations(Side::Server, Operation::Send, Status::Ok);
        assert_eq!(sent, 4, "{transport}");
        let http = seen.http(Side::Server);
        let exchanges = http.connections_opened() + http.connections_reused();
        assert_eq!(exchanges, calls.len() as u64, "{transport}");
    }
}

#[tokio::test]
async fn a_redirect_within_the_server_is_followed() {
    for status in ["307 Temporary Redirect", "308 Permanent Redirect"] {
        let server = Scripted::start(
            move |asked: ReceivedRequest, mut answer: Answer| async move {
                if asked.head.starts_with("post /mcp/ ") {
                    answer.json(&asked.result(&json!({ "here": true }))).await;
                } else {
                    answer.whole(status, "location: /mcp/\r\n", "moved").await;
                }
            },
        )
        .await;
        let mut client = Proxied::http(&server);
        let answer = client.ask("ping").await;
        assert_eq!(answer["result"]["here"], true, "{answer}");
        let bodies = server.received().into_iter().map(|asked| asked.body);
        let bodies: Vec<_> = bodies.collect();
        assert_eq!(bodies.len(), 2);
        assert_eq!(bodies[0], bodies[1]);
        let (seen, _metrics) = client.end().await;
        let sent = seen.transport(Transport::Http);
        assert_eq!(
            sent.operations(Side::Server, Operation::Send, Status::Ok),
            1
        );
        assert_eq!(sent.phase_duration(Phase::FirstByte).count(), 2);
        let http = seen.http(Side::Server);
        assert_eq!(http.connections_opened(), 2);
        assert_eq!(http.body(Direction::Sent), 2 * bodies[0].len() as u64);
    }
}

#[tokio::test]
async fn an_endless_redirect_is_abandoned() {
    let server = Scripted::start(|_, mut answer: Answer| async move {
        answer
            .whole("307 Temporary Redirect", "location: /mcp\r\n", "")
            .await;
    })
    .await;
    let mut client = Proxied::http(&server);
    let answer = client.ask("ping").await;
    assert!(reason(&answer).contains("307"), "{answer}");
    let (seen, _metrics) = client.end().await;
    assert_eq!(seen.http(Side::Server).connections_opened(), 6);
}

#[tokio::test]
async fn a_refusal_includes_the_reason_and_the_authentication_challenge() {
    let server = Scripted::start(|_, mut answer: Answer| async move {
        let headers = "content-type: text/plain\r\nwww-authenticate: Bearer realm=\"mcp\"\r\n";
        answer
            .whole("401 Unauthorized", headers, "no token,\nno tools")
            .await;
    })
    .await;
    let mut client = Proxied::http(&server);
    let answer = client.ask("ping").await;
    assert!(reason(&answer).contains("401"), "{answer}");
    assert!(
        reason(&answer).ends_with(": no token, no tools"),
        "{answer}"
    );
    let data = json!({ "status": 401, "wwwAuthenticate": "Bearer realm=\"mcp\"" });
    assert_eq!(answer["error"]["data"], data);
    client.notify("notifications/progress").await;
    let mut received = 0;
    for _ in 0..200 {
        let snapshot = client.metrics.snapshot();
        received = snapshot.http(Side::Server).body(Direction::Received);
        if received == 36 {
            break;
        }
        sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(
        received, 36,
        "also what the second answer says, which nobody reads"
    );
    let (seen, _metrics) = client.end().await;
    let requests = seen.request("bad");
    assert_eq!(requests.completed(Method::Ping, Outcome::Error), 1);
}

#[tokio::test]
async fn a_refusal_that_does_not_end_includes_what_has_arrived() {
    let server = Scripted::start(|_, mut answer: Answer| async move {
        let head =
            "HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain\r\ncontent-length: 100";
        answer.raw(format!("{head}\r\n\r\ntoo busy")).await;
        sleep(TIMEOUT).await;
    })
    .await;
    let mut client = Proxied::http(&server);
    let answer = client.ask("ping").await;
    assert!(reason(&answer).contains("503"), "{answer}");
    assert!(reason(&answer).ends_with(": too busy"), "{answer}");
    let (seen, _metrics) = client.end().await;
    let requests = seen.request("bad");
    assert_eq!(requests.completed(Method::Ping, Outcome::Error), 1);
}
