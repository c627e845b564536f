//! What each metric should be, given what the clients sent. A metric that is not here is a metric that nothing checks.

use serde_json::{Value, json};
use shadowcat_metrics::Snapshot;
use shadowcat_metrics::labels::{
    Discard, Health, Method, Operation, Outcome, Phase, Pool, Side, Status, Stream, Transport,
};

use crate::demo::tally::Counts;
use crate::demo::traffic::PERSONAS;
use crate::demo::watch::Peaks;

/// One value, and what it should be.
#[derive(Debug, Clone)]
pub struct Check {
    /// The metric's exposed name; behind a histogram's, which part of it.
    pub metric: &'static str,
    /// Label values, as in an exposition.
    pub labels: String,
    /// What was read back.
    pub recorded: u64,
    /// What it should be.
    pub expected: Expected,
}

/// What a value should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// This, because a client counted it too.
    Exactly(u64),
    /// This or more, because the clients cannot know all of it.
    AtLeast(u64),
}

impl Check {
    /// True if the value is what it should be.
    #[must_use]
    pub fn holds(&self) -> bool {
        match self.expected {
            Expected::Exactly(expected) => self.recorded == expected,
            Expected::AtLeast(least) => self.recorded >= least,
        }
    }

    /// The check, for programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
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

/// All checks, in the order of the schema.
#[must_use]
pub fn check_all(snapshot: &Snapshot, sent: &Counts, peaks: &Peaks) -> Vec<Check> {
    let mut checks = Checks(Vec::new());
    checks.build(snapshot);
    checks.operations(snapshot, sent);
    checks.messages(snapshot, sent);
    checks.phases(snapshot, sent);
    checks.requests(snapshot, sent, peaks);
    checks.pools(snapshot, sent, peaks);
    for persona in &PERSONAS {
        checks.server(snapshot, sent, persona.server, persona.stubborn);
    }
    checks.gauges_over_all_servers(peaks);
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
    }

    fn operations(&mut self, snapshot: &Snapshot, sent: &Counts) {
        use Expected::{AtLeast, Exactly};
        let replies = sent
            .requests
            .iter()
            .filter(|((_, outcome), _)| *outcome == Outcome::Ok)
            .map(|(_, n)| n)
            .sum();
        let starts = PERSONAS
            .iter()
            .map(|persona| sent.starts(persona.server))
            .sum();
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
            (
                Side::Server,
                Operation::Connect,
                Status::Ok,
                Exactly(starts),
            ),
            (Side::Server, Operation::Connect, Status::Failed, Exactly(0)),
            (Side::Server, Operation::Send, Status::Ok, AtLeast(replies)),
            (
                Side::Server,
                Operation::Receive,
                Status::Ok,
                AtLeast(replies),
            ),
            (
                Side::Server,
                Operation::Receive,
                Status::Malformed,
                AtLeast(1),
            ),
        ] {
            let recorded = snapshot
                .transport(Transport::Stdio)
                .operations(side, operation, status);
            let labels = [
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

    fn messages(&mut self, snapshot: &Snapshot, sent: &Counts) {
        let transport = snapshot.transport(Transport::Stdio);
        let labels = [("side", "client")];
        let size = transport.message_size(Side::Client);
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
        let received = transport.operations(Side::Server, Operation::Receive, Status::Ok);
        let count = transport.message_size(Side::Server).count();
        self.exactly(
            "shadowcat_transport_message_size_bytes_count",
            &[("side", "server")],
            count,
            received,
        );
    }

    fn phases(&mut self, snapshot: &Snapshot, sent: &Counts) {
        use Expected::{AtLeast, Exactly};
        let transport = snapshot.transport(Transport::Stdio);
        let of_both = |operation, status| -> u64 {
            Side::ALL
                .iter()
                .map(|&side| transport.operations(side, operation, status))
                .sum()
        };
        let read = of_both(Operation::Receive, Status::Ok)
            + of_both(Operation::Receive, Status::Malformed);
        let written =
            of_both(Operation::Send, Status::Ok) + of_both(Operation::Send, Status::Failed);
        let starts = PERSONAS
            .iter()
            .map(|persona| sent.starts(persona.server))
            .sum();
        for (phase, expected) in [
            (Phase::Connect, Exactly(starts)),
            (Phase::FirstByte, AtLeast(starts)),
            (Phase::Transfer, Exactly(read)),
            (Phase::Serialize, Exactly(written)),
            (Phase::Deserialize, Exactly(read)),
        ] {
            let count = transport.phase_duration(phase).count();
            self.push(
                "shadowcat_transport_phase_duration_seconds_count",
                &[("phase", phase.as_str())],
                count,
                expected,
            );
        }
    }

    fn requests(&mut self, snapshot: &Snapshot, sent: &Counts, peaks: &Peaks) {
        let requests = snapshot.request(Transport::Stdio);
        for method in Method::ALL {
            let (recorded, expected) = (requests.duration(method).count(), sent.answered(method));
            if recorded > 0 || expected > 0 {
                let labels = [("method", method.as_str())];
                self.exactly(
                    "shadowcat_request_duration_seconds_count",
                    &labels,
                    recorded,
                    expected,
                );
            }
            for outcome in Outcome::ALL {
                let (recorded, expected) = (
                    requests.completed(method, outcome),
                    sent.requests(method, outcome),
                );
                if recorded > 0 || expected > 0 {
                    let labels = [("method", method.as_str()), ("outcome", outcome.as_str())];
                    self.exactly(
                        "shadowcat_request_completed_total",
                        &labels,
                        recorded,
                        expected,
                    );
                }
            }
        }
        // Every outcome that the traffic is there to show must have come up, or equal zeros would pass for success.
        for outcome in [
            Outcome::Ok,
            Outcome::Error,
            Outcome::Lost,
            Outcome::Cancelled,
        ] {
            let recorded = Method::ALL
                .iter()
                .map(|&method| requests.completed(method, outcome))
                .sum();
            self.at_least(
                "shadowcat_request_completed_total",
                &[("outcome", outcome.as_str())],
                recorded,
                1,
            );
        }
        self.level(
            "shadowcat_request_in_flight",
            &[],
            requests.in_flight(),
            peaks.in_flight,
        );
        let sessions = snapshot.session(Transport::Stdio).active();
        self.level("shadowcat_active_sessions", &[], sessions, peaks.sessions);
    }

    /// A value that must have been up, and must be down again.
    fn level(&mut self, metric: &'static str, labels: &[(&str, &str)], now: i64, peak: i64) {
        self.exactly(metric, labels, now.unsigned_abs(), 0);
        let labels: Vec<_> = labels.iter().copied().chain([("seen", "peak")]).collect();
        self.at_least(metric, &labels, peak.try_into().unwrap_or(0), 1);
    }

    fn pools(&mut self, snapshot: &Snapshot, sent: &Counts, peaks: &Peaks) {
        for pool in [Pool::Stdio, Pool::Json] {
            let recorded = snapshot.buffer_pool(pool);
            let labels = [("pool", pool.as_str())];
            self.at_least(
                "shadowcat_buffer_pool_hits_total",
                &labels,
                recorded.hits(),
                sent.messages_sent,
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
            self.at_least(
                "shadowcat_buffer_pool_idle",
                &labels,
                whole(recorded.idle()),
                1,
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

    fn server(&mut self, snapshot: &Snapshot, sent: &Counts, server: &'static str, stubborn: bool) {
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
        // A busy machine may make a good server outlast its patience, and then SIGTERM is right.
        self.at_least(
            "shadowcat_process_sigterm_duration_seconds_count",
            &labels,
            sigterms,
            forced,
        );
    }

    fn gauges_over_all_servers(&mut self, peaks: &Peaks) {
        let seen = [("seen", "peak")];
        self.at_least(
            "shadowcat_process_active",
            &seen,
            peaks.processes.try_into().unwrap_or(0),
            1,
        );
        // Other kernels do not tell, and then there is nothing to see.
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

/// A gauge that counts things, as a number of things.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "casts from floats saturate"
)]
fn whole(gauge: f64) -> u64 {
    gauge as u64
}
