//! Unusual but valid HTTP from MCP clients: the metrics match the client's own counts.

use std::time::Duration;

use mcp_proxy::front::FrontSettings;
use serde_json::json;
use shadowcat_metrics::shadowcat::Metrics;
use shadowcat_metrics::shadowcat::labels::{
    Direction, Method, Operation, Outcome, Phase, Side, Status, Transport,
};
use tokio::time::{sleep, timeout};

use super::outcomes::accept;
use super::{
    BOTH, JSON, TIMEOUT, Tested, ask_stateless, in_session, initialize, ping, until,
    without_session,
};
use crate::scripted::{Answer, ReceivedRequest, Scripted};
use crate::support::{posting, request_text};

/// A pause that cannot be overlooked in a duration.
const PAUSE: Duration = Duration::from_millis(300);

impl Tested {
    /// Returns how many connections were opened and reused.
    fn connections(&self) -> (u64, u64) {
        let snapshot = self.metrics.snapshot();
        let http = snapshot.http(Side::Client);
        (http.connections_opened(), http.connections_reused())
    }

    /// Returns the bytes and the chunks of bodies.
    fn bodies(&self, direction: Direction) -> (u64, u64) {
        let snapshot = self.metrics.snapshot();
        let http = snapshot.http(Side::Client);
        (http.body(direction), http.body_chunks(direction))
    }

    fn heads(&self) -> (u64, Duration) {
        let snapshot = self.metrics.snapshot();
        let heads = snapshot.http(Side::Client).header_duration();
        (heads.count(), heads.sum())
    }

    fn sessions(&self) -> i64 {
        self.metrics.snapshot().session(Transport::Http).active()
    }

    /// Starts a front with real sessions before an HTTP server.
    async fn before(server: &Scripted, settings: FrontSettings) -> Self {
        let metrics = Metrics::new();
        let spec = format!("default={}", server.url("mcp"));
        let accept = accept(&metrics, spec.parse().expect("a server"), TIMEOUT);
        Self::with_metrics(metrics, settings, accept).await
    }
}

/// Starts a server that answers each request with `{}`.
async fn answering() -> Scripted {
    Scripted::start(|asked: ReceivedRequest, mut answer: Answer| async move {
        answer.json(&asked.result(&json!({}))).await;
    })
    .await
}

#[tokio::test]
async fn a_pipeline_is_one_connection_and_each_exchange_counts() {
    let (tested, mut wire, session) = Tested::with_session(FrontSettings::default()).await;
    let in_session = in_session(&session, JSON);
    let request = |id| request_text("POST /mcp", "localhost", &in_session, &ping(id));
    wire.write(&[1, 2, 3].map(request).concat()).await;
    for id in 1..=3 {
        let head = wire.head().await;
        assert_eq!(wire.json(&head).await["id"], id);
    }
    assert_eq!(tested.connections(), (1, 3));
    let bytes = initialize().len() + 3 * ping(1).len();
    let received = tested.bodies(Direction::Received);
    assert_eq!(received, (bytes as u64, 4));
    tested.finish().await;
}

#[tokio::test]
async fn a_client_of_http_1_0_gets_bodies_without_chunks() {
    let tested = Tested::serving(FrontSettings::default()).await;
    let mut sent = 0;
    for accept in [JSON, BOTH] {
        let mut wire = tested.connect().await;
        let request = request_text("POST /mcp", "localhost", &posting(accept), &initialize());
        wire.write(&request.replacen("HTTP/1.1", "HTTP/1.0", 1))
            .await;
        assert_eq!(wire.head().await.status, 200);
        sent += wire.rest().await.len() as u64;
    }
    assert_eq!(tested.connections(), (2, 0));
    assert_eq!(tested.bodies(Direction::Sent), (sent, 2));
    tested.finish().await;
}

#[tokio::test]
async fn trailers_are_not_part_of_a_message() {
    let (tested, mut wire, session) = Tested::with_session(FrontSettings::default()).await;
    let before = tested.bodies(Direction::Received);
    let fields = format!("{}\nTransfer-Encoding: chunked", in_session(&session, JSON));
    let head = request_text("POST /mcp", "localhost", &fields, "");
    let body = ping(1);
    let (first, last) = body.split_at(10);
    let chunk = |text: &str| format!("{:x}\r\n{text}\r\n", text.len());
    wire.write(&(head + &chunk(first) + &chunk(last))).await;
    sleep(PAUSE).await;
    wire.write("0\r\nX-Checksum: 1\r\n\r\n").await;
    let head = wire.head().await;
    assert_eq!(wire.json(&head).await["id"], 1);
    let (bytes, chunks) = tested.bodies(Direction::Received);
    assert_eq!(
        (bytes - before.0, chunks - before.1),
        (body.len() as u64, 2)
    );
    let snapshot = tested.metrics.snapshot();
    let transfer = snapshot.transport(Transport::Http);
    let transfer = transfer.phase_duration(Phase::Transfer);
    assert_eq!(transfer.count(), 2);
    assert!(transfer.sum() < PAUSE, "{:?}", transfer.sum());
    tested.finish().await;
}

#[tokio::test]
async fn bodies_that_are_not_messages_are_counted() {
    let (tested, _wire, session) = Tested::with_session(FrontSettings::default()).await;
    let named = format!("Mcp-Session-Id: {session}");
    let mut expected = initialize().len() as u64;
    for (line, status) in [
        ("OPTIONS /mcp", 204),
        ("HEAD /mcp", 405),
        ("GET /mcp", 200),
        ("PUT /mcp", 405),
        ("DELETE /mcp", 200),
    ] {
        let mut wire = tested.connect().await;
        let head = wire.request(line, &named, "0123456789").await;
        assert_eq!(head.status, status, "{line}");
        expected += 10;
        assert_eq!(tested.bodies(Direction::Received).0, expected, "{line}");
    }
    tested.finish().await;
}

#[tokio::test]
async fn the_time_of_a_head_excludes_the_wait_for_its_body() {
    let tested = Tested::serving(FrontSettings::default()).await;
    for (line, status) in [
        ("POST /nowhere", 404),
        ("POST /sse", 405),
        ("POST /mcp", 415),
        ("PUT /mcp", 405),
    ] {
        let mut wire = tested.connect().await;
        let request = request_text(line, "localhost", "", "0123456789");
        let (early, late) = request.split_at(request.len() - 5);
        wire.write(early).await;
        sleep(PAUSE).await;
        wire.write(late).await;
        assert_eq!(wire.head().await.status, status, "{line}");
    }
    let (heads, time) = tested.heads();
    assert_eq!(heads, 4);
    assert!(time < PAUSE, "{time:?}");
    tested.finish().await;
}

#[tokio::test]
async fn a_body_that_is_not_a_message_has_a_time_limit_too() {
    let tested = Tested::serving(FrontSettings {
        body_timeout: PAUSE,
        ..FrontSettings::default()
    })
    .await;
    for line in ["PUT /mcp", "GET /nowhere"] {
        let mut wire = tested.connect().await;
        wire.write(&format!("{line} HTTP/1.1\r\nHost: localhost\r\n"))
            .await;
        wire.write("Content-Length: 1000000\r\n\r\n").await;
        // Each byte arrives within the time limit, but the last byte of the body does not.
        timeout(TIMEOUT, wire.trickle(PAUSE / 10))
            .await
            .expect("the proxy closes the connection");
    }
    tested.finish().await;
}

#[tokio::test]
async fn a_connection_is_reused_after_errors_until_a_head_is_too_large() {
    let (tested, mut wire, session) = Tested::with_session(FrontSettings {
        max_message: 1000,
        ..FrontSettings::default()
    })
    .await;
    let mut bytes = initialize().len() as u64;
    for (body, status) in [("{".to_owned(), 400), ("x".repeat(1500), 413)] {
        let head = wire.post(&session, JSON, &body).await;
        assert_eq!(head.status, status);
        wire.body(&head).await;
        bytes += body.len() as u64;
    }
    // With this header field, a client waits for the status 100 before it sends the body.
    let fields = format!("{}\nExpect: 100-continue", in_session(&session, JSON));
    let request = request_text("POST /mcp", "localhost", &fields, &ping(1));
    let (head, body) = request.split_at(request.len() - ping(1).len());
    wire.write(head).await;
    assert_eq!(wire.head().await.status, 100);
    wire.write(body).await;
    let head = wire.head().await;
    assert_eq!(wire.json(&head).await["id"], 1);
    bytes += body.len() as u64;
    assert_eq!(tested.connections(), (1, 3));
    assert_eq!(tested.bodies(Direction::Received).0, bytes);

    let padding = format!("X-Padding: {}", "x".repeat(200_000));
    assert_eq!(wire.request("GET /mcp", &padding, "").await.status, 431);
    wire.rest().await;
    // A head that is too large is not counted, and the connection is not counted as one without requests.
    assert_eq!((tested.connections(), tested.heads().0), ((1, 3), 4));
    let open = || tested.metrics.snapshot().front().connections();
    until("the connection is closed", || open() == 0).await;
    let snapshot = tested.metrics.snapshot();
    assert_eq!(snapshot.front().empty_connections(), 0);
    tested.finish().await;
}

#[tokio::test]
async fn sessions_that_clients_abandon_are_open_until_they_are_idle_for_too_long() {
    let server = answering().await;
    let settings = FrontSettings {
        idle: Duration::from_secs(3),
        ..FrontSettings::default()
    };
    let tested = Tested::before(&server, settings).await;
    for opened in 1..=30 {
        tested.connect().await.initialize("/mcp").await;
        assert_eq!(tested.sessions(), opened);
    }
    until("the sessions end", || tested.sessions() == 0).await;
    assert_eq!(tested.connections(), (30, 0));
    let snapshot = tested.metrics.snapshot();
    let requests = snapshot.request("default");
    assert_eq!(requests.completed(Method::Initialize, Outcome::Ok), 30);
    assert_eq!(requests.in_flight(Transport::Http), 0);
    let sent = tested.operations(Transport::Http, Operation::Send, Status::Ok);
    assert_eq!(sent, 30);
    tested.finish().await;
}

#[tokio::test]
async fn a_session_that_is_kept_for_requests_without_one_is_open() {
    let server = answering().await;
    let tested = Tested::before(&server, FrontSettings::default()).await;
    for id in 1..=2 {
        let mut wire = tested.connect().await;
        let headers = without_session(JSON, "tools/list", None);
        let request = ask_stateless(id, "tools/list", json!({}));
        let head = wire.request("POST /mcp", &headers, &request).await;
        assert_eq!(wire.json(&head).await["id"], id);
        assert_eq!(tested.sessions(), 1);
    }
    tested.finish().await;
}
