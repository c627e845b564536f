//! The native buckets of histograms, which only protobuf pages have.

use std::ops::RangeInclusive;

use super::protobuf::message::{Histogram, Span};

/// Resolutions that Prometheus supports, by their numbers.
const SCHEMAS: RangeInclusive<i32> = -4..=8;

/// The native buckets of one series of a histogram.
#[derive(Debug, Clone, PartialEq)]
pub struct NativeBuckets {
    /// Names and values of the series' labels, in the page's order.
    pub labels: Vec<(String, String)>,
    /// Prometheus' number of the resolution.
    pub schema: i32,
    /// Highest absolute value of the bucket with zero.
    pub zero_threshold: f64,
    /// Number of observations in the bucket with zero.
    pub zero_count: f64,
    /// Number of observations in the other buckets.
    pub counted: f64,
    /// Prometheus' numbers of the first and the last bucket with positive values that has observations.
    pub used: Option<(i32, i32)>,
    /// The histogram's number of observations.
    pub count: f64,
    /// The histogram's sum of observations.
    pub sum: f64,
}

/// Why the native buckets of a histogram are wrong.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) message: String,
    /// Whether a version of Prometheus refuses the whole page.
    pub(super) refused: bool,
}

impl Fault {
    const fn refused(message: String) -> Self {
        Self {
            message,
            refused: true,
        }
    }

    const fn accepted(message: String) -> Self {
        Self {
            message,
            refused: false,
        }
    }
}

impl NativeBuckets {
    /// Reads the native buckets of a histogram. Returns `None` if there are none.
    pub(super) fn read(
        histogram: &Histogram,
        labels: &[(String, String)],
        count: f64,
    ) -> Result<Option<Self>, Fault> {
        let Histogram {
            schema,
            sum,
            count_float,
            zero_threshold,
            zero_count,
            zero_count_float,
            ..
        } = *histogram;
        let of_buckets = histogram.buckets.iter().map(|bucket| bucket.count_float);
        let mut floats = of_buckets.chain([count_float, zero_count_float]);
        if let Some(count) = floats.find(|count| !is_count(*count)) {
            let message = format!("{count} is not a number of observations");
            return Err(Fault::accepted(message));
        }
        let zero_count = super::protobuf::count(zero_count, zero_count_float);
        let has_spans = [&histogram.positive_spans, &histogram.negative_spans]
            .iter()
            .any(|spans| !spans.is_empty());
        // Prometheus has the same rule.
        if zero_threshold == 0.0 && zero_count == 0.0 && !has_spans {
            return Ok(None);
        }
        if !SCHEMAS.contains(&schema) {
            let (first, last) = (SCHEMAS.start(), SCHEMAS.end());
            let message = format!("it has the schema {schema}, expected {first} to {last}");
            return Err(Fault::accepted(message));
        }
        // Prometheus has the same rule for this, too.
        let is_float = count_float > 0.0 || zero_count_float > 0.0;
        let read = |spans: &[Span], deltas: &[i64], counts: &[f64]| {
            let counts = if is_float {
                counts.to_vec()
            } else {
                integers(deltas)?
            };
            check(spans, &counts)?;
            Ok(counts)
        };
        let positive = read(
            &histogram.positive_spans,
            &histogram.positive_deltas,
            &histogram.positive_counts,
        )?;
        let negative = read(
            &histogram.negative_spans,
            &histogram.negative_deltas,
            &histogram.negative_counts,
        )?;
        if !(zero_threshold >= 0.0 && zero_threshold.is_finite()) {
            let message = format!("its bucket with zero ends at {zero_threshold}");
            return Err(Fault::accepted(message));
        }
        Ok(Some(Self {
            labels: labels.to_vec(),
            schema,
            zero_threshold,
            zero_count,
            counted: positive.iter().chain(&negative).sum(),
            used: used(&histogram.positive_spans, &positive),
            count,
            sum,
        }))
    }

    /// Returns whether the buckets have as many observations as the histogram. Values that are not numbers are in no bucket.
    pub(crate) fn adds_up(&self) -> bool {
        let counted = self.zero_count + self.counted;
        counted.total_cmp(&self.count).is_eq() || (self.sum.is_nan() && counted < self.count)
    }
}

const fn is_count(count: f64) -> bool {
    count >= 0.0
}

/// Returns the numbers of observations whose differences are given.
fn integers(deltas: &[i64]) -> Result<Vec<f64>, Fault> {
    let mut running = 0_i64;
    let counts = deltas.iter().map(|delta| {
        let sum = running.checked_add(*delta);
        running = sum.ok_or_else(|| {
            Fault::refused("the count of a native bucket does not fit in 64 bits".to_owned())
        })?;
        #[expect(
            clippy::cast_precision_loss,
            reason = "so do Prometheus' own histograms of floats"
        )]
        let count = running as f64;
        Ok(count)
    });
    counts.collect()
}

/// Checks the spans and counts of the native buckets on one side of zero.
fn check(spans: &[Span], counts: &[f64]) -> Result<(), Fault> {
    let expected: u64 = spans.iter().map(|span| u64::from(span.length)).sum();
    if counts.len() as u64 != expected {
        return Err(Fault::refused(format!(
            "its spans have {expected} native buckets, and there are {} counts",
            counts.len()
        )));
    }
    if let Some(span) = spans.iter().skip(1).find(|span| span.offset < 0) {
        return Err(Fault::refused(format!(
            "a span begins {} native buckets before the end of the previous one",
            span.offset.unsigned_abs()
        )));
    }
    if let Some(count) = counts.iter().find(|count| !is_count(**count)) {
        let message = format!("a native bucket has {count} observations");
        return Err(Fault {
            message,
            // Prometheus only compares with zero.
            refused: !count.is_nan(),
        });
    }
    let mut next = 0_i64;
    for span in spans {
        let start = next + i64::from(span.offset);
        next = start + i64::from(span.length);
        if i32::try_from(start).is_err() || i32::try_from(next).is_err() {
            let message =
                format!("the numbers of its native buckets end at {next}: 32 bits are too few");
            return Err(Fault::accepted(message));
        }
    }
    Ok(())
}

/// Returns the numbers of the first and the last bucket with observations.
fn used(spans: &[Span], counts: &[f64]) -> Option<(i32, i32)> {
    let mut next = 0_i32;
    let numbers = spans.iter().flat_map(|span| {
        let start = next.saturating_add(span.offset);
        next = start.saturating_add_unsigned(span.length);
        start..next
    });
    let used = numbers.zip(counts).filter(|(_, count)| **count > 0.0);
    used.fold(None, |range, (number, _)| {
        Some((range.map_or(number, |(first, _)| first), number))
    })
}
