//! The sample lines of metrics with `exemplars = true`, in OpenMetrics.

use std::iter;

use super::{Front, push_value};
use crate::exposition::number::{push_timestamp, push_unsigned};
use crate::exposition::text::{LabelText as _, Piece, Text};
use crate::read::{Samples, Slab};
use crate::schema::{Encoding, SeriesSamples};
use crate::store::exemplars::Exemplar;

/// Appends the lines of adjacent series, given the first one.
#[inline(never)]
pub(super) fn push_samples<'t>(
    out: &mut Text,
    slab: &Slab<'_>,
    (first, samples): (usize, Samples<'_>),
    front: Front<'t>,
    labels: impl Iterator<Item = Piece<'t>>,
) {
    // Only counters and histograms have exemplars, and only those that are stored in cells.
    let Samples::Cells(cells) = samples else {
        return;
    };
    match slab.family.kind.spec().samples {
        SeriesSamples::Histogram(_) => push_histograms(out, slab, (first, cells), front, labels),
        SeriesSamples::Value | SeriesSamples::States(_) | SeriesSamples::Facts(_) => {
            push_counters(out, slab, (first, cells), front, labels);
        }
    }
}

fn push_counters<'t>(
    out: &mut Text,
    slab: &Slab<'_>,
    (first, cells): (usize, &[u64]),
    front: Front<'t>,
    labels: impl Iterator<Item = Piece<'t>>,
) {
    let encoding = slab.family.encoding;
    let (name, end) = (front.name(0), front.end());
    let created = front.created();
    for (series, (cell, labels)) in cells.iter().zip(labels).enumerate() {
        labels.push_front(out, name, end);
        push_value(out, encoding, *cell);
        push_exemplar(out, encoding, slab.exemplar(first + series, 0));
        out.push(b"\n");
        if let Some((name, end)) = created {
            labels.push_front(out, name, end);
        }
    }
}

fn push_histograms<'t>(
    out: &mut Text,
    slab: &Slab<'_>,
    (first, cells): (usize, &[u64]),
    front: Front<'t>,
    labels: impl Iterator<Item = Piece<'t>>,
) {
    let encoding = slab.family.encoding;
    let [bucket, sum] = [0, 1].map(|index| front.name(index));
    let count = front.around(2);
    let end = front.end();
    let all = cells.chunks_exact(slab.family.cells_per_series());
    for (series, (cells, labels)) in all.zip(labels).enumerate() {
        let [sum_cell, buckets @ ..] = cells else {
            continue;
        };
        let mut total = 0_u64;
        for (index, (cell, le)) in (1..).zip(buckets.iter().zip(front.ends.iter())) {
            total = total.saturating_add(*cell);
            labels.push_front(out, bucket, le);
            push_unsigned(out, total);
            // The cells were read first, so the exemplar may be of an observation that they do not count yet.
            let exemplar = slab.exemplar(first + series, index);
            push_exemplar(out, encoding, exemplar.filter(|_| *cell > 0));
            out.push(b"\n");
        }
        labels.push_front(out, sum, end);
        push_value(out, encoding, *sum_cell);
        out.push(b"\n");
        Piece::push_counts(out, &count, iter::once((labels, total)));
    }
}

/// Appends an exemplar, if there is one. Its labels have 63 characters, and OpenMetrics allows 128.
fn push_exemplar(out: &mut Text, encoding: Encoding, exemplar: Option<Exemplar>) {
    let Some(exemplar) = exemplar else { return };
    let ([high, low], span) = (exemplar.trace, exemplar.span);
    let labels = format!(" # {{trace_id=\"{high:016x}{low:016x}\",span_id=\"{span:016x}\"}} ");
    out.push(labels.as_bytes());
    push_value(out, encoding, exemplar.value);
    out.push(b" ");
    push_timestamp(out, exemplar.time);
}
