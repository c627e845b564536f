//! HTTP client that sends the exact bytes a test wants and parses the response.

use std::io::Read;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Timeout of a test: far longer than any response takes.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Parsed HTTP response.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// Parses a response that ends with the connection.
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let split = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        let split =
            split.unwrap_or_else(|| panic!("no head: {:?}", bytes.escape_ascii().to_string()));
        let head = String::from_utf8(bytes[..split].to_vec()).expect("a head in ASCII");
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        Self {
            status: status.expect("a status line"),
            body: bytes[split + 4..].to_vec(),
            head,
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let headers = self
            .head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(": "));
        let mut found = headers.filter(|(found, _)| found.eq_ignore_ascii_case(name));
        let (_, value) = found.next()?;
        assert!(found.next().is_none(), "{name} twice: {}", self.head);
        Some(value)
    }

    /// Returns the body as text, decompressed if it is gzip. Panics unless its length matches `Content-Length`.
    pub(crate) fn text(&self) -> String {
        assert_eq!(
            self.header("content-length"),
            Some(self.body.len().to_string().as_str())
        );
        let mut text = String::new();
        match self.header("content-encoding") {
            Some("gzip") => flate2::read::GzDecoder::new(&*self.body).read_to_string(&mut text),
            None => Read::read_to_string(&mut &*self.body, &mut text),
            Some(other) => panic!("unexpected: {other}"),
        }
        .expect("text");
        text
    }
}

pub(crate) async fn connect(to: SocketAddr) -> TcpStream {
    TcpStream::connect(to).await.expect("the server listens")
}

/// Reads to the end of the connection. A reset counts as the end.
pub(crate) async fn rest(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let read = timeout(TIMEOUT, stream.read_to_end(&mut bytes)).await;
    let _ = read.expect("the server ends the connection");
    bytes
}

/// Sends bytes and reads the whole response.
pub(crate) async fn send(to: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut stream = connect(to).await;
    // The server may close the connection before it has read everything.
    let _ = stream.write_all(bytes).await;
    rest(&mut stream).await
}

/// Sends one request. Each line of `headers` must have its line end.
pub(crate) async fn request(to: SocketAddr, line: &str, headers: &str) -> Answer {
    let request = format!("{line} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n{headers}\r\n");
    Answer::parse(&send(to, request.as_bytes()).await)
}

pub(crate) async fn get(to: SocketAddr, headers: &str) -> Answer {
    request(to, "GET /metrics", headers).await
}
