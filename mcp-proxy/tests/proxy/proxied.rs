//! A client on a pipe, the proxy, and a scripted HTTP server.

use std::time::Duration;

use mcp_proxy::backoff::{Backoff, BackoffPolicy};
use mcp_proxy::pool::Pools;
use mcp_proxy::session::{Ended, Session, Settings};
use mcp_proxy::transport::client::HttpSettings;
use mcp_proxy::transport::{Edge, stdio};
use mcp_proxy::upstream::{RemoteServer, Upstream};
use serde_json::{Value, json};
use shadowcat_metrics::shadowcat::labels::{Pool, Server, Transport};
use shadowcat_metrics::shadowcat::{Metrics, Snapshot};
use tokio::io::{
    AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, Lines, ReadHalf, WriteHalf,
};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::scripted::Scripted;

/// Time limit for every wait. Reaching it means that something hangs.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(20);

const HTTP: HttpSettings = HttpSettings {
    connect: Duration::from_secs(2),
    control: Duration::from_millis(500),
    body_idle: Duration::from_millis(300),
    stream_idle: Duration::from_millis(600),
    pool_idle: Duration::from_secs(1),
    most_in_flight: 4,
    window: 16,
    reconnect: BackoffPolicy {
        first: Duration::from_millis(10),
        longest: Duration::from_millis(50),
        stable_after: Duration::from_millis(50),
        most_attempts: 3,
        jitter: true,
    },
};

/// A client on a pipe, the proxy, and an HTTP server behind it.
pub(crate) struct Proxied {
    pub(crate) metrics: Metrics,
    /// Keeps the server's series.
    server: Server,
    writer: WriteHalf<DuplexStream>,
    lines: Lines<BufReader<ReadHalf<DuplexStream>>>,
    pub(crate) session: JoinHandle<Ended>,
    next_id: u64,
}

impl Proxied {
    fn start(
        server: impl FnOnce(RemoteServer) -> Upstream,
        url: &url::Url,
        transport: Transport,
        answer: Duration,
    ) -> Self {
        let metrics = Metrics::new();
        let pools = Pools::new(&metrics);
        let name = metrics.server("bad");
        let kept = name.clone();
        let to_client = Edge::to_client(&metrics, Transport::Stdio, &name, pools.clone());
        let edge = Edge::to_server(&metrics, transport, &name, pools).with_max_message(100_000);
        let backoff = Backoff::new(BackoffPolicy {
            first: Duration::from_millis(10),
            most_attempts: 2,
            ..BackoffPolicy::SERVERS
        });
        let remote = RemoteServer::new(&metrics, name, url, edge, HTTP, backoff);
        let (near, far) = tokio::io::duplex(64 * 1024);
        let (reader, writer) = tokio::io::split(far);
        let link = stdio::open(reader, writer, &to_client, None);
        let session = Session::new(
            &metrics,
            Transport::Stdio,
            server(remote),
            Settings {
                answer,
                ..Settings::default()
            },
            CancellationToken::new(),
        );
        let session = tokio::spawn(session.run(link));
        let (reader, writer) = tokio::io::split(near);
        Self {
            metrics,
            server: kept,
            writer,
            lines: BufReader::new(reader).lines(),
            session,
            next_id: 1,
        }
    }

    /// Creates one with this time limit for each request.
    pub(crate) fn impatient(server: &Scripted, transport: Transport, answer: Duration) -> Self {
        match transport {
            Transport::Sse => Self::start(Upstream::Sse, &server.url("sse"), transport, answer),
            Transport::Http | Transport::Stdio => {
                Self::start(Upstream::Http, &server.url("mcp"), transport, answer)
            }
        }
    }

    pub(crate) fn http(server: &Scripted) -> Self {
        Self::impatient(server, Transport::Http, TIMEOUT)
    }

    pub(crate) fn sse(server: &Scripted) -> Self {
        Self::impatient(server, Transport::Sse, TIMEOUT)
    }

    /// Sends a request and returns the answer.
    pub(crate) async fn ask(&mut self, method: &str) -> Value {
        self.ask_with(method, &json!({})).await
    }

    /// Asks with parameters.
    pub(crate) async fn ask_with(&mut self, method: &str, params: &Value) -> Value {
        let id = self.next_id;
        self.next_id += 1;
        let request = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        let line = format!("{request}\n");
        self.writer
            .write_all(line.as_bytes())
            .await
            .expect("it is read");
        loop {
            let line = timeout(TIMEOUT, self.lines.next_line()).await;
            let line = line
                .expect("an answer in time")
                .expect("a pipe")
                .expect("an answer");
            let message: Value = serde_json::from_str(&line).expect("JSON");
            if message["id"] == id && message.get("method").is_none() {
                return message;
            }
        }
    }

    /// Sends a notification.
    pub(crate) async fn notify(&mut self, method: &str) {
        let line = format!("{}\n", json!({ "jsonrpc": "2.0", "method": method }));
        self.writer
            .write_all(line.as_bytes())
            .await
            .expect("it is read");
    }

    /// Closes the client's side, and returns the metrics once everything has ended.
    pub(crate) async fn end(mut self) -> (Snapshot, Metrics) {
        self.writer.shutdown().await.expect("it is open");
        timeout(TIMEOUT, self.session)
            .await
            .expect("it ends in time")
            .expect("no panic");
        // The last bodies are dropped when their connections notice.
        for _ in 0..200 {
            let snapshot = self.metrics.snapshot();
            if Pool::ALL
                .iter()
                .all(|&pool| snapshot.buffer_pool(pool).in_use() == 0)
            {
                break;
            }
            sleep(Duration::from_millis(10)).await;
        }
        let snapshot = self.metrics.snapshot();
        for pool in Pool::ALL {
            assert_eq!(snapshot.buffer_pool(pool).in_use(), 0, "{pool}");
        }
        assert_eq!(snapshot.request("bad").in_flight(Transport::Stdio), 0);
        assert_eq!(snapshot.session(Transport::Stdio).active(), 0);
        drop(self.server);
        (snapshot, self.metrics)
    }
}

/// Returns the reason in an error answer.
pub(crate) fn reason(answer: &Value) -> &str {
    answer["error"]["message"]
        .as_str()
        .unwrap_or_else(|| panic!("an error, not {answer}"))
}
