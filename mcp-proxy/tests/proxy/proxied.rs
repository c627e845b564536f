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

/// A client on a pipe, and its session.
pub(crate) struct PipeClient {
    pub(crate) session: JoinHandle<Ended>,
    pub(crate) writer: WriteHalf<DuplexStream>,
    pub(crate) reader: PipeReader,
}

/// The client's end for reading.
pub(crate) struct PipeReader(Lines<BufReader<ReadHalf<DuplexStream>>>);

impl PipeReader {
    /// Returns the next line.
    pub(crate) async fn line(&mut self) -> String {
        let line = timeout(TIMEOUT, self.0.next_line()).await;
        line.expect("in time").expect("open").expect("a line")
    }
}

impl PipeClient {
    /// Starts a session with a server.
    pub(crate) fn start(
        metrics: &Metrics,
        server: &Server,
        upstream: Upstream,
        settings: Settings,
    ) -> Self {
        let (near, far) = tokio::io::duplex(64 * 1024);
        let (reader, writer) = tokio::io::split(far);
        let pools = Pools::new(metrics);
        let edge = Edge::to_client(metrics, Transport::Stdio, server, pools);
        let link = stdio::open(reader, writer, &edge, None);
        let stop = CancellationToken::new();
        let session = Session::new(metrics, Transport::Stdio, upstream, settings, stop);
        let session = tokio::spawn(session.run(link));
        let (reader, writer) = tokio::io::split(near);
        Self {
            session,
            writer,
            reader: PipeReader(BufReader::new(reader).lines()),
        }
    }

    /// Writes this text.
    pub(crate) async fn write(&mut self, text: &str) {
        let written = self.writer.write_all(text.as_bytes()).await;
        written.expect("it is read");
    }

    /// Closes the client's sending side, and waits for the end of the session.
    pub(crate) async fn end(mut self) -> Ended {
        self.writer.shutdown().await.expect("it is open");
        ended(self.session).await
    }
}

/// Waits for the end of a session.
pub(crate) async fn ended(session: JoinHandle<Ended>) -> Ended {
    let ended = timeout(TIMEOUT, session).await;
    ended.expect("it ends in time").expect("no panic")
}

/// A client on a pipe, the proxy, and an HTTP server behind it.
pub(crate) struct Proxied {
    pub(crate) metrics: Metrics,
    /// Keeps the server's series.
    server: Server,
    pub(crate) client: PipeClient,
    next_id: u64,
}

impl Proxied {
    fn start(
        upstream: impl FnOnce(RemoteServer) -> Upstream,
        url: &url::Url,
        transport: Transport,
        answer: Duration,
    ) -> Self {
        let metrics = Metrics::new();
        let server = metrics.server("bad");
        let edge = Edge::to_server(&metrics, transport, &server, Pools::new(&metrics));
        let edge = edge.with_max_message(100_000);
        let backoff = Backoff::new(BackoffPolicy {
            first: Duration::from_millis(10),
            most_attempts: 2,
            ..BackoffPolicy::SERVERS
        });
        let remote = RemoteServer::new(&metrics, server.clone(), url, edge, HTTP, backoff);
        let settings = Settings {
            answer,
            ..Settings::default()
        };
        Self {
            client: PipeClient::start(&metrics, &server, upstream(remote), settings),
            metrics,
            server,
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
        self.client.write(&format!("{request}\n")).await;
        loop {
            let line = self.client.reader.line().await;
            let message: Value = serde_json::from_str(&line).expect("JSON");
            if message["id"] == id && message.get("method").is_none() {
                return message;
            }
        }
    }

    /// Sends a notification.
    pub(crate) async fn notify(&mut self, method: &str) {
        let notification = json!({ "jsonrpc": "2.0", "method": method });
        self.client.write(&format!("{notification}\n")).await;
    }

    /// Closes the client's side, and returns the metrics once everything has ended.
    pub(crate) async fn end(self) -> (Snapshot, Metrics) {
        self.client.end().await;
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
