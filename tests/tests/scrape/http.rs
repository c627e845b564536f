//! A minimal HTTP client that can scrape.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use flate2::read::GzDecoder;

pub(crate) struct Response {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    /// Body, decompressed.
    pub(crate) body: String,
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers
            .find(|(header, _)| header.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// Sends one request on a new connection.
pub(crate) fn get(
    address: SocketAddr,
    path: &str,
    accept: &str,
    encoding: Option<&str>,
) -> Response {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .expect("ten seconds are a timeout");
    let encoding = encoding.map_or_else(String::new, |encoding| {
        format!("Accept-Encoding: {encoding}\r\n")
    });
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nUser-Agent: Prometheus/2.42.0\r\nAccept: {accept}\r\n{encoding}\
         X-Prometheus-Scrape-Timeout-Seconds: 10\r\nConnection: close\r\n\r\n"
    );
    stream
        .write_all(request.as_bytes())
        .expect("the server reads");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("the server answers");
    parse(&answer)
}

fn parse(answer: &[u8]) -> Response {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n");
    let (head, body) = answer.split_at(end.expect("headers end with an empty line") + 4);
    let head = str::from_utf8(head).expect("headers are text");
    let mut lines = head.trim_end().split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1))
        .and_then(|code| code.parse().ok());
    let headers = lines.filter_map(|line| line.split_once(": "));
    let mut response = Response {
        status: status.expect("the first line has a status"),
        headers: headers
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        body: String::new(),
    };
    let body = match response.header("transfer-encoding") {
        Some("chunked") => join_chunks(body),
        Some(other) => panic!("unknown transfer encoding {other}"),
        None => body.to_vec(),
    };
    response.body = match response.header("content-encoding") {
        Some("gzip") => {
            let mut text = String::new();
            let mut decoder = GzDecoder::new(body.as_slice());
            decoder
                .read_to_string(&mut text)
                .expect("the body is compressed text");
            text
        }
        Some(other) => panic!("unknown content encoding {other}"),
        None => String::from_utf8(body).expect("the body is text"),
    };
    response
}

fn join_chunks(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let end = rest
            .windows(2)
            .position(|window| window == b"\r\n")
            .expect("a chunk has a size");
        let size = str::from_utf8(&rest[..end]).expect("a size is text");
        let size = usize::from_str_radix(size, 16).expect("a size is hexadecimal");
        if size == 0 {
            return body;
        }
        let start = end + 2;
        body.extend(&rest[start..start + size]);
        rest = &rest[start + size + 2..];
    }
}
