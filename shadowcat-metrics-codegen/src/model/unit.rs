//! Units of values, and the types that recorders accept for them.

/// A unit: the base units of Prometheus and OpenMetrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// A plain number.
    None,
    /// Time. Recorders accept a `Duration`.
    Seconds,
    /// Data. Recorders accept integers.
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

/// The type of value that recorders accept, which depends on the unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Measure {
    /// A plain number: integers for counters, floats for other kinds.
    Number,
    /// A `Duration`, in whole nanoseconds.
    Duration,
    /// A number of bytes.
    Size,
    /// A float in the unit.
    Float,
}

/// The encoding of a value in the 64 bits of a cell.
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
    /// Every unit with a name, in the order of the documentation.
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

    /// Returns the type that recorders accept for this unit.
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

    /// Returns the word for it in the schema, which is also the suffix of names; empty for a plain number.
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
