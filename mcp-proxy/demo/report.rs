//! The demo's final report.

use std::fmt;
use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Map, Value, json};
use shadowcat_metrics::shadowcat::labels::{
    Phase, Pool, Reconnection, Resumption, Side, Transport,
};
use shadowcat_metrics::shadowcat::{Metrics, Snapshot};

use crate::cli::Format;
use crate::demo::LabelValues;
use crate::demo::books::{Books, Peaks};
use crate::demo::checks::{Check, Expected, check_all};
use crate::demo::traffic::PERSONAS;
use mcp_proxy::pool::Pools;

/// The results of the demo.
#[derive(Debug)]
pub(crate) struct Report {
    sent: Books,
    checks: Vec<Check>,
    answers: Answers,
    understood: bool,
    /// Keeps the series of servers, tools and pools for a last scrape.
    _kept: (LabelValues, Pools),
}

impl Report {
    /// Compares the metrics with the clients' counts. `understood` is true if the clients received every
    /// answer that they waited for.
    pub(crate) fn new(
        metrics: &Metrics,
        sent: Books,
        peaks: &Peaks,
        understood: bool,
        kept: (LabelValues, Pools),
    ) -> Self {
        let snapshot = metrics.snapshot();
        let checks = check_all(metrics, &sent, peaks);
        let answers = Answers::read(&snapshot, sent.transports.keys().copied());
        Self {
            sent,
            checks,
            answers,
            understood,
            _kept: kept,
        }
    }

    /// Returns whether every metric meets its expectation.
    pub(crate) fn passed(&self) -> bool {
        self.understood && self.wrong().next().is_none()
    }

    /// Returns the report as text.
    pub(crate) fn render(&self, format: Format) -> String {
        match format {
            Format::Table => self.to_string(),
            Format::Json => format!("{}\n", self.to_json()),
        }
    }

    fn to_json(&self) -> serde_json::Value {
        json!({
            "passed": self.passed(),
            "sent": self.sent_to_json(),
            "checks": self.checks.iter().map(Check::to_json).collect::<Vec<_>>(),
            "answers": self.answers.to_json(),
        })
    }

    fn sent_to_json(&self) -> serde_json::Value {
        let sent = self.sent.servers.iter();
        sent.map(|(&server, counts)| (server.to_owned(), counts.to_json()))
            .collect::<serde_json::Map<_, _>>()
            .into()
    }

    fn wrong(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|check| !check.holds())
    }

    fn checks_table<'a>(checks: impl Iterator<Item = &'a Check>) -> Table<5> {
        let mut table = Table::new([
            ("METRIC", Align::Left),
            ("LABELS", Align::Left),
            ("RECORDED", Align::Right),
            ("EXPECTED", Align::Right),
            ("", Align::Left),
        ]);
        for check in checks {
            let expected = match check.expected {
                Expected::Exactly(expected) => expected.to_string(),
                Expected::AtLeast(least) => format!(">= {least}"),
            };
            let verdict = if check.holds() { "ok" } else { "WRONG" };
            table.row([
                check.metric.to_owned(),
                check.labels.clone(),
                check.recorded.to_string(),
                expected,
                verdict.to_owned(),
            ]);
        }
        table
    }

    fn answers_table(&self) -> Table<2> {
        let percent = |ratio: Option<f64>| {
            ratio.map_or("-".to_owned(), |ratio| format!("{:.1} %", ratio * 100.0))
        };
        let mut table = Table::new([("QUESTION", Align::Left), ("ANSWER", Align::Left)]);
        for (pool, ratio) in &self.answers.hit_ratios {
            table.row([format!("Buffers reused, pool {pool}"), percent(*ratio)]);
        }
        for server in &self.answers.servers {
            let answer = format!(
                "{} graceful, {} restarts",
                percent(server.graceful_ratio),
                server.restarts
            );
            table.row([
                format!("Shutdowns and restarts, server {}", server.server),
                answer,
            ]);
        }
        for stream in &self.answers.streams {
            let answer = format!(
                "{} reconnected, {} times in vain, {} resumed; {} of events dropped as repeated",
                stream.reconnected,
                stream.not_reconnected,
                stream.resumed,
                percent(stream.dedup_ratio),
            );
            table.row([format!("Event streams, server {}", stream.server), answer]);
        }
        for (side, ratio) in &self.answers.reuse_ratios {
            table.row([
                format!("Exchanges over a connection that was open, {side} side"),
                percent(*ratio),
            ]);
        }
        for phase in &self.answers.phases {
            let mean = phase
                .mean
                .map_or("-".to_owned(), |mean| format!("{mean:.1?}"));
            let answer = format!("{mean} on average, {} times", phase.count);
            table.row([
                format!("Time for {}, over {}", phase.phase, phase.transport),
                answer,
            ]);
        }
        table
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = Self::checks_table(self.checks.iter());
        writeln!(f, "{all}\n{}", self.answers_table())?;
        let (wrong, of) = (self.wrong().count(), self.checks.len());
        if self.passed() {
            return writeln!(
                f,
                "All {of} values are what the traffic should have made them."
            );
        }
        if !self.understood {
            writeln!(f, "Some client was let down.")?;
        }
        writeln!(f, "{wrong} of {of} values are wrong.")?;
        if wrong > 0 {
            // Repeated at the end, where they are easy to see.
            write!(f, "\n{}", Self::checks_table(self.wrong()))?;
        }
        Ok(())
    }
}

/// Answers to an operator's questions.
#[derive(Debug, Clone)]
pub(crate) struct Answers {
    /// Share of buffer requests that were served from the pool, for each pool in use.
    pub(crate) hit_ratios: Vec<(Pool, Option<f64>)>,
    /// Results for each server's children.
    pub(crate) servers: Vec<ServerAnswer>,
    /// Results for the event streams of each remote server.
    pub(crate) streams: Vec<StreamAnswer>,
    /// Share of HTTP exchanges that reused a connection, for each side.
    pub(crate) reuse_ratios: Vec<(Side, Option<f64>)>,
    /// Duration of each phase.
    pub(crate) phases: Vec<PhaseAnswer>,
}

/// Results for one server's children.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ServerAnswer {
    /// The server.
    pub(crate) server: &'static str,
    /// Restarted children.
    pub(crate) restarts: u64,
    /// Share of shutdowns in which the child exited without being killed.
    pub(crate) graceful_ratio: Option<f64>,
}

/// Results for one server's event streams.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StreamAnswer {
    /// The server.
    pub(crate) server: &'static str,
    /// Share of events that were dropped as repetitions.
    pub(crate) dedup_ratio: Option<f64>,
    /// Streams that were reopened after an interruption.
    pub(crate) reconnected: u64,
    /// Failed attempts to reopen a stream.
    pub(crate) not_reconnected: u64,
    /// Streams that resumed where they were interrupted.
    pub(crate) resumed: u64,
}

/// Duration of one phase.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PhaseAnswer {
    /// The transport.
    pub(crate) transport: Transport,
    /// The phase.
    pub(crate) phase: Phase,
    /// Number of observations.
    pub(crate) count: u64,
    /// Mean duration, or `None` without observations.
    pub(crate) mean: Option<Duration>,
    /// Total duration.
    pub(crate) total: Duration,
}

/// Returns the servers whose transports match.
fn servers(over: fn(Transport) -> bool) -> impl Iterator<Item = &'static str> {
    PERSONAS
        .iter()
        .filter(move |persona| over(persona.transport))
        .map(|persona| persona.server)
}

impl Answers {
    /// Computes the answers from the metrics.
    pub(crate) fn read(snapshot: &Snapshot, transports: impl Iterator<Item = Transport>) -> Self {
        let hit_ratio = |pool| (pool, snapshot.buffer_pool(pool).hit_ratio());
        let server = |server| {
            let process = snapshot.process(server);
            ServerAnswer {
                server,
                restarts: process.restarts(),
                graceful_ratio: process.graceful_ratio(),
            }
        };
        let stream = |server| {
            let sse = snapshot.sse(server);
            StreamAnswer {
                server,
                dedup_ratio: sse.dedup_ratio(),
                reconnected: sse.reconnections(Reconnection::Ok),
                not_reconnected: sse.reconnections(Reconnection::Rejected)
                    + sse.reconnections(Reconnection::Failed),
                resumed: sse.resumptions(Resumption::Resumed),
            }
        };
        let phase = |(transport, phase)| {
            let duration = snapshot.transport(transport).phase_duration(phase);
            let (count, total) = (duration.count(), duration.sum());
            let mean = (count > 0).then(|| total.div_f64(count as f64));
            PhaseAnswer {
                transport,
                phase,
                count,
                mean,
                total,
            }
        };
        Self {
            hit_ratios: Pool::ALL.map(hit_ratio).into(),
            servers: servers(|transport| transport == Transport::Stdio)
                .map(server)
                .collect(),
            streams: servers(|transport| transport != Transport::Stdio)
                .map(stream)
                .collect(),
            reuse_ratios: Side::ALL
                .map(|side| (side, snapshot.http(side).connection_reuse_ratio()))
                .into(),
            phases: transports
                .flat_map(|transport| Phase::ALL.map(|phase| (transport, phase)))
                .map(phase)
                .collect(),
        }
    }

    /// Returns the answers as JSON.
    pub(crate) fn to_json(&self) -> Value {
        let hit_ratios: Map<_, _> = self
            .hit_ratios
            .iter()
            .map(|(pool, ratio)| (pool.to_string(), json!(ratio)))
            .collect();
        let server = |answer: &ServerAnswer| {
            let value =
                json!({ "restarts": answer.restarts, "graceful_ratio": answer.graceful_ratio });
            (answer.server.to_owned(), value)
        };
        let phase = |answer: &PhaseAnswer| {
            let mean = answer.mean.map(|mean| mean.as_secs_f64());
            let value = json!({ "count": answer.count, "mean_seconds": mean, "seconds": answer.total.as_secs_f64() });
            (answer.phase.to_string(), value)
        };
        let stream = |answer: &StreamAnswer| {
            let value = json!({
                "dedup_ratio": answer.dedup_ratio,
                "reconnected": answer.reconnected,
                "not_reconnected": answer.not_reconnected,
                "resumed": answer.resumed,
            });
            (answer.server.to_owned(), value)
        };
        let reuse_ratios: Map<_, _> = self
            .reuse_ratios
            .iter()
            .map(|(side, ratio)| (side.to_string(), json!(ratio)))
            .collect();
        let mut phases = Map::new();
        for answer in &self.phases {
            let of_transport = phases
                .entry(answer.transport.as_str())
                .or_insert_with(|| json!({}));
            let (name, value) = phase(answer);
            of_transport[name] = value;
        }
        json!({
            "hit_ratio": hit_ratios,
            "servers": self.servers.iter().map(server).collect::<Map<_, _>>(),
            "streams": self.streams.iter().map(stream).collect::<Map<_, _>>(),
            "connection_reuse_ratio": reuse_ratios,
            "phases": phases,
        })
    }
}

/// A table with columns as wide as their content.
#[derive(Debug)]
pub(crate) struct Table<const COLUMNS: usize> {
    rows: Vec<[String; COLUMNS]>,
    aligned: [Align; COLUMNS],
}

/// Alignment of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    /// Left, for words.
    Left,
    /// Right, for numbers.
    Right,
}

impl<const COLUMNS: usize> Table<COLUMNS> {
    /// Creates a table with a header and no rows.
    pub(crate) fn new(heading: [(&str, Align); COLUMNS]) -> Self {
        Self {
            rows: vec![heading.map(|(title, _)| title.to_owned())],
            aligned: heading.map(|(_, align)| align),
        }
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: [String; COLUMNS]) {
        self.rows.push(cells);
    }
}

impl<const COLUMNS: usize> fmt::Display for Table<COLUMNS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |column: usize| {
            self.rows
                .iter()
                .map(|row| row[column].chars().count())
                .max()
                .unwrap_or(0)
        };
        let widths: [usize; COLUMNS] = std::array::from_fn(width);
        for row in &self.rows {
            let mut line = String::new();
            for (column, cell) in row.iter().enumerate() {
                let width = widths[column];
                match self.aligned[column] {
                    Align::Left => write!(line, "{cell:width$}  ")?,
                    Align::Right => write!(line, "{cell:>width$}  ")?,
                }
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new([("NAME", Align::Left), ("N", Align::Right)]);
        table.row(["a".to_owned(), "100".to_owned()]);
        table.row(["longer".to_owned(), "7".to_owned()]);
        assert_eq!(table.to_string(), "NAME      N\na       100\nlonger    7\n");
    }
}
