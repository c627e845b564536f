//! The contestants, one per file. Each is used as its own documentation recommends.

/// Converts the inputs' label enums to a library's own, value by value.
macro_rules! from_inputs {
    ($($label:ident: $($input:ident => $own:ident),+;)+) => {
        $(
            impl From<$crate::harness::inputs::$label> for $label {
                fn from(value: $crate::harness::inputs::$label) -> Self {
                    match value {
                        $($crate::harness::inputs::$label::$input => Self::$own,)+
                    }
                }
            }
        )+
    };
}

mod bare;
mod fast_telemetry;
mod fastmetrics;
mod foundations;
mod limit;
mod measured;
mod metrics_facade;
mod metriken;
mod opentelemetry;
mod prometheus;
mod prometheus_client;
mod prometheus_static;
mod shadowcat;
mod three_piece;
mod vise;

use crate::harness::inputs::Inputs;
use crate::harness::population::{Exposed, Series};
use crate::harness::work::Work;
use crate::rows::{Job, Record, Way};

/// The kind of a contestant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// No library: a lower bound or a prototype.
    Bare,
    /// This project.
    Own,
    /// Another library.
    Peer,
}

/// A contestant of the comparison.
pub struct Peer {
    /// Kind of the contestant.
    pub kind: Kind,
    /// Name in `--peers` and the table: the crate's name.
    pub name: &'static str,
    /// How it is used, if that is not obvious.
    pub usage: &'static str,
    /// Dependency lines for `Cargo.toml`: crates and features. Used to measure the cost of a build.
    pub dependencies: &'static [&'static str],
    /// Returns its work in a row that records; `None` if it has no such feature.
    pub record: fn(Record, &Inputs) -> Option<Box<dyn Work>>,
    /// Creates some series; `None` if it exposes no page.
    pub expose: fn(Series) -> Option<Box<dyn Exposed>>,
    /// What it lacks compared with the other contestants. Rows where it lacks something are not compared with.
    pub lack: Lack,
    /// The ways of recording that it takes part in.
    pub ways: &'static [Way],
}

/// What a contestant lacks.
#[derive(Debug, Clone, Copy)]
pub enum Lack {
    /// Nothing.
    Nothing,
    /// Something in its histograms that a Prometheus histogram has.
    InHistograms(&'static str),
    /// Something in all of its metrics.
    Everywhere(&'static str),
}

impl Peer {
    /// Returns what it lacks for a row.
    #[must_use]
    pub fn lacks(&self, job: Job) -> Option<&'static str> {
        let has_histograms = match job {
            Job::Record(Record::Histogram(_) | Record::Native | Record::Timer, _) => true,
            Job::Heap { series, .. } => series.histograms > 0,
            Job::Record(
                Record::Counter
                | Record::Kept
                | Record::Open
                | Record::OpenKept
                | Record::ClosedArray
                | Record::Gauge
                | Record::UpDown
                | Record::UpDownPair,
                _,
            )
            | Job::Scrape { .. } => false,
        };
        match self.lack {
            Lack::Nothing => None,
            Lack::InHistograms(lack) => has_histograms.then_some(lack),
            Lack::Everywhere(lack) => Some(lack),
        }
    }
}

impl std::fmt::Debug for Peer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// Every contestant: first the loop that records nothing and the prototypes, then this project.
pub const PEERS: &[Peer] = &[
    bare::PEER,
    limit::PEER,
    limit::DURATION,
    three_piece::PEER,
    shadowcat::PEER,
    prometheus::PEER,
    prometheus_static::PEER,
    prometheus_client::PEER,
    vise::PEER,
    measured::PEER,
    fast_telemetry::PEER,
    fast_telemetry::BUFFERED,
    foundations::PEER,
    fastmetrics::PEER,
    metriken::PEER,
    metrics_facade::PEER,
    opentelemetry::PEER,
];
