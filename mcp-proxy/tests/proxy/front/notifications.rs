//! Notifications to clients and their streams, compared with what the clients read.

use mcp_proxy::front::FrontSettings;
use serde_json::{Value, json};
use shadowcat_metrics::shadowcat::Metrics;
use shadowcat_metrics::shadowcat::labels::{
    Method, NotificationStream, Outcome, Side, StreamEnd, Transport,
};

use tokio::sync::mpsc;
use tokio::time::timeout;

use super::outcomes::accept;
use super::{BOTH, JSON, TIMEOUT, Tested, in_session, ping, until};
use crate::scripted::{Answer, ReceivedRequest, Scripted};
use crate::support::quote;

/// Answers `initialize`, prints 30 notifications after the next message, and 20 more after the one that follows.
const SERVER: &str = r#"read one
echo '{"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2025-06-18"}}'
print() { i=0; while [ $i -lt $1 ]; do echo "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\",\"params\":{\"i\":$i}}"; i=$((i+1)); done; }
read two; print 30; read three && print 20; read end"#;

const NOTE: &str = r#"{"jsonrpc":"2.0","method":"notifications/go"}"#;

impl Tested {
    fn dropped(&self) -> u64 {
        let snapshot = self.metrics.snapshot();
        snapshot.notification("default").dropped(Side::Client)
    }

    /// Returns how many streams were opened, and how many have ended for each of these reasons.
    pub(super) fn streams<const N: usize>(
        &self,
        kind: NotificationStream,
        ends: [StreamEnd; N],
    ) -> (u64, [u64; N]) {
        let snapshot = self.metrics.snapshot();
        let streams = snapshot.stream("default");
        let ended = ends.map(|end| streams.ended(kind, end));
        let all: u64 = StreamEnd::ALL
            .map(|end| streams.ended(kind, end))
            .iter()
            .sum();
        let active = u64::try_from(streams.active(kind)).expect("never below zero");
        assert_eq!(streams.opened(kind), all + active);
        (streams.opened(kind), ended)
    }
}

#[tokio::test]
async fn a_notification_keeps_its_trace() {
    const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let (received, mut requests) = mpsc::unbounded_channel::<ReceivedRequest>();
    let server = Scripted::start(move |asked: ReceivedRequest, mut answer: Answer| {
        let received = received.clone();
        async move {
            match asked.called().as_str() {
                "initialize" => answer.json(&asked.result(&json!({}))).await,
                _ => answer.whole("202 Accepted", "", "").await,
            }
            let _ = received.send(asked);
        }
    })
    .await;
    let metrics = Metrics::new();
    let spec = format!("default=http:{}", server.url("mcp"));
    let accept = accept(&metrics, spec.parse().expect("a server"), TIMEOUT);
    let tested = Tested::with_metrics(metrics, FrontSettings::default(), accept).await;
    let mut wire = tested.connect().await;
    let session = wire.initialize("/mcp").await;
    let in_meta = json!({ "_meta": { "traceparent": TRACE } });
    for (field, params) in [
        (format!("Traceparent: {TRACE}"), json!({})),
        (String::new(), in_meta),
    ] {
        let headers = format!("{}\n{field}", in_session(&session, BOTH));
        let note = json!({ "jsonrpc": "2.0", "method": "notifications/go", "params": params });
        let head = wire.request("POST /mcp", &headers, &note.to_string()).await;
        assert_eq!(head.status, 202);
        let got = loop {
            let got = timeout(TIMEOUT, requests.recv()).await;
            let got = got.expect("in time").expect("a request");
            if got.called() == "notifications/go" {
                break got;
            }
        };
        let body: Value = serde_json::from_str(&got.body).expect("JSON");
        let own = body["params"]["_meta"]["traceparent"].as_str();
        let own = own.expect("the proxy's own context");
        assert!(!own.contains("00f067aa0ba902b7"), "{own}");
        assert!(
            got.head.contains(&format!("traceparent: {own}\r\n")),
            "{}",
            got.head
        );
        // A context in the header fields is linked to, and is not the parent.
        assert_eq!(own[..35] == TRACE[..35], field.is_empty(), "{own}");
    }
    tested.finish().await;
}

async fn start(script: &str) -> Tested {
    let metrics = Metrics::new();
    let spec = format!("default=stdio:sh -c {}", quote(script));
    let accept = accept(&metrics, spec.parse().expect("a server"), TIMEOUT);
    let settings = FrontSettings {
        history_events: 4,
        ..FrontSettings::default()
    };
    Tested::with_metrics(metrics, settings, accept).await
}

#[tokio::test]
async fn every_notification_is_read_or_counted_as_dropped() {
    let tested = start(SERVER).await;
    let mut wire = tested.connect().await;
    let session = wire.initialize("/mcp").await;
    assert_eq!(wire.post(&session, BOTH, NOTE).await.status, 202);
    // Nobody listens, so the last four wait.
    until("26 are dropped", || tested.dropped() == 26).await;
    let mut standing = tested.listen(&session).await;
    for number in 26..30 {
        let event = standing.event().await.expect("it waits");
        assert_eq!(event.json()["params"]["i"], number);
    }
    assert_eq!(wire.post(&session, BOTH, NOTE).await.status, 202);
    for number in 0..20 {
        let event = standing.event().await.expect("it is sent");
        assert_eq!(event.json()["params"]["i"], number);
    }
    assert_eq!(tested.dropped(), 26);
    let ends = [StreamEnd::Client, StreamEnd::Session];
    let kind = NotificationStream::Standing;
    assert_eq!(tested.streams(kind, ends), (1, [0, 0]));
    drop(standing);
    until("the stream ends", || {
        tested.streams(kind, ends) == (1, [1, 0])
    })
    .await;
    let mut standing = tested.listen(&session).await;
    assert_eq!(wire.end(&session).await, 200);
    assert!(standing.event().await.is_none());
    until("the session ends", || {
        tested.streams(kind, ends) == (2, [1, 1])
    })
    .await;
    tested.finish().await;
}

#[tokio::test]
async fn notifications_without_a_stream_are_dropped_with_the_session() {
    let tested = start(SERVER).await;
    let mut wire = tested.connect().await;
    let session = wire.initialize("/mcp").await;
    assert_eq!(wire.post(&session, BOTH, NOTE).await.status, 202);
    until("26 are dropped", || tested.dropped() == 26).await;
    assert_eq!(wire.end(&session).await, 200);
    until("all are dropped", || tested.dropped() == 30).await;
    tested.finish().await;
}

#[tokio::test]
async fn a_stream_that_is_opened_again_replaces_the_first_and_the_older_one_is_the_session() {
    let tested = start(SERVER).await;
    let mut wire = tested.connect().await;
    let session = wire.initialize("/mcp").await;
    let mut first = tested.listen(&session).await;
    let mut second = tested.connect().await;
    assert_eq!(second.listen(&session, Some("0-0")).await.status, 200);
    assert!(first.event().await.is_none());
    let kind = NotificationStream::Standing;
    let ends = [StreamEnd::Replaced, StreamEnd::Client];
    until("one is replaced", || {
        tested.streams(kind, ends) == (2, [1, 0])
    })
    .await;

    let mut older = tested.connect().await;
    let opened = older.request("GET /sse", "Accept: text/event-stream", "");
    assert_eq!(opened.await.status, 200);
    let kind = NotificationStream::Older;
    assert_eq!(tested.streams(kind, ends), (1, [0, 0]));
    drop(older);
    until("it is closed", || tested.streams(kind, ends) == (1, [0, 1])).await;
    drop((second, wire));
    tested.finish().await;
}

#[tokio::test]
async fn a_servers_request_in_a_session_without_a_stream_is_refused() {
    let script = r#"read one
echo '{"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2025-06-18"}}'
read two
echo '{"jsonrpc":"2.0","id":"q","method":"sampling/createMessage","params":{}}'
read answer
case $answer in *error*stream*) echo '{"jsonrpc":"2.0","id":1,"result":{"refused":true}}';; esac
read end"#;
    let tested = start(script).await;
    let mut wire = tested.connect().await;
    let session = wire.initialize("/mcp").await;
    let begun = std::time::Instant::now();
    let answered = wire.post(&session, JSON, ping(1)).await;
    assert_eq!(wire.json(&answered).await["result"]["refused"], true);
    assert!(begun.elapsed() < TIMEOUT / 2);
    let snapshot = tested.metrics.snapshot();
    let requests = snapshot.request("default");
    let lost = requests.completed(Method::SamplingCreateMessage, Outcome::Lost);
    assert_eq!((lost, requests.in_flight(Transport::Stdio)), (1, 0));
    drop(wire);
    tested.finish().await;
}
