//! HTTP servers that have forgotten a session and report it in different ways: the proxy reopens the session
//! without the client noticing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;
use shadowcat_metrics::shadowcat::labels::{Method, Outcome};
use tokio::time::{sleep, timeout};

use crate::proxied::{Proxied, TIMEOUT, reason};
use crate::scripted::{Answer, ReceivedRequest, Scripted};

/// Starts a server that opens sessions and leaves other requests to `rest`. Also returns its count of opened
/// sessions.
async fn opening<F>(rest: fn(ReceivedRequest, Answer) -> F) -> (Scripted, Arc<AtomicUsize>)
where
    F: Future<Output = ()> + Send + 'static,
{
    let opened = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&opened);
    let server = Scripted::start(move |asked: ReceivedRequest, mut answer: Answer| {
        let opened = Arc::clone(&count);
        async move {
            if asked.called() != "initialize" {
                return rest(asked, answer).await;
            }
            opened.fetch_add(1, Ordering::Relaxed);
            let named = "mcp-session-id: abc\r\ncontent-type: application/json\r\n";
            let result =
                json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "serverInfo": {} });
            answer.whole("200 OK", named, &asked.result(&result)).await;
        }
    })
    .await;
    (server, opened)
}

#[tokio::test]
async fn a_not_found_status() {
    let (server, opened) = opening(|asked, mut answer| async move {
        match (asked.method.as_str(), asked.called().as_str()) {
            ("POST", "ping") => {
                assert!(
                    asked.head.contains("mcp-session-id: abc\r\n"),
                    "{}",
                    asked.head
                );
                assert!(asked.head.contains("mcp-protocol-version: 2025-06-18\r\n"));
                answer.json(&asked.result(&json!({}))).await;
            }
            ("POST", "forget") => answer.whole("404 Not Found", "", "").await,
            ("POST", _) => answer.whole("202 Accepted", "", "").await,
            _ => answer.whole("405 Method Not Allowed", "", "").await,
        }
    })
    .await;
    let mut client = Proxied::http(&server);
    assert!(client.ask("initialize").await["result"].is_object());
    assert!(client.ask("ping").await["result"].is_object());
    assert!(reason(&client.ask("forget").await).contains("server"));
    assert!(client.ask("ping").await["result"].is_object());
    assert_eq!(
        opened.load(Ordering::Relaxed),
        3,
        "the handshake was replayed, once for the request's own repetition"
    );
    let (_seen, _metrics) = client.end().await;
}

#[tokio::test]
async fn a_request_to_an_expired_session_is_sent_again() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let (server, opened) = opening(|asked, mut answer| async move {
        match (asked.method.as_str(), asked.called().as_str()) {
            ("POST", "tools/call") if CALLS.fetch_add(1, Ordering::Relaxed) == 0 => {
                answer.whole("404 Not Found", "", "").await;
            }
            ("POST", "tools/call") => answer.json(&asked.result(&json!({}))).await,
            ("POST", _) => answer.whole("202 Accepted", "", "").await,
            _ => answer.whole("405 Method Not Allowed", "", "").await,
        }
    })
    .await;
    let mut client = Proxied::http(&server);
    assert!(client.ask("initialize").await["result"].is_object());
    assert!(client.ask("tools/call").await["result"].is_object());
    let counts = (
        CALLS.load(Ordering::Relaxed),
        opened.load(Ordering::Relaxed),
    );
    assert_eq!(counts, (2, 2));
    let (seen, _metrics) = client.end().await;
    let requests = seen.request("bad");
    assert_eq!(requests.completed(Method::ToolsCall, Outcome::Ok), 1);
}

#[tokio::test]
async fn a_bad_request_after_an_outage() {
    let (server, opened) = opening(|asked, mut answer| async move {
        match (asked.method.as_str(), asked.called().as_str()) {
            ("POST", "die") => answer.reset(),
            ("POST", _) => answer.whole("400 Bad Request", "", "").await,
            _ => answer.whole("405 Method Not Allowed", "", "").await,
        }
    })
    .await;
    let mut client = Proxied::http(&server);
    assert!(client.ask("initialize").await["result"].is_object());
    assert!(reason(&client.ask("ping").await).contains("400"));
    assert_eq!(opened.load(Ordering::Relaxed), 1, "a message was bad");
    reason(&client.ask("die").await);
    assert!(reason(&client.ask("ping").await).contains("server"));
    assert!(reason(&client.ask("ping").await).contains("400"));
    assert_eq!(opened.load(Ordering::Relaxed), 2, "the session was gone");
    let (_seen, _metrics) = client.end().await;
}

#[tokio::test]
async fn a_bad_request_for_the_stream() {
    static STREAMS: AtomicUsize = AtomicUsize::new(0);
    let (server, opened) = opening(|asked, mut answer| async move {
        match (asked.method.as_str(), asked.called().as_str()) {
            ("POST", "ping") => answer.json(&asked.result(&json!({}))).await,
            ("POST", _) => answer.whole("202 Accepted", "", "").await,
            ("GET", _) => match STREAMS.fetch_add(1, Ordering::Relaxed) {
                // The stream is interrupted immediately.
                0 => answer.events().await,
                1 => answer.whole("400 Bad Request", "", "").await,
                _ => {
                    answer.events().await;
                    std::future::pending::<()>().await;
                }
            },
            _ => answer.whole("200 OK", "", "").await,
        }
    })
    .await;
    let mut client = Proxied::http(&server);
    assert!(client.ask("initialize").await["result"].is_object());
    client.notify("notifications/initialized").await;
    let replayed = timeout(TIMEOUT, async {
        while opened.load(Ordering::Relaxed) < 2 {
            sleep(Duration::from_millis(10)).await;
        }
    });
    replayed.await.expect("the handshake is replayed");
    assert!(client.ask("ping").await["result"].is_object());
    let (_seen, _metrics) = client.end().await;
}
