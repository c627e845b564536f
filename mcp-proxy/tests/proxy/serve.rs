//! `mcp-proxy serve` from the outside: bare sockets as clients, several servers, and the end of sessions.

use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{
    PROGRAM, Page, Response, Running, SERVE, TEXT, exchange, posting, quote, send,
};

const BOTH: &str = "application/json, text/event-stream";
const TIMEOUT: Duration = Duration::from_secs(20);

/// A proxy with two servers, both of them this program's own.
pub(crate) struct Front {
    proxy: Running,
    metrics: String,
    address: String,
}

impl Front {
    fn start(options: &str) -> Self {
        Self::before(options, &format!("{PROGRAM} server"))
    }

    /// Starts a front before two servers that a command starts.
    pub(crate) fn before(options: &str, command: &str) -> Self {
        let [first, second] = ["first", "second"].map(|name| format!("{name}=stdio:{command}"));
        let (first, second) = (quote(&first), quote(&second));
        Self::with(&format!("{options} --upstream {first} --upstream {second}"))
    }

    fn with(options: &str) -> Self {
        let proxy = Running::start(&format!("{SERVE} {options}"));
        let metrics = proxy.metrics_address();
        let address = proxy.serving_address();
        Self {
            proxy,
            metrics,
            address,
        }
    }

    /// Exchanges one request over a new connection.
    fn ask(&self, line: &str, fields: &str, body: &str) -> Response {
        exchange(&self.address, line, fields, body)
    }

    fn post(&self, path: &str, field: &str, message: &Value) -> Response {
        let fields = format!("{}\n{field}", posting(BOTH));
        self.ask(&format!("POST {path}"), &fields, &message.to_string())
    }

    /// Ends a session, and returns the status of the response.
    pub(crate) fn end(&self, path: &str, session: &str) -> u16 {
        self.ask(&format!("DELETE {path}"), session, "").status
    }

    /// Opens a session, and returns the header with its id.
    pub(crate) fn initialize(&self, path: &str) -> String {
        let answer = self.post(path, "", &initialize());
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(answer.text().contains("serverInfo"), "{}", answer.text());
        let id = answer.header("mcp-session-id").expect("a session");
        let header = format!("mcp-session-id: {id}");
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
        let fields = format!("{}\n{session}", posting(BOTH));
        let calling = send(&self.address, "POST /mcp", &fields, &call);
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
        Page::scrape_until(&self.metrics, |page| page.value(series) == value);
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
    let front = Front::start("");
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
        let text = answer.text();
        assert!(text.contains(r#""result":{}"#), "{text}");
    }
    for (server, count) in [("first", 2.0), ("second", 1.0)] {
        let pings = front.page().completed(server, "ping", "ok");
        assert_eq!(pings, Some(count));
    }
    // A session belongs to the server that opened it.
    assert_eq!(front.post("/second/mcp", &one, &ping(2)).status, 404);
    // These requests name no server.
    for path in ["/nowhere", "/third/mcp"] {
        assert_eq!(front.post(path, "", &ping(2)).status, 404);
    }
    // Clients of streamable HTTP also try the path of the older transport.
    assert_eq!(front.post("/second/sse", "", &ping(2)).status, 405);
    let rejected = |server| front.page().completed(server, "ping", "rejected");
    let counts = ["first", "second", "__none__"].map(rejected);
    assert_eq!(counts, [Some(0.0), Some(2.0), Some(2.0)]);
    let received = r#"shadowcat_transport_operations_total{transport="http",side="client",operation="receive",status="ok"}"#;
    assert_eq!(
        front.page().value(received),
        Some(13.0),
        "three messages each, and those that were refused"
    );

    assert_eq!(front.end("/second/mcp", &other), 200);
    front.wait_for(second, Some(0.0));
    let second_ended = |what: &str| format!("shadowcat_process_{what}{{server=\"second\"}}");
    front.wait_for(&second_ended("shutdowns_graceful_total"), Some(1.0));
    front.wait_for(&second_ended("lifetime_seconds_count"), Some(1.0));
    front.wait_for(sessions, Some(2.0));
    assert_eq!(front.post("/second/mcp", &other, &ping(2)).status, 404);
    for session in [one, again] {
        assert_eq!(front.end("/mcp", &session), 200);
    }
    front.wait_for(first, Some(0.0));
    front.wait_for(sessions, Some(0.0));
}

#[test]
fn options_bound_messages_and_let_origins_in() {
    let front = Front::start("--max-message 1000 --allow-origin https://example.org");
    let session = front.initialize("/mcp");
    let large =
        json!({ "jsonrpc": "2.0", "id": 1, "method": "ping", "params": { "x": "x".repeat(1000) } });
    assert_eq!(front.post("/mcp", &session, &large).status, 413);
    let from = |origin: &str| front.post("/mcp", &format!("{session}\norigin: {origin}"), &ping(2));
    assert_eq!(from("https://example.org").status, 200);
    assert_eq!(from("https://example.com").status, 403);
}

#[test]
fn a_client_of_the_older_transport_receives_answers_on_its_stream() {
    let front = Front::start("");
    let events = "accept: text/event-stream";
    let mut stream = send(&front.address, "GET /second/sse", events, "");
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
    let front = Front::start("--idle 300ms --max-sessions 1");
    let session = front.initialize("/mcp");
    let turned_away = front.post("/mcp", "", &initialize());
    assert_eq!(turned_away.status, 503);
    assert!(turned_away.header("retry-after").is_some());
    front.wait_for(r#"shadowcat_active_sessions{transport="http"}"#, Some(0.0));
    assert_eq!(front.post("/mcp", &session, &ping(1)).status, 404);
    front.initialize("/mcp");
}

#[test]
fn serve_stops_in_order_with_its_sessions() {
    let mut front = Front::start("");
    front.initialize("/mcp");
    front.initialize("/second/mcp");
    front.proxy.signal("INT");
    assert!(front.proxy.wait().success());
}

#[test]
fn configurations_that_cannot_be_served_are_refused() {
    let code = |options: &str| {
        let line = format!("serve --metrics off {options}");
        Running::start(&line).wait().code()
    };
    let one = format!("--upstream 'same=stdio:{PROGRAM} server'");
    assert_eq!(code(&format!("{one} {one}")), Some(2));
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = listener.local_addr().expect("its address");
    assert_eq!(code(&format!("--listen {taken} {one}")), Some(4));
    drop(listener);
}

#[test]
fn ending_a_session_cancels_its_call() {
    let front = Front::start("");
    let cancelled = r#"shadowcat_request_completed_total{server="first",method="tools/call",outcome="cancelled"}"#;
    let session = front.initialize("/mcp");
    let _calling = front.call_slowly(&session);
    assert_eq!(front.end("/mcp", &session), 200);
    front.wait_for(cancelled, Some(1.0));
    front.wait_for(r#"shadowcat_active_sessions{transport="http"}"#, Some(0.0));
    let page = front.page();
    assert_eq!(page.completed("first", "tools/call", "lost"), Some(0.0));
    let in_flight = page.value(r#"shadowcat_request_in_flight{server="first",transport="http"}"#);
    assert_eq!(in_flight, Some(0.0));
}

#[test]
fn limits_are_options_and_are_logged_when_reached() {
    let front = Front::start("--max-sessions 2 --max-requests 1 --max-connections 3");
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
    let connect = || TcpStream::connect(&front.address).expect("it listens");
    let _idle = [connect(), connect()];
    front.wait_for(open, Some(3.0));
    let _waiting = connect();
    front.wait_for(&reached("connections"), Some(1.0));
}

#[test]
fn headers_are_read_from_the_environment_or_a_file_for_one_server() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    let servers = format!("--upstream web=http://{address}/mcp --upstream other=stdio:true");
    let front = Front::with(&format!("{servers} --header web:X-Path=env:PATH"));
    let body = initialize().to_string();
    let _asking = send(&front.address, "POST /web/mcp", &posting(BOTH), &body);
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
    let mut unclear = Running::start(&format!("{SERVE} {servers} --header X-Path=env:PATH"));
    assert_eq!(unclear.wait().code(), Some(2));
}
