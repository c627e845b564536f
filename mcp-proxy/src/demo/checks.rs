//! What each metric should be, given what the clients sent. A metric that is not here is a metric that nothing checks.

mod http;
mod pools;
mod processes;
mod requests;
mod resources;
mod sse;
mod transports;

use serde_json::{Value, json};
use shadowcat_metrics::Snapshot;

use crate::demo::tally::Books;
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
pub fn check_all(snapshot: &Snapshot, books: &Books, peaks: &Peaks) -> Vec<Check> {
    let mut checks = Checks(Vec::new());
    checks.build(snapshot);
    for (&transport, sent) in books {
        checks.transport(snapshot, transport, sent);
    }
    for (&transport, sent) in books {
        checks.requests(snapshot, transport, sent, peaks);
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
    }

    /// A value that must have been up, and must be down again.
    fn level(&mut self, metric: &'static str, labels: &[(&str, &str)], now: i64, peak: i64) {
        self.exactly(metric, labels, now.unsigned_abs(), 0);
        let labels: Vec<_> = labels.iter().copied().chain([("seen", "peak")]).collect();
        self.at_least(metric, &labels, peak.try_into().unwrap_or(0), 1);
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
