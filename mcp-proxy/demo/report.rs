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
    /// The values for the table of questions and answers.
    snapshot: Snapshot,
    /// Whether no client failed.
    clients_succeeded: bool,
    /// Keeps the series of servers, tools and pools for a last scrape.
    _kept: (LabelValues, Pools),
}

impl Report {
    /// Compares the metrics with the clients' counts.
    pub(crate) fn new(
        metrics: &Metrics,
        sent: Books,
        peaks: &Peaks,
        clients_succeeded: bool,
        kept: (LabelValues, Pools),
    ) -> Self {
        let checks = check_all(metrics, &sent, peaks);
        Self {
            sent,
            checks,
            snapshot: metrics.snapshot(),
            clients_succeeded,
            _kept: kept,
        }
    }

    /// Returns whether every metric meets its expectation.
    pub(crate) fn passed(&self) -> bool {
        self.clients_succeeded && self.wrong().next().is_none()
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
            "answers": self.answers_to_json(),
        })
    }

    fn sent_to_json(&self) -> serde_json::Value {
        let sent = self.sent.servers.iter();
        sent.map(|(&server, counts)| (server.to_owned(), counts.to_json(server)))
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
                check
                    .recorded
                    .map_or_else(|| "none".to_owned(), |recorded| recorded.to_string()),
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
        for pool in Pool::ALL {
            let ratio = self.snapshot.buffer_pool(pool).hit_ratio();
            table.row([format!("Buffers reused, pool {pool}"), percent(ratio)]);
        }
        for server in servers(|transport| transport == Transport::Stdio) {
            let process = self.snapshot.process(server);
            let answer = format!(
                "{} graceful, {} restarts",
                percent(process.graceful_ratio()),
                process.restarts()
            );
            table.row([format!("Shutdowns and restarts, server {server}"), answer]);
        }
        for server in servers(|transport| transport != Transport::Stdio) {
            let sse = self.snapshot.sse(server);
            let answer = format!(
                "{} reconnected, {} failed attempts, {} resumed; {} of events dropped as repeated",
                sse.reconnections(Reconnection::Ok),
                failed_reconnections(&self.snapshot, server),
                sse.resumptions(Resumption::Resumed),
                percent(sse.dedup_ratio()),
            );
            table.row([format!("Event streams, server {server}"), answer]);
        }
        for side in Side::ALL {
            let ratio = self.snapshot.http(side).connection_reuse_ratio();
            table.row([
                format!("Exchanges over a connection that was open, {side} side"),
                percent(ratio),
            ]);
        }
        for (transport, phase, count, total) in self.phases() {
            let mean = mean(count, total).map_or("-".to_owned(), |mean| format!("{mean:.1?}"));
            let answer = format!("{mean} on average, {count} times");
            table.row([format!("Time for {phase}, over {transport}"), answer]);
        }
        table
    }

    fn answers_to_json(&self) -> Value {
        let hit_ratio = |pool: Pool| {
            let ratio = self.snapshot.buffer_pool(pool).hit_ratio();
            (pool.to_string(), json!(ratio))
        };
        let server = |server: &str| {
            let process = self.snapshot.process(server);
            let (restarts, graceful) = (process.restarts(), process.graceful_ratio());
            let value = json!({ "restarts": restarts, "graceful_ratio": graceful });
            (server.to_owned(), value)
        };
        let stream = |server: &str| {
            let sse = self.snapshot.sse(server);
            let value = json!({
                "dedup_ratio": sse.dedup_ratio(),
                "reconnected": sse.reconnections(Reconnection::Ok),
                "not_reconnected": failed_reconnections(&self.snapshot, server),
                "resumed": sse.resumptions(Resumption::Resumed),
            });
            (server.to_owned(), value)
        };
        let reuse_ratio = |side: Side| {
            let ratio = self.snapshot.http(side).connection_reuse_ratio();
            (side.to_string(), json!(ratio))
        };
        let mut phases = Map::new();
        for (transport, phase, count, total) in self.phases() {
            let of_transport = phases
                .entry(transport.as_str())
                .or_insert_with(|| json!({}));
            let (mean, total) = (mean(count, total), total.as_secs_f64());
            let mean = mean.map(|mean| mean.as_secs_f64());
            of_transport[phase.as_str()] =
                json!({ "count": count, "mean_seconds": mean, "seconds": total });
        }
        let children = servers(|transport| transport == Transport::Stdio);
        let remote = servers(|transport| transport != Transport::Stdio);
        json!({
            "hit_ratio": Pool::ALL.map(hit_ratio).into_iter().collect::<Map<_, _>>(),
            "servers": children.map(server).collect::<Map<_, _>>(),
            "streams": remote.map(stream).collect::<Map<_, _>>(),
            "connection_reuse_ratio": Side::ALL.map(reuse_ratio).into_iter().collect::<Map<_, _>>(),
            "phases": phases,
        })
    }

    /// Returns each phase of each transport, how often it was measured, and its total duration.
    fn phases(&self) -> impl Iterator<Item = (Transport, Phase, u64, Duration)> {
        let transports = self.sent.transports.keys();
        let phases = transports.flat_map(|&transport| Phase::ALL.map(|phase| (transport, phase)));
        phases.map(|(transport, phase)| {
            let duration = self.snapshot.transport(transport).phase_duration(phase);
            (transport, phase, duration.count(), duration.sum())
        })
    }
}

fn mean(count: u64, total: Duration) -> Option<Duration> {
    (count > 0).then(|| total.div_f64(count as f64))
}

/// Returns the number of failed attempts to reopen a stream of the server.
fn failed_reconnections(snapshot: &Snapshot, server: &str) -> u64 {
    let sse = snapshot.sse(server);
    sse.reconnections(Reconnection::Rejected) + sse.reconnections(Reconnection::Failed)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = Self::checks_table(self.checks.iter());
        writeln!(f, "{all}\n{}", self.answers_table())?;
        let (wrong, of) = (self.wrong().count(), self.checks.len());
        if self.passed() {
            return writeln!(f, "All {of} values are as expected.");
        }
        if !self.clients_succeeded {
            writeln!(f, "A client failed; see the log.")?;
        }
        writeln!(f, "{wrong} of {of} values are wrong.")?;
        if wrong > 0 {
            // Repeated at the end, where they are easy to see.
            write!(f, "\n{}", Self::checks_table(self.wrong()))?;
        }
        Ok(())
    }
}

/// Returns the servers whose transports match.
fn servers(over: fn(Transport) -> bool) -> impl Iterator<Item = &'static str> {
    PERSONAS
        .iter()
        .filter(move |persona| over(persona.transport))
        .map(|persona| persona.server)
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
