//! A receiver of pushes on a socket, which answers as a test says.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use flate2::read::GzDecoder;
use prost::Message;
use shadowcat_metrics::otlp::Push;

use crate::proto::{self, Data, Number};

/// How long a test waits for a push.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(60);

/// An interval longer than any test.
pub(crate) const NEVER: Duration = Duration::from_secs(24 * 60 * 60);

/// A push as the receiver saw it.
pub(crate) struct Pushed {
    pub(crate) path: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) request: proto::Request,
}

impl Pushed {
    pub(crate) fn metrics(&self) -> impl Iterator<Item = &proto::Metric> {
        let scopes = self.request.resources.iter().flat_map(|it| &it.scopes);
        scopes.flat_map(|scope| &scope.metrics)
    }

    pub(crate) fn metric(&self, name: &str) -> &proto::Metric {
        let mut found = self.metrics().filter(|metric| metric.name == name);
        let metric = found.next().unwrap_or_else(|| panic!("there is no {name}"));
        assert_eq!(found.count(), 0, "{name} is there twice");
        metric
    }

    /// The value of a metric with a single point.
    pub(crate) fn number(&self, name: &str) -> &Number {
        match self.metric(name).data.as_ref() {
            Some(Data::Sum(proto::Sum { points, .. }) | Data::Gauge(proto::Gauge { points })) => {
                assert_eq!(points.len(), 1, "{name}");
                points[0].value.as_ref().expect("a value")
            }
            Some(Data::Histogram(_) | Data::Exponential(_)) | None => {
                panic!("{name} is not a number")
            }
        }
    }
}

/// A receiver that answers pushes with a list of responses, in order, and repeats the last one.
pub(crate) struct Receiving {
    pub(crate) endpoint: String,
    pub(crate) pushes: Receiver<Pushed>,
}

pub(crate) const TAKEN: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

pub(crate) fn receive(responses: &'static [&'static str]) -> Receiving {
    receive_wrapped(responses, "http", |stream| stream)
}

/// Like [`receive`], over a protocol above TCP.
pub(crate) fn receive_wrapped<S: Read + Write>(
    responses: &'static [&'static str],
    scheme: &str,
    wrap: impl Fn(TcpStream) -> S + Clone + Send + 'static,
) -> Receiving {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let endpoint = format!(
        "{scheme}://{}/v1/metrics",
        listener.local_addr().expect("bound")
    );
    let (sender, pushes) = channel();
    thread::spawn(move || {
        let last = std::iter::repeat(responses.last().expect("a response"));
        let next = Arc::new(Mutex::new(responses.iter().chain(last)));
        for stream in listener.incoming().flatten() {
            let (sender, next, wrap) = (sender.clone(), Arc::clone(&next), wrap.clone());
            thread::spawn(move || {
                answer(wrap(stream), &sender, || {
                    *next.lock().expect("no panic").next().expect("no end")
                });
            });
        }
    });
    Receiving { endpoint, pushes }
}

/// Answers the pushes of one connection until it ends.
fn answer<S: Read + Write>(stream: S, pushes: &Sender<Pushed>, next: impl Fn() -> &'static str) {
    let mut reader = BufReader::new(stream);
    while let Some(received) = read(&mut reader) {
        let response = next();
        let writer = reader.get_mut();
        let written = writer
            .write_all(response.as_bytes())
            .and_then(|()| writer.flush());
        if pushes.send(received).is_err() || written.is_err() {
            return;
        }
    }
}

fn read(reader: &mut impl BufRead) -> Option<Pushed> {
    let mut lines = reader.by_ref().lines().map_while(Result::ok);
    let path = lines.next()?.split(' ').nth(1)?.to_owned();
    let headers = lines
        .take_while(|line| !line.is_empty())
        .filter_map(|line| {
            let (name, value) = line.split_once(": ")?;
            Some((name.to_lowercase(), value.to_owned()))
        });
    let headers: BTreeMap<_, _> = headers.collect();
    let length = headers["content-length"].parse().expect("a length");
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    if headers.get("content-encoding").map(String::as_str) == Some("gzip") {
        let mut plain = Vec::new();
        let mut decoder = GzDecoder::new(&body[..]);
        decoder.read_to_end(&mut plain).expect("gzip");
        body = plain;
    }
    let request = proto::Request::decode(&body[..]).expect("a request");
    Some(Pushed {
        path,
        headers,
        request,
    })
}

impl Receiving {
    pub(crate) fn next(&self) -> Pushed {
        self.pushes.recv_timeout(TIMEOUT).expect("a push")
    }
}

/// Pushes once.
pub(crate) fn pushed(push: Push) -> Pushed {
    let receiving = receive(&[TAKEN]);
    let push = push.endpoint(&receiving.endpoint).interval(NEVER);
    let pusher = push.start().expect("it starts");
    pusher.shutdown().expect("it is taken");
    receiving.next()
}
