//! A server that gives prepared answers.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

/// Status, `Content-Type` and body; `None` to close the connection without an answer.
pub(crate) type Answer = Option<(&'static str, &'static str, Vec<u8>)>;

/// Starts a server that answers a number of requests. `answer` gets the number of a request, from 0, and its head in lower case.
pub(crate) fn serve(
    requests: usize,
    answer: impl Fn(usize, &str) -> Answer + Send + 'static,
) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for number in 0..requests {
            let (mut stream, _) = listener.accept().expect("a connection");
            if let Some((status, content_type, body)) = answer(number, &head(&stream)) {
                let head = format!(
                    "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                    body.len()
                );
                let answer = [head.as_bytes(), &body].concat();
                stream.write_all(&answer).expect("somebody reads");
            }
        }
    });
    address
}

fn head(stream: &TcpStream) -> String {
    let lines = BufReader::new(stream.try_clone().expect("the same")).lines();
    let lines = lines.map(|line| line.expect("text").to_lowercase() + "\n");
    lines.take_while(|line| line != "\n").collect()
}
