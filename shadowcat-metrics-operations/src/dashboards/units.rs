//! Grafana's ids of units, from `categories.ts` of its package `@grafana/data`.

use shadowcat_metrics_codegen::model::Unit;

/// Returns the id for values in a unit.
pub(super) const fn value(unit: Unit) -> &'static str {
    match unit {
        Unit::None => "short",
        Unit::Seconds => "s",
        Unit::Bytes => "bytes",
        Unit::Ratio => "percentunit",
        Unit::Celsius => "celsius",
        Unit::Meters => "lengthm",
        Unit::Volts => "volt",
        Unit::Amperes => "amp",
        Unit::Joules => "joule",
        Unit::Watts => "watt",
        Unit::Grams => "massg",
        Unit::Hertz => "hertz",
    }
}

/// Returns the id for a rate per second of values in a unit.
pub(super) const fn rate(unit: Unit) -> &'static str {
    match unit {
        Unit::None => "cps",
        // Seconds per second: a share of the time, which exceeds 1 if several durations overlap.
        Unit::Seconds => "percentunit",
        Unit::Bytes => "binBps",
        Unit::Meters => "velocityms",
        Unit::Joules => "watt",
        Unit::Ratio
        | Unit::Celsius
        | Unit::Volts
        | Unit::Amperes
        | Unit::Watts
        | Unit::Grams
        | Unit::Hertz => "short",
    }
}
