//! A receiver of spans over OTLP, which decodes them with message types of its own.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use prost::Message;

use crate::proxied::TIMEOUT;

/// A receiver on a free port.
pub(super) struct Receiver {
    address: SocketAddr,
    spans: Arc<Mutex<Vec<Span>>>,
}

impl Receiver {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let spans = Arc::default();
        let received = Arc::clone(&spans);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let received = Arc::clone(&received);
                thread::spawn(move || serve(&stream, &received));
            }
        });
        Self { address, spans }
    }

    /// Returns the value of `OTEL_EXPORTER_OTLP_ENDPOINT`.
    pub(super) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the spans so far. A program that has exited has sent all of its spans.
    pub(super) fn spans(&self) -> Vec<Span> {
        let mut spans = self.spans.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *spans)
    }
}

/// Answers the requests of a connection.
fn serve(mut stream: &TcpStream, received: &Mutex<Vec<Span>>) {
    stream.set_read_timeout(Some(TIMEOUT)).expect("a time-out");
    let mut reader = BufReader::new(stream);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            match reader.read_line(&mut head) {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
        }
        let head = head.to_ascii_lowercase();
        let (_, length) = head.split_once("content-length: ").expect("a length");
        let length = length.split("\r\n").next().expect("a line");
        let mut body = vec![0; length.parse().expect("a number")];
        reader.read_exact(&mut body).expect("a whole body");
        // The proxy pushes its metrics to the same endpoint.
        if head.starts_with("post /v1/traces ") {
            let request = Request::decode(&*body).expect("a request");
            let scopes = request.resources.into_iter().flat_map(|each| each.scopes);
            let spans = scopes.flat_map(|scope| scope.spans);
            let mut received = received.lock().unwrap_or_else(PoisonError::into_inner);
            received.extend(spans);
        }
        // Sent once the spans can be read.
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        if stream.write_all(answer).is_err() {
            return;
        }
    }
}

#[derive(Message)]
struct Request {
    #[prost(message, repeated, tag = "1")]
    resources: Vec<Resource>,
}

#[derive(Message)]
struct Resource {
    #[prost(message, repeated, tag = "2")]
    scopes: Vec<Scope>,
}

#[derive(Message)]
struct Scope {
    #[prost(message, repeated, tag = "2")]
    spans: Vec<Span>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Span {
    #[prost(bytes = "vec", tag = "1")]
    trace_id: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    own_id: Vec<u8>,
    #[prost(bytes = "vec", tag = "4")]
    parent_id: Vec<u8>,
    #[prost(string, tag = "5")]
    pub(super) name: String,
    #[prost(int32, tag = "6")]
    pub(super) kind: i32,
    #[prost(fixed64, tag = "7")]
    pub(super) begin: u64,
    #[prost(fixed64, tag = "8")]
    pub(super) end: u64,
    #[prost(message, repeated, tag = "9")]
    attributes: Vec<Attribute>,
    #[prost(message, repeated, tag = "13")]
    linked: Vec<Link>,
    #[prost(message, optional, tag = "15")]
    status: Option<Status>,
}

#[derive(Clone, PartialEq, Message)]
struct Attribute {
    #[prost(string, tag = "1")]
    key: String,
    #[prost(message, optional, tag = "2")]
    value: Option<Value>,
}

#[derive(Clone, PartialEq, Message)]
struct Value {
    #[prost(string, optional, tag = "1")]
    text: Option<String>,
    #[prost(int64, optional, tag = "3")]
    number: Option<i64>,
}

#[derive(Clone, PartialEq, Message)]
struct Link {
    #[prost(bytes = "vec", tag = "1")]
    trace_id: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    span_id: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
struct Status {
    #[prost(int32, tag = "3")]
    code: i32,
}

impl Span {
    pub(super) fn trace(&self) -> String {
        hex(&self.trace_id)
    }

    pub(super) fn id(&self) -> String {
        hex(&self.own_id)
    }

    /// Returns the id of the parent; empty without one.
    pub(super) fn parent(&self) -> String {
        hex(&self.parent_id)
    }

    /// Returns the trace and the span of each link.
    pub(super) fn links(&self) -> Vec<(String, String)> {
        let links = self.linked.iter();
        links
            .map(|link| (hex(&link.trace_id), hex(&link.span_id)))
            .collect()
    }

    pub(super) fn text(&self, key: &str) -> Option<String> {
        self.value(key)?.text.clone()
    }

    pub(super) fn number(&self, key: &str) -> Option<i64> {
        self.value(key)?.number
    }

    pub(super) fn has_failed(&self) -> bool {
        self.status.as_ref().is_some_and(|status| status.code == 2)
    }

    fn value(&self, key: &str) -> Option<&Value> {
        let mut attributes = self.attributes.iter();
        let attribute = attributes.find(|attribute| attribute.key == key)?;
        attribute.value.as_ref()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
