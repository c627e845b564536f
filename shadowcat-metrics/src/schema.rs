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
    /// How its values are written in cells; of a histogram, its sum. (A histogram's buckets are always unsigned.)
    pub encoding: Encoding,
    /// The unit in OpenMetrics and protobuf; empty if it has none there.
    pub unit: &'static str,
    /// Labels of its series, the group's first. Without an info family's facts.
    pub labels: &'static [&'static Label],
    /// First of its pages. The pages of all families are numbered without gaps.
    pub first_page: u32,
    /// Position of its own value in the labels of the schema's `rejected_family`, if values can be rejected.
    pub rejected_index: Option<u32>,
    /// The `#` lines in the Prometheus text format.
    pub text_metadata: &'static str,
    /// The `#` lines in OpenMetrics.
    pub open_metrics_metadata: &'static str,
    /// The name of the samples that tell when a series began in OpenMetrics, if there are any.
    pub created: Option<&'static str>,
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

/// How a value is written in the 64 bits of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// An unsigned integer.
    Unsigned,
    /// A signed integer, in two's complement.
    Signed,
    /// Whole nanoseconds, unsigned; exposed as seconds.
    Nanoseconds,
    /// The bits of an `f64`.
    Float,
}

/// The properties of a kind.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KindSpec {
    /// Where its values are kept.
    pub(crate) storage: Storage,
    /// Cells of one series; 0 if its values are not in cells.
    pub(crate) cells: usize,
    /// The samples of one series.
    pub(crate) samples: SeriesSamples,
    /// The type in protobuf.
    pub(crate) message: MessageType,
    /// The value of a sample without a value. None: it is left out.
    pub(crate) absent: Option<f64>,
    /// The families that a ratio is computed from, above and below the line.
    pub(crate) operands: (&'static [u32], &'static [u32]),
}

/// Where values are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Storage {
    /// In cells of each thread, summed when read.
    PerThread,
    /// In one cell for all threads: the last value wins.
    Shared,
    /// Elsewhere: a function returns them when they are read.
    Callback,
    /// In texts that are replaced as a whole.
    Text,
    /// Nowhere: they are computed from other families.
    Derived,
}

/// The samples of one series.
#[derive(Debug, Clone, Copy)]
pub(crate) enum SeriesSamples {
    /// One, its value.
    Value,
    /// One for each bucket, the sum and the count.
    Histogram(&'static Buckets),
    /// One for each value of the label: 1 for the present one.
    States(&'static Label),
    /// One, with these labels for the facts.
    Facts(&'static [&'static str]),
}

/// A `MetricType` of protobuf, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MessageType {
    Counter = 0,
    Gauge = 1,
    Histogram = 4,
}

impl Kind {
    /// The properties of the kind. Everything that depends on a kind at run time reads them from here.
    #[inline]
    pub(crate) const fn spec(&self) -> KindSpec {
        const PLAIN: KindSpec = KindSpec {
            storage: Storage::PerThread,
            cells: 1,
            samples: SeriesSamples::Value,
            message: MessageType::Gauge,
            absent: None,
            operands: (&[], &[]),
        };
        match self {
            Self::Counter => KindSpec {
                message: MessageType::Counter,
                ..PLAIN
            },
            Self::CallbackCounter => KindSpec {
                storage: Storage::Callback,
                cells: 0,
                message: MessageType::Counter,
                ..PLAIN
            },
            Self::Gauge => KindSpec {
                storage: Storage::Shared,
                ..PLAIN
            },
            Self::CallbackGauge => KindSpec {
                storage: Storage::Callback,
                cells: 0,
                ..PLAIN
            },
            Self::UpDownCounter => PLAIN,
            Self::Histogram(buckets) => KindSpec {
                cells: buckets.cells(),
                samples: SeriesSamples::Histogram(buckets),
                message: MessageType::Histogram,
                ..PLAIN
            },
            Self::State(states) => KindSpec {
                storage: Storage::Shared,
                samples: SeriesSamples::States(states),
                ..PLAIN
            },
            Self::Info(facts) => KindSpec {
                storage: Storage::Text,
                cells: 0,
                samples: SeriesSamples::Facts(facts),
                ..PLAIN
            },
            Self::Ratio {
                numerator,
                denominator,
            } => KindSpec {
                storage: Storage::Derived,
                cells: 0,
                absent: Some(f64::NAN),
                operands: (numerator, denominator),
                ..PLAIN
            },
        }
    }
}
