//! The kinds of metrics. [`Kind::spec`] is the one place that decides what a kind is: everything else reads its row.

use super::{BucketSetId, Encoding, LabelId, Measure, MetricId, Unit};

/// What kind of metric it is.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// Only goes up.
    Counter {
        /// Read by a function when scraped, instead of added to.
        callback: bool,
    },
    /// Set to a value.
    Gauge {
        /// Read by a function when scraped, instead of set.
        callback: bool,
    },
    /// Moved up and down, exposed as a gauge.
    UpDownCounter,
    /// Observations counted in buckets.
    Histogram {
        /// Its bounds.
        buckets: BucketSetId,
    },
    /// Exactly one of several states; OpenMetrics' state set.
    State {
        /// The closed label whose values are the states.
        states: LabelId,
    },
    /// Facts as label values; its own labels are the facts.
    Info,
    /// A quotient of other metrics, derived when scraped.
    Ratio {
        /// Summed above the line.
        numerator: Vec<MetricId>,
        /// Summed below the line.
        denominator: Vec<MetricId>,
    },
}

/// The properties of a kind, with what one metric of it refers to.
#[derive(Debug, Clone, Copy)]
pub struct KindSpec<'k> {
    /// The word for it in the schema: `updown_counter`.
    pub name: &'static str,
    /// The noun for it in sentences, with its article: "an up-down counter".
    pub noun: &'static str,
    /// The runtime's word for it: the type of the handle that records it, and the variant of its descriptor.
    pub runtime: &'static str,
    /// The keys of the schema that it takes and not every kind does.
    pub keys: &'static [&'static str],
    /// What its values are measured in.
    pub units: Units,
    /// The units in which it takes floats, beside those that are floats anyway.
    pub floats: &'static [Unit],
    /// How its values change.
    pub change: Change,
    /// Where its values are kept.
    pub storage: Storage,
    /// Its type in the Prometheus text format.
    pub text_type: &'static str,
    /// Its type in OpenMetrics.
    pub open_metrics_type: &'static str,
    /// Its type in OpenMetrics under an exact name that lacks `suffix`.
    pub type_without_suffix: &'static str,
    /// The suffix of its exposed names, which the family's name in OpenMetrics lacks.
    pub suffix: &'static str,
    /// Every suffix that its sample lines add to the family's name in OpenMetrics.
    pub suffixes: &'static [&'static str],
    /// What the reference says after its name: how it is read or exposed.
    pub remark: &'static str,
    /// Which metrics it may be divided by and summed with in a ratio; none if it cannot be an operand.
    pub operand: Option<Operand>,
    /// Whether its own labels are facts, which are set together and tell no series apart.
    pub has_facts: bool,
    /// The bounds of a histogram.
    pub buckets: Option<BucketSetId>,
    /// The label whose values are the states.
    pub states: Option<LabelId>,
    /// The metrics above and below the line of a ratio.
    pub operands: Option<(&'k [MetricId], &'k [MetricId])>,
}

/// What the values of a kind are measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Units {
    /// The unit that the schema gives.
    Declared,
    /// Always the same.
    Fixed(Unit),
}

/// How the values of a kind change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// They only go up, from zero.
    Up,
    /// They go up and down, from zero.
    UpAndDown,
    /// Each one is measured.
    Measured,
}

impl Change {
    /// How the values of a metric are written in its cells; of a histogram, their sum.
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

/// Where the values of a kind are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storage {
    /// In cells of each thread, summed when read.
    PerThread,
    /// In one cell for all threads: the last value wins.
    Shared,
    /// In a text that is replaced as a whole.
    Text,
    /// Elsewhere: a function returns them when scraped.
    Callback,
    /// Nowhere: they are computed from other metrics.
    Derived,
}

/// A family of operands: only metrics of one family are divided by each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operand {
    /// How often since the start.
    Counter,
    /// How many now.
    Gauge,
}

impl Kind {
    /// One of each kind, in the order they are documented, with nothing in it yet.
    #[must_use]
    pub fn each() -> &'static [Self; 7] {
        static EACH: [Kind; 7] = [
            Kind::Counter { callback: false },
            Kind::Gauge { callback: false },
            Kind::UpDownCounter,
            Kind::Histogram {
                buckets: BucketSetId(0),
            },
            Kind::State { states: LabelId(0) },
            Kind::Info,
            Kind::Ratio {
                numerator: Vec::new(),
                denominator: Vec::new(),
            },
        ];
        &EACH
    }

    /// The word for each kind, in the same order.
    #[must_use]
    pub fn names() -> [&'static str; 7] {
        Self::each().each_ref().map(Self::name)
    }

    /// The word for it in the schema.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.spec().name
    }

    /// Whether it only goes up, one step or amount at a time.
    #[must_use]
    pub fn is_counter(&self) -> bool {
        self.spec().operand == Some(Operand::Counter)
    }

    /// Its row.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "a table is read as a whole")]
    pub fn spec(&self) -> KindSpec<'_> {
        /// What most kinds have.
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
            suffixes: &[],
            remark: "",
            operand: None,
            has_facts: false,
            buckets: None,
            states: None,
            operands: None,
        };
        const CALLED: &str = ", read when scraped";
        match self {
            Self::Counter { callback } => KindSpec {
                name: "counter",
                noun: "a counter",
                runtime: if *callback {
                    "CallbackCounter"
                } else {
                    "Counter"
                },
                keys: &["unit", "callback", "bad"],
                change: Change::Up,
                storage: if *callback {
                    Storage::Callback
                } else {
                    Storage::PerThread
                },
                text_type: "counter",
                open_metrics_type: "counter",
                type_without_suffix: "unknown",
                suffix: "_total",
                suffixes: &["_total", "_created"],
                remark: if *callback { CALLED } else { "" },
                operand: Some(Operand::Counter),
                ..PLAIN
            },
            Self::Gauge { callback } => KindSpec {
                name: "gauge",
                noun: "a gauge",
                runtime: if *callback { "CallbackGauge" } else { "Gauge" },
                keys: &["unit", "callback"],
                floats: &[Unit::None],
                storage: if *callback {
                    Storage::Callback
                } else {
                    Storage::Shared
                },
                remark: if *callback { CALLED } else { "" },
                operand: Some(Operand::Gauge),
                ..PLAIN
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
                keys: &["unit", "buckets", "quantiles"],
                floats: &[Unit::None],
                text_type: "histogram",
                open_metrics_type: "histogram",
                suffixes: &["_bucket", "_count", "_sum", "_created"],
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
                remark: ", exposed as a gauge a state: 1 for the present one, 0 for the others",
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
                suffixes: &["_info"],
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
                remark: ", derived when scraped and exposed as a gauge",
                operands: Some((numerator, denominator)),
                ..PLAIN
            },
        }
    }
}
