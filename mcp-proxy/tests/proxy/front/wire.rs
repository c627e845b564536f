//! An HTTP client on a bare socket, so that a test can send what no library would.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use super::{BOTH, TIMEOUT, in_session, initialize};
use crate::support::{posting, request_text};

/// One connection.
pub(super) struct Wire {
    stream: BufReader<TcpStream>,
}

/// The head of a response.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) status: u16,
    lines: Vec<String>,
}

/// One event of a stream.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) id: Option<String>,
    pub(super) name: String,
    pub(super) data: String,
}

impl Event {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.data).expect("JSON")
    }
}

impl Head {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.lines.iter().find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

impl Wire {
    pub(super) async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("it listens");
        Self {
            stream: BufReader::new(stream),
        }
    }

    pub(super) async fn write(&mut self, text: &str) {
        self.stream
            .write_all(text.as_bytes())
            .await
            .expect("it reads");
    }

    /// Writes a byte after each `pause`, until the proxy no longer accepts them.
    pub(super) async fn trickle(&mut self, pause: Duration) {
        while self.stream.write_all(b"x").await.is_ok() {
            sleep(pause).await;
        }
    }

    /// Closes the sending side.
    pub(super) async fn half_close(&mut self) {
        let closed = self.stream.get_mut().shutdown().await;
        closed.expect("it is open");
    }

    /// Sends a request with `headers`, one per line, and reads the head of the response.
    pub(super) async fn request(&mut self, line: &str, headers: &str, body: &str) -> Head {
        self.send(line, headers, body).await;
        self.head().await
    }

    /// Sends a request with `headers`, one per line.
    pub(super) async fn send(&mut self, line: &str, headers: &str, body: &str) {
        self.write(&request_text(line, "localhost", headers, body))
            .await;
    }

    /// Posts a message in a session.
    pub(super) async fn post(
        &mut self,
        session: &str,
        accept: &str,
        body: impl AsRef<str>,
    ) -> Head {
        let in_session = in_session(session, accept);
        let headers = format!("{in_session}\nMCP-Protocol-Version: 2025-06-18");
        self.request("POST /mcp", &headers, body.as_ref()).await
    }

    /// Opens a session, reads the answer, and returns the session's id.
    pub(super) async fn initialize(&mut self, path: &str) -> String {
        let line = format!("POST {path}");
        let head = self.request(&line, &posting(BOTH), &initialize()).await;
        assert_eq!(head.status, 200);
        let answer = self.event().await.expect("an answer").json();
        assert_eq!(answer["id"], 0);
        assert!(answer.get("result").is_some(), "{answer}");
        assert!(
            self.event().await.is_none(),
            "the stream ends with the answer"
        );
        head.header("mcp-session-id").expect("a session").to_owned()
    }

    /// Opens a session's standing stream, or resumes one after the event `last`.
    pub(super) async fn listen(&mut self, session: &str, last: Option<&str>) -> Head {
        let last = last
            .map(|last| format!("Last-Event-ID: {last}"))
            .unwrap_or_default();
        let headers = format!("Accept: text/event-stream\nMcp-Session-Id: {session}\n{last}");
        self.request("GET /mcp", &headers, "").await
    }

    /// Ends a session, and returns the status of the response.
    pub(super) async fn end(&mut self, session: &str) -> u16 {
        let named = format!("Mcp-Session-Id: {session}");
        self.request("DELETE /mcp", &named, "").await.status
    }

    pub(super) async fn head(&mut self) -> Head {
        let mut lines = Vec::new();
        loop {
            let line = self.line().await.expect("a head");
            if line.is_empty() {
                break;
            }
            lines.push(line);
        }
        let status = lines[0].split(' ').nth(1).expect("a status");
        Head {
            status: status.parse().expect("a number"),
            lines,
        }
    }

    /// Reads the body of a response with a known length.
    pub(super) async fn body(&mut self, head: &Head) -> String {
        let length = head
            .header("content-length")
            .map_or(0, |length| length.parse().expect("a number"));
        let mut body = vec![0; length];
        let read = timeout(TIMEOUT, self.stream.read_exact(&mut body)).await;
        read.expect("in time").expect("a whole body");
        String::from_utf8(body).expect("UTF-8")
    }

    /// Reads everything up to the end of the connection.
    pub(super) async fn rest(&mut self) -> String {
        let mut rest = String::new();
        let read = timeout(TIMEOUT, self.stream.read_to_string(&mut rest)).await;
        read.expect("in time").expect("text");
        rest
    }

    /// Reads a body and parses it as JSON.
    pub(super) async fn json(&mut self, head: &Head) -> Value {
        serde_json::from_str(&self.body(head).await).expect("JSON")
    }

    /// Returns the next event, skipping comments, or `None` at the end of the stream.
    pub(super) async fn event(&mut self) -> Option<Event> {
        loop {
            let chunk = self.chunk().await?;
            if chunk.starts_with(':') {
                continue;
            }
            let field = |name: &str| {
                let found = chunk.lines().find_map(|line| line.strip_prefix(name));
                found.map(str::to_owned)
            };
            return Some(Event {
                id: field("id: "),
                name: field("event: ").expect("a name"),
                data: field("data: ").expect("data"),
            });
        }
    }

    /// Returns the next chunk, or `None` at the end.
    pub(super) async fn chunk(&mut self) -> Option<String> {
        let length = self.line().await?;
        let length = usize::from_str_radix(&length, 16).expect("a length");
        let mut chunk = vec![0; length + 2];
        let read = timeout(TIMEOUT, self.stream.read_exact(&mut chunk)).await;
        read.expect("in time").expect("a whole chunk");
        chunk.truncate(length);
        (length > 0).then(|| String::from_utf8(chunk).expect("UTF-8"))
    }

    /// Returns a line without its line break, or `None` if the connection is closed.
    pub(super) async fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = timeout(TIMEOUT, self.stream.read_line(&mut line)).await;
        match read.expect("in time") {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(line.trim_end().to_owned()),
        }
    }
}
