//! Every request that reaches the proxy ends with exactly one outcome. Random clients and faulty servers run
//! against an independent count of incoming messages and the clients' own counts.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fastrand::Rng;
use mcp_proxy::backoff::BackoffPolicy;
use mcp_proxy::front::{Accept, FrontSettings};
use mcp_proxy::pool::Pools;
use mcp_proxy::session::{Session, Settings};
use mcp_proxy::transport::client::HttpSettings;
use mcp_proxy::upstream::{Limits, Opener, Spec};
use serde_json::{Value, json};
use shadowcat_metrics::shadowcat::Metrics;
use shadowcat_metrics::shadowcat::labels::{
    Direction, Method, Operation, Outcome, Side, Status, Transport,
};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::wire::{Head, Wire};
use super::{
    BOTH, JSON, TIMEOUT, Tested, ask, ask_stateless, in_session, initialize, without_session,
};
use crate::scripted::{Answer, ReceivedRequest, Scripted};
use crate::support::posting;

const MAX_MESSAGE: usize = 4000;
const ANSWER: Duration = Duration::from_millis(150);
const CLIENTS: u64 = 4;
const STEPS: usize = 10;
/// The last tool makes the child exit.
const TOOLS: [&str; 4] = ["echo", "echo", "fail", "crash"];
const METHODS: [&str; 4] = ["tools/call", "ping", "resources/read", "no/such/method"];

/// The name of the test's server, and the name for requests without a server.
const SERVERS: [&str; 2] = ["default", "__none__"];

/// Groups of outcomes that a client cannot distinguish.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Ok,
    Error,
    ToolError,
    InputRequired,
    TimedOut,
    /// Rejected, lost or cancelled.
    Unserved,
}

const fn class(outcome: Outcome) -> Class {
    match outcome {
        Outcome::Ok => Class::Ok,
        Outcome::Error => Class::Error,
        Outcome::ToolError => Class::ToolError,
        Outcome::InputRequired => Class::InputRequired,
        Outcome::TimedOut => Class::TimedOut,
        Outcome::Rejected | Outcome::Lost | Outcome::Cancelled => Class::Unserved,
    }
}

/// Returns the class of a response as the client sees it.
fn class_of(status: u16, answer: &Value) -> Class {
    if let Some(error) = answer.get("error") {
        return match error["code"].as_i64() {
            Some(-32002) => Class::TimedOut,
            Some(-32001) => Class::Unserved,
            _ if status == 200 && error["code"] != -32600 => Class::Error,
            // The server's own error for an unknown method, in a request without a session.
            Some(-32601) => Class::Error,
            _ => Class::Unserved,
        };
    }
    if answer["result"]["isError"] == true {
        Class::ToolError
    } else if answer["result"]["resultType"] == "input_required" {
        Class::InputRequired
    } else {
        Class::Ok
    }
}

/// Requests and the bytes of their bodies. Each request has a connection of its own.
#[derive(Debug, Default)]
struct Exchanges {
    count: AtomicU64,
    bytes: AtomicU64,
}

impl Exchanges {
    fn add(&self, body: &str) {
        self.count.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(body.len() as u64, Ordering::Relaxed);
    }
}

/// The clients' own counts.
#[derive(Debug, Default)]
struct Books {
    /// Requests that clients began to send.
    offered: Exchanges,
    /// Requests with a response, so that the proxy has read them completely.
    taken: Exchanges,
    /// Requests whose answer was read.
    known: Mutex<BTreeMap<Class, u64>>,
    /// Requests whose client disconnected, or whose answer arrived too late to count.
    unknown: AtomicU64,
    notes_sent: AtomicU64,
    notes_taken: AtomicU64,
}

/// Compares the metrics with the count of incoming messages.
#[derive(Debug)]
struct Auditor {
    metrics: Metrics,
    books: Arc<Books>,
    before: AtomicU64,
}

impl Auditor {
    /// The test runs on one thread, so nothing changes while a snapshot is taken.
    fn audit(&self) -> (u64, u64) {
        let snapshot = self.metrics.snapshot();
        let (mut ended, mut in_flight, mut arrived) = (0, 0, 0);
        let mut timed = 0;
        for server in SERVERS {
            let requests = snapshot.request(server);
            for &method in Method::ALL {
                let (whole, forwarded) =
                    (requests.duration(method), requests.answer_duration(method));
                timed += whole.count();
                for outcome in Outcome::ALL {
                    ended += requests.completed(method, outcome);
                }
                assert!(forwarded.count() <= whole.count(), "{method}");
                assert!(forwarded.sum() <= whole.sum(), "{method}");
            }
        }
        for transport in Transport::ALL {
            for server in SERVERS {
                let requests = snapshot.request(server);
                let now = requests.in_flight(transport);
                in_flight += u64::try_from(now).expect("never below zero");
            }
            for status in Status::ALL {
                let messages = snapshot.transport(transport);
                arrived += messages.operations(Side::Client, Operation::Receive, status);
            }
        }
        assert_eq!(timed, ended, "each request that ended has a duration");
        let notes = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let (sent, taken) = (
            notes(&self.books.notes_sent),
            notes(&self.books.notes_taken),
        );
        let accounted = ended + in_flight;
        assert!(
            arrived <= accounted + sent && accounted + taken <= arrived,
            "{arrived} messages, {sent} notifications at most and {taken} at least, {ended} requests ended, {in_flight} in flight"
        );
        let before = self.before.swap(accounted, Ordering::Relaxed);
        assert!(before <= accounted, "{before} requests became {accounted}");
        (ended, in_flight)
    }

    fn ended_as(&self, wanted: Class) -> u64 {
        let snapshot = self.metrics.snapshot();
        let mut count = 0;
        for outcome in Outcome::ALL.into_iter().filter(|one| class(*one) == wanted) {
            for requests in SERVERS.map(|server| snapshot.request(server)) {
                let count_of = |method| requests.completed(method, outcome);
                count += Method::ALL.iter().copied().map(count_of).sum::<u64>();
            }
        }
        count
    }
}

/// Compares the connections and bodies of clients with their own counts.
fn check_exchanges(metrics: &Metrics, books: &Books, seed: u64) {
    let snapshot = metrics.snapshot();
    let http = snapshot.http(Side::Client);
    for (what, recorded, of) in [
        (
            "connections",
            http.connections_opened(),
            (|exchanges| &exchanges.count) as fn(&Exchanges) -> &AtomicU64,
        ),
        ("bytes", http.body(Direction::Received), |exchanges| {
            &exchanges.bytes
        }),
    ] {
        let [taken, offered] =
            [&books.taken, &books.offered].map(|exchanges| of(exchanges).load(Ordering::Relaxed));
        assert!(
            (taken..=offered).contains(&recorded),
            "seed {seed}: {recorded} {what}, of {offered}, {taken} at least"
        );
    }
    assert_eq!(http.connections_reused(), 0, "seed {seed}");
}

/// Starts an HTTP server with random behavior.
async fn faulty(seed: u64) -> Scripted {
    let rng = Arc::new(Mutex::new(Rng::with_seed(seed)));
    Scripted::start(move |asked: ReceivedRequest, mut answer: Answer| {
        let rng = Arc::clone(&rng);
        async move {
            let die = rng.lock().expect("no panic").u32(0..16);
            let called = asked.called();
            if asked.method != "POST" {
                answer.whole("405 Method Not Allowed", "", "").await;
            } else if called == "initialize" {
                let result = asked.result(&json!({ "protocolVersion": "2025-06-18" }));
                answer.json(&result).await;
            } else if called.starts_with("notifications/") {
                answer.whole("202 Accepted", "", "").await;
            } else {
                misbehave(die, &asked, &mut answer).await;
            }
        }
    })
    .await
}

async fn misbehave(die: u32, asked: &ReceivedRequest, answer: &mut Answer) {
    let ok = asked.result(&json!({ "content": [] }));
    match die {
        0..4 => answer.json(&ok).await,
        4 => {
            let failed = asked.result(&json!({ "isError": true, "content": [] }));
            // Only a tool's result can report a failure.
            let is_tool = asked.called() == "tools/call";
            answer.json(if is_tool { &failed } else { &ok }).await;
        }
        5 => {
            let asks = asked.result(&json!({ "resultType": "input_required" }));
            answer.json(&asks).await;
        }
        6 => answer.json(&asked.error(-32601)).await,
        7 => answer.whole("500 Internal Server Error", "", "").await,
        // Closes the connection without an answer.
        8 => {}
        9 => sleep(ANSWER * 3).await,
        10 => {
            sleep(Duration::from_millis(20)).await;
            answer.json(&ok).await;
        }
        11 => {
            answer.events().await;
            answer.raw(format!("data: {ok}\n\n")).await;
        }
        12 => {
            answer.events().await;
            answer.raw(": and no more\n\n").await;
        }
        13 => {
            answer.events().await;
            let nobody = r#"{"jsonrpc":"2.0","id":"nobody","result":{}}"#;
            answer.raw(format!("data: {nobody}\n\n")).await;
            answer.raw(format!("data: {ok}\n\ndata: {ok}\n\n")).await;
        }
        14 => {
            answer.events().await;
            let note = r#"{"jsonrpc":"2.0","method":"notifications/message"}"#;
            answer.raw(format!("data: {note}\n\n").repeat(100)).await;
            answer.raw(format!("data: {ok}\n\n")).await;
        }
        _ => answer.whole("200 OK", "", "hello").await,
    }
}

/// One client, which opens as many connections as it needs.
struct Client {
    tested: Arc<Tested>,
    books: Arc<Books>,
    rng: Rng,
    next_id: u64,
}

impl Client {
    async fn connect(&self) -> Wire {
        self.tested.connect().await
    }

    fn request(&mut self) -> (u64, &'static str, Value) {
        self.next_id += 1;
        let method = METHODS[self.rng.usize(0..METHODS.len())];
        let tool = TOOLS[self.rng.usize(0..TOOLS.len())];
        let params = json!({ "name": tool, "arguments": { "text": "a" }, "uri": tool });
        (self.next_id, method, params)
    }

    fn know(&self, class: Class) {
        let mut known = self.books.known.lock().expect("no panic");
        *known.entry(class).or_default() += 1;
    }

    /// Opens a session, if the server allows it.
    async fn open(&self) -> Option<String> {
        let (posted, class) = self.post(&posting(BOTH), &initialize()).await;
        self.know(class);
        (class == Class::Ok).then(|| {
            posted
                .header("mcp-session-id")
                .expect("a session")
                .to_owned()
        })
    }

    /// Sends the only request on a connection, and reads the head of the response.
    async fn send(&self, wire: &mut Wire, line: &str, head: &str, body: &str) -> Head {
        self.books.offered.add(body);
        let response = wire.request(line, head, body).await;
        // The proxy reads the body before it responds.
        self.books.taken.add(body);
        response
    }

    /// Posts a request and closes the sending side.
    async fn half_close(&mut self, head: &str, body: &str) {
        let mut wire = self.connect().await;
        self.books.offered.add(body);
        wire.send("POST /mcp", head, body).await;
        wire.half_close().await;
        let posted = wire.head().await;
        self.books.taken.add(body);
        let class = self.answer_in(&mut wire, &posted).await;
        self.know(class);
    }

    /// Posts a request and reads any answer.
    async fn exchange(&self, head: &str, body: &str) -> Class {
        self.post(head, body).await.1
    }

    async fn post(&self, head: &str, body: &str) -> (Head, Class) {
        let mut wire = self.connect().await;
        let posted = self.send(&mut wire, "POST /mcp", head, body).await;
        let class = self.answer_in(&mut wire, &posted).await;
        (posted, class)
    }

    async fn answer_in(&self, wire: &mut Wire, posted: &Head) -> Class {
        if posted.header("content-type") == Some("text/event-stream") {
            while let Some(event) = wire.event().await {
                let message = event.json();
                if message.get("method").is_none() {
                    return class_of(posted.status, &message);
                }
            }
            return Class::Unserved;
        }
        let answer = if posted.header("content-length").is_some() {
            wire.json(posted).await
        } else {
            let mut json = String::new();
            while let Some(chunk) = wire.chunk().await {
                json.push_str(&chunk);
            }
            serde_json::from_str(&json).expect("JSON")
        };
        class_of(posted.status, &answer)
    }

    /// Runs a client of a revision with sessions.
    async fn with_session(mut self) {
        let Some(mut session) = self.open().await else {
            return;
        };
        for _ in 0..STEPS {
            let (id, method, params) = self.request();
            let body = ask(id, method, &params);
            let accept = if self.rng.bool() { BOTH } else { JSON };
            let (head, named) = (posting(accept), in_session(&session, accept));
            match self.rng.u32(0..13) {
                12 => self.half_close(&named, &body).await,
                0..4 => {
                    let class = self.exchange(&named, &body).await;
                    self.know(class);
                }
                4 => self.give_up(&named, &body).await,
                5 => self.garbage(&named).await,
                6 => {
                    let class = self.exchange(&head, &body).await;
                    self.know(class);
                }
                7 => {
                    let wrong = format!("{named}\nMCP-Protocol-Version: yesterday");
                    let class = self.exchange(&wrong, &body).await;
                    self.know(class);
                }
                8 => {
                    // One of the two may be refused, and neither can know which.
                    let both =
                        tokio::join!(self.exchange(&named, &body), self.exchange(&named, &body));
                    self.know(both.0);
                    self.know(both.1);
                }
                9 => {
                    let note = json!({
                        "jsonrpc": "2.0",
                        "method": "notifications/cancelled",
                        "params": { "requestId": id }
                    });
                    self.books.unknown.fetch_add(1, Ordering::Relaxed);
                    let cancelling = async {
                        sleep(Duration::from_millis(10)).await;
                        self.notify(&named, &note.to_string()).await;
                    };
                    tokio::join!(self.exchange(&named, &body), cancelling);
                }
                10 => {
                    self.books.unknown.fetch_add(1, Ordering::Relaxed);
                    let ending = async {
                        sleep(Duration::from_millis(10)).await;
                        let mut wire = self.connect().await;
                        let head = self.send(&mut wire, "DELETE /mcp", &named, "").await;
                        wire.body(&head).await;
                    };
                    tokio::join!(self.exchange(&named, &body), ending);
                    match self.open().await {
                        Some(opened) => session = opened,
                        None => return,
                    }
                }
                _ => {
                    let note = json!({ "jsonrpc": "2.0", "method": "notifications/x" });
                    self.notify(&named, &note.to_string()).await;
                }
            }
        }
    }

    /// Runs a client of the revision without sessions.
    async fn without_session(mut self) {
        for _ in 0..STEPS {
            let (id, method, params) = self.request();
            let has_name = matches!(method, "tools/call" | "resources/read");
            let name = params["name"].as_str().filter(|_| has_name);
            let head = without_session(BOTH, method, name);
            let body = ask_stateless(id, method, params);
            match self.rng.u32(0..8) {
                0..5 => {
                    let class = self.exchange(&head, &body).await;
                    self.know(class);
                }
                5 if self.rng.bool() => self.half_close(&head, &body).await,
                5 => self.give_up(&head, &body).await,
                6 => {
                    let wrong = head.replace(&format!("Mcp-Method: {method}"), "Mcp-Method: x");
                    let class = self.exchange(&wrong, &body).await;
                    self.know(class);
                }
                _ => self.garbage(&head).await,
            }
        }
    }

    /// Runs a client of the older transport.
    async fn older(mut self) {
        let mut stream = self.connect().await;
        self.send(&mut stream, "GET /sse", "Accept: text/event-stream", "")
            .await;
        let endpoint = stream.event().await.expect("an endpoint").data;
        let line = format!("POST {endpoint}");
        let json = "Content-Type: application/json";
        let mut waiting = 0;
        for step in 0..STEPS {
            let (id, method, params) = self.request();
            let body = if step == 0 {
                initialize()
            } else {
                ask(id, method, &params)
            };
            let mut wire = self.connect().await;
            match self.rng.u32(0..6) {
                0 if step > 0 => self.garbage_to(&line, json).await,
                1 if step > 0 => {
                    let wrong = line.replace("sessionId=", "sessionId=0");
                    let head = self.send(&mut wire, &wrong, json, &body).await;
                    wire.body(&head).await;
                    self.know(Class::Unserved);
                }
                _ => {
                    let head = self.send(&mut wire, &line, json, &body).await;
                    wire.body(&head).await;
                    waiting += 1;
                    if self.rng.bool() {
                        continue;
                    }
                }
            }
            while waiting > 0 {
                let message = stream.event().await.expect("an answer").json();
                if message.get("method").is_none() {
                    self.know(class_of(200, &message));
                    waiting -= 1;
                }
            }
        }
        self.books.unknown.fetch_add(waiting, Ordering::Relaxed);
    }

    /// Sends a request, and disconnects before the answer.
    async fn give_up(&mut self, head: &str, body: &str) {
        self.books.unknown.fetch_add(1, Ordering::Relaxed);
        let wait = Duration::from_millis(self.rng.u64(0..30));
        let _ = timeout(wait, self.exchange(head, body)).await;
    }

    /// Posts bytes that are not a message.
    async fn garbage(&mut self, head: &str) {
        self.garbage_to("POST /mcp", head).await;
    }

    async fn garbage_to(&mut self, line: &str, head: &str) {
        let (body, requests) = match self.rng.u32(0..3) {
            0 => ("{\"jsonrpc\":\"2.0\",\"id\":7,".to_owned(), 1),
            1 => {
                let padding = json!({ "padding": "x".repeat(MAX_MESSAGE + 100) });
                (ask(7, "tools/call", &padding), 1)
            }
            _ => {
                let [first, second] = [7, 8].map(|id| ask(id, "ping", &json!({})));
                (format!("[{first},{second}]"), 2)
            }
        };
        let mut wire = self.connect().await;
        let refused = self.send(&mut wire, line, head, &body).await;
        assert!(matches!(refused.status, 400 | 413), "{}", refused.status);
        wire.body(&refused).await;
        for _ in 0..requests {
            self.know(Class::Unserved);
        }
    }

    /// Posts a message that expects no answer.
    async fn notify(&self, head: &str, body: &str) {
        self.books.notes_sent.fetch_add(1, Ordering::Relaxed);
        let mut wire = self.connect().await;
        let taken = self.send(&mut wire, "POST /mcp", head, body).await;
        wire.body(&taken).await;
        self.books.notes_taken.fetch_add(1, Ordering::Relaxed);
    }
}

/// Returns the session handler for one server, configured as in the command.
pub(super) fn accept(metrics: &Metrics, spec: Spec, answer: Duration) -> Accept {
    let limits = Limits {
        max_message: MAX_MESSAGE,
        answer_timeout: answer,
        drain: Duration::from_millis(300),
        end_grace: Duration::from_millis(200),
        term_grace: Duration::from_millis(200),
        max_restarts: 3,
    };
    let opener = Opener::new(metrics.clone(), Pools::new(metrics), limits)
        .with_backoff(BackoffPolicy {
            first: Duration::from_millis(5),
            ..BackoffPolicy::SERVERS
        })
        .with_http(HttpSettings {
            control: Duration::from_millis(300),
            ..HttpSettings::default()
        });
    let metrics = metrics.clone();
    Arc::new(move |arrival| {
        let settings = Settings {
            drain: limits.drain,
            answer,
            ..Settings::default()
        };
        let session = Session::new(
            &metrics,
            arrival.transport,
            opener.open(&spec),
            settings,
            CancellationToken::new(),
        );
        Box::pin(async move {
            session.run(arrival.link).await;
        })
    })
}

async fn run(seed: u64, spec: Spec) {
    let metrics = Metrics::new();
    let settings = FrontSettings {
        max_message: MAX_MESSAGE,
        body_timeout: Duration::from_millis(500),
        drain: Duration::from_secs(2),
        ..FrontSettings::default()
    };
    let accept = accept(&metrics, spec, ANSWER);
    let _kept = SERVERS.map(|server| metrics.server(server));
    let tested = Arc::new(Tested::with_metrics(metrics.clone(), settings, accept).await);
    let books = Arc::new(Books::default());
    let auditor = Arc::new(Auditor {
        metrics,
        books: Arc::clone(&books),
        before: AtomicU64::new(0),
    });
    let auditing = tokio::spawn({
        let auditor = Arc::clone(&auditor);
        async move {
            loop {
                auditor.audit();
                sleep(Duration::from_millis(1)).await;
            }
        }
    });
    let mut clients = tokio::task::JoinSet::new();
    for number in 0..CLIENTS {
        let client = Client {
            tested: Arc::clone(&tested),
            books: Arc::clone(&books),
            rng: Rng::with_seed(seed.rotate_left(32) ^ number),
            next_id: 100,
        };
        match number % 4 {
            0 | 1 => clients.spawn(client.with_session()),
            2 => clients.spawn(client.without_session()),
            _ => clients.spawn(client.older()),
        };
    }
    timeout(TIMEOUT * 3, clients.join_all())
        .await
        .unwrap_or_else(|_| panic!("seed {seed}: a client waits for ever"));
    let tested = Arc::into_inner(tested).expect("all clients are gone");
    tested.finish().await;
    assert!(!auditing.is_finished(), "seed {seed}: the audit failed");
    auditing.abort();
    let (ended, in_flight) = auditor.audit();
    assert_eq!(in_flight, 0, "seed {seed}");
    check_exchanges(&auditor.metrics, &books, seed);
    let known = books.known.lock().expect("no panic").clone();
    for (class, count) in &known {
        let recorded = auditor.ended_as(*class);
        assert!(
            recorded >= *count,
            "seed {seed}: {class:?} {recorded}, of {known:?}"
        );
    }
    let unknown = ended - known.values().sum::<u64>();
    let given_up = books.unknown.load(Ordering::Relaxed);
    assert!(unknown <= given_up, "seed {seed}: {unknown} > {given_up}");
}

#[tokio::test]
async fn every_request_to_a_faulty_server_ends_with_one_outcome() {
    for seed in 0..12 {
        let server = faulty(seed).await;
        let spec = format!("faulty=http:{}", server.url("mcp"));
        run(seed, spec.parse().expect("a server")).await;
    }
}

#[tokio::test]
async fn every_request_to_a_child_ends_with_one_outcome() {
    let program = env!("CARGO_BIN_EXE_mcp-proxy");
    for (seed, command) in [(1, "server"), (2, "server --stubborn"), (3, "no-such-mode")] {
        let spec = format!("child=stdio:{program} {command}");
        run(seed, spec.parse().expect("a server")).await;
    }
}
