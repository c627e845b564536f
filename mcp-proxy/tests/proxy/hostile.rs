//! Clients that send garbage without end: the proxy counts everything, bounds its memory, and `/metrics` answers meanwhile.

use std::io::Write;
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use fastrand::Rng;
use serde_json::{Value, json};

use crate::support::{PROGRAM, Page, Running, SERVE, TEXT};

const LIMIT: usize = 100_000;

/// Far more than the proxy needs, and far less than what the clients send.
const MEMORY: f64 = 200.0 * 1024.0 * 1024.0;

impl Page {
    /// Returns the sum of the series of a counter with this text in their labels.
    fn sum(&self, name: &str, label: &str) -> u64 {
        let lines = self.text().lines();
        let lines =
            lines.filter(|line| line.starts_with(&format!("{name}{{")) && line.contains(label));
        let value = |line: &str| line.rsplit(' ').next()?.parse::<u64>().ok();
        lines.map(|line| value(line).expect("a whole number")).sum()
    }

    fn all_completed(&self, outcome: &str) -> u64 {
        self.sum("shadowcat_request_completed_total", outcome)
    }

    fn in_flight(&self) -> u64 {
        self.sum("shadowcat_request_in_flight", "")
    }

    #[cfg(target_os = "linux")]
    fn assert_memory(&self) {
        let resident = self.value("process_resident_memory_bytes");
        assert!(resident.is_some_and(|bytes| bytes < MEMORY), "{resident:?}");
    }

    #[cfg(not(target_os = "linux"))]
    fn assert_memory(&self) {}
}

/// Returns a line of one of several kinds, none of which is a message.
fn garbage(rng: &mut Rng) -> Vec<u8> {
    let length = rng.usize(1..LIMIT / 2);
    let mut line = match rng.u32(0..8) {
        0 => (0..rng.usize(1..2000)).map(|_| rng.u8(..)).collect(),
        1 => b"[".repeat(length),
        2 => br#"{"a":"#.repeat(length / 5),
        // It breaks off in the middle of a character.
        3 => b"{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"\xe4\xb8".to_vec(),
        4 => br#"{"jsonrpc":"2.0","id":{"a":[[]]},"method":"ping"}"#.to_vec(),
        5 => b"x".repeat(LIMIT + length),
        6 => br#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#.to_vec(),
        _ => b"\0".repeat(length),
    };
    for byte in &mut line {
        if *byte == b'\n' {
            *byte = b' ';
        }
    }
    line.insert(0, b'!');
    let whole = line.split_off(1);
    // A blank line is skipped, and `!` is never valid.
    if whole.trim_ascii().is_empty() {
        line
    } else {
        whole
    }
}

#[test]
fn each_line_of_garbage_is_answered_and_counted() {
    const LINES: u64 = 2000;
    let mut proxy = Running::proxy(&format!("--max-message {LIMIT}"));
    let metrics = proxy.metrics_address();
    proxy.initialize();
    let mut stdin = proxy.take_input();
    let writing = thread::spawn(move || {
        let mut rng = Rng::with_seed(7);
        for number in 0..LINES {
            let mut line = garbage(&mut rng);
            if number % 4 == 0 {
                line.extend(
                    format!("\n{{\"jsonrpc\":\"2.0\",\"id\":{number},\"method\":\"ping\"}}")
                        .bytes(),
                );
            }
            line.push(b'\n');
            stdin.write_all(&line).expect("it is read");
        }
        stdin
    });
    let (mut refused, mut answered) = (0, 0);
    while refused < LINES || answered < LINES / 4 {
        let answer: Value = serde_json::from_str(&proxy.line()).expect("every line is JSON");
        match answer.get("error") {
            Some(error) => {
                assert!(error["code"].is_i64(), "{answer}");
                refused += 1;
            }
            None => answered += 1,
        }
        if (refused + answered) % 500 == 0 {
            let page = Page::scrape(&metrics, TEXT);
            page.assert_memory();
            // An answer is counted before it is written.
            assert!(page.all_completed("") >= refused + answered);
        }
    }
    let stdin = writing.join().expect("no panic");
    assert_eq!((refused, answered), (LINES, LINES / 4));
    let page = Page::scrape(&metrics, TEXT);
    assert_eq!(page.all_completed("outcome=\"rejected\""), LINES);
    assert_eq!(page.all_completed("outcome=\"ok\""), LINES / 4 + 1);
    assert_eq!(page.all_completed(""), LINES + LINES / 4 + 1);
    assert_eq!(page.in_flight(), 0);
    drop(stdin);
    assert!(proxy.wait().success());
}

#[test]
fn a_line_without_an_end_is_refused_and_takes_no_memory() {
    let mut proxy = Running::proxy(&format!("--max-message {LIMIT}"));
    let metrics = proxy.metrics_address();
    let mut stdin = proxy.take_input();
    let chunk = vec![b'x'; 1 << 20];
    stdin.write_all(&chunk).expect("it is read");
    let refused: Value = serde_json::from_str(&proxy.line()).expect("an answer");
    assert_eq!(refused["error"]["code"], -32600, "{refused}");
    for _ in 0..400 {
        stdin.write_all(&chunk).expect("it is read");
    }
    let page = Page::scrape(&metrics, TEXT);
    page.assert_memory();
    assert_eq!((page.all_completed(""), page.in_flight()), (1, 0));
    stdin.write_all(b"\n").expect("it is read");
    proxy.give_input(stdin);
    assert_eq!(proxy.request("ping", &json!({}))["result"], json!({}));
    assert!(proxy.finish().success());
}

/// The proxy accepts only some of these connections at a time.
#[test]
fn connections_that_send_one_byte_are_bounded_and_counted() {
    const FLOOD: u32 = 200;
    const ADMITTED: u32 = 100;
    let upstream = format!("own=stdio:{PROGRAM} server");
    let options = format!("--max-connections {ADMITTED} --upstream '{upstream}'");
    let proxy = Running::start(&format!("{SERVE} {options}"));
    let metrics = proxy.metrics_address();
    let address = proxy.serving_address();
    let page = || Page::scrape(&metrics, TEXT);
    let flood: Vec<_> = (0..FLOOD)
        .map(|_| {
            let mut stream = TcpStream::connect(&address).expect("it listens");
            stream.write_all(b"P").expect("the kernel takes it");
            stream
        })
        .collect();
    proxy.logged("limit=connections");
    let open = "shadowcat_front_connections";
    let empty = "shadowcat_front_empty_connections_total";
    let full = page();
    assert!(
        full.value(open)
            .is_some_and(|open| open <= f64::from(ADMITTED))
    );
    assert!(full.value("shadowcat_front_limits_reached_total{limit=\"connections\"}") >= Some(1.0));
    full.assert_memory();
    drop(flood);
    let mut last = TcpStream::connect(&address).expect("it listens");
    let request = "GET /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    last.write_all(request.as_bytes()).expect("it reads");
    // The connections that waited are accepted in turn.
    let mut now = page();
    for _ in 0..1500 {
        assert!(now.value(open) <= Some(ADMITTED.into()));
        if now.value(empty) == Some(FLOOD.into()) && now.value(open) == Some(0.0) {
            break;
        }
        thread::sleep(Duration::from_millis(20));
        now = page();
    }
    assert_eq!(now.value(empty), Some(FLOOD.into()));
    let carried = "shadowcat_http_connections_opened_total{side=\"client\"}";
    assert_eq!(now.value(carried), Some(1.0));
    assert_eq!((now.all_completed(""), now.in_flight()), (0, 0));
}
