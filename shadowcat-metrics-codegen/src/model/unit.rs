//! What values are measured in, and how recorders take them.

/// What a value is measured in: the base units of Prometheus and OpenMetrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// A plain number.
    None,
    /// Time; recorders take a `Duration`.
    Seconds,
    /// Data; recorders take integers.
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

/// How recorders take values, which the unit decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Measure {
    /// A plain number: counters count by integers, others take floats.
    Number,
    /// A `Duration`, in whole nanoseconds.
    Duration,
    /// A number of bytes.
    Size,
    /// A float in the unit.
    Float,
}

/// How a value is written in the 64 bits of a cell at run time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// An unsigned integer.
    Unsigned,
    /// A signed integer.
    Signed,
    /// Whole nanoseconds, unsigned.
    Nanoseconds,
    /// A float.
    Float,
}

impl Unit {
    /// Every unit that has a name, in the order they are documented.
    pub const NAMED: [Self; 11] = [
        Self::Seconds,
        Self::Bytes,
        Self::Ratio,
        Self::Celsius,
        Self::Meters,
        Self::Volts,
        Self::Amperes,
        Self::Joules,
        Self::Watts,
        Self::Grams,
        Self::Hertz,
    ];

    /// How recorders take values of this unit.
    #[must_use]
    pub const fn measure(self) -> Measure {
        match self {
            Self::None => Measure::Number,
            Self::Seconds => Measure::Duration,
            Self::Bytes => Measure::Size,
            Self::Ratio
            | Self::Celsius
            | Self::Meters
            | Self::Volts
            | Self::Amperes
            | Self::Joules
            | Self::Watts
            | Self::Grams
            | Self::Hertz => Measure::Float,
        }
    }

    /// The word for it in the schema, which is the name's suffix too; empty for a plain number.
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
