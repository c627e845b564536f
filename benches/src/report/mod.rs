//! Formats the figures.

pub mod goals;
pub mod json;
pub mod markdown;
pub mod table;

use crate::harness::rounds::Outcome;
use crate::peers::{Kind, Peer};
use crate::run::RowResult;
use shadowcat_metrics_measure::statistics::Summary;

impl RowResult {
    /// Returns the figures of the contestants that lost no count.
    pub fn valid(&self) -> impl Iterator<Item = (&'static Peer, &Summary)> {
        self.outcomes
            .iter()
            .filter_map(|(peer, outcome)| match outcome {
                Outcome::Time(summary) => Some((*peer, summary)),
                Outcome::Void(_) => None,
            })
    }

    /// Returns a contestant's median, by name.
    #[must_use]
    pub fn median_of(&self, name: &str) -> Option<f64> {
        self.valid()
            .find(|(peer, _)| peer.name == name)
            .map(|(_, summary)| summary.median)
    }

    /// Returns whether a contestant of a kind lost a count.
    #[must_use]
    pub fn is_void(&self, kind: Kind) -> bool {
        let mut outcomes = self.outcomes.iter();
        outcomes.any(|(peer, outcome)| peer.kind == kind && matches!(outcome, Outcome::Void(_)))
    }

    /// Returns the median of a kind with only one contestant.
    #[must_use]
    pub fn median_of_kind(&self, kind: Kind) -> Option<f64> {
        self.valid()
            .find(|(peer, _)| peer.kind == kind)
            .map(|(_, summary)| summary.median)
    }

    /// Returns the lowest figure of all peers that do the same work as this project in the row.
    #[must_use]
    pub fn fastest_peer(&self) -> Option<(&'static Peer, f64)> {
        self.valid()
            .filter(|(peer, _)| peer.kind == Kind::Peer && peer.lacks(self.row.job).is_none())
            .map(|(peer, summary)| (peer, summary.median))
            .min_by(|(_, a), (_, b)| a.total_cmp(b))
    }
}
