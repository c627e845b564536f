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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

    /// Returns the name of each unit that has one, in the order of [`Self::NAMED`].
    #[must_use]
    pub fn names() -> Vec<&'static str> {
        Self::NAMED.map(Self::name).to_vec()
    }

    /// Returns the unit with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMED.iter().find(|unit| unit.name() == name).copied()
    }

    /// Returns the word for it in the schema, which is also the suffix of names; empty for a plain number.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().0
    }

    /// Returns its name in UCUM, as OpenTelemetry writes it; empty for a plain number.
    #[must_use]
    pub const fn ucum(self) -> &'static str {
        self.row().1
    }

    /// Returns the type that recorders accept for this unit.
    #[must_use]
    pub const fn measure(self) -> Measure {
        self.row().2
    }

    const fn row(self) -> (&'static str, &'static str, Measure) {
        match self {
            Self::None => ("", "", Measure::Number),
            Self::Seconds => ("seconds", "s", Measure::Duration),
            Self::Bytes => ("bytes", "By", Measure::Size),
            Self::Ratio => ("ratio", "1", Measure::Float),
            Self::Celsius => ("celsius", "Cel", Measure::Float),
            Self::Meters => ("meters", "m", Measure::Float),
            Self::Volts => ("volts", "V", Measure::Float),
            Self::Amperes => ("amperes", "A", Measure::Float),
            Self::Joules => ("joules", "J", Measure::Float),
            Self::Watts => ("watts", "W", Measure::Float),
            Self::Grams => ("grams", "g", Measure::Float),
            Self::Hertz => ("hertz", "Hz", Measure::Float),
        }
    }
}
