//! What is known of the series of one name: their labels and values, and what can be done with them.

use std::collections::BTreeMap;
use std::ops::Range;

/// Labels of which a selector asks for one value, with that and where it is written.
pub(super) type Pins = BTreeMap<String, (String, Range<usize>)>;

/// Series of one name.
#[derive(Debug, Clone)]
pub(super) struct Series {
    pub(super) shape: Shape,
    /// By name, without those that scraping adds.
    pub(super) labels: BTreeMap<String, Values>,
    /// Whether scraping adds labels. A record has those that its rule leaves, and no others.
    pub(super) scraped: bool,
    /// What its values never exceed, if that is known.
    pub(super) ceiling: Option<Ceiling>,
}

/// What values never exceed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Ceiling {
    /// The highest bound of the buckets that a quantile is computed from.
    Bound(f64),
    /// All of what something is a share of, in its unit.
    Whole(f64),
    /// The 1 of the state that something is in.
    State,
}

impl Ceiling {
    /// The value itself.
    #[must_use]
    pub const fn highest(self) -> f64 {
        match self {
            Self::Bound(highest) | Self::Whole(highest) => highest,
            Self::State => 1.0,
        }
    }
}

/// What can be done with the values of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Only goes up: to be rated.
    Counter,
    /// Goes up and down.
    Gauge,
    /// The name of a histogram, of which there is no series without a suffix.
    Histogram,
    /// Whatever a rule records that people wrote.
    Recorded,
}

/// The values of a label.
#[derive(Debug, Clone)]
pub(super) enum Values {
    /// Any.
    Open,
    /// These.
    Closed(Vec<String>),
    /// Bucket bounds, in their one spelling.
    Bounds(Vec<f64>),
}
