//! A link to an HTTP server, without a session around it.

use std::time::{Duration, Instant};

use mcp_proxy::backoff::{Backoff, BackoffPolicy};
use mcp_proxy::jsonrpc::{Id, Message, Notification, Request, Response};
use mcp_proxy::pool::Pools;
use mcp_proxy::transport::client::HttpSettings;
use mcp_proxy::transport::{Edge, Incoming};
use mcp_proxy::upstream::{Connection, RemoteServer};
use serde_json::json;
use shadowcat_metrics::shadowcat::Metrics;
use shadowcat_metrics::shadowcat::labels::{Operation, Pool, Side, Status, Transport};
use tokio::time::{sleep, timeout};
use url::Url;

/// Time limit for every wait. Reaching it means that something hangs.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(60);

const HTTP: HttpSettings = HttpSettings {
    connect: Duration::from_secs(2),
    control: Duration::from_millis(300),
    body_idle: Duration::from_secs(2),
    stream_idle: Duration::from_secs(5),
    pool_idle: Duration::from_secs(5),
    most_in_flight: 2,
    window: 16,
    reconnect: BackoffPolicy {
        first: Duration::from_millis(5),
        longest: Duration::from_millis(20),
        stable_after: Duration::from_millis(20),
        most_attempts: 3,
        jitter: true,
    },
};

/// A link to a server, without a session.
pub(crate) struct Linked {
    pub(crate) metrics: Metrics,
    /// Keeps the server's series alive.
    _remote: RemoteServer,
    connection: Connection,
    transport: Transport,
}

impl Linked {
    pub(crate) async fn open(transport: Transport, url: &Url) -> Self {
        let metrics = Metrics::new();
        let name = metrics.server("tested");
        let edge = Edge::to_server(&metrics, transport, &name, Pools::new(&metrics));
        let edge = edge.with_max_message(10_000);
        let backoff = Backoff::new(BackoffPolicy::SERVERS);
        let remote = RemoteServer::new(&metrics, name, url, edge, HTTP, backoff);
        let connection = match transport {
            Transport::Http => remote.connect(),
            Transport::Sse => remote.connect_older().await,
            Transport::Stdio => unreachable!("no server at a URL"),
        };
        let connection = connection.expect("it is there");
        Self {
            metrics,
            _remote: remote,
            connection,
            transport,
        }
    }

    pub(crate) async fn send(&self, message: Message) {
        let sent = self.connection.link.outgoing.send(message);
        let sent = timeout(TIMEOUT, sent).await;
        sent.expect("in time").expect("the link is open");
    }

    pub(crate) async fn ask(&self, id: u64, method: &str) {
        self.send(Message::Request(Request::new(id, method, &json!({}))))
            .await;
    }

    pub(crate) async fn notify(&self, method: &str, params: serde_json::Value) {
        self.send(Message::Notification(Notification::new(method, &params)))
            .await;
    }

    /// Opens a session.
    pub(crate) async fn initialize(&mut self) {
        self.ask(1, "initialize").await;
        self.answer_to(1).await;
        self.notify("notifications/initialized", json!({})).await;
    }

    /// Waits for a notification.
    pub(crate) async fn notification(&mut self) {
        let received = self.next().await;
        assert!(
            matches!(received, Some(Incoming::Message(Message::Notification(_)))),
            "{received:?}"
        );
    }

    pub(crate) async fn next(&mut self) -> Option<Incoming> {
        let next = timeout(TIMEOUT, self.connection.link.incoming.next());
        next.await.expect("in time")
    }

    pub(crate) async fn answer_to(&mut self, expected: u64) {
        let received = self.next().await;
        assert!(
            matches!(&received, Some(Incoming::Message(Message::Response(Response { id: Some(id), .. })))
                if *id == Id::from(expected)),
            "{received:?}"
        );
    }

    pub(crate) fn count(&self, operation: Operation, status: Status) -> u64 {
        let snapshot = self.metrics.snapshot();
        let recorded = snapshot.transport(self.transport);
        recorded.operations(Side::Server, operation, status)
    }

    /// Closes the link, and waits until all resources are released.
    pub(crate) async fn end(self) {
        let Connection { link, peer } = self.connection;
        drop(link.outgoing);
        let writer = timeout(TIMEOUT, link.writer).await;
        writer.expect("in time").expect("no panic");
        drop((link.incoming, peer));
        let held = || {
            let snapshot = self.metrics.snapshot();
            let pools = [Pool::Http, Pool::Sse, Pool::Json];
            let taken = pools.map(|pool| snapshot.buffer_pool(pool).in_use());
            taken.iter().sum::<i64>() + snapshot.sse("tested").buffer()
        };
        let begun = Instant::now();
        while held() != 0 {
            assert!(begun.elapsed() < TIMEOUT, "{} are held", held());
            sleep(Duration::from_millis(5)).await;
        }
    }
}

/// Returns an answer to the request `id`.
pub(crate) fn result(id: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{"protocolVersion":"2025-06-18"}}}}"#)
}
