//! The protobuf format: length-delimited messages of the type `io.prometheus.client.MetricFamily`.
//!
//! Prometheus requests it to ingest native histograms or creation times. A native histogram has its classic buckets, too. The
//! format has neither state sets nor infos; those families are gauges, as in Prometheus text. The bucket `+Inf` is omitted unless
//! it has an exemplar, as the format allows, because the count has the same value.
//!
//! - Messages: <https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto>
//! - Encoding: <https://protobuf.dev/programming-guides/encoding/>

use std::ops::Range;

use super::number::milliseconds;
use super::values::{Observations, facts, is_current, value};
use super::wire::{
    push_bare_signed, push_double, push_length_in_front, push_message, push_signed, push_string,
    push_varint,
};
use crate::native::Native;
use crate::read::Slab;
use crate::registry::Registry;
use crate::schema::{Family, MessageType, SeriesSamples, Storage};
use crate::store::exemplars::Exemplar;

/// The `Content-Type` of pages from [`Registry::encode_protobuf`].
pub const PROTOBUF_CONTENT_TYPE: &str =
    "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";

impl Registry {
    /// Returns all values as protobuf, for scrapers that request [`PROTOBUF_CONTENT_TYPE`]: the same series as in the text
    /// formats, in the same order.
    ///
    /// The notes on [`Registry::encode`] apply. Counts above 2^53 are rounded, because the format only has floats.
    ///
    /// ```
    /// # use shadowcat_metrics::private::{Options, Registry, Schema};
    /// # static SCHEMA: Schema =
    /// #     Schema { namespace: "", families: &[], former_families: &[], open_labels: &[], overflow_family: None, rejected_family: None };
    /// # let metrics = Registry::new(&SCHEMA, Options::default());
    /// let page: Vec<u8> = metrics.encode_protobuf();
    /// # assert!(page.is_empty());
    /// ```
    #[must_use]
    pub fn encode_protobuf(&self) -> Vec<u8> {
        let mut page = Vec::new();
        self.encode_protobuf_into(&mut page);
        page
    }

    /// Like [`Registry::encode_protobuf`], but replaces the contents of a buffer.
    ///
    /// ```
    /// # use shadowcat_metrics::private::{Options, Registry, Schema};
    /// # static SCHEMA: Schema =
    /// #     Schema { namespace: "", families: &[], former_families: &[], open_labels: &[], overflow_family: None, rejected_family: None };
    /// # let metrics = Registry::new(&SCHEMA, Options::default());
    /// let mut page = b"what was there before".to_vec();
    /// metrics.encode_protobuf_into(&mut page);
    /// # assert!(page.is_empty());
    /// ```
    pub fn encode_protobuf_into(&self, page: &mut Vec<u8>) {
        page.clear();
        let Some(mut reader) = self.reader() else {
            return;
        };
        let mut message = None;
        for family in self.schema().exposed() {
            if !family.continues {
                end_family(page, message.take());
            }
            message.get_or_insert_with(|| begin_family(page, family));
            let mut slabs = reader.slabs(family);
            while let Some(slab) = slabs.next() {
                push_slab(page, &slab);
            }
        }
        end_family(page, message);
    }
}

/// A `MetricFamily` that is being written.
struct Message {
    family: &'static Family,
    /// Where it begins, and where its samples do.
    start: usize,
    head: usize,
}

fn begin_family(out: &mut Vec<u8>, family: &'static Family) -> Message {
    let start = out.len();
    push_string(out, 1, family.name);
    push_string(out, 2, family.help);
    push_varint(out, 3, family.kind.spec().message as u64);
    Message {
        family,
        start,
        head: out.len(),
    }
}

/// Completes a message with its length, or removes it if there is no sample.
fn end_family(out: &mut Vec<u8>, message: Option<Message>) {
    let Some(message) = message else { return };
    if out.len() == message.head {
        out.truncate(message.start);
        return;
    }
    if !message.family.unit.is_empty() {
        push_string(out, 5, message.family.unit);
    }
    push_length_in_front(out, message.start);
}

fn push_slab(out: &mut Vec<u8>, slab: &Slab<'_>) {
    let spec = slab.family.kind.spec();
    for series in 0..slab.series() {
        match spec.samples {
            SeriesSamples::Value => {
                if let Some(value) = value(slab, series) {
                    push_message(out, METRIC, |out| {
                        push_labels(out, slab, series);
                        match spec.message {
                            MessageType::Counter => push_counter(out, slab, series, value),
                            MessageType::Gauge | MessageType::Histogram => push_gauge(out, value),
                        }
                    });
                }
            }
            SeriesSamples::Histogram(buckets) => {
                if let Some(observations) = Observations::of(slab, series, buckets) {
                    push_message(out, METRIC, |out| {
                        push_labels(out, slab, series);
                        push_histogram(out, slab, series, &observations);
                    });
                }
            }
            SeriesSamples::States(states) => {
                for (position, state) in states.spellings() {
                    let value = f64::from(u8::from(is_current(slab, series, position)));
                    push_message(out, METRIC, |out| {
                        push_labels(out, slab, series);
                        push_label(out, slab.family.name, state);
                        push_gauge(out, value);
                    });
                }
            }
            SeriesSamples::Facts(names) => {
                if let Some(facts) = facts(slab, series) {
                    push_message(out, METRIC, |out| {
                        push_labels(out, slab, series);
                        for (name, fact) in names.iter().zip(&**facts) {
                            push_label(out, name, fact);
                        }
                        push_gauge(out, 1.0);
                    });
                }
            }
        }
    }
}

/// Field of a `MetricFamily`: a `Metric`, which has the labels of a sample and its value.
const METRIC: u32 = 4;

/// Appends the labels of a series.
fn push_labels(out: &mut Vec<u8>, slab: &Slab<'_>, series: usize) {
    for (label, value) in slab.labels(series) {
        push_label(out, label.name, value);
    }
}

/// Appends a `LabelPair`.
fn push_label(out: &mut Vec<u8>, name: &str, value: &str) {
    push_message(out, 1, |out| {
        push_string(out, 1, name);
        push_string(out, 2, value);
    });
}

fn push_gauge(out: &mut Vec<u8>, value: f64) {
    push_message(out, 2, |out| push_double(out, 1, value));
}

fn push_counter(out: &mut Vec<u8>, slab: &Slab<'_>, series: usize, value: f64) {
    push_message(out, 3, |out| {
        push_double(out, 1, value);
        push_exemplar(out, 2, slab, slab.exemplar(series, 0));
        push_created(out, 3, slab);
    });
}

fn push_histogram(
    out: &mut Vec<u8>,
    slab: &Slab<'_>,
    series: usize,
    observations: &Observations<'_>,
) {
    push_message(out, 7, |out| {
        push_varint(out, 1, observations.count);
        push_double(out, 2, observations.sum);
        // The cells were read first, so there may be an exemplar of an observation that is not among them.
        let exemplar = |bucket| {
            let exemplar = slab.exemplar(series, bucket + 1);
            exemplar.filter(|_| observations.has_any(bucket))
        };
        let mut push_bucket = |bound, count, exemplar| {
            push_message(out, 3, |out| {
                push_varint(out, 1, count);
                push_double(out, 2, bound);
                push_exemplar(out, 3, slab, exemplar);
            });
        };
        let mut buckets = 0;
        for (bucket, (bound, count)) in observations.cumulative().enumerate() {
            push_bucket(bound, count, exemplar(bucket));
            buckets = bucket + 1;
        }
        if let Some(last) = exemplar(buckets) {
            push_bucket(f64::INFINITY, observations.count, Some(last));
        }
        if let Some((native, cells)) = slab.native(series) {
            push_native(out, native, &native.sum_native(cells));
        }
        push_created(out, 15, slab);
    });
}

/// Most empty buckets between two others that are written, because a new span takes more bytes.
const WIDEST_GAP: usize = 2;

/// Appends native buckets, of which the first one is that with zero.
fn push_native(out: &mut Vec<u8>, native: &Native, counts: &[u64]) {
    let [zero, counts @ ..] = counts else { return };
    push_signed(out, 5, native.schema.into());
    push_double(out, 6, native.zero_threshold);
    push_varint(out, 7, *zero);
    let mut spans: Vec<Range<usize>> = Vec::new();
    for (place, count) in counts.iter().enumerate() {
        if *count == 0 {
            continue;
        }
        match spans.last_mut() {
            Some(span) if place - span.end <= WIDEST_GAP => span.end = place + 1,
            Some(_) | None => spans.push(place..place + 1),
        }
    }
    // The first offset is a bucket's number; the others are distances.
    let mut before = 0_i64;
    let number = |place: usize| i64::from(native.first).saturating_add_unsigned(place as u64);
    for span in &spans {
        push_message(out, 12, |out| {
            push_signed(out, 1, number(span.start) - before);
            push_varint(out, 2, span.len() as u64);
        });
        before = number(span.end);
    }
    if spans.is_empty() {
        return;
    }
    push_message(out, 13, |out| {
        let mut before = 0;
        for span in spans {
            for count in &counts[span] {
                push_bare_signed(out, count.wrapping_sub(before).cast_signed());
                before = *count;
            }
        }
    });
}

/// Appends the creation time of a slab's series as a `Timestamp` with milliseconds, if it is known.
fn push_created(out: &mut Vec<u8>, field: u32, slab: &Slab<'_>) {
    if slab.family.kind.spec().storage == Storage::Callback {
        return;
    }
    push_time(out, field, slab.created);
}

/// Appends a `Timestamp`.
fn push_time(out: &mut Vec<u8>, field: u32, seconds: f64) {
    let milliseconds = milliseconds(seconds);
    push_message(out, field, |out| {
        push_varint(out, 1, milliseconds / 1000);
        push_varint(out, 2, milliseconds % 1000 * 1_000_000);
    });
}

/// Appends an `Exemplar`, if there is one.
fn push_exemplar(out: &mut Vec<u8>, field: u32, slab: &Slab<'_>, exemplar: Option<Exemplar>) {
    let Some(exemplar) = exemplar else { return };
    let ([high, low], span) = (exemplar.trace, exemplar.span);
    push_message(out, field, |out| {
        push_label(out, "trace_id", &format!("{high:016x}{low:016x}"));
        push_label(out, "span_id", &format!("{span:016x}"));
        push_double(out, 2, slab.family.encoding.to_f64(exemplar.value));
        push_time(out, 3, exemplar.time);
    });
}
