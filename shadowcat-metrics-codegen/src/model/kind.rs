//! The kinds of metrics. [`Kind::spec`] is the only place that defines their properties; all other code reads
//! its row.

use std::iter::successors;
use std::sync::LazyLock;

use super::{BucketSetId, Encoding, LabelId, Measure, MetricId, Unit};

/// The kind of a metric.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A value that only goes up.
    Counter {
        /// Whether it is read from a function at each scrape.
        callback: bool,
    },
    /// A value that is set.
    Gauge {
        /// Whether it is read from a function at each scrape.
        callback: bool,
    },
    /// A value that is moved up and down, exposed as a gauge.
    UpDownCounter,
    /// Observations counted in buckets.
    Histogram {
        /// Its bounds.
        buckets: BucketSetId,
    },
    /// Exactly one of several states; a state set in OpenMetrics.
    State {
        /// The closed label whose values are the states.
        states: LabelId,
    },
    /// Facts as label values. Its own labels are the facts.
    Info,
    /// A quotient of other metrics, computed at each scrape.
    Ratio {
        /// Metrics whose sum is the numerator.
        numerator: Vec<MetricId>,
        /// Metrics whose sum is the denominator.
        denominator: Vec<MetricId>,
    },
}

/// The properties of a kind, and the references of one metric of it.
#[derive(Debug, Clone, Copy)]
pub struct KindSpec<'k> {
    /// The word for it in the schema: `updown_counter`.
    pub name: &'static str,
    /// The noun for it in sentences, with an article: "an up-down counter".
    pub noun: &'static str,
    /// The runtime's name for its handle and its descriptor's variant.
    pub runtime: &'static str,
    /// The keys that it accepts and some other kinds do not.
    pub keys: &'static [&'static str],
    /// Units of its values.
    pub units: Units,
    /// Further units in which values are floats.
    pub floats: &'static [Unit],
    /// How its values change.
    pub change: Change,
    /// Where its values are stored.
    pub storage: Storage,
    /// Its type in the Prometheus text format.
    pub text_type: &'static str,
    /// Its type in OpenMetrics.
    pub open_metrics_type: &'static str,
    /// Its type in OpenMetrics for an exact name without `suffix`.
    pub type_without_suffix: &'static str,
    /// The suffix of its exposed names, which OpenMetrics family names do not have.
    pub suffix: &'static str,
    /// The suffixes that the sample lines of a series add to the exposed name, in the order of the lines.
    pub sample_suffixes: &'static [&'static str],
    /// Whether OpenMetrics has a sample with the time when a series began.
    pub has_created: bool,
    /// A remark after its name in the reference, about how it is read or exposed.
    pub remark: &'static str,
    /// The metrics that it can be combined with in a ratio, or `None` if it cannot be an operand.
    pub operand: Option<Operand>,
    /// Whether its own labels are facts, which are set together and do not create series.
    pub has_facts: bool,
    /// The bounds of a histogram.
    pub buckets: Option<BucketSetId>,
    /// The label whose values are the states.
    pub states: Option<LabelId>,
    /// The metrics in a ratio's numerator and denominator.
    pub operands: Option<(&'k [MetricId], &'k [MetricId])>,
}

/// The units of a kind's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Units {
    /// The unit that the schema gives.
    Declared,
    /// Always this unit.
    Fixed(Unit),
}

/// How the values of a kind change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// They only go up, from zero.
    Up,
    /// They go up and down, from zero.
    UpAndDown,
    /// Each value is a measurement.
    Measured,
}

impl Change {
    /// Returns the encoding of a metric's values in its cells; for a histogram, of its sum.
    #[must_use]
    pub const fn encoding(self, measure: Measure) -> Encoding {
        match (self, measure) {
            (Self::Up, Measure::Number | Measure::Size) | (Self::Measured, Measure::Size) => {
                Encoding::Unsigned
            }
            (Self::UpAndDown, Measure::Number | Measure::Size) => Encoding::Signed,
            (Self::Up | Self::Measured, Measure::Duration) => Encoding::Nanoseconds,
            (Self::Measured, Measure::Number)
            | (Self::UpAndDown, Measure::Duration)
            | (_, Measure::Float) => Encoding::Float,
        }
    }
}

/// Where a kind's values are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storage {
    /// In cells of each thread, summed when read.
    PerThread,
    /// In one cell for all threads: the last value wins.
    Shared,
    /// In a string that is replaced as a whole.
    Text,
    /// Not stored: a function returns them at each scrape.
    Callback,
    /// Not stored: computed from other metrics.
    Derived,
}

/// A group of operands that can be divided by each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operand {
    /// A count since the start.
    Counter,
    /// A current number.
    Gauge,
}

impl Kind {
    /// Returns one empty value of each kind, in the order of the documentation.
    pub fn each() -> impl Iterator<Item = &'static Self> {
        static EACH: LazyLock<Vec<Kind>> = LazyLock::new(|| {
            let first = Kind::Counter { callback: false };
            successors(Some(first), Kind::next).collect()
        });
        EACH.iter()
    }

    /// Returns an empty value of the kind after it in the documentation. There is an arm for each kind, so that the compiler
    /// lists this place for a new one.
    fn next(&self) -> Option<Self> {
        Some(match self {
            Self::Counter { .. } => Self::Gauge { callback: false },
            Self::Gauge { .. } => Self::UpDownCounter,
            Self::UpDownCounter => Self::Histogram {
                buckets: BucketSetId(0),
            },
            Self::Histogram { .. } => Self::State { states: LabelId(0) },
            Self::State { .. } => Self::Info,
            Self::Info => Self::Ratio {
                numerator: Vec::new(),
                denominator: Vec::new(),
            },
            Self::Ratio { .. } => return None,
        })
    }

    /// Returns the name of each kind, in the same order.
    #[must_use]
    pub fn names() -> Vec<&'static str> {
        Self::each().map(Self::name).collect()
    }

    /// Returns an empty value of the kind with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::each().find(|kind| kind.name() == name)
    }

    /// Returns the word for it in the schema.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.spec().name
    }

    /// Returns whether it only goes up, by single steps or amounts.
    #[must_use]
    pub fn is_counter(&self) -> bool {
        self.spec().operand == Some(Operand::Counter)
    }

    /// Returns its properties.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "a table is read as a whole")]
    pub fn spec(&self) -> KindSpec<'_> {
        /// Properties that most kinds share.
        const PLAIN: KindSpec<'_> = KindSpec {
            name: "",
            noun: "",
            runtime: "",
            keys: &[],
            units: Units::Declared,
            floats: &[],
            change: Change::Measured,
            storage: Storage::PerThread,
            text_type: "gauge",
            open_metrics_type: "gauge",
            type_without_suffix: "gauge",
            suffix: "",
            sample_suffixes: &[""],
            has_created: false,
            remark: "",
            operand: None,
            has_facts: false,
            buckets: None,
            states: None,
            operands: None,
        };
        const COUNTER: KindSpec<'_> = KindSpec {
            name: "counter",
            noun: "a counter",
            runtime: "Counter",
            keys: &["unit", "callback", "bad", "exemplars"],
            change: Change::Up,
            text_type: "counter",
            open_metrics_type: "counter",
            type_without_suffix: "unknown",
            suffix: "_total",
            has_created: true,
            operand: Some(Operand::Counter),
            ..PLAIN
        };
        const GAUGE: KindSpec<'_> = KindSpec {
            name: "gauge",
            noun: "a gauge",
            runtime: "Gauge",
            keys: &["unit", "callback"],
            floats: &[Unit::None],
            storage: Storage::Shared,
            operand: Some(Operand::Gauge),
            ..PLAIN
        };
        const CALLED: &str = ", read at each scrape";
        match self {
            Self::Counter { callback: false } => COUNTER,
            Self::Counter { callback: true } => KindSpec {
                runtime: "CallbackCounter",
                storage: Storage::Callback,
                remark: CALLED,
                ..COUNTER
            },
            Self::Gauge { callback: false } => GAUGE,
            Self::Gauge { callback: true } => KindSpec {
                runtime: "CallbackGauge",
                storage: Storage::Callback,
                remark: CALLED,
                ..GAUGE
            },
            Self::UpDownCounter => KindSpec {
                name: "updown_counter",
                noun: "an up-down counter",
                runtime: "UpDownCounter",
                keys: &["unit"],
                // A difference may be negative, which no `Duration` is.
                floats: &[Unit::Seconds],
                change: Change::UpAndDown,
                remark: ", exposed as a gauge",
                operand: Some(Operand::Gauge),
                ..PLAIN
            },
            Self::Histogram { buckets } => KindSpec {
                name: "histogram",
                noun: "a histogram",
                runtime: "Histogram",
                keys: &["unit", "buckets", "native", "quantiles", "exemplars"],
                floats: &[Unit::None],
                text_type: "histogram",
                open_metrics_type: "histogram",
                sample_suffixes: &["_bucket", "_sum", "_count"],
                has_created: true,
                buckets: Some(*buckets),
                ..PLAIN
            },
            Self::State { states } => KindSpec {
                name: "state",
                noun: "a state",
                runtime: "State",
                keys: &["states"],
                units: Units::Fixed(Unit::None),
                change: Change::Up,
                storage: Storage::Shared,
                open_metrics_type: "stateset",
                remark: ", exposed as one gauge for each state: 1 for the current state, 0 for the others",
                states: Some(*states),
                ..PLAIN
            },
            Self::Info => KindSpec {
                name: "info",
                noun: "an info metric",
                runtime: "Info",
                units: Units::Fixed(Unit::None),
                change: Change::Up,
                storage: Storage::Text,
                open_metrics_type: "info",
                suffix: "_info",
                remark: ", exposed as a gauge that is always 1",
                has_facts: true,
                ..PLAIN
            },
            Self::Ratio {
                numerator,
                denominator,
            } => KindSpec {
                name: "ratio",
                noun: "a ratio",
                runtime: "Ratio",
                keys: &["numerator", "denominator"],
                units: Units::Fixed(Unit::Ratio),
                storage: Storage::Derived,
                remark: ", computed at each scrape and exposed as a gauge",
                operands: Some((numerator, denominator)),
                ..PLAIN
            },
        }
    }
}
