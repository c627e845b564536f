//! Converts kinds and units to typed handles.

use std::time::Duration;

use shadowcat_metrics::ClosedLabel as _;
use shadowcat_metrics::private as p;
use shadowcat_metrics::units::CellValue;
use shadowcat_metrics_codegen::model::{Kind, Metric, Registry, Unit};

use super::cell::Cell;
use super::digit::Digit;
use super::events::Event;
use super::labels::cardinality;

/// Expands to code for the marker type of a unit with float values.
macro_rules! with_float_unit {
    ($unit:expr, $type:ident => $body:expr) => {
        match $unit {
            Unit::Ratio => with_float_unit!(@ Ratio, $type => $body),
            Unit::Celsius => with_float_unit!(@ Celsius, $type => $body),
            Unit::Meters => with_float_unit!(@ Meters, $type => $body),
            Unit::Volts => with_float_unit!(@ Volts, $type => $body),
            Unit::Amperes => with_float_unit!(@ Amperes, $type => $body),
            Unit::Joules => with_float_unit!(@ Joules, $type => $body),
            Unit::Watts => with_float_unit!(@ Watts, $type => $body),
            Unit::Grams => with_float_unit!(@ Grams, $type => $body),
            Unit::Hertz => with_float_unit!(@ Hertz, $type => $body),
            Unit::None | Unit::Seconds | Unit::Bytes => unreachable!("these have types of their own"),
        }
    };
    (@ $unit:ident, $type:ident => $body:expr) => {{
        type $type = p::$unit;
        $body
    }};
}

/// Converts an amount to a whole number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "casts saturate"
)]
pub(super) fn whole(amount: f64) -> u64 {
    if amount.is_finite() { amount as u64 } else { 7 }
}

/// Converts an amount to a duration.
pub(super) fn duration(amount: f64) -> Duration {
    Duration::try_from_secs_f64(amount).unwrap_or(Duration::from_secs(7))
}

pub(super) fn record(
    model: &Registry,
    metric: &Metric,
    family: &'static p::Family,
    place: p::Place<'_>,
    event: &Event,
) -> Option<p::CallbackGuard> {
    let amount = event.amount;
    match (&metric.kind, metric.unit) {
        (Kind::Counter { callback: false }, Unit::None) => {
            p::Counter::<p::Dimensionless>::new(place).add(whole(amount));
        }
        (Kind::Counter { callback: false }, Unit::Seconds) => {
            p::Counter::<p::Seconds>::new(place).add(duration(amount));
        }
        (Kind::Counter { callback: false }, Unit::Bytes) => {
            p::Counter::<p::Bytes>::new(place).add(whole(amount));
        }
        (Kind::Counter { callback: false }, unit) => {
            with_float_unit!(unit, U => p::Counter::<U>::new(place).add(amount));
        }
        (Kind::Gauge { callback: false }, Unit::None) => {
            p::Gauge::<p::Dimensionless>::new(place).set(amount);
        }
        (Kind::Gauge { callback: false }, Unit::Seconds) => {
            p::Gauge::<p::Seconds>::new(place).set(duration(amount));
        }
        (Kind::Gauge { callback: false }, Unit::Bytes) => {
            p::Gauge::<p::Bytes>::new(place).set(whole(amount));
        }
        (Kind::Gauge { callback: false }, unit) => {
            with_float_unit!(unit, U => p::Gauge::<U>::new(place).set(amount));
        }
        (Kind::Counter { callback: true }, unit) => {
            return Some(register_counter(unit, place, amount));
        }
        (Kind::Gauge { callback: true }, unit) => return Some(register_gauge(unit, place, amount)),
        (Kind::UpDownCounter, unit) => move_level(unit, place, amount),
        (Kind::Histogram { .. }, unit) => observe(unit, family, place, amount),
        (Kind::State { states }, _) => enter(cardinality(model, *states), place, amount),
        (Kind::Info, _) => match event.facts.as_slice() {
            [fact] => p::Info::new(place).set([fact]),
            [one, two] => p::Info::new(place).set([one, two]),
            facts => unreachable!("random schemas have no info with {} facts", facts.len()),
        },
        (Kind::Ratio { .. }, _) => unreachable!("ratios are not recorded"),
    }
    None
}

fn register_counter(unit: Unit, place: p::Place<'_>, amount: f64) -> p::CallbackGuard {
    match unit {
        Unit::None => {
            p::CallbackCounter::<p::Dimensionless>::new(place).register(move || whole(amount))
        }
        Unit::Seconds => {
            p::CallbackCounter::<p::Seconds>::new(place).register(move || duration(amount))
        }
        Unit::Bytes => p::CallbackCounter::<p::Bytes>::new(place).register(move || whole(amount)),
        unit => with_float_unit!(
            unit,
            U => p::CallbackCounter::<U>::new(place).register(move || amount)
        ),
    }
}

fn register_gauge(unit: Unit, place: p::Place<'_>, amount: f64) -> p::CallbackGuard {
    match unit {
        Unit::None => p::CallbackGauge::<p::Dimensionless>::new(place).register(move || amount),
        Unit::Seconds => {
            p::CallbackGauge::<p::Seconds>::new(place).register(move || duration(amount))
        }
        Unit::Bytes => p::CallbackGauge::<p::Bytes>::new(place).register(move || whole(amount)),
        unit => {
            with_float_unit!(unit, U => p::CallbackGauge::<U>::new(place).register(move || amount))
        }
    }
}

/// Whole amounts increase the level, others decrease it, so that levels do both.
fn move_level(unit: Unit, place: p::Place<'_>, amount: f64) {
    let up = amount.fract() == 0.0;
    let level = whole(amount).cast_signed();
    match unit {
        Unit::None if up => p::UpDownCounter::<p::Dimensionless>::new(place).add(level),
        Unit::None => p::UpDownCounter::<p::Dimensionless>::new(place).sub(level),
        Unit::Bytes if up => p::UpDownCounter::<p::Bytes>::new(place).add(whole(amount)),
        Unit::Bytes => p::UpDownCounter::<p::Bytes>::new(place).sub(whole(amount)),
        Unit::Seconds if up => p::UpDownCounter::<p::Seconds>::new(place).add(amount),
        Unit::Seconds => p::UpDownCounter::<p::Seconds>::new(place).sub(amount),
        unit if up => with_float_unit!(unit, U => p::UpDownCounter::<U>::new(place).add(amount)),
        unit => with_float_unit!(unit, U => p::UpDownCounter::<U>::new(place).sub(amount)),
    }
}

fn observe(unit: Unit, family: &'static p::Family, place: p::Place<'_>, amount: f64) {
    let p::Kind::Histogram(buckets) = family.kind else {
        unreachable!("the descriptors are made from the model");
    };
    match buckets.native() {
        Some(native) => observe_in(unit, native, place, amount),
        None => observe_in(unit, buckets, place, amount),
    }
}

fn observe_in<B: shadowcat_metrics::Cells>(
    unit: Unit,
    cells: &'static B,
    place: p::Place<'_>,
    amount: f64,
) {
    use p::{Histogram, NoExemplars};
    match unit {
        Unit::None => {
            Histogram::<p::Dimensionless, NoExemplars, B>::new(place, cells).observe(amount);
        }
        Unit::Seconds => {
            Histogram::<p::Seconds, NoExemplars, B>::new(place, cells).observe(duration(amount));
        }
        Unit::Bytes => {
            Histogram::<p::Bytes, NoExemplars, B>::new(place, cells).observe(whole(amount));
        }
        unit => with_float_unit!(
            unit,
            U => Histogram::<U, NoExemplars, B>::new(place, cells).observe(amount)
        ),
    }
}

/// Converts an amount to a state.
pub(super) fn state(cardinality: usize, amount: f64) -> u32 {
    let states = u64::try_from(cardinality).expect("a label has few values");
    u32::try_from(whole(amount) % states).expect("a label has few values")
}

fn enter(cardinality: usize, place: p::Place<'_>, amount: f64) {
    let state = state(cardinality, amount);
    match cardinality {
        1 => p::State::new(place).set(Digit::<1>(state)),
        2 => p::State::new(place).set(Digit::<2>(state)),
        3 => p::State::new(place).set(Digit::<3>(state)),
        4 => p::State::new(place).set(Digit::<4>(state)),
        other => unreachable!("random schemas have no labels with {other} values"),
    }
}

pub(super) fn read(model: &Registry, metric: &Metric, place: &p::SnapshotPlace<'_>) -> Cell {
    match metric.unit {
        Unit::None => read_unit::<p::Dimensionless>(model, metric, place),
        Unit::Seconds => read_unit::<p::Seconds>(model, metric, place),
        Unit::Bytes => read_unit::<p::Bytes>(model, metric, place),
        unit => with_float_unit!(unit, U => read_unit::<U>(model, metric, place)),
    }
}

fn read_unit<U: p::UnitType>(
    model: &Registry,
    metric: &Metric,
    place: &p::SnapshotPlace<'_>,
) -> Cell {
    match &metric.kind {
        Kind::Counter { callback: false } => Cell::Number(number(place.counter::<U>())),
        Kind::Counter { callback: true } => Cell::Read(place.callback_counter::<U>().map(number)),
        Kind::Gauge { callback: false } => Cell::Number(number(place.gauge::<U>())),
        Kind::Gauge { callback: true } => Cell::Read(place.callback_gauge::<U>().map(number)),
        Kind::UpDownCounter => Cell::Number(number(place.updown_counter::<U>())),
        Kind::Histogram { .. } => {
            let histogram = place.histogram::<U>();
            Cell::Histogram {
                cumulative: histogram.buckets().map(|(_, count)| count).collect(),
                sum: number(histogram.sum()),
            }
        }
        Kind::State { states } => Cell::State(match cardinality(model, *states) {
            1 => place.state::<Digit<1>>().map(Digit::index),
            2 => place.state::<Digit<2>>().map(Digit::index),
            3 => place.state::<Digit<3>>().map(Digit::index),
            4 => place.state::<Digit<4>>().map(Digit::index),
            other => unreachable!("random schemas have no labels with {other} values"),
        }),
        Kind::Info => Cell::Facts(place.info()),
        Kind::Ratio { .. } => Cell::Read(place.ratio()),
    }
}

/// Converts any type of value in a snapshot to a float.
fn number<V: CellValue>(value: V) -> f64 {
    let value: &dyn std::any::Any = &value;
    #[expect(clippy::cast_precision_loss, reason = "the amounts are small")]
    let integer = value
        .downcast_ref::<u64>()
        .map(|value| *value as f64)
        .or_else(|| value.downcast_ref::<i64>().map(|value| *value as f64));
    integer
        .or_else(|| value.downcast_ref::<Duration>().map(Duration::as_secs_f64))
        .or_else(|| value.downcast_ref::<f64>().copied())
        .expect("snapshots give no other types")
}
