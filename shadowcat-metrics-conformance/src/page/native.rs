//! The native buckets of histograms, which only protobuf pages have.

use super::protobuf::message::{Histogram, Span};

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
}

impl NativeBuckets {
    /// Reads the native buckets of a histogram. Returns `None` without any, and why Prometheus refuses them.
    pub(super) fn read(
        histogram: &Histogram,
        labels: &[(String, String)],
        count: f64,
    ) -> Result<Option<Self>, String> {
        let Histogram {
            schema,
            zero_threshold,
            zero_count,
            zero_count_float,
            ..
        } = *histogram;
        let zero_count = super::protobuf::count(zero_count, zero_count_float);
        let has_spans = [&histogram.positive_spans, &histogram.negative_spans]
            .iter()
            .any(|spans| !spans.is_empty());
        // Prometheus has the same rule.
        if zero_threshold == 0.0 && zero_count == 0.0 && !has_spans {
            return Ok(None);
        }
        let positive = counts(
            &histogram.positive_spans,
            &histogram.positive_deltas,
            &histogram.positive_counts,
        )?;
        let negative = counts(
            &histogram.negative_spans,
            &histogram.negative_deltas,
            &histogram.negative_counts,
        )?;
        Ok(Some(Self {
            labels: labels.to_vec(),
            schema,
            zero_threshold,
            zero_count,
            counted: positive.iter().chain(&negative).sum(),
            used: used(&histogram.positive_spans, &positive),
            count,
        }))
    }
}

/// Returns the number of observations in each bucket of some spans, which are counts or differences of counts.
fn counts(spans: &[Span], deltas: &[i64], counts: &[f64]) -> Result<Vec<f64>, String> {
    let expected: u64 = spans.iter().map(|span| u64::from(span.length)).sum();
    let mut running = 0_i64;
    let integers = deltas.iter().map(|delta| {
        running = running.saturating_add(*delta);
        #[expect(
            clippy::cast_precision_loss,
            reason = "so do Prometheus' own histograms of floats"
        )]
        let count = running as f64;
        count
    });
    let counts: Vec<_> = if counts.is_empty() {
        integers.collect()
    } else {
        counts.to_vec()
    };
    if counts.len() as u64 != expected {
        return Err(format!(
            "its spans have {expected} native buckets, and there are {} counts",
            counts.len()
        ));
    }
    match counts.iter().find(|count| **count < 0.0) {
        Some(count) => Err(format!("a native bucket has {count} observations")),
        None => Ok(counts),
    }
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
