//! What a compiled `metrics.toml` looks like at run time: constant descriptors, written by the macro, read by everything
//! that must know names, labels and bounds. Nothing here holds a value.

use crate::buckets::Buckets;

/// A compiled schema: all families and open labels, with the pages their series live in.
///
/// A *page* holds the cells of one family for one combination of open label values; its series are the combinations
/// of the family's closed labels. A family without open labels has one page.
#[derive(Debug)]
pub struct Schema {
    /// First part of every exposed name, without its underscore; empty if there is none.
    pub namespace: &'static str,
    /// Every metric family, in the order of the schema.
    pub families: &'static [Family],
    /// Families of `families` under names that they had before, in the same order: the same pages, exposed once more.
    pub former_families: &'static [Family],
    /// Every open label; a [`Label`]'s `open` index points in here.
    pub open_labels: &'static [&'static Label],
    /// Position of the family that counts values sent to an overflow value; its one label is the open label's name,
    /// with values in the order of `open_labels`.
    pub overflow_family: Option<u32>,
    /// Position of the family that counts values that were not valid; its one label is the metric's exposed name.
    pub rejected_family: Option<u32>,
}

/// One metric family.
#[derive(Debug)]
pub struct Family {
    /// Name as exposed in the Prometheus text format: `shadowcat_buffer_pool_hits_total`.
    pub name: &'static str,
    /// One sentence, unescaped.
    pub help: &'static str,
    /// What kind of family it is.
    pub kind: Kind,
    /// What its values are measured in.
    pub unit: Unit,
    /// Labels of its series, the group's first. Without an info family's facts.
    pub labels: &'static [&'static Label],
    /// First of its pages. The pages of all families are numbered without gaps.
    pub first_page: u32,
    /// Position of its own value in the labels of the schema's `rejected_family`, if values can be rejected.
    pub rejected_index: Option<u32>,
}

/// What kind of family it is, with what only that kind has.
#[derive(Debug)]
pub enum Kind {
    /// Only goes up.
    Counter,
    /// Set to a value.
    Gauge,
    /// Read by a function when scraped.
    CallbackGauge,
    /// Only goes up, and is read by a function when scraped.
    CallbackCounter,
    /// Moved up and down.
    UpDownCounter,
    /// Observations counted in buckets.
    Histogram(&'static Buckets),
    /// One of several states: the values of a closed label.
    State(&'static Label),
    /// Facts, by label name.
    Info(&'static [&'static str]),
    /// Quotient of sums of other families, by position in [`Schema::families`].
    Ratio {
        /// Summed above the line.
        numerator: &'static [u32],
        /// Summed below the line.
        denominator: &'static [u32],
    },
}

/// A label and what it may hold.
#[derive(Debug)]
pub struct Label {
    /// Name of the Prometheus label.
    pub name: &'static str,
    /// The values it may take.
    pub values: Values,
    /// What values were before, where series are exposed with that too. Of an open label there are none.
    pub former: &'static [Former],
}

/// A former value of a closed label.
#[derive(Debug)]
pub struct Former {
    /// Position of the value that it has become.
    pub position: u32,
    /// The value as it was.
    pub value: &'static str,
}

/// The bound of a label.
#[derive(Debug)]
pub enum Values {
    /// A fixed list.
    Closed(&'static [&'static str]),
    /// Any string, at most `max` at a time.
    Open {
        /// Position in [`Schema::open_labels`].
        index: u32,
        /// Most values alive at once, the overflow value not counted.
        max: u32,
        /// Value of the surplus. Its slot is `max`, behind all others.
        overflow: &'static str,
    },
}

/// What values are measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// A plain number.
    None,
    /// Time.
    Seconds,
    /// Data.
    Bytes,
    /// A share in 0..=1.
    Ratio,
    /// Temperature.
    Celsius,
    /// Length.
    Meters,
    /// Voltage.
    Volts,
    /// Current.
    Amperes,
    /// Energy.
    Joules,
    /// Power.
    Watts,
    /// Mass.
    Grams,
    /// Frequency.
    Hertz,
}

impl Unit {
    /// The unit's name, which is also the suffix of metric names; empty for a plain number.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Seconds => "seconds",
            Self::Bytes => "bytes",
            Self::Ratio => "ratio",
            Self::Celsius => "celsius",
            Self::Meters => "meters",
            Self::Volts => "volts",
            Self::Amperes => "amperes",
            Self::Joules => "joules",
            Self::Watts => "watts",
            Self::Grams => "grams",
            Self::Hertz => "hertz",
        }
    }
}
