//! The expected value of each metric, given what the clients sent. A metric that is missing here is not
//! checked.

use std::collections::HashMap;

use serde_json::{Value, json};
use shadowcat_metrics::Format;
use shadowcat_metrics::shadowcat::Metrics;
use shadowcat_metrics::shadowcat::labels::{
    Answer, Direction, Discard, Health, Limit, Method, NotificationStream, Operation, Outcome,
    Phase, Pool, Reconnection, Resumption, Side, Status, Stream, StreamEnd, Transport,
};

use crate::demo::books::{Books, Cost, Counts, Peaks};
use crate::demo::checks::Expected::{AtLeast, Exactly};
use crate::demo::traffic::{PERSONAS, Persona};

/// A value and its expectation.
#[derive(Debug, Clone)]
pub(crate) struct Check {
    /// The metric's exposed name; for a histogram, followed by the checked part.
    pub(crate) metric: &'static str,
    /// Label values, as in the exposition.
    pub(crate) labels: String,
    /// The value that was read, or `None` if the page does not have the series.
    pub(crate) recorded: Option<u64>,
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
        self.recorded.is_some_and(|recorded| match self.expected {
            Exactly(expected) => recorded == expected,
            AtLeast(least) => recorded >= least,
        })
    }

    /// Returns the check as JSON.
    pub(crate) fn to_json(&self) -> Value {
        let (relation, expected) = match self.expected {
            Exactly(expected) => ("exactly", expected),
            AtLeast(least) => ("at least", least),
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

/// Returns all checks, group by group.
pub(crate) fn check_all(metrics: &Metrics, books: &Books, peaks: &Peaks) -> Vec<Check> {
    let page = metrics.encode(Format::PrometheusText);
    let lines = page.lines().filter(|line| !line.starts_with('#'));
    let series = lines.filter_map(|line| {
        let (series, value) = line.rsplit_once(' ')?;
        Some((series, value.parse().ok()?))
    });
    let mut checks = Checks {
        series: series.collect(),
        checks: Vec::new(),
    };
    checks.build(metrics);
    for (&transport, sent) in &books.transports {
        checks.transport(transport, sent);
    }
    for persona in &PERSONAS {
        let sent = &books.servers[persona.server];
        checks.requests(persona, sent);
        checks.streams(persona);
        checks.costs(persona.server, sent);
    }
    for &transport in books.transports.keys() {
        checks.outcomes(transport);
        checks.levels(transport, peaks);
    }
    checks.pools(books, peaks);
    checks.http(books);
    for persona in &PERSONAS {
        checks.sse(persona);
    }
    for persona in &PERSONAS {
        checks.process(books, persona);
    }
    checks.gauges_over_all_servers(peaks);
    checks.resources(peaks);
    checks.checks
}

/// Labels that are no labels of the series: where the value was seen, because it is not the series' value at the end.
const PEAK: (&str, &str) = ("seen", "peak");
const END: (&str, &str) = ("seen", "end");

type Labels<'a> = [(&'a str, &'a str)];

struct Checks<'a> {
    /// The values on a page, by series.
    series: HashMap<&'a str, f64>,
    checks: Vec<Check>,
}

fn text_of(labels: &Labels<'_>) -> String {
    let labels = labels.iter();
    let labels: Vec<_> = labels
        .map(|(name, value)| format!("{name}=\"{value}\""))
        .collect();
    labels.join(",")
}

/// Converts a value to a whole number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "casts from floats saturate"
)]
fn whole(value: f64) -> u64 {
    value as u64
}

impl Checks<'_> {
    /// Returns the absolute value of a series, or `None` if the page does not have it.
    fn value(&self, metric: &str, labels: &Labels<'_>) -> Option<f64> {
        let series = match text_of(labels) {
            none if none.is_empty() => metric.to_owned(),
            labels => format!("{metric}{{{labels}}}"),
        };
        self.series.get(&*series).map(|value| value.abs())
    }

    /// Returns the absolute value of a series, as a part of a sum or an expectation. Adds a check that fails if the page does
    /// not have it.
    fn recorded(&mut self, metric: &'static str, labels: &Labels<'_>) -> u64 {
        let recorded = self.value(metric, labels).map(whole);
        if recorded.is_none() {
            self.push(metric, labels, recorded, AtLeast(0));
        }
        recorded.unwrap_or_default()
    }

    /// Checks the value of a series. A series that the page does not have fails the check, even if 0 is expected.
    fn check(&mut self, metric: &'static str, labels: &Labels<'_>, expected: Expected) {
        let recorded = self.value(metric, labels).map(whole);
        self.push(metric, labels, recorded, expected);
    }

    /// Checks the value of a series, unless it is 0 as expected. A series that the page does not have fails the check.
    fn check_used(&mut self, metric: &'static str, labels: &Labels<'_>, expected: u64) {
        let recorded = self.value(metric, labels).map(whole);
        if recorded != Some(0) || expected > 0 {
            self.push(metric, labels, recorded, Exactly(expected));
        }
    }

    /// Checks a value that is not that of one series.
    fn push(
        &mut self,
        metric: &'static str,
        labels: &Labels<'_>,
        recorded: impl Into<Option<u64>>,
        expected: Expected,
    ) {
        self.checks.push(Check {
            metric,
            labels: text_of(labels),
            recorded: recorded.into(),
            expected,
        });
    }

    /// Checks that the peak of a gauge was above zero.
    fn peak(&mut self, metric: &'static str, labels: &Labels<'_>, peak: i64) {
        let labels = [labels, &[PEAK]].concat();
        self.push(metric, &labels, peak.try_into().unwrap_or(0), AtLeast(1));
    }

    fn build(&mut self, metrics: &Metrics) {
        let facts = metrics.snapshot().build().info();
        let known = facts.map_or(0, |_| 1);
        self.push("shadowcat_build_info", &[], known, Exactly(1));
        self.check("shadowcat_log_dropped_lines_total", &[], Exactly(0));
        for limit in Limit::ALL {
            let labels = [("limit", limit.as_str())];
            self.check("shadowcat_front_limits_reached_total", &labels, Exactly(0));
        }
    }
}

impl Checks<'_> {
    fn transport(&mut self, transport: Transport, sent: &Counts) {
        self.operations(transport, sent);
        self.messages(transport, sent);
        self.phases(transport, sent);
        self.slow_transfers(transport, sent);
    }

    fn operations(&mut self, transport: Transport, sent: &Counts) {
        use Operation::{Connect, Receive, Send};
        use Side::{Client, Server};
        let requests = sent.requests.iter();
        let answered = requests.filter(|((_, outcome), _)| *outcome == Outcome::Ok);
        let replies = answered.map(|(_, count)| count).sum();
        let (connects, failed_connects, garbage) = match transport {
            Transport::Stdio => (Exactly(sent.starts()), Exactly(0), AtLeast(1)),
            // Only the proxy knows the number of connections, but the clients made sure that some were
            // refused.
            Transport::Http | Transport::Sse => (AtLeast(1), AtLeast(1), Exactly(0)),
        };
        for (side, operation, status, expected) in [
            (Client, Receive, Status::Ok, Exactly(sent.messages_sent)),
            (
                Client,
                Receive,
                Status::Malformed,
                Exactly(sent.malformed_sent),
            ),
            (
                Client,
                Receive,
                Status::TooLarge,
                Exactly(sent.too_large_sent),
            ),
            (Client, Send, Status::Ok, Exactly(sent.messages_received)),
            (Server, Connect, Status::Ok, connects),
            (Server, Connect, Status::Failed, failed_connects),
            (Server, Send, Status::Ok, AtLeast(replies)),
            (Server, Receive, Status::Ok, AtLeast(replies)),
            (Server, Receive, Status::Malformed, garbage),
        ] {
            let labels = operation_labels(transport, side, operation, status);
            self.check("shadowcat_transport_operations_total", &labels, expected);
        }
    }

    /// Returns the number of operations with both sides.
    fn operations_of_both(
        &mut self,
        transport: Transport,
        operation: Operation,
        status: Status,
    ) -> u64 {
        let count = |side| {
            let labels = operation_labels(transport, side, operation, status);
            self.recorded("shadowcat_transport_operations_total", &labels)
        };
        Side::ALL.map(count).iter().sum()
    }

    fn messages(&mut self, transport: Transport, sent: &Counts) {
        let labels = |side: Side| [("transport", transport.as_str()), ("side", side.as_str())];
        let received = operation_labels(transport, Side::Server, Operation::Receive, Status::Ok);
        let received = self.recorded("shadowcat_transport_operations_total", &received);
        for (metric, side, expected) in [
            (
                "shadowcat_transport_message_size_bytes_count",
                Side::Client,
                sent.messages_sent,
            ),
            (
                "shadowcat_transport_message_size_bytes_sum",
                Side::Client,
                sent.bytes_sent,
            ),
            (
                "shadowcat_transport_message_size_bytes_count",
                Side::Server,
                received,
            ),
        ] {
            self.check(metric, &labels(side), Exactly(expected));
        }
    }

    fn phases(&mut self, transport: Transport, sent: &Counts) {
        let mut both = |operation, status| self.operations_of_both(transport, operation, status);
        let read =
            both(Operation::Receive, Status::Ok) + both(Operation::Receive, Status::Malformed);
        let written = both(Operation::Send, Status::Ok) + both(Operation::Send, Status::Failed);
        let connects = both(Operation::Connect, Status::Ok);
        let (connect, transfer, serialize) = match transport {
            Transport::Stdio => (Exactly(sent.starts()), Exactly(read), Exactly(written)),
            // Answers that the proxy itself creates are written too; refused messages are not.
            Transport::Http | Transport::Sse => (Exactly(connects), AtLeast(1), AtLeast(1)),
        };
        for (phase, expected) in [
            (Phase::Connect, connect),
            (Phase::FirstByte, AtLeast(sent.starts())),
            (Phase::Transfer, transfer),
            (Phase::Serialize, serialize),
            (Phase::Deserialize, Exactly(read)),
        ] {
            let labels = [("transport", transport.as_str()), ("phase", phase.as_str())];
            self.check(
                "shadowcat_transport_phase_duration_seconds_count",
                &labels,
                expected,
            );
        }
    }

    /// Checks that answers delayed by the simulated network were recorded as slow: over the time limit for a message in the
    /// objective `forwarding`.
    fn slow_transfers(&mut self, transport: Transport, sent: &Counts) {
        // The connection between the proxy and its children is never slowed down.
        if transport == Transport::Stdio {
            return;
        }
        let transfers = [
            ("transport", transport.as_str()),
            ("phase", Phase::Transfer.as_str()),
        ];
        let with = |label| [&transfers[..], &[label]].concat();
        let bucket = "shadowcat_transport_phase_duration_seconds_bucket";
        let mut up_to = |bound| self.recorded(bucket, &with(("le", bound)));
        let slow = up_to("+Inf").saturating_sub(up_to("0.1024"));
        self.push(
            "shadowcat_transport_phase_duration_seconds_count",
            &with(("seen", "over 102.4 ms")),
            slow,
            AtLeast(sent.slow_answers.max(1)),
        );
    }
}

fn operation_labels(
    transport: Transport,
    side: Side,
    operation: Operation,
    status: Status,
) -> [(&'static str, &'static str); 4] {
    [
        ("transport", transport.as_str()),
        ("side", side.as_str()),
        ("operation", operation.as_str()),
        ("status", status.as_str()),
    ]
}

impl Checks<'_> {
    fn requests(&mut self, persona: &Persona, sent: &Counts) {
        let of = ("server", persona.server);
        let labels = [of, ("transport", persona.transport.as_str())];
        self.check("shadowcat_request_in_flight", &labels, Exactly(0));
        for &method in Method::ALL {
            let labels = [of, ("method", method.as_str())];
            let ended = sent.ended(method);
            self.check_used("shadowcat_request_duration_seconds_count", &labels, ended);
            let answered = sent.requests(method, Outcome::Ok);
            if answered > 0 {
                let forwarded = "shadowcat_request_answer_duration_seconds_count";
                self.check(forwarded, &labels, AtLeast(answered));
            }
            for outcome in Outcome::ALL {
                let labels = [&labels[..], &[("outcome", outcome.as_str())]].concat();
                let expected = sent.requests(method, outcome);
                self.check_used("shadowcat_request_completed_total", &labels, expected);
            }
        }
    }

    fn streams(&mut self, persona: &Persona) {
        let kind = match persona.transport {
            Transport::Http if !persona.is_stateless() => NotificationStream::Standing,
            Transport::Stdio | Transport::Http => return,
            Transport::Sse => NotificationStream::Older,
        };
        let labels = [
            ("server", persona.server),
            ("notification_stream", kind.as_str()),
        ];
        self.check("shadowcat_stream_opened_total", &labels, AtLeast(1));
        self.check("shadowcat_stream_active", &labels, Exactly(0));
        let ended = StreamEnd::ALL.map(|end| {
            let labels = [&labels[..], &[("stream_end", end.as_str())]].concat();
            self.recorded("shadowcat_stream_ended_total", &labels)
        });
        let opened = self.recorded("shadowcat_stream_opened_total", &labels);
        let ended: u64 = ended.iter().sum();
        self.push(
            "shadowcat_stream_ended_total",
            &labels,
            ended,
            Exactly(opened),
        );
    }

    fn costs(&mut self, server: &str, sent: &Counts) {
        let of = ("server", server);
        self.check("shadowcat_context_tools", &[of], Exactly(sent.tools));
        let listed = Exactly(sent.tool_list);
        self.check("shadowcat_context_tool_list_bytes", &[of], listed);
        for (tool, cost) in &sent.tool_results {
            self.cost(&[of, ("method", "tools/call"), ("tool", tool)], *cost);
        }
        for (prompt, cost) in &sent.prompt_results {
            self.cost(&[of, ("method", "prompts/get"), ("prompt", prompt)], *cost);
        }
    }

    fn cost(&mut self, labels: &Labels<'_>, cost: Cost) {
        let returned = Exactly(cost.bytes);
        self.check("shadowcat_request_returned_bytes_total", labels, returned);
        for (answer, expected) in [
            (Answer::Ok, cost.results - cost.failures),
            (Answer::ToolError, cost.failures),
        ] {
            let labels = [labels, &[("answer", answer.as_str())]].concat();
            self.check(
                "shadowcat_request_answers_total",
                &labels,
                Exactly(expected),
            );
        }
    }

    /// Checks that the traffic has produced each of these outcomes, because equal zeros would pass the comparison.
    fn outcomes(&mut self, transport: Transport) {
        for outcome in [
            Outcome::Ok,
            Outcome::Error,
            Outcome::ToolError,
            Outcome::Lost,
            Outcome::Cancelled,
        ] {
            let of_transport = |persona: &&Persona| persona.transport == transport;
            let completed = |persona: &Persona| {
                let of_method = |method: &Method| {
                    let labels = [
                        ("server", persona.server),
                        ("method", method.as_str()),
                        ("outcome", outcome.as_str()),
                    ];
                    self.recorded("shadowcat_request_completed_total", &labels)
                };
                Method::ALL.iter().map(of_method).sum::<u64>()
            };
            let personas = PERSONAS.iter().filter(of_transport);
            let recorded: u64 = personas.map(completed).sum();
            let labels = [("outcome", outcome.as_str()), ("seen", transport.as_str())];
            self.push(
                "shadowcat_request_completed_total",
                &labels,
                recorded,
                AtLeast(1),
            );
        }
    }

    fn levels(&mut self, transport: Transport, peaks: &Peaks) {
        let over = [("transport", transport.as_str())];
        let peaks = peaks.of(transport);
        self.peak("shadowcat_request_in_flight", &over, peaks.in_flight);
        self.check("shadowcat_active_sessions", &over, Exactly(0));
        self.peak("shadowcat_active_sessions", &over, peaks.sessions);
    }
}

impl Checks<'_> {
    fn pools(&mut self, books: &Books, peaks: &Peaks) {
        let sent_over = |transport| {
            let sent = books.transports.get(&transport);
            sent.map_or(0, |sent| sent.messages_sent)
        };
        let sent = Transport::ALL.map(sent_over).iter().sum();
        for (pool, messages) in [
            (Pool::Stdio, sent_over(Transport::Stdio)),
            (Pool::Json, sent),
        ] {
            let labels = [("pool", pool.as_str())];
            let misses = self.recorded("shadowcat_buffer_pool_misses_total", &labels);
            for (metric, least) in [
                ("shadowcat_buffer_pool_hits_total", messages),
                ("shadowcat_buffer_pool_misses_total", 1),
                ("shadowcat_buffer_pool_allocations_total", misses),
            ] {
                self.check(metric, &labels, AtLeast(least));
            }
            let discards = "shadowcat_buffer_pool_discards_total";
            let discards_of =
                |discard: Discard| [("pool", pool.as_str()), ("discard", discard.as_str())];
            let discarded =
                Discard::ALL.map(|discard| self.recorded(discards, &discards_of(discard)));
            // All buffers are returned, so those that were allocated and not discarded are idle. There are
            // none if the last one was too large.
            let kept = misses.saturating_sub(discarded.iter().sum());
            self.check("shadowcat_buffer_pool_idle", &labels, Exactly(kept));
            self.check(discards, &discards_of(Discard::TooLarge), AtLeast(1));
            self.check("shadowcat_buffer_pool_in_use", &labels, Exactly(0));
        }
        let labels = [("pool", Pool::Stdio.as_str())];
        self.peak("shadowcat_buffer_pool_in_use", &labels, peaks.stdio_buffers);
    }

    fn http(&mut self, books: &Books) {
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
            let labels = [("side", side.as_str())];
            let (opened, heads) = match side {
                // Malformed messages use separate connections.
                Side::Client => (opened, bodies),
                Side::Server => (1, 1),
            };
            for (metric, least) in [
                ("shadowcat_http_connections_opened_total", opened),
                ("shadowcat_http_connections_reused_total", 1),
                ("shadowcat_http_header_duration_seconds_count", heads),
            ] {
                self.check(metric, &labels, AtLeast(least));
            }
            for direction in Direction::ALL {
                let labels = [("side", side.as_str()), ("direction", direction.as_str())];
                let (bodies, bytes) = match (side, direction) {
                    (Side::Client, Direction::Received) => (bodies, bytes),
                    (Side::Client, Direction::Sent) | (Side::Server, _) => (1, 1),
                };
                for (metric, least) in [
                    ("shadowcat_http_body_bytes_total", bytes),
                    ("shadowcat_http_body_chunks_total", bodies),
                    ("shadowcat_http_body_duration_seconds_count", bodies),
                ] {
                    self.check(metric, &labels, AtLeast(least));
                }
            }
        }
    }

    fn sse(&mut self, persona: &Persona) {
        let (resumed, duplicates) = match persona.transport {
            Transport::Stdio => return,
            // Its streams have no ids either.
            Transport::Http if persona.is_stateless() => (0, 0),
            // The stream of a call was interrupted halfway, and later one was repeated from its beginning.
            Transport::Http => (1, 1),
            // Events of the older transport have no ids to resume from.
            Transport::Sse => (0, 0),
        };
        let of = ("server", persona.server);
        let events = self.recorded("shadowcat_sse_events_total", &[of]);
        for (metric, expected) in [
            ("shadowcat_sse_events_total", AtLeast(1)),
            ("shadowcat_sse_duplicates_total", AtLeast(duplicates)),
            ("shadowcat_sse_event_size_bytes_count", AtLeast(events)),
            ("shadowcat_sse_idle_duration_seconds_count", AtLeast(1)),
            ("shadowcat_sse_buffer_bytes", Exactly(0)),
        ] {
            self.check(metric, &[of], expected);
        }
        if persona.is_stateless() {
            // Its network has no faults.
            return;
        }
        let labels = [of, ("resumption", Resumption::Resumed.as_str())];
        self.check("shadowcat_sse_resumptions_total", &labels, AtLeast(resumed));
        for outcome in [Reconnection::Ok, Reconnection::Failed] {
            let labels = [of, ("reconnection", outcome.as_str())];
            self.check("shadowcat_sse_reconnections_total", &labels, AtLeast(1));
        }
    }
}

/// The minimum on Linux. Other kernels do not report these values.
const REPORTED: u64 = if cfg!(target_os = "linux") { 1 } else { 0 };

impl Checks<'_> {
    fn process(&mut self, books: &Books, persona: &Persona) {
        let (Transport::Stdio, Some(sent)) = (persona.transport, books.servers.get(persona.server))
        else {
            return;
        };
        let of = ("server", persona.server);
        let (graceful, forced) = if persona.is_stubborn() {
            (0, sent.sessions)
        } else {
            (sent.sessions, 0)
        };
        let state = ("shadowcat_process_health", Health::Terminated.as_str());
        self.check("shadowcat_process_health", &[of, state], Exactly(1));
        for (metric, expected) in [
            (
                "shadowcat_stdio_spawn_duration_seconds_count",
                Exactly(sent.starts()),
            ),
            ("shadowcat_process_active", Exactly(0)),
            ("shadowcat_process_restarts_total", Exactly(sent.crashes)),
            (
                "shadowcat_process_lifetime_seconds_count",
                Exactly(sent.starts()),
            ),
            (
                "shadowcat_process_shutdowns_graceful_total",
                Exactly(graceful),
            ),
            ("shadowcat_process_shutdowns_forced_total", Exactly(forced)),
            // On a busy machine, a well-behaved server may exceed its time limit, and then SIGTERM is right.
            (
                "shadowcat_process_sigterm_duration_seconds_count",
                AtLeast(forced),
            ),
        ] {
            self.check(metric, &[of], expected);
        }
    }

    fn gauges_over_all_servers(&mut self, peaks: &Peaks) {
        self.peak("shadowcat_process_active", &[], peaks.processes);
        let pipes = AtLeast(REPORTED * Stream::ALL.len() as u64);
        let fullest = "shadowcat_stdio_pipe_utilization_ratio";
        self.push(fullest, &[PEAK], peaks.pipes, pipes);
    }

    fn resources(&mut self, peaks: &Peaks) {
        let children = peaks.read_children;
        self.push(
            "shadowcat_child_threads",
            &[PEAK],
            children,
            AtLeast(REPORTED),
        );
        self.check("shadowcat_tokio_workers", &[], AtLeast(1));
        // These keep changing, so a later scrape has other values. Times are in milliseconds.
        for (metric, scale, least) in [
            ("process_cpu_seconds_total", 1000.0, REPORTED),
            ("process_resident_memory_bytes", 1.0, REPORTED),
            ("process_open_fds", 1.0, REPORTED),
            ("process_threads", 1.0, REPORTED),
            ("shadowcat_tokio_busy_seconds_total", 1000.0, 1),
            ("shadowcat_tokio_polls_total", 1.0, 1),
        ] {
            let recorded = self.value(metric, &[]);
            let recorded = recorded.map(|value| whole(value * scale));
            // Some of these series exist only on Linux.
            if recorded.is_some() || least > 0 {
                self.push(metric, &[END], recorded, AtLeast(least));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_series_is_not_zero() {
        let mut checks = Checks {
            series: HashMap::from([("present", 0.0)]),
            checks: Vec::new(),
        };
        checks.check("present", &[], Exactly(0));
        checks.check("missing", &[], Exactly(0));
        let holds: Vec<_> = checks.checks.iter().map(Check::holds).collect();
        assert_eq!(holds, [true, false]);
    }

    #[test]
    fn a_sum_with_a_missing_series_fails_and_names_it() {
        let metric = "shadowcat_transport_operations_total";
        let received = "shadowcat_transport_operations_total{transport=\"sse\",side=\"client\",operation=\"receive\",status=\"ok\"}";
        let mut checks = Checks {
            series: HashMap::from([(received, 2.0)]),
            checks: Vec::new(),
        };
        let sum = checks.operations_of_both(Transport::Sse, Operation::Receive, Status::Ok);
        assert_eq!(sum, 2);
        let [missing] = &checks.checks[..] else {
            panic!("one check");
        };
        assert!(!missing.holds());
        assert_eq!(missing.metric, metric);
        assert!(missing.labels.contains("side=\"server\""));
    }
}
