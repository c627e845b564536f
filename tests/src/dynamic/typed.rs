//! Converts kinds and units to typed handles.

use std::time::Duration;

use shadowcat_metrics::ClosedLabel as _;
use shadowcat_metrics::private as p;
use shadowcat_metrics::units::CellValue;
use shadowcat_metrics_codegen::model::{Encoding, Kind, Metric, Registry, Storage, Unit};

use super::cell::Cell;
use super::digit::Digit;
use super::events::Event;
use super::labels::cardinality;

/// Expands to code for the marker type of a unit, and the function that converts an amount to its values. `$number` converts
/// an amount without a unit, and `$time` one in seconds.
macro_rules! with_unit {
    ($unit:expr, $number:expr, $time:expr, ($type:ident, $value:ident) => $body:expr) => {
        match $unit {
            Unit::None => with_unit!(@ Dimensionless, $number, $type, $value => $body),
            Unit::Seconds => with_unit!(@ Seconds, $time, $type, $value => $body),
            Unit::Bytes => with_unit!(@ Bytes, whole, $type, $value => $body),
            Unit::Ratio => with_unit!(@ Ratio, identity, $type, $value => $body),
            Unit::Celsius => with_unit!(@ Celsius, identity, $type, $value => $body),
            Unit::Meters => with_unit!(@ Meters, identity, $type, $value => $body),
            Unit::Volts => with_unit!(@ Volts, identity, $type, $value => $body),
            Unit::Amperes => with_unit!(@ Amperes, identity, $type, $value => $body),
            Unit::Joules => with_unit!(@ Joules, identity, $type, $value => $body),
            Unit::Watts => with_unit!(@ Watts, identity, $type, $value => $body),
            Unit::Grams => with_unit!(@ Grams, identity, $type, $value => $body),
            Unit::Hertz => with_unit!(@ Hertz, identity, $type, $value => $body),
        }
    };
    (@ $unit:ident, $convert:expr, $type:ident, $value:ident => $body:expr) => {{
        type $type = p::$unit;
        let $value = $convert;
        $body
    }};
}

const fn identity(amount: f64) -> f64 {
    amount
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
    let unit = metric.unit;
    match &metric.kind {
        Kind::Counter { callback: false } => with_unit!(
            unit, whole, duration, (U, value) => p::Counter::<U>::new(place).add(value(amount))
        ),
        Kind::Gauge { callback: false } => with_unit!(
            unit, identity, duration, (U, value) => p::Gauge::<U>::new(place).set(value(amount))
        ),
        Kind::Counter { callback: true } => {
            return Some(with_unit!(
                unit, whole, duration,
                (U, value) => p::CallbackCounter::<U>::new(place).register(move || value(amount))
            ));
        }
        Kind::Gauge { callback: true } => {
            return Some(with_unit!(
                unit, identity, duration,
                (U, value) => p::CallbackGauge::<U>::new(place).register(move || value(amount))
            ));
        }
        Kind::UpDownCounter => move_level(unit, place, amount),
        Kind::Histogram { .. } => observe(unit, family, place, amount),
        Kind::State { states } => enter(cardinality(model, *states), place, amount),
        Kind::Info => match event.facts.as_slice() {
            [fact] => p::Info::new(place).set([fact]),
            [one, two] => p::Info::new(place).set([one, two]),
            facts => unreachable!("random schemas have no info with {} facts", facts.len()),
        },
        Kind::Ratio { .. } => unreachable!("ratios are not recorded"),
    }
    None
}

/// Whole amounts increase the level, others decrease it, so that levels do both.
fn move_level(unit: Unit, place: p::Place<'_>, amount: f64) {
    let up = amount.fract() == 0.0;
    let level = |amount| whole(amount).cast_signed();
    with_unit!(unit, level, identity, (U, value) => {
        let counter = p::UpDownCounter::<U>::new(place);
        if up {
            counter.add(value(amount));
        } else {
            counter.sub(value(amount));
        }
    });
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
    with_unit!(
        unit, identity, duration,
        (U, value) => {
            let histogram = p::Histogram::<U, p::NoExemplars, B>::new(place, cells);
            histogram.observe(value(amount));
        }
    );
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
    match &metric.kind {
        Kind::Counter { .. } | Kind::Gauge { .. } | Kind::UpDownCounter | Kind::Ratio { .. } => {
            match metric.encoding() {
                Encoding::Unsigned => read_number::<u64>(metric, place),
                Encoding::Signed => read_number::<i64>(metric, place),
                Encoding::Nanoseconds => read_number::<Duration>(metric, place),
                Encoding::Float => read_number::<f64>(metric, place),
            }
        }
        Kind::Histogram { .. } => with_unit!(
            metric.unit, identity, duration, (U, _value) => read_histogram::<U>(place)
        ),
        Kind::State { states } => Cell::State(match cardinality(model, *states) {
            1 => place.state::<Digit<1>>().map(Digit::index),
            2 => place.state::<Digit<2>>().map(Digit::index),
            3 => place.state::<Digit<3>>().map(Digit::index),
            4 => place.state::<Digit<4>>().map(Digit::index),
            other => unreachable!("random schemas have no labels with {other} values"),
        }),
        Kind::Info => Cell::Facts(place.info()),
    }
}

fn read_number<V: CellValue>(metric: &Metric, place: &p::SnapshotPlace<'_>) -> Cell {
    match metric.kind.spec().storage {
        Storage::PerThread | Storage::Shared => Cell::Number(number(place.number::<V>())),
        Storage::Callback | Storage::Derived => {
            Cell::Read(place.optional_number::<V>().map(number))
        }
        Storage::Text => unreachable!("text is not a number"),
    }
}

fn read_histogram<U: p::UnitType>(place: &p::SnapshotPlace<'_>) -> Cell {
    let histogram = place.histogram::<U>();
    Cell::Histogram {
        cumulative: histogram.buckets().map(|(_, count)| count).collect(),
        sum: number(histogram.sum()),
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
