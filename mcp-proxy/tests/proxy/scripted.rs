//! A scripted HTTP server with exact bytes and deliberate disconnects.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A received request.
#[derive(Debug, Clone)]
pub(crate) struct ReceivedRequest {
    pub(crate) method: String,
    /// The number of earlier requests with this method.
    pub(crate) number: usize,
    /// The head in lower case.
    pub(crate) head: String,
    pub(crate) body: String,
}

/// A connection for writing a response.
pub(crate) struct Answer(TcpStream);

/// The server. Dropping it stops it.
pub(crate) struct Scripted {
    address: SocketAddr,
    received: Received,
    task: JoinHandle<()>,
}

/// The requests to a server, in order.
type Received = Arc<Mutex<Vec<ReceivedRequest>>>;

impl Scripted {
    /// Starts a server that handles every request with `script`: it writes a response, after which the connection is closed.
    pub(crate) async fn start<S, F>(script: S) -> Self
    where
        S: Fn(ReceivedRequest, Answer) -> F + Clone + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let received = Received::default();
        let log = Arc::clone(&received);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (script, log) = (script.clone(), Arc::clone(&log));
                tokio::spawn(async move {
                    if let Some((asked, answer)) = read(stream, &log).await {
                        script(asked, answer).await;
                    }
                });
            }
        });
        Self {
            address,
            received,
            task,
        }
    }

    /// Returns the requests so far.
    pub(crate) fn received(&self) -> Vec<ReceivedRequest> {
        self.received.lock().expect("no panic").clone()
    }

    /// Returns a URL on this server.
    pub(crate) fn url(&self, path: &str) -> url::Url {
        let url = format!("http://{}/{path}", self.address);
        url.parse().expect("a URL")
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Reads and logs a request, unless the client disconnects first.
async fn read(stream: TcpStream, log: &Received) -> Option<(ReceivedRequest, Answer)> {
    let mut stream = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).await.unwrap_or(0) == 0 {
            return None;
        }
    }
    let method = head.split(' ').next().unwrap_or_default().to_owned();
    let head = head.to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().expect("a number"))];
    stream.read_exact(&mut body).await.expect("a whole body");
    let mut log = log.lock().expect("no panic");
    let asked = ReceivedRequest {
        number: log.iter().filter(|asked| asked.method == method).count(),
        method,
        head,
        body: String::from_utf8(body).expect("text"),
    };
    log.push(asked.clone());
    Some((asked, Answer(stream.into_inner())))
}

impl Answer {
    /// Writes bytes. Returns `false` if the client has disconnected.
    pub(crate) async fn raw(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.0.write_all(bytes.as_ref()).await.is_ok()
    }

    /// Writes a complete response.
    pub(crate) async fn whole(&mut self, status: &str, headers: &str, body: &str) {
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n"
        );
        self.raw(head + body).await;
    }

    /// Writes a complete response in JSON.
    pub(crate) async fn json(&mut self, body: &str) {
        self.whole("200 OK", "content-type: application/json\r\n", body)
            .await;
    }

    /// Writes the head of an event stream that ends with the connection.
    pub(crate) async fn events(&mut self) {
        self.raw("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: text/event-stream\r\n\r\n")
            .await;
    }

    /// Resets the connection instead of closing it.
    pub(crate) fn reset(self) {
        // Closing with a linger time of zero sends a reset.
        let _ = self.0.set_zero_linger();
    }
}

impl ReceivedRequest {
    /// Returns the id of the request in the body, as written there.
    pub(crate) fn id(&self) -> String {
        let body: serde_json::Value = serde_json::from_str(&self.body).unwrap_or_default();
        body["id"].to_string()
    }

    /// Returns an answer to the request in the body.
    pub(crate) fn result(&self, result: &serde_json::Value) -> String {
        format!(
            r#"{{"jsonrpc":"2.0","id":{},"result":{result}}}"#,
            self.id()
        )
    }

    /// Returns a JSON-RPC error for the request in the body.
    pub(crate) fn error(&self, code: i32) -> String {
        let id = self.id();
        format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":{code},"message":"no"}}}}"#)
    }

    /// Returns the method of the message in the body.
    pub(crate) fn called(&self) -> String {
        let body: serde_json::Value = serde_json::from_str(&self.body).unwrap_or_default();
        body["method"].as_str().unwrap_or_default().to_owned()
    }
}
