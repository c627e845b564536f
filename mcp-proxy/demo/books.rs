//! The clients' counts of their own traffic, and the highest values of gauges during the demo.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::iter::Sum;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use serde_json::{Value, json};
use shadowcat_metrics::shadowcat::labels::{Method, Outcome, Pool, Stream, Transport};
use shadowcat_metrics::shadowcat::{Metrics, Snapshot};
use tokio_util::sync::CancellationToken;

use crate::demo::traffic::PERSONAS;

/// The counts of one server's clients, which the clients update.
pub(crate) type Tally = Mutex<Counts>;

/// The counts of all clients.
#[derive(Debug, Default)]
pub(crate) struct Books {
    /// By server.
    pub(crate) servers: BTreeMap<&'static str, Counts>,
    /// By transport.
    pub(crate) transports: BTreeMap<Transport, Counts>,
}

impl Books {
    /// Adds the counts of one server's clients.
    pub(crate) fn add(&mut self, server: &'static str, transport: Transport, counts: Counts) {
        self.transports.entry(transport).or_default().add(&counts);
        self.servers.insert(server, counts);
    }
}

/// The counts of some clients.
#[derive(Debug, Default, Clone)]
pub(crate) struct Counts {
    /// Messages sent to the proxy.
    pub(crate) messages_sent: u64,
    /// Size of `messages_sent` in bytes, without line breaks.
    pub(crate) bytes_sent: u64,
    /// Sent lines that were not messages.
    pub(crate) malformed_sent: u64,
    /// Sent lines over the size limit.
    pub(crate) too_large_sent: u64,
    /// Messages received from the proxy.
    pub(crate) messages_received: u64,
    /// Requests in either direction, by the outcome that the client saw.
    pub(crate) requests: BTreeMap<(Method, Outcome), u64>,
    /// Tools in the last list of tools.
    pub(crate) tools: u64,
    /// Size of the last list of tools in bytes.
    pub(crate) tool_list: u64,
    /// Results by tool.
    pub(crate) tool_results: BTreeMap<String, Cost>,
    /// Results by prompt.
    pub(crate) prompt_results: BTreeMap<String, Cost>,
    /// Answers received while the network was slow.
    pub(crate) slow_answers: u64,
    /// Sessions, all of which the clients closed themselves.
    pub(crate) sessions: u64,
    /// Calls that crashed the server.
    pub(crate) crashes: u64,
}

/// Results of one tool or prompt.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Cost {
    /// Number of results.
    pub(crate) results: u64,
    /// Number of results that report a failure.
    pub(crate) failures: u64,
    /// Total size of the results in bytes.
    pub(crate) bytes: u64,
}

impl Counts {
    fn add(&mut self, other: &Self) {
        self.messages_sent += other.messages_sent;
        self.bytes_sent += other.bytes_sent;
        self.malformed_sent += other.malformed_sent;
        self.too_large_sent += other.too_large_sent;
        self.messages_received += other.messages_received;
        self.slow_answers += other.slow_answers;
        self.sessions += other.sessions;
        self.crashes += other.crashes;
        for (&of, count) in &other.requests {
            *self.requests.entry(of).or_default() += count;
        }
    }

    /// Counts the end of a request.
    pub(crate) fn request_ended(&mut self, method: Method, outcome: Outcome) {
        *self.requests.entry((method, outcome)).or_default() += 1;
    }

    /// Returns the number of requests with this method and outcome.
    pub(crate) fn requests(&self, method: Method, outcome: Outcome) -> u64 {
        self.requests.get(&(method, outcome)).copied().unwrap_or(0)
    }

    /// Returns the number of requests with this method, with any outcome.
    pub(crate) fn ended(&self, method: Method) -> u64 {
        let counts = Outcome::ALL.map(|outcome| self.requests(method, outcome));
        counts.iter().sum()
    }

    /// Returns the number of children that were started: one for each session and one after each crash.
    pub(crate) fn starts(&self) -> u64 {
        self.sessions + self.crashes
    }

    /// Returns the counts as JSON. `server` is the server of the clients.
    pub(crate) fn to_json(&self, server: &str) -> Value {
        let requests: Vec<_> = self
            .requests
            .iter()
            .map(|((method, outcome), count)| {
                json!({ "method": method.as_str(), "outcome": outcome.as_str(), "count": count })
            })
            .collect();
        json!({
            "messages_sent": self.messages_sent,
            "bytes_sent": self.bytes_sent,
            "malformed_sent": self.malformed_sent,
            "too_large_sent": self.too_large_sent,
            "messages_received": self.messages_received,
            "requests": requests,
            "slow_answers": self.slow_answers,
            "servers": [{ "server": server, "sessions": self.sessions, "crashes": self.crashes }],
        })
    }
}

/// Interval between two readings of the gauges.
const PERIOD: Duration = Duration::from_millis(40);

/// Number of readings for each update of the status line.
const READINGS_PER_UPDATE: u32 = 10;

/// The highest observed values of gauges.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Peaks {
    /// Gauges of one transport.
    transports: [TransportPeaks; Transport::ALL.len()],
    /// Running children.
    pub(crate) processes: i64,
    /// Buffers in use in the pool for reading.
    pub(crate) stdio_buffers: i64,
    /// Servers for whose children the metrics show the use of resources.
    pub(crate) read_children: u64,
    /// Pipes for which the metrics show the utilization.
    pub(crate) pipes: u64,
}

/// The highest observed values for one transport.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct TransportPeaks {
    /// Open sessions.
    pub(crate) sessions: i64,
    /// Requests in flight.
    pub(crate) in_flight: i64,
}

/// Reads the metrics periodically until `stop` is cancelled.
pub(crate) async fn watch(metrics: Metrics, stop: CancellationToken) -> Peaks {
    let mut peaks = Peaks::default();
    let status = StatusLine::begin();
    let mut clock = tokio::time::interval(PERIOD);
    for reading in 0_u32.. {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = clock.tick() => {}
        }
        let snapshot = metrics.snapshot();
        peaks.raise(&snapshot);
        if reading.is_multiple_of(READINGS_PER_UPDATE) {
            status.show(&snapshot);
        }
    }
    status.end();
    peaks
}

impl Peaks {
    /// Returns the values of one transport.
    pub(crate) const fn of(&self, transport: Transport) -> TransportPeaks {
        self.transports[transport as usize]
    }

    /// Raises the values to those of a snapshot.
    fn raise(&mut self, snapshot: &Snapshot) {
        for transport in Transport::ALL {
            let peaks = &mut self.transports[transport as usize];
            peaks.sessions = peaks.sessions.max(snapshot.session(transport).active());
            let in_flight = in_flight(snapshot, transport);
            peaks.in_flight = peaks.in_flight.max(in_flight);
        }
        self.processes = self.processes.max(running_children(snapshot));
        self.stdio_buffers = self
            .stdio_buffers
            .max(snapshot.buffer_pool(Pool::Stdio).in_use());
        let read = sum(|server| u64::from(snapshot.child(server).threads().is_some()));
        self.read_children = self.read_children.max(read);
        let pipes = sum(|server| {
            let stdio = snapshot.stdio(server);
            let reported = Stream::ALL.map(|stream| stdio.pipe_utilization(stream));
            reported.iter().flatten().count() as u64
        });
        self.pipes = self.pipes.max(pipes);
    }
}

/// Returns the sum over all servers.
fn sum<T: Sum>(of: impl Fn(&'static str) -> T) -> T {
    PERSONAS.iter().map(|persona| of(persona.server)).sum()
}

/// Returns the number of requests in flight that arrived over `transport`.
fn in_flight(snapshot: &Snapshot, transport: Transport) -> i64 {
    sum(|server| snapshot.request(server).in_flight(transport))
}

fn running_children(snapshot: &Snapshot) -> i64 {
    sum(|server| snapshot.process(server).active())
}

/// A status line on the terminal, rewritten in place.
struct StatusLine {
    began: Instant,
    shown: bool,
}

impl StatusLine {
    fn begin() -> Self {
        Self {
            began: Instant::now(),
            shown: std::io::stderr().is_terminal(),
        }
    }

    fn show(&self, snapshot: &Snapshot) {
        if !self.shown {
            return;
        }
        let ended = |outcome| -> u64 {
            sum(|server| {
                let requests = snapshot.request(server);
                let methods = Method::ALL.iter();
                let counts = methods.map(|&method| requests.completed(method, outcome));
                counts.sum::<u64>()
            })
        };
        let sessions: i64 = Transport::ALL
            .map(|transport| snapshot.session(transport).active())
            .iter()
            .sum();
        let in_flight: i64 = Transport::ALL
            .map(|transport| in_flight(snapshot, transport))
            .iter()
            .sum();
        let restarts: u64 = sum(|server| snapshot.process(server).restarts());
        let hit_ratio = snapshot.buffer_pool(Pool::Stdio).hit_ratio().unwrap_or(0.0);
        let line = format!(
            "{:6.1} s   sessions {}   children {}   in flight {:2}   ok {}   errors {}   lost {}   restarts {}   hits {:.1} %",
            self.began.elapsed().as_secs_f64(),
            sessions,
            running_children(snapshot),
            in_flight,
            ended(Outcome::Ok),
            ended(Outcome::Error),
            ended(Outcome::Lost),
            restarts,
            hit_ratio * 100.0,
        );
        // The terminal may be gone.
        let _ = write!(std::io::stderr(), "\r\x1b[2K{line}");
    }

    fn end(&self) {
        if self.shown {
            let _ = write!(std::io::stderr(), "\r\x1b[2K");
        }
    }
}
