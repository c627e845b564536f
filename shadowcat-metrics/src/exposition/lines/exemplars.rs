//! The sample lines of metrics with `exemplars = true`, in OpenMetrics.

use super::{Front, push_value};
use crate::exposition::number::{push_timestamp, push_unsigned};
use crate::exposition::text::{Part as _, Piece, Text};
use crate::read::{Page, Samples};
use crate::schema::{Encoding, SeriesSamples};
use crate::store::exemplars::Exemplar;

/// Appends the lines of adjacent series, given the first one.
#[inline(never)]
pub(super) fn push_samples(
    out: &mut Text,
    page: &Page<'_>,
    (first, samples): (usize, Samples<'_>),
    front: Front<'_>,
) {
    // Only counters and histograms have exemplars, and only those that are stored in cells.
    let Samples::Cells(cells) = samples else {
        return;
    };
    match page.family.kind.spec().samples {
        SeriesSamples::Histogram(_) => push_histograms(out, page, (first, cells), front),
        SeriesSamples::Value | SeriesSamples::States(_) | SeriesSamples::Facts(_) => {
            push_counters(out, page, (first, cells), front);
        }
    }
}

fn push_counters(
    out: &mut Text,
    page: &Page<'_>,
    (first, cells): (usize, &[u64]),
    front: Front<'_>,
) {
    let encoding = page.family.encoding;
    let (name, end) = (front.names.get(0), front.ends.last());
    for (series, (cell, labels)) in cells.iter().zip(front.labels.iter()).enumerate() {
        Piece::push_front(out, [name, labels, end]);
        push_value(out, encoding, *cell);
        push_exemplar(out, encoding, page.exemplar(first + series, 0));
        out.push(b"\n");
        push_created(out, front, labels);
    }
}

fn push_histograms(
    out: &mut Text,
    page: &Page<'_>,
    (first, cells): (usize, &[u64]),
    front: Front<'_>,
) {
    let encoding = page.family.encoding;
    let [bucket, sum, count] = [0, 1, 2].map(|index| front.names.get(index));
    let end = front.ends.last();
    let all = cells.chunks_exact(page.family.cells_per_series());
    for (series, (cells, labels)) in all.zip(front.labels.iter()).enumerate() {
        let [buckets @ .., sum_cell] = cells else {
            continue;
        };
        let mut total = 0_u64;
        for (index, (cell, le)) in buckets.iter().zip(front.ends.iter()).enumerate() {
            total = total.saturating_add(*cell);
            Piece::push_front(out, [bucket, labels, le]);
            push_unsigned(out, total);
            // The cells were read first, so the exemplar may be of an observation that they do not count yet.
            let exemplar = page.exemplar(first + series, index);
            push_exemplar(out, encoding, exemplar.filter(|_| *cell > 0));
            out.push(b"\n");
        }
        Piece::push_front(out, [sum, labels, end]);
        push_value(out, encoding, *sum_cell);
        out.push(b"\n");
        Piece::push_line(out, [count, labels, end], total);
        push_created(out, front, labels);
    }
}

fn push_created<'t>(out: &mut Text, front: Front<'t>, labels: Piece<'t>) {
    if let Some((name, end)) = front.created::<Piece<'t>>() {
        Piece::push_front(out, [name, labels, end]);
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
