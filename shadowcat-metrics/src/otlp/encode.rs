//! Encodes all values as a request: an `ExportMetricsServiceRequest` with cumulative values.
//!
//! Counters are monotonic sums. Up-down counters, states and infos are sums that are not monotonic, because their values add up
//! over series; all other gauges are gauges. Histograms with native buckets are exponential histograms. Former names are not
//! sent.
//!
//! - Messages: <https://github.com/open-telemetry/opentelemetry-proto/tree/main/opentelemetry/proto/metrics/v1>
//! - States and infos: <https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/>

use std::time::Duration;

use crate::exposition::values::{Observations, cell, facts, is_current, value};
use crate::exposition::wire::{
    push_bare_varint, push_bytes, push_double, push_fixed64, push_message, push_packed,
    push_signed, push_string, push_varint,
};
use crate::native::Native;
use crate::otlp::settings::Push;
use crate::read::{Reader, Slab};
use crate::schema::{Encoding, Family, MessageType, SeriesSamples, Storage};
use crate::store::exemplars::Exemplar;

/// `AGGREGATION_TEMPORALITY_CUMULATIVE`.
const CUMULATIVE: u64 = 2;

/// The type of a metric's data, with the number of its field in the message `Metric`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Data {
    Gauge = 5,
    Sum = 7,
    Histogram = 9,
    ExponentialHistogram = 10,
}

impl Data {
    fn of(family: &Family, push: &Push) -> Self {
        let spec = family.kind.spec();
        match (spec.message, spec.samples) {
            (MessageType::Histogram, _) | (_, SeriesSamples::Histogram(_)) => {
                match family.native() {
                    Some(_) if push.exponential_histograms => Self::ExponentialHistogram,
                    Some(_) | None => Self::Histogram,
                }
            }
            (MessageType::Counter, _) | (_, SeriesSamples::States(_) | SeriesSamples::Facts(_)) => {
                Self::Sum
            }
            (MessageType::Gauge, SeriesSamples::Value) => match spec.storage {
                Storage::PerThread => Self::Sum,
                Storage::Shared | Storage::Callback | Storage::Text | Storage::Derived => {
                    Self::Gauge
                }
            },
        }
    }

    /// Returns the number of the field with a data point's attributes.
    const fn attributes_field(self) -> u32 {
        match self {
            Self::Gauge | Self::Sum => 7,
            Self::Histogram => 9,
            Self::ExponentialHistogram => 1,
        }
    }
}

/// Replaces the contents of a buffer with a request that has all values of a push's registries. Returns the number of data points.
///
/// `now` is in nanoseconds since 1970.
pub(super) fn encode(push: &Push, now: u64, out: &mut Vec<u8>) -> u64 {
    out.clear();
    let mut points = 0;
    push_message(out, 1, |out| {
        push_message(out, 1, |out| {
            for (name, value) in &push.resource {
                push_attribute(out, 1, name, value);
            }
        });
        for registry in &push.registries {
            let Some(mut reader) = registry.reader() else {
                continue;
            };
            push_message(out, 2, |out| {
                push_message(out, 1, push_scope);
                let families = registry.schema().families;
                for parts in families.chunk_by(|_, next| next.continues) {
                    points += push_metric(out, &mut reader, parts, (push, now));
                }
            });
        }
    });
    points
}

fn push_scope(out: &mut Vec<u8>) {
    push_string(out, 1, env!("CARGO_PKG_NAME"));
    push_string(out, 2, env!("CARGO_PKG_VERSION"));
}

/// Appends a metric, given by its families, unless it has no data point. Returns the number of data points.
fn push_metric(
    out: &mut Vec<u8>,
    reader: &mut Reader<'_>,
    parts: &'static [Family],
    (push, now): (&Push, u64),
) -> u64 {
    let Some(family) = parts.first() else {
        return 0;
    };
    let start = out.len();
    let spec = family.kind.spec();
    let data = Data::of(family, push);
    let mut points = 0;
    push_message(out, 2, |out| {
        push_string(out, 1, family.otel_name);
        push_string(out, 2, family.help);
        push_string(out, 3, family.otel_unit);
        push_message(out, data as u32, |out| {
            for part in parts {
                let mut slabs = reader.slabs(part);
                while let Some(slab) = slabs.next() {
                    let slab = Points {
                        slab: &slab,
                        data,
                        now,
                    };
                    points += slab.push(out, part.series);
                }
            }
            if data != Data::Gauge {
                push_varint(out, 2, CUMULATIVE);
            }
            if data == Data::Sum && spec.message == MessageType::Counter {
                push_varint(out, 3, 1);
            }
        });
    });
    if points == 0 {
        out.truncate(start);
    }
    points
}

/// The data points of a slab.
#[derive(Clone, Copy)]
struct Points<'p> {
    slab: &'p Slab<'p>,
    data: Data,
    now: u64,
}

impl Points<'_> {
    /// Appends the points of the first series, which have no former names. Returns their number.
    fn push(self, out: &mut Vec<u8>, series: usize) -> u64 {
        let slab = self.slab;
        let mut points = 0;
        for series in 0..series {
            match slab.family.kind.spec().samples {
                SeriesSamples::Value => {
                    if let Some(value) = value(slab, series).filter(|value| !value.is_nan()) {
                        points += self.push_point(out, series, &[], |out| {
                            push_number(out, slab, series, value);
                            push_exemplar(out, 5, slab, slab.exemplar(series, 0));
                        });
                    }
                }
                SeriesSamples::Histogram(buckets) => {
                    if let Some(observations) = Observations::of(slab, series, buckets) {
                        points += self.push_point(out, series, &[], |out| {
                            self.push_histogram(out, series, &observations);
                        });
                    }
                }
                SeriesSamples::States(states) => {
                    for (position, state) in states.values() {
                        let is_current = is_current(slab, series, position);
                        let own = [(slab.family.name, state)];
                        points += self.push_point(out, series, &own, |out| {
                            push_fixed64(out, 6, u64::from(is_current));
                        });
                    }
                }
                SeriesSamples::Facts(names) => {
                    if let Some(facts) = facts(slab, series) {
                        let facts = facts.iter().map(|fact| &**fact);
                        let own: Vec<_> = names.iter().copied().zip(facts).collect();
                        points += self.push_point(out, series, &own, |out| push_fixed64(out, 6, 1));
                    }
                }
            }
        }
        points
    }

    /// Appends a data point: its attributes, with `own` after those of its series, its times and its value. Returns 1, the number
    /// of points.
    fn push_point(
        self,
        out: &mut Vec<u8>,
        series: usize,
        own: &[(&str, &str)],
        push_value: impl FnOnce(&mut Vec<u8>),
    ) -> u64 {
        let attributes = self.data.attributes_field();
        push_message(out, 1, |out| {
            for (label, value) in self.slab.labels(series) {
                push_attribute(out, attributes, label.otel_name, value);
            }
            for (name, value) in own {
                push_attribute(out, attributes, name, value);
            }
            // The start of a callback's values is unknown.
            if self.data != Data::Gauge && self.slab.family.kind.spec().storage != Storage::Callback
            {
                // The clock may have been set back since then.
                push_fixed64(out, 2, nanoseconds(self.slab.created).min(self.now));
            }
            push_fixed64(out, 3, self.now);
            push_value(out);
        });
        1
    }

    fn push_histogram(self, out: &mut Vec<u8>, series: usize, observations: &Observations<'_>) {
        push_fixed64(out, 4, observations.count);
        push_double(out, 5, observations.sum);
        let native = self.slab.native(series);
        let native = native.filter(|_| self.data == Data::ExponentialHistogram);
        let exemplars = if let Some((native, cells)) = native {
            push_exponential_buckets(out, native, &native.sum_native(cells));
            11
        } else {
            let counts = observations.buckets.iter();
            push_packed(out, 6, counts.map(|count| count.to_le_bytes()));
            let bounds = observations.bounds.iter();
            push_packed(out, 7, bounds.map(|bound| bound.to_le_bytes()));
            8
        };
        for bucket in 0..observations.buckets.len() {
            // The cells were read first, so an exemplar may be of an observation that they do not contain.
            let exemplar = self.slab.exemplar(series, bucket + 1);
            let exemplar = exemplar.filter(|_| observations.has_any(bucket));
            push_exemplar(out, exemplars, self.slab, exemplar);
        }
    }
}

/// Appends the value of a number. An integer is written as one, so that large counts stay exact.
fn push_number(out: &mut Vec<u8>, slab: &Slab<'_>, series: usize, value: f64) {
    let integer = match slab.family.encoding {
        Encoding::Unsigned => cell(slab, series).filter(|cell| i64::try_from(*cell).is_ok()),
        Encoding::Signed => cell(slab, series),
        Encoding::Nanoseconds | Encoding::Float => None,
    };
    match integer {
        Some(integer) => push_fixed64(out, 6, integer),
        None => push_double(out, 4, value),
    }
}

/// Appends native buckets. The first bucket contains zero.
fn push_exponential_buckets(out: &mut Vec<u8>, native: &Native, counts: &[u64]) {
    let [zero, counts @ ..] = counts else { return };
    push_signed(out, 6, native.schema.into());
    push_fixed64(out, 7, *zero);
    let is_used = |count: &u64| *count > 0;
    if let Some(first) = counts.iter().position(is_used) {
        let end = counts
            .iter()
            .rposition(is_used)
            .map_or(first, |last| last + 1);
        push_message(out, 8, |out| {
            // OTLP numbers a bucket by its lower bound, and Prometheus by its upper one.
            let number = i64::from(native.first).saturating_add_unsigned(first as u64);
            push_signed(out, 1, number - 1);
            push_message(out, 2, |out| {
                for count in counts.get(first..end).unwrap_or_default() {
                    push_bare_varint(out, *count);
                }
            });
        });
    }
    push_double(out, 14, native.zero_threshold);
}

fn push_exemplar(out: &mut Vec<u8>, field: u32, slab: &Slab<'_>, exemplar: Option<Exemplar>) {
    let Some(exemplar) = exemplar else { return };
    let [high, low] = exemplar.trace;
    let trace = u128::from(high) << 64 | u128::from(low);
    push_message(out, field, |out| {
        push_fixed64(out, 2, nanoseconds(exemplar.time));
        push_double(out, 3, slab.family.encoding.to_f64(exemplar.value));
        push_bytes(out, 4, &exemplar.span.to_be_bytes());
        push_bytes(out, 5, &trace.to_be_bytes());
    });
}

fn push_attribute(out: &mut Vec<u8>, field: u32, name: &str, value: &str) {
    push_message(out, field, |out| {
        push_string(out, 1, name);
        push_message(out, 2, |out| push_string(out, 1, value));
    });
}

/// Converts seconds since 1970 to nanoseconds.
fn nanoseconds(seconds: f64) -> u64 {
    let since_1970 = Duration::try_from_secs_f64(seconds).unwrap_or_default();
    u64::try_from(since_1970.as_nanos()).unwrap_or(u64::MAX)
}
