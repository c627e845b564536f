//! What the demo prints at its end.

use std::fmt;

use serde_json::json;
use shadowcat_metrics::Metrics;
use shadowcat_metrics::labels::Server;

use crate::cli::Format;
use crate::demo::answers::Answers;
use crate::demo::checks::{Check, Expected, check_all};
use crate::demo::table::{Align, Table};
use crate::demo::tally::Books;
use crate::demo::watch::Peaks;

/// All that is known at the end of the demo.
#[derive(Debug)]
pub struct Report {
    sent: Books,
    checks: Vec<Check>,
    answers: Answers,
    understood: bool,
    /// Keeps the servers' series alive for a last scrape.
    _servers: Vec<Server>,
}

impl Report {
    /// Holds the metrics against what was sent. `understood`: the clients got all the answers that they waited for.
    #[must_use]
    pub fn new(
        metrics: &Metrics,
        sent: Books,
        peaks: &Peaks,
        understood: bool,
        servers: Vec<Server>,
    ) -> Self {
        let snapshot = metrics.snapshot();
        let checks = check_all(&snapshot, &sent, peaks);
        let answers = Answers::read(&snapshot, sent.keys().copied());
        Self {
            sent,
            checks,
            answers,
            understood,
            _servers: servers,
        }
    }

    /// True if every metric is what the traffic should have made it.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.understood && self.wrong().next().is_none()
    }

    /// The report as text.
    #[must_use]
    pub fn render(&self, format: Format) -> String {
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
        let sent = self.sent.iter();
        sent.map(|(transport, counts)| (transport.to_string(), counts.to_json()))
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
            // Once more, where they are seen without a search.
            write!(f, "\n{}", Self::checks_table(self.wrong()))?;
        }
        Ok(())
    }
}
