//! `mcp-proxy serve` from the outside: bare sockets as clients, several servers, and the end of sessions.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Page, Running, SERVE};

const TEXT: &str = "text/plain;version=0.0.4";
const BOTH: &str = "application/json, text/event-stream";
const TIMEOUT: Duration = Duration::from_secs(20);

/// A proxy with two servers, both of them this program's own.
pub(crate) struct Front {
    proxy: Running,
    metrics: String,
    address: String,
}

/// An HTTP response.
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    body: String,
}

impl Front {
    fn start(options: &[&str]) -> Self {
        let own = env!("CARGO_BIN_EXE_mcp-proxy");
        Self::before(options, &format!("'{own}' server"))
    }

    /// Starts a front before two servers that a command starts.
    pub(crate) fn before(options: &[&str], command: &str) -> Self {
        let [first, second] = ["first", "second"].map(|name| format!("{name}=stdio:{command}"));
        let servers = ["--upstream", &first, "--upstream", &second];
        let proxy = Running::start(&[&SERVE, options, &servers].concat());
        let metrics = proxy.metrics_address();
        let address = proxy.serving_address();
        Self {
            proxy,
            metrics,
            address,
        }
    }

    fn send(&self, request: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        stream.set_read_timeout(Some(TIMEOUT)).expect("a time-out");
        stream.write_all(request.as_bytes()).expect("it reads");
        stream
    }

    /// Exchanges one request over a new connection.
    pub(crate) fn ask(&self, method: &str, path: &str, headers: &str, body: &str) -> Answer {
        let mut stream = self.send(&format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}",
            self.address,
            body.len()
        ));
        let mut answer = String::new();
        stream
            .read_to_string(&mut answer)
            .expect("text, and an end");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        let status = head.split(' ').nth(1).expect("a status");
        Answer {
            status: status.parse().expect("a number"),
            head: head.to_lowercase(),
            body: body.to_owned(),
        }
    }

    fn post(&self, path: &str, headers: &str, message: &Value) -> Answer {
        let headers = format!("content-type: application/json\r\naccept: {BOTH}\r\n{headers}");
        self.ask("POST", path, &headers, &message.to_string())
    }

    /// Opens a session, and returns the header with its id.
    pub(crate) fn initialize(&self, path: &str) -> String {
        let answer = self.post(path, "", &initialize());
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert!(answer.body.contains("serverInfo"), "{}", answer.body);
        let id = answer
            .head
            .lines()
            .find(|line| line.starts_with("mcp-session-id: "));
        let header = format!("{}\r\n", id.expect("a session"));
        let initialized = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        assert_eq!(self.post(path, &header, &initialized).status, 202);
        header
    }

    /// Calls a tool that takes long, and waits until the call is in flight.
    fn call_slowly(&self, session: &str) -> TcpStream {
        let call = json!({
            "jsonrpc": "2.0", "id": 1, "method": "tools/call",
            "params": { "name": "slow", "arguments": { "milliseconds": 20_000 } },
        })
        .to_string();
        let calling = self.send(&format!(
            "POST /mcp HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\n{session}content-length: {}\r\n\r\n{call}",
            self.address,
            call.len()
        ));
        self.wait_for(
            r#"shadowcat_request_in_flight{server="first",transport="http"}"#,
            Some(1.0),
        );
        calling
    }

    fn page(&self) -> Page {
        Page::scrape(&self.metrics, TEXT)
    }

    /// Waits until a series has this value.
    fn wait_for(&self, series: &str, value: Option<f64>) {
        for _ in 0..500 {
            if self.page().value(series) == value {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!(
            "{series} is {:?}, and not {value:?}",
            self.page().value(series)
        );
    }
}

fn initialize() -> Value {
    let params = json!({
        "protocolVersion": "2025-06-18", "capabilities": {},
        "clientInfo": { "name": "a socket", "version": "0" },
    });
    json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params })
}

fn ping(id: u64) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "method": "ping" })
}

#[test]
fn sessions_are_counted_and_their_end_can_be_scraped() {
    let front = Front::start(&[]);
    let sessions = r#"shadowcat_active_sessions{transport="http"}"#;
    let first = r#"shadowcat_process_active{server="first"}"#;
    let second = r#"shadowcat_process_active{server="second"}"#;

    let one = front.initialize("/mcp");
    let other = front.initialize("/second/mcp");
    let again = front.initialize("/first/mcp");
    front.wait_for(sessions, Some(3.0));
    front.wait_for(first, Some(2.0));
    front.wait_for(second, Some(1.0));
    for (path, session, id) in [
        ("/mcp", &one, 1),
        ("/second/mcp", &other, 1),
        ("/mcp", &again, 1),
    ] {
        let answer = front.post(path, session, &ping(id));
        assert!(answer.body.contains(r#""result":{}"#), "{}", answer.body);
    }
    for (server, count) in [("first", 2.0), ("second", 1.0)] {
        let pings = format!(
            r#"shadowcat_request_completed_total{{server="{server}",method="ping",outcome="ok"}}"#
        );
        assert_eq!(front.page().value(&pings), Some(count));
    }
    // A session belongs to the server that opened it.
    assert_eq!(front.post("/second/mcp", &one, &ping(2)).status, 404);
    // These requests name no server.
    for path in ["/nowhere", "/third/mcp"] {
        assert_eq!(front.post(path, "", &ping(2)).status, 404);
    }
    // Clients of streamable HTTP also try the path of the older transport.
    assert_eq!(front.post("/second/sse", "", &ping(2)).status, 405);
    let rejected = |server: &str| {
        let series = format!(
            r#"shadowcat_request_completed_total{{server="{server}",method="ping",outcome="rejected"}}"#
        );
        front.page().value(&series)
    };
    let counts = ["first", "second", "__none__"].map(rejected);
    assert_eq!(counts, [Some(0.0), Some(2.0), Some(2.0)]);
    let received = r#"shadowcat_transport_operations_total{transport="http",side="client",operation="receive",status="ok"}"#;
    assert_eq!(
        front.page().value(received),
        Some(13.0),
        "three messages each, and those that were refused"
    );

    assert_eq!(front.ask("DELETE", "/second/mcp", &other, "").status, 200);
    front.wait_for(second, Some(0.0));
    let second_ended = |what: &str| format!("shadowcat_process_{what}{{server=\"second\"}}");
    front.wait_for(&second_ended("shutdowns_graceful_total"), Some(1.0));
    front.wait_for(&second_ended("lifetime_seconds_count"), Some(1.0));
    front.wait_for(sessions, Some(2.0));
    assert_eq!(front.post("/second/mcp", &other, &ping(2)).status, 404);
    for session in [one, again] {
        assert_eq!(front.ask("DELETE", "/mcp", &session, "").status, 200);
    }
    front.wait_for(first, Some(0.0));
    front.wait_for(sessions, Some(0.0));
}

#[test]
fn options_bound_messages_and_let_origins_in() {
    let front = Front::start(&[
        "--max-message",
        "1000",
        "--allow-origin",
        "https://example.org",
    ]);
    let session = front.initialize("/mcp");
    let large =
        json!({ "jsonrpc": "2.0", "id": 1, "method": "ping", "params": { "x": "x".repeat(1000) } });
    assert_eq!(front.post("/mcp", &session, &large).status, 413);
    let from =
        |origin: &str| front.post("/mcp", &format!("{session}origin: {origin}\r\n"), &ping(2));
    assert_eq!(from("https://example.org").status, 200);
    assert_eq!(from("https://example.com").status, 403);
}

#[test]
fn a_client_of_the_older_transport_receives_answers_on_its_stream() {
    let front = Front::start(&[]);
    let mut stream = front.send(&format!(
        "GET /second/sse HTTP/1.1\r\nhost: {}\r\naccept: text/event-stream\r\n\r\n",
        front.address
    ));
    let mut seen = String::new();
    let mut read_until = |what: &str| {
        let mut piece = [0; 4096];
        while !seen.contains(what) {
            let read = stream.read(&mut piece).expect("in time");
            assert!(read > 0, "the stream has ended: {seen}");
            seen.push_str(&String::from_utf8_lossy(&piece[..read]));
        }
        seen.clone()
    };
    let opened = read_until("\r\n\r\n");
    let opened = if opened.contains("data: ") {
        opened
    } else {
        read_until("data: ")
    };
    let address = opened
        .split("data: ")
        .nth(1)
        .expect("an address")
        .trim_end();
    let address = address.lines().next().expect("a line").to_owned();
    assert!(
        address.starts_with("/second/messages?sessionId="),
        "{address}"
    );
    assert_eq!(front.post(&address, "", &initialize()).status, 202);
    read_until("serverInfo");
    assert_eq!(front.post(&address, "", &ping(7)).status, 202);
    read_until(r#""id":7,"result":{}"#);
    front.wait_for(r#"shadowcat_active_sessions{transport="sse"}"#, Some(1.0));
    drop(stream);
    front.wait_for(r#"shadowcat_active_sessions{transport="sse"}"#, Some(0.0));
    assert_eq!(front.post(&address, "", &ping(8)).status, 404);
}

#[test]
fn idle_sessions_end_and_surplus_sessions_are_refused() {
    let front = Front::start(&["--idle", "300ms", "--max-sessions", "1"]);
    let session = front.initialize("/mcp");
    let turned_away = front.post("/mcp", "", &initialize());
    assert_eq!(turned_away.status, 503);
    assert!(
        turned_away.head.contains("retry-after: "),
        "{}",
        turned_away.head
    );
    front.wait_for(r#"shadowcat_active_sessions{transport="http"}"#, Some(0.0));
    assert_eq!(front.post("/mcp", &session, &ping(1)).status, 404);
    front.initialize("/mcp");
}

#[test]
fn serve_stops_in_order_with_its_sessions() {
    let mut front = Front::start(&[]);
    front.initialize("/mcp");
    front.initialize("/second/mcp");
    let stopped = std::process::Command::new("kill")
        .args(["-INT", &front.proxy.id().to_string()])
        .status();
    assert!(stopped.expect("kill is there").success());
    assert!(front.proxy.wait().success());
}

#[test]
fn configurations_that_cannot_be_served_are_refused() {
    let own = env!("CARGO_BIN_EXE_mcp-proxy");
    let one = format!("same=stdio:{own} server");
    let mut twice = Running::start(&[
        "serve",
        "--metrics",
        "off",
        "--upstream",
        &one,
        "--upstream",
        &one,
    ]);
    assert_eq!(twice.wait().code(), Some(2));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = listener.local_addr().expect("its address").to_string();
    let mut refused = Running::start(&[
        "serve",
        "--metrics",
        "off",
        "--listen",
        &taken,
        "--upstream",
        &one,
    ]);
    assert_eq!(refused.wait().code(), Some(4));
    drop(listener);
}

#[test]
fn ending_a_session_cancels_its_call() {
    let front = Front::start(&[]);
    let completed = |outcome: &str| {
        format!(
            r#"shadowcat_request_completed_total{{server="first",method="tools/call",outcome="{outcome}"}}"#
        )
    };
    let session = front.initialize("/mcp");
    let _calling = front.call_slowly(&session);
    assert_eq!(front.ask("DELETE", "/mcp", &session, "").status, 200);
    front.wait_for(&completed("cancelled"), Some(1.0));
    front.wait_for(r#"shadowcat_active_sessions{transport="http"}"#, Some(0.0));
    assert_eq!(front.page().value(&completed("lost")), Some(0.0));
    assert_eq!(
        front
            .page()
            .value(r#"shadowcat_request_in_flight{server="first",transport="http"}"#),
        Some(0.0)
    );
}

#[test]
fn limits_are_options_and_are_logged_when_reached() {
    let front = Front::start(&[
        "--max-sessions",
        "2",
        "--max-requests",
        "1",
        "--max-connections",
        "3",
    ]);
    let reached =
        |limit: &str| format!(r#"shadowcat_front_limits_reached_total{{limit="{limit}"}}"#);
    let session = front.initialize("/mcp");
    front.initialize("/mcp");
    assert_eq!(front.post("/mcp", "", &initialize()).status, 503);
    assert_eq!(front.page().value(&reached("sessions")), Some(1.0));
    let _calling = front.call_slowly(&session);
    assert_eq!(front.post("/mcp", &session, &ping(2)).status, 503);
    assert_eq!(front.page().value(&reached("requests")), Some(1.0));
    let open = "shadowcat_front_connections";
    front.wait_for(open, Some(1.0));
    let _idle = [front.send(""), front.send("")];
    front.wait_for(open, Some(3.0));
    let _waiting = front.send("");
    front.wait_for(&reached("connections"), Some(1.0));
}

#[test]
fn headers_are_read_from_the_environment_or_a_file_for_one_server() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let upstream = format!("http://{}/mcp", listener.local_addr().expect("its address"));
    let proxy = Running::start(
        &[
            &SERVE[..],
            &[
                "--upstream",
                &format!("web={upstream}"),
                "--upstream",
                "other=stdio:true",
                "--header",
                "web:X-Path=env:PATH",
            ],
        ]
        .concat(),
    );
    let metrics = proxy.metrics_address();
    let address = proxy.serving_address();
    let front = Front {
        proxy,
        metrics,
        address,
    };
    let body = initialize().to_string();
    let _asking = front.send(&format!(
        "POST /web/mcp HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        front.address,
        body.len()
    ));
    let (mut asked, _) = listener.accept().expect("the proxy asks");
    asked.set_read_timeout(Some(TIMEOUT)).expect("a time-out");
    let mut seen = Vec::new();
    let mut piece = [0; 4096];
    let path = format!(
        "x-path: {}\r\n",
        std::env::var("PATH").expect("there is one")
    );
    while !String::from_utf8_lossy(&seen).contains(&path) {
        let read = asked.read(&mut piece).expect("in time");
        assert!(read > 0, "{}", String::from_utf8_lossy(&seen));
        seen.extend_from_slice(&piece[..read]);
    }
    let mut unclear = Running::start(&[
        "serve",
        "--metrics",
        "off",
        "--upstream",
        &upstream,
        "--upstream",
        "other=stdio:true",
        "--header",
        "X-Path=env:PATH",
    ]);
    assert_eq!(unclear.wait().code(), Some(2));
}
