//! Receivers that misbehave. They cost a push, whose points are counted as lost, and nothing else.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use shadowcat_metrics::otlp::{Failure, Push};

use crate::ready;
use crate::receiver::{NEVER, TIMEOUT, receive};

/// Timeout of a push to a receiver that does not answer.
const SHORT: Duration = Duration::from_millis(300);

/// Pushes once and returns what was counted: accepted and failed pushes, lost points, and the failure.
fn counted(endpoint: &str, timeout: Duration) -> (u64, u64, u64, Option<Failure>) {
    let metrics = ready::Metrics::new();
    let (report, failures) = channel();
    let push = Push::new(&metrics)
        .endpoint(endpoint)
        .interval(NEVER)
        .timeout(timeout)
        .on_failure(move |failure| drop(report.send(failure.clone())));
    let pusher = push.start().expect("it starts");
    pusher.register(&metrics).expect("it is included");
    let _ = pusher.shutdown();
    let snapshot = metrics.snapshot();
    let [accepted, failed, lost] = [
        snapshot.otlp().pushes(),
        snapshot.otlp().failed_pushes(),
        snapshot.otlp().lost_points(),
    ]
    .map(Option::unwrap_or_default);
    (accepted, failed, lost, failures.try_recv().ok())
}

/// The push fails once, and all of its points are lost.
#[track_caller]
fn assert_lost(endpoint: &str, timeout: Duration) {
    let (pushes, failed, lost, failure) = counted(endpoint, timeout);
    assert_eq!((pushes, failed), (0, 1), "{failure:?}");
    let failure = failure.expect("a failure");
    assert!(lost > 0);
    assert_eq!(failure.lost_points, lost, "{failure}");
}

/// A receiver that writes bytes again and again after the request, until the client leaves.
fn endless(start: &'static str, repeated: &'static [u8], pause: Duration) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let endpoint = format!("http://{}/", listener.local_addr().expect("bound"));
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            thread::spawn(move || {
                let mut head = [0; 1024];
                let _ = stream.read(&mut head);
                let mut written = stream.write_all(start.as_bytes());
                while written.is_ok() {
                    thread::sleep(pause);
                    written = stream.write_all(repeated);
                }
            });
        }
    });
    endpoint
}

#[test]
fn broken_responses_lose_one_push() {
    for response in [
        // Half of a response.
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n\x0a",
        "HTTP/1.1 200 OK\r\ncont",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffff\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
        "HTTP/1.1 999 What\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 301 Moved\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 308 Moved\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 429 Wait\r\nretry-after: soon\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 503 Wait\r\nretry-after: Fri, 31 Dec 9999 23:59:59 GMT\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n",
        // A length that is longer than the message.
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n\x0a\x7f",
        // gzip without its end.
        "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\n\x1f\x0b\x08",
    ] {
        let receiving = receive(Vec::leak(vec![response]));
        assert_lost(&receiving.endpoint, SHORT);
    }
}

#[test]
fn endless_responses_are_cut_off() {
    let head = "HTTP/1.1 200 OK\r\n";
    let chunk: &'static [u8] = Vec::leak([&b"1000\r\n"[..], &[b'x'; 0x1000], b"\r\n"].concat());
    for endpoint in [
        // A body, a header and interim responses without an end.
        endless(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
            chunk,
            Duration::ZERO,
        ),
        endless(
            head,
            b"x-more: 0123456789012345678901234567890123456789\r\n",
            Duration::ZERO,
        ),
        endless(
            "",
            b"HTTP/1.1 100 Continue\r\n\r\n",
            Duration::from_millis(1),
        ),
        // A byte at a time.
        endless(head, b"x", Duration::from_millis(20)),
    ] {
        assert_lost(&endpoint, SHORT);
    }
}

#[test]
fn connections_that_end_lose_one_push() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let endpoint = format!("http://{}/", listener.local_addr().expect("bound"));
    thread::spawn(move || {
        // Closed with unread data, which resets the connection.
        for stream in listener.incoming().flatten() {
            drop::<TcpStream>(stream);
        }
    });
    assert_lost(&endpoint, TIMEOUT);
    // Nobody listens, and no such host exists: a label has at most 63 characters.
    assert_lost("http://127.0.0.1:1/", TIMEOUT);
    assert_lost(&format!("http://{}/", "a".repeat(64)), TIMEOUT);
}

/// A receiver cannot reject more points than it got.
#[test]
fn at_most_the_pushed_points_are_rejected() {
    let (.., points, _) = counted("http://127.0.0.1:1/", TIMEOUT);
    // partial_success { rejected_data_points: 127 }
    let response = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n\x0a\x02\x08\x7f";
    let receiving = receive(Vec::leak(vec![response]));
    let (pushes, failed, lost, _) = counted(&receiving.endpoint, TIMEOUT);
    assert!(points < 127);
    assert_eq!((pushes, failed, lost), (1, 0, points));
}
