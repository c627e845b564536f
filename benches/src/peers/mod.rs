//! The contestants, one a file. Each is used the way its own documentation advises.

/// Makes a library's own label enums from those of the inputs, value by value.
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
mod measured;
mod metrics_facade;
mod metriken;
mod opentelemetry;
mod prometheus;
mod prometheus_client;
mod prometheus_static;
mod shadowcat;
mod vise;

use crate::harness::inputs::Inputs;
use crate::harness::population::{Exposed, Series};
use crate::harness::work::Work;
use crate::rows::{Job, Record};

/// What a contestant is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// No library.
    Bare,
    /// This project.
    Own,
    /// Another library.
    Peer,
}

/// A contestant.
pub struct Peer {
    /// What it is.
    pub kind: Kind,
    /// What `--peers` and the table call it: the crate's name.
    pub name: &'static str,
    /// How it is used, where that needs saying.
    pub usage: &'static str,
    /// What its dependants write in their `Cargo.toml`: crates and features. For the cost of building it.
    pub dependencies: &'static [&'static str],
    /// Makes its part in a row that records; nothing if it has no such thing.
    pub record: fn(Record, &Inputs) -> Option<Box<dyn Work>>,
    /// Makes some series; nothing if it has no way out.
    pub expose: fn(Series) -> Option<Box<dyn Exposed>>,
    /// What its histograms leave out of what a Prometheus histogram has: such a one is not compared with.
    pub histograms_lack: Option<&'static str>,
}

impl Peer {
    /// What it leaves out of what a row asks.
    #[must_use]
    pub fn lacks(&self, job: Job) -> Option<&'static str> {
        match job {
            Job::Record(Record::Histogram(_) | Record::Timer) => self.histograms_lack,
            Job::Heap { series, .. } if series.histograms > 0 => self.histograms_lack,
            Job::Record(
                Record::Counter
                | Record::Kept
                | Record::Open
                | Record::OpenKept
                | Record::Gauge
                | Record::UpDown,
            )
            | Job::Scrape { .. }
            | Job::Heap { .. } => None,
        }
    }
}

impl std::fmt::Debug for Peer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// Every contestant; first the loop that records nothing, then this project's own.
pub const PEERS: &[Peer] = &[
    bare::PEER,
    shadowcat::PEER,
    prometheus::PEER,
    prometheus_static::PEER,
    prometheus_client::PEER,
    vise::PEER,
    measured::PEER,
    fast_telemetry::PEER,
    foundations::PEER,
    fastmetrics::PEER,
    metriken::PEER,
    metrics_facade::PEER,
    opentelemetry::PEER,
];
