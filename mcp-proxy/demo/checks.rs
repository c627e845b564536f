//! The expected value of each metric, given what the clients sent. A metric that is missing here is not
//! checked.

use serde_json::{Value, json};
use shadowcat_metrics::shadowcat::labels::{
    Answer, Call, Direction, Discard, Health, Limit, Method, NotificationStream, Operation,
    Outcome, Phase, Pool, Reconnection, Resumption, Side, Status, Stream, StreamEnd, Transport,
};
use shadowcat_metrics::shadowcat::{Metrics, Snapshot};

use crate::demo::books::{Books, Cost, Counts, Peaks};
use crate::demo::traffic::{PERSONAS, Persona};

/// A value and its expectation.
#[derive(Debug, Clone)]
pub(crate) struct Check {
    /// The metric's exposed name; for a histogram, followed by the checked part.
    pub(crate) metric: &'static str,
    /// Label values, as in the exposition.
    pub(crate) labels: String,
    /// The value that was read.
    pub(crate) recorded: u64,
    /// The expectation.
    pub(crate) expected: Expected,
}

/// The expectation for a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expected {
    /// Exactly this, because a client has the same count.
    Exactly(u64),
    /// This or more, because the clients do not see everything.
    AtLeast(u64),
}

impl Check {
    /// Returns whether the value meets the expectation.
    pub(crate) fn holds(&self) -> bool {
        match self.expected {
            Expected::Exactly(expected) => self.recorded == expected,
            Expected::AtLeast(least) => self.recorded >= least,
        }
    }

    /// Returns the check as JSON.
    pub(crate) fn to_json(&self) -> Value {
        let (relation, expected) = match self.expected {
            Expected::Exactly(expected) => ("exactly", expected),
            Expected::AtLeast(least) => ("at least", least),
        };
        json!({
            "metric": self.metric,
            "labels": self.labels,
            "recorded": self.recorded,
            "relation": relation,
            "expected": expected,
            "holds": self.holds(),
        })
    }
}

/// Returns all checks, in the order of the schema.
pub(crate) fn check_all(metrics: &Metrics, books: &Books, peaks: &Peaks) -> Vec<Check> {
    let snapshot = &metrics.snapshot();
    let mut checks = Checks(Vec::new());
    checks.build(snapshot);
    for (&transport, sent) in &books.transports {
        checks.transport(snapshot, transport, sent);
    }
    for persona in &PERSONAS {
        let sent = &books.servers[persona.server];
        checks.requests(snapshot, persona, sent);
        checks.streams(snapshot, persona);
        checks.costs(metrics, snapshot, persona.server, sent);
    }
    for &transport in books.transports.keys() {
        checks.outcomes(snapshot, transport);
        checks.levels(snapshot, transport, peaks);
    }
    checks.pools(snapshot, books, peaks);
    checks.http(snapshot, books);
    for persona in &PERSONAS {
        checks.sse(snapshot, persona);
    }
    for persona in &PERSONAS {
        checks.process(snapshot, books, persona);
    }
    checks.gauges_over_all_servers(peaks);
    checks.resources(snapshot, peaks);
    checks.0
}

struct Checks(Vec<Check>);

impl Checks {
    fn exactly(
        &mut self,
        metric: &'static str,
        labels: &[(&str, &str)],
        recorded: u64,
        expected: u64,
    ) {
        self.push(metric, labels, recorded, Expected::Exactly(expected));
    }

    fn at_least(
        &mut self,
        metric: &'static str,
        labels: &[(&str, &str)],
        recorded: u64,
        least: u64,
    ) {
        self.push(metric, labels, recorded, Expected::AtLeast(least));
    }

    fn push(
        &mut self,
        metric: &'static str,
        labels: &[(&str, &str)],
        recorded: u64,
        expected: Expected,
    ) {
        let labels: Vec<_> = labels
            .iter()
            .map(|(name, value)| format!("{name}=\"{value}\""))
            .collect();
        self.0.push(Check {
            metric,
            labels: labels.join(","),
            recorded,
            expected,
        });
    }

    fn build(&mut self, snapshot: &Snapshot) {
        let facts = snapshot.build().info();
        self.exactly("shadowcat_build_info", &[], facts.map_or(0, |_| 1), 1);
        let dropped = snapshot.log().dropped_lines().unwrap_or(0);
        self.exactly("shadowcat_log_dropped_lines_total", &[], dropped, 0);
        for limit in Limit::ALL {
            let reached = snapshot.front().limits_reached(limit);
            let labels = [("limit", limit.as_str())];
            self.exactly("shadowcat_front_limits_reached_total", &labels, reached, 0);
        }
    }

    /// Checks a gauge that must have been above zero and must be back at zero.
    fn level(&mut self, metric: &'static str, labels: &[(&str, &str)], now: i64, peak: i64) {
        self.exactly(metric, labels, now.unsigned_abs(), 0);
        let labels: Vec<_> = labels.iter().copied().chain([("seen", "peak")]).collect();
        self.at_least(metric, &labels, peak.try_into().unwrap_or(0), 1);
    }
}

/// Converts a gauge that counts things to an unsigned integer.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "casts from floats saturate"
)]
fn whole(gauge: f64) -> u64 {
    gauge as u64
}

/// Time limit for a message in the objective `forwarding`, in seconds.
const IN_TIME: f64 = 0.1024;

impl Checks {
    pub(super) fn transport(&mut self, snapshot: &Snapshot, transport: Transport, sent: &Counts) {
        self.operations(snapshot, transport, sent);
        self.messages(snapshot, transport, sent);
        self.phases(snapshot, transport, sent);
    }

    fn operations(&mut self, snapshot: &Snapshot, transport: Transport, sent: &Counts) {
        use Expected::{AtLeast, Exactly};
        let replies = sent
            .requests
            .iter()
            .filter(|((_, outcome), _)| *outcome == Outcome::Ok)
            .map(|(_, n)| n)
            .sum();
        let starts = sent.all_starts();
        let (connects, failed_connects, garbage) = match transport {
            Transport::Stdio => (Exactly(starts), Exactly(0), AtLeast(1)),
            // Only the proxy knows the number of connections, but the clients made sure that some were
            // refused.
            Transport::Http | Transport::Sse => (AtLeast(1), AtLeast(1), Exactly(0)),
        };
        for (side, operation, status, expected) in [
            (
                Side::Client,
                Operation::Receive,
                Status::Ok,
                Exactly(sent.messages_sent),
            ),
            (
                Side::Client,
                Operation::Receive,
                Status::Malformed,
                Exactly(sent.malformed_sent),
            ),
            (
                Side::Client,
                Operation::Receive,
                Status::TooLarge,
                Exactly(sent.too_large_sent),
            ),
            (
                Side::Client,
                Operation::Send,
                Status::Ok,
                Exactly(sent.messages_received),
            ),
            (Side::Server, Operation::Connect, Status::Ok, connects),
            (
                Side::Server,
                Operation::Connect,
                Status::Failed,
                failed_connects,
            ),
            (Side::Server, Operation::Send, Status::Ok, AtLeast(replies)),
            (
                Side::Server,
                Operation::Receive,
                Status::Ok,
                AtLeast(replies),
            ),
            (Side::Server, Operation::Receive, Status::Malformed, garbage),
        ] {
            let recorded = snapshot
                .transport(transport)
                .operations(side, operation, status);
            let labels = [
                ("transport", transport.as_str()),
                ("side", side.as_str()),
                ("operation", operation.as_str()),
                ("status", status.as_str()),
            ];
            self.push(
                "shadowcat_transport_operations_total",
                &labels,
                recorded,
                expected,
            );
        }
    }

    fn messages(&mut self, snapshot: &Snapshot, transport: Transport, sent: &Counts) {
        let recorded = snapshot.transport(transport);
        let labels = [("transport", transport.as_str()), ("side", "client")];
        let size = recorded.message_size(Side::Client);
        self.exactly(
            "shadowcat_transport_message_size_bytes_count",
            &labels,
            size.count(),
            sent.messages_sent,
        );
        self.exactly(
            "shadowcat_transport_message_size_bytes_sum",
            &labels,
            size.sum(),
            sent.bytes_sent,
        );
        let received = recorded.operations(Side::Server, Operation::Receive, Status::Ok);
        let count = recorded.message_size(Side::Server).count();
        self.exactly(
            "shadowcat_transport_message_size_bytes_count",
            &[("transport", transport.as_str()), ("side", "server")],
            count,
            received,
        );
    }

    fn phases(&mut self, snapshot: &Snapshot, transport: Transport, sent: &Counts) {
        use Expected::{AtLeast, Exactly};
        let recorded = snapshot.transport(transport);
        let of_both = |operation, status| -> u64 {
            Side::ALL
                .iter()
                .map(|&side| recorded.operations(side, operation, status))
                .sum()
        };
        let read = of_both(Operation::Receive, Status::Ok)
            + of_both(Operation::Receive, Status::Malformed);
        let written =
            of_both(Operation::Send, Status::Ok) + of_both(Operation::Send, Status::Failed);
        let starts = sent.all_starts();
        let connects = recorded.operations(Side::Server, Operation::Connect, Status::Ok);
        let (connect, transfer, serialize) = match transport {
            Transport::Stdio => (Exactly(starts), Exactly(read), Exactly(written)),
            // Answers that the proxy itself creates are written too; refused messages are not.
            Transport::Http | Transport::Sse => (Exactly(connects), AtLeast(1), AtLeast(1)),
        };
        for (phase, expected) in [
            (Phase::Connect, connect),
            (Phase::FirstByte, AtLeast(starts)),
            (Phase::Transfer, transfer),
            (Phase::Serialize, serialize),
            (Phase::Deserialize, Exactly(read)),
        ] {
            let count = recorded.phase_duration(phase).count();
            self.push(
                "shadowcat_transport_phase_duration_seconds_count",
                &[("transport", transport.as_str()), ("phase", phase.as_str())],
                count,
                expected,
            );
        }
        self.slow_transfers(snapshot, transport, sent);
    }

    /// Checks that answers delayed by the simulated network were recorded as slow.
    fn slow_transfers(&mut self, snapshot: &Snapshot, transport: Transport, sent: &Counts) {
        let least = match transport {
            // The connection between the proxy and its children is never slowed down.
            Transport::Stdio => return,
            Transport::Http | Transport::Sse => sent.slow_answers.max(1),
        };
        let transfers = snapshot
            .transport(transport)
            .phase_duration(Phase::Transfer);
        let in_time = transfers.buckets().find(|(bound, _)| *bound >= IN_TIME);
        let slow = transfers.count() - in_time.map_or(0, |(_, count)| count);
        self.at_least(
            "shadowcat_transport_phase_duration_seconds_count",
            &[
                ("transport", transport.as_str()),
                ("phase", Phase::Transfer.as_str()),
                ("seen", "over 102.4 ms"),
            ],
            slow,
            least,
        );
    }
}

impl Checks {
    pub(super) fn requests(&mut self, snapshot: &Snapshot, persona: &Persona, sent: &Counts) {
        let Persona {
            server, transport, ..
        } = *persona;
        let requests = snapshot.request(server);
        self.exactly(
            "shadowcat_request_in_flight",
            &[("server", server), ("transport", transport.as_str())],
            requests.in_flight(transport).unsigned_abs(),
            0,
        );
        let of = ("server", server);
        for &method in Method::ALL {
            let (recorded, expected) = (requests.duration(method).count(), sent.ended(method));
            if recorded > 0 || expected > 0 {
                let labels = [of, ("method", method.as_str())];
                self.exactly(
                    "shadowcat_request_duration_seconds_count",
                    &labels,
                    recorded,
                    expected,
                );
            }
            let (answered, handed_on) = (
                sent.requests(method, Outcome::Ok),
                requests.answer_duration(method).count(),
            );
            if answered > 0 {
                let labels = [of, ("method", method.as_str())];
                self.at_least(
                    "shadowcat_request_answer_duration_seconds_count",
                    &labels,
                    handed_on,
                    answered,
                );
            }
            for outcome in Outcome::ALL {
                let (recorded, expected) = (
                    requests.completed(method, outcome),
                    sent.requests(method, outcome),
                );
                if recorded > 0 || expected > 0 {
                    let labels = [
                        of,
                        ("method", method.as_str()),
                        ("outcome", outcome.as_str()),
                    ];
                    self.exactly(
                        "shadowcat_request_completed_total",
                        &labels,
                        recorded,
                        expected,
                    );
                }
            }
        }
    }

    fn streams(&mut self, snapshot: &Snapshot, persona: &Persona) {
        let kind = match persona.transport {
            Transport::Http if !persona.stateless => NotificationStream::Standing,
            Transport::Stdio | Transport::Http => return,
            Transport::Sse => NotificationStream::Older,
        };
        let streams = snapshot.stream(persona.server);
        let labels = [
            ("server", persona.server),
            ("notification_stream", kind.as_str()),
        ];
        let opened = streams.opened(kind);
        self.at_least("shadowcat_stream_opened_total", &labels, opened, 1);
        let active = streams.active(kind).unsigned_abs();
        self.exactly("shadowcat_stream_active", &labels, active, 0);
        let ended = StreamEnd::ALL.map(|end| streams.ended(kind, end));
        let ended = ended.iter().sum();
        self.exactly("shadowcat_stream_ended_total", &labels, ended, opened);
    }

    fn costs(&mut self, metrics: &Metrics, snapshot: &Snapshot, server: &str, sent: &Counts) {
        let context = snapshot.context(server);
        let labels = [("server", server)];
        self.exactly(
            "shadowcat_context_tools",
            &labels,
            whole(context.tools()),
            sent.tools,
        );
        self.exactly(
            "shadowcat_context_tool_list_bytes",
            &labels,
            context.tool_list(),
            sent.tool_list,
        );
        for (tool, cost) in &sent.tool_results {
            let label = metrics.tool(tool);
            let labels = [("server", server), ("method", "tools/call"), ("tool", tool)];
            self.cost(snapshot, server, Call::ToolsCall(&label), &labels, *cost);
        }
        for (prompt, cost) in &sent.prompt_results {
            let label = metrics.prompt(prompt);
            let labels = [
                ("server", server),
                ("method", "prompts/get"),
                ("prompt", prompt),
            ];
            self.cost(snapshot, server, Call::PromptsGet(&label), &labels, *cost);
        }
    }

    fn cost(
        &mut self,
        snapshot: &Snapshot,
        server: &str,
        call: Call<'_>,
        labels: &[(&str, &str)],
        cost: Cost,
    ) {
        let requests = snapshot.request(server);
        self.exactly(
            "shadowcat_request_returned_bytes_total",
            labels,
            requests.returned(call),
            cost.bytes,
        );
        for (answer, expected) in [
            (Answer::Ok, cost.results - cost.failures),
            (Answer::ToolError, cost.failures),
        ] {
            let labels = [labels, &[("answer", answer.as_str())]].concat();
            let recorded = requests.answers(call, answer);
            self.exactly(
                "shadowcat_request_answers_total",
                &labels,
                recorded,
                expected,
            );
        }
    }

    /// Checks that the traffic has produced each of these outcomes, because equal zeros would pass the comparison.
    fn outcomes(&mut self, snapshot: &Snapshot, transport: Transport) {
        for outcome in [
            Outcome::Ok,
            Outcome::Error,
            Outcome::ToolError,
            Outcome::Lost,
            Outcome::Cancelled,
        ] {
            let completed = |persona: &Persona| {
                let requests = snapshot.request(persona.server);
                let methods = Method::ALL.iter();
                methods
                    .map(|&method| requests.completed(method, outcome))
                    .sum::<u64>()
            };
            let personas = PERSONAS.iter();
            let personas = personas.filter(|persona| persona.transport == transport);
            let recorded = personas.map(completed).sum();
            self.at_least(
                "shadowcat_request_completed_total",
                &[("outcome", outcome.as_str()), ("seen", transport.as_str())],
                recorded,
                1,
            );
        }
    }

    fn levels(&mut self, snapshot: &Snapshot, transport: Transport, peaks: &Peaks) {
        let over = ("transport", transport.as_str());
        let peak = peaks.of(transport).in_flight;
        self.at_least(
            "shadowcat_request_in_flight",
            &[over, ("seen", "peak")],
            peak.try_into().unwrap_or(0),
            1,
        );
        let sessions = snapshot.session(transport).active();
        self.level(
            "shadowcat_active_sessions",
            &[over],
            sessions,
            peaks.of(transport).sessions,
        );
    }
}

impl Checks {
    pub(super) fn pools(&mut self, snapshot: &Snapshot, books: &Books, peaks: &Peaks) {
        let sent_over = |transport| {
            books
                .transports
                .get(&transport)
                .map_or(0, |sent| sent.messages_sent)
        };
        let sent = Transport::ALL.map(sent_over).iter().sum();
        for (pool, messages) in [
            (Pool::Stdio, sent_over(Transport::Stdio)),
            (Pool::Json, sent),
        ] {
            let recorded = snapshot.buffer_pool(pool);
            let labels = [("pool", pool.as_str())];
            self.at_least(
                "shadowcat_buffer_pool_hits_total",
                &labels,
                recorded.hits(),
                messages,
            );
            self.at_least(
                "shadowcat_buffer_pool_misses_total",
                &labels,
                recorded.misses(),
                1,
            );
            self.at_least(
                "shadowcat_buffer_pool_allocations_total",
                &labels,
                recorded.allocations(),
                recorded.misses(),
            );
            // All buffers are returned, so those that were allocated and not discarded are idle. There are
            // none if the last one was too large.
            let discarded = Discard::ALL.map(|discard| recorded.discards(discard));
            let kept = recorded.misses().saturating_sub(discarded.iter().sum());
            self.exactly(
                "shadowcat_buffer_pool_idle",
                &labels,
                recorded.idle().map_or(0, whole),
                kept,
            );
            let labels = [("pool", pool.as_str()), ("discard", "too_large")];
            let discards = recorded.discards(Discard::TooLarge);
            self.at_least("shadowcat_buffer_pool_discards_total", &labels, discards, 1);
        }
        let in_use = snapshot.buffer_pool(Pool::Stdio).in_use();
        self.level(
            "shadowcat_buffer_pool_in_use",
            &[("pool", "stdio")],
            in_use,
            peaks.stdio_buffers,
        );
        let in_use = snapshot.buffer_pool(Pool::Json).in_use();
        self.exactly(
            "shadowcat_buffer_pool_in_use",
            &[("pool", "json")],
            in_use.unsigned_abs(),
            0,
        );
    }
}

impl Checks {
    pub(super) fn http(&mut self, snapshot: &Snapshot, books: &Books) {
        let over_http = [Transport::Http, Transport::Sse];
        let sum = |of: fn(&Counts) -> u64| -> u64 {
            let sent = over_http
                .iter()
                .filter_map(|transport| books.transports.get(transport));
            sent.map(of).sum()
        };
        let bytes = sum(|sent| sent.bytes_sent);
        // Every message is a body, and so is every malformed message.
        let bodies = sum(|sent| sent.messages_sent + sent.malformed_sent);
        let opened = sum(|sent| sent.malformed_sent + sent.too_large_sent);
        for side in Side::ALL {
            let recorded = snapshot.http(side);
            let labels = [("side", side.as_str())];
            let (least_opened, least) = match side {
                // Malformed messages use separate connections.
                Side::Client => (opened, bodies),
                Side::Server => (1, 1),
            };
            self.at_least(
                "shadowcat_http_connections_opened_total",
                &labels,
                recorded.connections_opened(),
                least_opened,
            );
            self.at_least(
                "shadowcat_http_connections_reused_total",
                &labels,
                recorded.connections_reused(),
                1,
            );
            self.at_least(
                "shadowcat_http_header_duration_seconds_count",
                &labels,
                recorded.header_duration().count(),
                least,
            );
            for direction in Direction::ALL {
                let labels = [("side", side.as_str()), ("direction", direction.as_str())];
                let (least, least_bytes) = match (side, direction) {
                    (Side::Client, Direction::Received) => (bodies, bytes),
                    (Side::Client, Direction::Sent) | (Side::Server, _) => (1, 1),
                };
                self.at_least(
                    "shadowcat_http_body_bytes_total",
                    &labels,
                    recorded.body(direction),
                    least_bytes,
                );
                self.at_least(
                    "shadowcat_http_body_chunks_total",
                    &labels,
                    recorded.body_chunks(direction),
                    least,
                );
                self.at_least(
                    "shadowcat_http_body_duration_seconds_count",
                    &labels,
                    recorded.body_duration(direction).count(),
                    least,
                );
            }
        }
    }
}

impl Checks {
    pub(super) fn sse(&mut self, snapshot: &Snapshot, persona: &Persona) {
        let recorded = snapshot.sse(persona.server);
        let labels = [("server", persona.server)];
        let (resumed, duplicates) = match persona.transport {
            Transport::Stdio => return,
            // Its streams have no ids either.
            Transport::Http if persona.stateless => (0, 0),
            // The stream of a call was interrupted halfway, and later one was repeated from its beginning.
            Transport::Http => (1, 1),
            // Events of the older transport have no ids to resume from.
            Transport::Sse => (0, 0),
        };
        self.at_least("shadowcat_sse_events_total", &labels, recorded.events(), 1);
        self.at_least(
            "shadowcat_sse_duplicates_total",
            &labels,
            recorded.duplicates(),
            duplicates,
        );
        self.at_least(
            "shadowcat_sse_event_size_bytes_count",
            &labels,
            recorded.event_size().count(),
            recorded.events(),
        );
        let rests = recorded.idle_duration().count();
        self.at_least(
            "shadowcat_sse_idle_duration_seconds_count",
            &labels,
            rests,
            1,
        );
        self.exactly(
            "shadowcat_sse_buffer_bytes",
            &labels,
            recorded.buffer().unsigned_abs(),
            0,
        );
        if persona.stateless {
            // Its network has no faults.
            return;
        }
        let labels = |name, value| [("server", persona.server), (name, value)];
        self.at_least(
            "shadowcat_sse_resumptions_total",
            &labels("resumption", Resumption::Resumed.as_str()),
            recorded.resumptions(Resumption::Resumed),
            resumed,
        );
        for (outcome, least) in [(Reconnection::Ok, 1), (Reconnection::Failed, 1)] {
            self.at_least(
                "shadowcat_sse_reconnections_total",
                &labels("reconnection", outcome.as_str()),
                recorded.reconnections(outcome),
                least,
            );
        }
    }
}

impl Checks {
    pub(super) fn process(&mut self, snapshot: &Snapshot, books: &Books, persona: &Persona) {
        let Persona {
            server,
            stubborn,
            transport: Transport::Stdio,
            ..
        } = *persona
        else {
            return;
        };
        let Some(sent) = books.servers.get(server) else {
            return;
        };
        let counts = sent.servers.get(server).copied().unwrap_or_default();
        let starts = sent.starts(server);
        let labels = [("server", server)];
        let spawns = snapshot.stdio(server).spawn_duration().count();
        self.exactly(
            "shadowcat_stdio_spawn_duration_seconds_count",
            &labels,
            spawns,
            starts,
        );

        let process = snapshot.process(server);
        self.exactly(
            "shadowcat_process_active",
            &labels,
            process.active().unsigned_abs(),
            0,
        );
        let health = [
            ("server", server),
            ("shadowcat_process_health", Health::Terminated.as_str()),
        ];
        self.exactly(
            "shadowcat_process_health",
            &health,
            (process.health() == Some(Health::Terminated)).into(),
            1,
        );
        self.exactly(
            "shadowcat_process_restarts_total",
            &labels,
            process.restarts(),
            counts.crashes,
        );
        self.exactly(
            "shadowcat_process_lifetime_seconds_count",
            &labels,
            process.lifetime().count(),
            starts,
        );
        let (graceful, forced) = if stubborn {
            (0, counts.sessions)
        } else {
            (counts.sessions, 0)
        };
        self.exactly(
            "shadowcat_process_shutdowns_graceful_total",
            &labels,
            process.shutdowns_graceful(),
            graceful,
        );
        self.exactly(
            "shadowcat_process_shutdowns_forced_total",
            &labels,
            process.shutdowns_forced(),
            forced,
        );
        let sigterms = process.sigterm_duration().count();
        // On a busy machine, a well-behaved server may exceed its time limit, and then SIGTERM is right.
        self.at_least(
            "shadowcat_process_sigterm_duration_seconds_count",
            &labels,
            sigterms,
            forced,
        );
    }

    pub(super) fn gauges_over_all_servers(&mut self, peaks: &Peaks) {
        let seen = [("seen", "peak")];
        self.at_least(
            "shadowcat_process_active",
            &seen,
            peaks.processes.try_into().unwrap_or(0),
            1,
        );
        // Other kernels do not report this, so nothing can be expected.
        let least = if cfg!(target_os = "linux") {
            Stream::ALL.len() as u64
        } else {
            0
        };
        self.at_least(
            "shadowcat_stdio_pipe_utilization_ratio",
            &seen,
            peaks.pipes,
            least,
        );
    }
}

/// The minimum on Linux. Other kernels do not report these values.
const REPORTED: u64 = if cfg!(target_os = "linux") { 1 } else { 0 };

impl Checks {
    pub(super) fn resources(&mut self, snapshot: &Snapshot, peaks: &Peaks) {
        // These keep changing, so a later scrape has other values.
        let at_the_end = [("seen", "end")];
        let proxy = snapshot.proxy();
        let milliseconds = proxy.cpu().map_or(0, |cpu| cpu.as_millis());
        let milliseconds = milliseconds.try_into().unwrap_or(u64::MAX);
        self.at_least(
            "process_cpu_seconds_total",
            &at_the_end,
            milliseconds,
            REPORTED,
        );
        self.at_least(
            "process_resident_memory_bytes",
            &at_the_end,
            proxy.resident_memory().unwrap_or(0),
            REPORTED,
        );
        self.at_least(
            "process_open_fds",
            &at_the_end,
            whole(proxy.open_fds().unwrap_or(0.0)),
            REPORTED,
        );
        self.at_least(
            "process_threads",
            &at_the_end,
            whole(proxy.threads().unwrap_or(0.0)),
            REPORTED,
        );
        let seen = [("seen", "peak")];
        self.at_least(
            "shadowcat_child_threads",
            &seen,
            peaks.read_children,
            REPORTED,
        );

        let tokio = snapshot.tokio();
        self.at_least(
            "shadowcat_tokio_workers",
            &[],
            whole(tokio.workers().unwrap_or(0.0)),
            1,
        );
        let busy = tokio.busy().unwrap_or_default().as_millis();
        let busy = busy.try_into().unwrap_or(u64::MAX);
        self.at_least("shadowcat_tokio_busy_seconds_total", &at_the_end, busy, 1);
        self.at_least(
            "shadowcat_tokio_polls_total",
            &at_the_end,
            tokio.polls().unwrap_or(0),
            1,
        );
    }
}
