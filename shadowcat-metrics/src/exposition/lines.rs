//! Writes the sample lines of the text formats. A line consists of three pieces and a number: the name, the labels of the
//! series, and the text before the value, which is `} ` or a label of this line only.
//!
//! Pieces are written once for each family and each list of labels, and then copied. Nothing is kept between scrapes.

use std::ops::Range;
use std::ptr;

use super::Format;
use super::escape::push_label_value;
use super::number::{
    Formatted, push_float, push_nanoseconds, push_signed, push_timestamp, push_unsigned,
};
use super::text::{Part, Piece, Pieces, Short, Text};
use crate::buckets::Buckets;
use crate::info::Facts;
use crate::read::{Page, Pages, Samples};
use crate::schema::{Encoding, Family, Label, SeriesSamples};
use labels::{LabelTexts, chunks};

mod exemplars;
mod labels;

/// Writes the families of one page.
pub(super) struct Lines {
    out: Text,
    format: Format,
    /// Whether counters and histograms have `_created` lines.
    has_created: bool,
    /// Whether the metadata of the last family was written. Families that continue it do not repeat it.
    has_metadata: bool,
    labels: LabelTexts,
    frame: Frame,
    /// The labels of the only series that lacks all labels, on a page where all labels are optional.
    bare: Frame,
}

/// The text around the labels of a family's series.
#[derive(Default)]
struct Frame {
    /// Sample names up to the first label: the family's own, or those of `_bucket`, `_sum` and `_count`; then `_created`.
    names: Pieces,
    /// The text after the labels: for each `le` or state, then for lines without an extra label.
    ends: Pieces,
    /// The bounds that `ends` were written for, if any, and whether the series have labels.
    ends_of: Option<(Option<&'static Buckets>, bool)>,
    /// The end of `_created` lines, with the value.
    created: Text,
}

/// The labels of adjacent series.
#[derive(Clone, Copy)]
struct Labels<'t> {
    pieces: &'t Pieces,
    first: usize,
    end: usize,
}

/// The pieces of the lines of adjacent series.
#[derive(Clone, Copy)]
struct Front<'t> {
    names: &'t Pieces,
    labels: Labels<'t>,
    ends: &'t Pieces,
    /// The name and the end of `_created` lines.
    created: Option<(Piece<'t>, Piece<'t>)>,
}

impl Lines {
    pub(super) fn new(out: Text, format: Format, created_lines: bool) -> Self {
        let has_created = match format {
            Format::PrometheusText => false,
            Format::OpenMetrics => created_lines,
        };
        Self {
            out,
            format,
            has_created,
            has_metadata: false,
            labels: LabelTexts::default(),
            frame: Frame::default(),
            bare: Frame::default(),
        }
    }

    pub(super) fn finish(self) -> Text {
        self.out
    }

    /// Appends a family: metadata and samples, or nothing if there is no sample.
    pub(super) fn push_family(&mut self, family: &'static Family, mut pages: Pages<'_, '_>) {
        let start = self.out.len();
        self.has_metadata &= family.continues;
        if !self.has_metadata {
            self.out.push(self.format.metadata(family).as_bytes());
        }
        let head = self.out.len();
        let created = family.created.filter(|_| self.has_created);
        self.frame.write(family, created, !family.labels.is_empty());
        let bare = family.series_without_labels();
        if bare.is_some() {
            self.bare.write(family, created, false);
        }
        let has_exemplars = family.exemplars && self.format.has_exemplars();
        while let Some(page) = pages.next() {
            if let Samples::Facts(facts) = page.samples {
                push_facts(&mut self.out, &page, facts);
                continue;
            }
            let bare = bare.filter(|_| page.lacks_open_labels());
            let created = created.map(|_| page.created);
            for series in chunks(page.series()) {
                let pieces = self.labels.write(&page, series.clone());
                let front = self.frame.front(pieces, created);
                let out = &mut self.out;
                let mut push = |front: Front<'_>, some: Range<usize>| {
                    let samples = page.samples.of(family, some.clone());
                    let front = front.of(some.start - series.start, some.len());
                    if has_exemplars {
                        exemplars::push_samples(out, &page, (some.start, samples), front);
                    } else if front.is_short() {
                        push_samples::<Short<'_>>(out, family, samples, front);
                    } else {
                        push_samples::<Piece<'_>>(out, family, samples, front);
                    }
                };
                match bare.filter(|bare| series.contains(bare)) {
                    None => push(front, series.clone()),
                    // The only series without labels is written separately, so that the loops need no check.
                    Some(bare) => {
                        push(front, series.start..bare);
                        push(self.bare.front(pieces, created), bare..bare + 1);
                        push(front, bare + 1..series.end);
                    }
                }
            }
        }
        if self.out.len() == head {
            self.out.truncate(start);
        } else {
            self.has_metadata = true;
        }
    }
}

impl Frame {
    fn write(&mut self, family: &'static Family, created: Option<&str>, has_labels: bool) {
        let samples = family.kind.spec().samples;
        self.write_names(family.name, samples, created, has_labels);
        self.write_ends(family.name, samples, has_labels);
    }

    fn write_names(
        &mut self,
        name: &str,
        samples: SeriesSamples,
        created: Option<&str>,
        has_labels: bool,
    ) {
        let brace: &[u8] = if has_labels { b"{" } else { b"" };
        self.names.clear();
        let mut add = |name: &str, suffix: &[u8]| {
            self.names.add(|text| {
                text.push(name.as_bytes());
                text.push(suffix);
            });
        };
        match samples {
            SeriesSamples::Value => add(name, brace),
            SeriesSamples::Histogram(_) => {
                add(name, b"_bucket{");
                add(name, if has_labels { b"_sum{" } else { b"_sum" });
                add(name, if has_labels { b"_count{" } else { b"_count" });
            }
            SeriesSamples::States(_) => add(name, b"{"),
            SeriesSamples::Facts(_) => {}
        }
        if let Some(name) = created {
            add(name, brace);
        }
        self.names.pad();
    }

    fn write_ends(&mut self, name: &'static str, samples: SeriesSamples, has_labels: bool) {
        let written = self
            .ends_of
            .filter(|(_, had_labels)| *had_labels == has_labels);
        let own = match (samples, written) {
            // The pieces of the previous family include the last one, too.
            (SeriesSamples::Value | SeriesSamples::Facts(_), Some(_)) => return,
            (SeriesSamples::Histogram(buckets), Some((Some(of), _))) if ptr::eq(of, buckets) => {
                return;
            }
            (SeriesSamples::Histogram(buckets), _) => Some(buckets),
            (SeriesSamples::Value | SeriesSamples::Facts(_) | SeriesSamples::States(_), _) => None,
        };
        self.ends.clear();
        let mut add = |name: &str, value: &str| {
            self.ends.add(|text| {
                if has_labels {
                    text.push(b",");
                }
                push_label(text, name, value);
                text.push(b"} ");
            });
        };
        match samples {
            SeriesSamples::Histogram(buckets) => {
                for le in buckets.le() {
                    add("le", le);
                }
            }
            SeriesSamples::States(states) => {
                for (_, state) in states.spellings() {
                    add(name, state);
                }
            }
            SeriesSamples::Value | SeriesSamples::Facts(_) => {}
        }
        let end: &[u8] = if has_labels { b"} " } else { b" " };
        self.ends.add(|text| text.push(end));
        self.ends.pad();
        self.ends_of = Some((own, has_labels));
    }

    /// Returns the front of lines. `created` is the creation time of the series, if it is written.
    fn front<'t>(&'t mut self, labels: &'t Pieces, created: Option<f64>) -> Front<'t> {
        if let Some(time) = created {
            self.created.truncate(0);
            self.created.push_piece(self.ends.last());
            push_timestamp(&mut self.created, time);
            self.created.push(b"\n");
            self.created.pad();
        }
        Front {
            names: &self.names,
            labels: Labels {
                pieces: labels,
                first: 0,
                end: labels.len(),
            },
            ends: &self.ends,
            created: created.map(|_| (self.names.last(), self.created.as_piece())),
        }
    }
}

impl<'t> Labels<'t> {
    #[inline]
    fn iter<P: Part<'t>>(self) -> impl Iterator<Item = P> {
        self.pieces.range(self.first, self.end).map(P::from)
    }
}

fn push_samples<'t, P: Part<'t>>(
    out: &mut Text,
    family: &Family,
    samples: Samples<'_>,
    front: Front<'t>,
) {
    match samples {
        Samples::Cells(cells) => match family.kind.spec().samples {
            SeriesSamples::Histogram(_) => push_histograms::<P>(out, family, cells, front),
            SeriesSamples::States(states) => push_states::<P>(out, states, cells, front),
            SeriesSamples::Value | SeriesSamples::Facts(_) => match family.encoding {
                // One loop for each encoding, so that lines need no match.
                Encoding::Unsigned => push_counts::<P>(out, cells, front),
                Encoding::Signed => push_cells::<P>(out, cells, front, |out, cell| {
                    push_signed(out, cell.cast_signed());
                }),
                Encoding::Nanoseconds => push_cells::<P>(out, cells, front, push_nanoseconds),
                Encoding::Float => push_cells::<P>(out, cells, front, |out, cell| {
                    push_float(out, f64::from_bits(cell));
                }),
            },
        },
        Samples::Optional(values) => push_optional::<P>(out, family, values, front),
        // Facts are labels, so they are written separately.
        Samples::Facts(_) => {}
    }
}

fn push_counts<'t, P: Part<'t>>(out: &mut Text, cells: &[u64], front: Front<'t>) {
    let (name, end) = (P::from(front.names.get(0)), P::from(front.ends.last()));
    let created = front.created();
    for (cell, labels) in cells.iter().zip(front.labels.iter::<P>()) {
        P::push_line(out, [name, labels, end], *cell);
        if let Some((name, end)) = created {
            P::push_front(out, [name, labels, end]);
        }
    }
}

#[inline]
fn push_cells<'t, P: Part<'t>>(
    out: &mut Text,
    cells: &[u64],
    front: Front<'t>,
    push: impl Fn(&mut Text, u64),
) {
    let (name, end) = (P::from(front.names.get(0)), P::from(front.ends.last()));
    let created = front.created();
    for (cell, labels) in cells.iter().zip(front.labels.iter::<P>()) {
        P::push_front(out, [name, labels, end]);
        push(out, *cell);
        out.push(b"\n");
        if let Some((name, end)) = created {
            P::push_front(out, [name, labels, end]);
        }
    }
}

fn push_histograms<'t, P: Part<'t>>(
    out: &mut Text,
    family: &Family,
    cells: &[u64],
    front: Front<'t>,
) {
    let [bucket, sum, count] = [0, 1, 2].map(|index| P::from(front.names.get(index)));
    let end = P::from(front.ends.last());
    let created = front.created();
    let series = cells.chunks_exact(family.cells_per_series());
    for (cells, labels) in series.zip(front.labels.iter::<P>()) {
        let [buckets @ .., sum_cell] = cells else {
            continue;
        };
        let mut total = 0_u64;
        let mut formatted = Formatted::of(total);
        for (cell, le) in buckets.iter().zip(front.ends.iter().map(P::from)) {
            // Most buckets of most histograms are empty.
            if *cell > 0 {
                total = total.saturating_add(*cell);
                formatted = Formatted::of(total);
            }
            P::push_formatted(out, [bucket, labels, le], &formatted);
        }
        P::push_front(out, [sum, labels, end]);
        push_value(out, family.encoding, *sum_cell);
        out.push(b"\n");
        P::push_formatted(out, [count, labels, end], &formatted);
        if let Some((name, end)) = created {
            P::push_front(out, [name, labels, end]);
        }
    }
}

fn push_states<'t, P: Part<'t>>(out: &mut Text, states: &Label, cells: &[u64], front: Front<'t>) {
    let name = P::from(front.names.get(0));
    for (cell, labels) in cells.iter().zip(front.labels.iter::<P>()) {
        for ((position, _), state) in states.spellings().zip(front.ends.iter().map(P::from)) {
            let is_current = *cell == position as u64 + 1;
            P::push_line(out, [name, labels, state], is_current.into());
        }
    }
}

fn push_optional<'t, P: Part<'t>>(
    out: &mut Text,
    family: &Family,
    values: &[Option<u64>],
    front: Front<'t>,
) {
    let (name, end) = (P::from(front.names.get(0)), P::from(front.ends.last()));
    let absent = family.kind.spec().absent;
    for (value, labels) in values.iter().zip(front.labels.iter::<P>()) {
        let front = [name, labels, end];
        match (value, absent) {
            (Some(cell), _) => {
                P::push_front(out, front);
                push_value(out, family.encoding, *cell);
            }
            (None, Some(value)) => {
                P::push_front(out, front);
                push_float(out, value);
            }
            (None, None) => continue,
        }
        out.push(b"\n");
    }
}

fn push_facts(out: &mut Text, page: &Page<'_>, facts: &[Option<Facts>]) {
    let SeriesSamples::Facts(names) = page.family.kind.spec().samples else {
        return;
    };
    let mut labels = Text::default();
    for (series, facts) in facts.iter().enumerate() {
        let Some(facts) = facts else { continue };
        let facts = names.iter().copied().zip(facts.iter().map(|fact| &**fact));
        labels.truncate(0);
        push_labels(&mut labels, by_name(page.labels(series)).chain(facts));
        out.push(page.family.name.as_bytes());
        if labels.len() > 0 {
            out.push(b"{");
            out.push_piece(labels.as_piece());
            out.push(b"}");
        }
        out.push(b" 1\n");
    }
}

impl<'t> Front<'t> {
    fn is_short(self) -> bool {
        let created = |(name, end): (Piece<'_>, Piece<'_>)| name.is_short() && end.is_short();
        self.names.are_short()
            && self.labels.pieces.are_short()
            && self.ends.are_short()
            && self.created.is_none_or(created)
    }

    fn created<P: Part<'t>>(self) -> Option<(P, P)> {
        self.created
            .map(|(name, end)| (P::from(name), P::from(end)))
    }

    /// Returns the front of some of the series.
    fn of(mut self, first: usize, series: usize) -> Self {
        self.labels.first = first;
        self.labels.end = first + series;
        self
    }
}

#[inline]
fn push_value(out: &mut Text, encoding: Encoding, cell: u64) {
    match encoding {
        Encoding::Unsigned => push_unsigned(out, cell),
        Encoding::Signed => push_signed(out, cell.cast_signed()),
        Encoding::Nanoseconds => push_nanoseconds(out, cell),
        Encoding::Float => push_float(out, f64::from_bits(cell)),
    }
}

/// Returns the names of labels on pages, with the values.
fn by_name<'l>(
    labels: impl Iterator<Item = (&'static Label, &'l str)>,
) -> impl Iterator<Item = (&'static str, &'l str)> {
    labels.map(|(label, value)| (label.name, value))
}

/// Appends labels, with commas between them.
fn push_labels<'l>(text: &mut Text, labels: impl Iterator<Item = (&'static str, &'l str)>) {
    for (position, (name, value)) in labels.enumerate() {
        if position > 0 {
            text.push(b",");
        }
        push_label(text, name, value);
    }
}

/// Appends `name="value"`.
fn push_label(text: &mut Text, name: &str, value: &str) {
    text.push(name.as_bytes());
    text.push(b"=\"");
    push_label_value(text, value);
    text.push(b"\"");
}
