//! Writes the sample lines of the text formats. A line consists of three pieces and a number: the name, the labels of the
//! series, and the text before the value, which is `} ` or a label of this line only.
//!
//! Pieces are written once for each family and each list of labels, and then copied. Nothing is kept between scrapes.

use std::iter;
use std::ops::Range;
use std::ptr;

use super::Format;
use super::number::{push_float, push_nanoseconds, push_signed, push_timestamp, push_unsigned};
use super::text::{Around, End, Joined, LabelText, Piece, Pieces, Text};
use crate::buckets::Buckets;
use crate::info::Facts;
use crate::read::{Samples, Slab, Slabs};
use crate::schema::{Encoding, Family, Label, SeriesSamples};
use labels::{LabelTexts, Texts, chunks};

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
    /// The labels of the only series that lacks all labels, in a slab where all labels are optional.
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
    has_labels: bool,
}

/// The pieces of the lines of adjacent series, without their labels.
#[derive(Clone, Copy)]
struct Front<'t> {
    names: &'t Pieces,
    ends: &'t Pieces,
    end: End,
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
    pub(super) fn push_family(&mut self, family: &'static Family, mut slabs: Slabs<'_, '_>) {
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
        while let Some(slab) = slabs.next() {
            if let Samples::Facts(facts) = slab.samples {
                push_facts(&mut self.out, &slab, facts);
                continue;
            }
            let bare = bare.filter(|_| slab.lacks_open_labels());
            let created = created.map(|_| slab.created);
            let front = self.frame.front(created);
            let bare_front = bare.map(|_| self.bare.front(created));
            let may_be_short =
                !has_exemplars && front.is_short() && bare_front.is_none_or(Front::is_short);
            for chunk in chunks(slab.series()) {
                let texts = self.labels.write(&slab, chunk.clone(), may_be_short);
                let out = &mut self.out;
                let mut push = |front: Front<'_>, series: Range<usize>| {
                    let samples = slab.samples.of(family, series.clone());
                    let some = series.start - chunk.start..series.end - chunk.start;
                    match texts {
                        Texts::Short(texts) => {
                            let texts = texts[some].iter();
                            push_samples(out, family, samples, front, texts);
                        }
                        Texts::Medium(texts) => {
                            let texts = texts[some].iter();
                            push_samples(out, family, samples, front, texts);
                        }
                        Texts::Long(texts) => {
                            let texts = texts.range(some.start, some.end);
                            if has_exemplars {
                                let samples = (series.start, samples);
                                exemplars::push_samples(out, &slab, samples, front, texts);
                            } else {
                                push_samples(out, family, samples, front, texts);
                            }
                        }
                    }
                };
                match bare
                    .zip(bare_front)
                    .filter(|(bare, _)| chunk.contains(bare))
                {
                    None => push(front, chunk.clone()),
                    // The only series without labels is written separately, so that the loops need no check.
                    Some((bare, bare_front)) => {
                        push(front, chunk.start..bare);
                        push(bare_front, bare..bare + 1);
                        push(front, bare + 1..chunk.end);
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
        self.has_labels = has_labels;
        self.write_names(family, created, has_labels);
        self.write_ends(family.name, samples, has_labels);
    }

    fn write_names(&mut self, family: &Family, created: Option<&str>, has_labels: bool) {
        // Lines of buckets and states use the first name, and have a label of their own.
        let first_has_label = match family.kind.spec().samples {
            SeriesSamples::Histogram(_) | SeriesSamples::States(_) => true,
            SeriesSamples::Value | SeriesSamples::Facts(_) => false,
        };
        self.names.clear();
        let names = family.sample_names.iter().copied().chain(created);
        for (index, name) in names.enumerate() {
            self.names.add(|text| {
                text.push(name.as_bytes());
                if has_labels || (first_has_label && index == 0) {
                    text.push(b"{");
                }
            });
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
    fn front(&mut self, created: Option<f64>) -> Front<'_> {
        if let Some(time) = created {
            self.created.truncate(0);
            self.created.push_piece(self.ends.last());
            push_timestamp(&mut self.created, time);
            self.created.push(b"\n");
            self.created.pad();
        }
        Front {
            names: &self.names,
            ends: &self.ends,
            end: End::of(self.has_labels),
            created: created.map(|_| (self.names.last(), self.created.as_piece())),
        }
    }
}

fn push_samples<'t, L: LabelText<'t>>(
    out: &mut Text,
    family: &Family,
    samples: Samples<'_>,
    front: Front<'t>,
    labels: impl Iterator<Item = L>,
) {
    match samples {
        Samples::Cells(cells) => match family.kind.spec().samples {
            SeriesSamples::Histogram(_) => push_histograms(out, family, cells, front, labels),
            SeriesSamples::States(states) => push_states(out, states, cells, front, labels),
            SeriesSamples::Value | SeriesSamples::Facts(_) => {
                let series = labels.zip(cells.iter().copied());
                match family.encoding {
                    // One loop for each encoding, so that lines need no match.
                    Encoding::Unsigned => L::push_counts(out, &front.around(0), series),
                    Encoding::Signed => push_cells(out, front, series, |out, cell| {
                        push_signed(out, cell.cast_signed());
                    }),
                    Encoding::Nanoseconds => push_cells(out, front, series, push_nanoseconds),
                    Encoding::Float => push_cells(out, front, series, |out, cell| {
                        push_float(out, f64::from_bits(cell));
                    }),
                }
            }
        },
        Samples::Optional(values) => push_optional(out, family, values, front, labels),
        // Facts are labels, so they are written separately.
        Samples::Facts(_) => {}
    }
}

#[inline]
fn push_cells<'t, L: LabelText<'t>>(
    out: &mut Text,
    front: Front<'t>,
    series: impl Iterator<Item = (L, u64)>,
    push: impl Fn(&mut Text, u64),
) {
    let (name, end) = (front.name(0), front.end());
    let created = front.created();
    for (labels, cell) in series {
        labels.push_front(out, name, end);
        push(out, cell);
        out.push(b"\n");
        if let Some((name, end)) = created {
            labels.push_front(out, name, end);
        }
    }
}

fn push_histograms<'t, L: LabelText<'t>>(
    out: &mut Text,
    family: &Family,
    cells: &[u64],
    front: Front<'t>,
    labels: impl Iterator<Item = L>,
) {
    let (bucket, sum, end) = (front.name(0), front.name(1), front.end());
    let count = front.around(2);
    let series = cells.chunks_exact(family.cells_per_series());
    let mut joined = Joined::new();
    for (cells, labels) in series.zip(labels) {
        let [sum_cell, buckets @ ..] = cells else {
            continue;
        };
        let mut total = 0_u64;
        let ends = front.ends.iter().map(L::Part::from);
        let lines = ends.zip(buckets).map(|(end, bucket)| {
            total = total.saturating_add(*bucket);
            (end, total)
        });
        labels.push_lines(out, &mut joined, bucket, lines);
        labels.push_front(out, sum, end);
        push_value(out, family.encoding, *sum_cell);
        out.push(b"\n");
        L::push_counts(out, &count, iter::once((labels, total)));
    }
}

fn push_states<'t, L: LabelText<'t>>(
    out: &mut Text,
    states: &Label,
    cells: &[u64],
    front: Front<'t>,
    labels: impl Iterator<Item = L>,
) {
    let name = front.name(0);
    let mut joined = Joined::new();
    for (cell, labels) in cells.iter().zip(labels) {
        let ends = front.ends.iter().map(L::Part::from);
        let lines = ends.zip(states.spellings()).map(|(end, (position, _))| {
            let is_current = *cell == position as u64 + 1;
            (end, is_current.into())
        });
        labels.push_lines(out, &mut joined, name, lines);
    }
}

fn push_optional<'t, L: LabelText<'t>>(
    out: &mut Text,
    family: &Family,
    values: &[Option<u64>],
    front: Front<'t>,
    labels: impl Iterator<Item = L>,
) {
    let (name, end) = (front.name(0), front.end());
    let absent = family.kind.spec().absent;
    for (value, labels) in values.iter().zip(labels) {
        match (value, absent) {
            (Some(cell), _) => {
                labels.push_front(out, name, end);
                push_value(out, family.encoding, *cell);
            }
            (None, Some(value)) => {
                labels.push_front(out, name, end);
                push_float(out, value);
            }
            (None, None) => continue,
        }
        out.push(b"\n");
    }
}

fn push_facts(out: &mut Text, slab: &Slab<'_>, facts: &[Option<Facts>]) {
    let SeriesSamples::Facts(names) = slab.family.kind.spec().samples else {
        return;
    };
    let mut labels = Text::default();
    for (series, facts) in facts.iter().enumerate() {
        let Some(facts) = facts else { continue };
        let facts = names.iter().copied().zip(facts.iter().map(|fact| &**fact));
        labels.truncate(0);
        push_labels(&mut labels, by_name(slab.labels(series)).chain(facts));
        out.push(slab.family.name.as_bytes());
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
        self.names.are_short() && self.ends.are_short() && self.created.is_none_or(created)
    }

    fn name<P: From<Piece<'t>>>(self, index: usize) -> P {
        self.names.get(index).into()
    }

    fn end<P: From<Piece<'t>>>(self) -> P {
        self.ends.last().into()
    }

    fn created<P: From<Piece<'t>>>(self) -> Option<(P, P)> {
        self.created
            .map(|(name, end)| (P::from(name), P::from(end)))
    }

    /// Returns the text around the labels of lines with integers.
    fn around<P: From<Piece<'t>>>(self, name: usize) -> Around<P> {
        Around {
            name: self.name(name),
            end: self.end,
            created: self.created(),
        }
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

/// Appends a label value without its quotes, escaped in the same way for both text formats. The escaped bytes are ASCII, so the
/// text stays valid UTF-8.
fn push_label_value(out: &mut Text, value: &str) {
    let mut plain = 0;
    for (position, byte) in value.bytes().enumerate() {
        let escaped = match byte {
            b'\\' | b'"' => byte,
            b'\n' => b'n',
            _ => continue,
        };
        out.push(&value.as_bytes()[plain..position]);
        out.push(&[b'\\', escaped]);
        plain = position + 1;
    }
    out.push(&value.as_bytes()[plain..]);
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::labels::tests::{expected, registry};
    use super::{Text, push_label_value};
    use crate::buckets::{BucketTable, Buckets};
    use crate::exposition::Format;
    use crate::schema::Kind;

    static BUCKETS: Buckets = Buckets::new(
        const { &BucketTable::integers([1.0, 2.0, 3.0]) },
        &["1.0", "2.0", "3.0"],
    );

    /// Returns the page of a family of zeros, written without pieces.
    fn page(registry: &crate::registry::Registry, format: Format, suffixes: &[&str]) -> String {
        let mut text = String::new();
        let mut reader = registry.reader().unwrap();
        let family = &registry.schema().families[0];
        let mut slabs = reader.slabs(family);
        while let Some(slab) = slabs.next() {
            for series in 0..slab.series() {
                let labels = expected(slab.labels(series));
                for suffix in suffixes {
                    let (suffix, le) = suffix.split_once(' ').unwrap_or((suffix, ""));
                    let comma = if labels.is_empty() || le.is_empty() {
                        ""
                    } else {
                        ","
                    };
                    let labels = format!("{labels}{comma}{le}");
                    let braces = if labels.is_empty() {
                        labels
                    } else {
                        format!("{{{labels}}}")
                    };
                    let value = if suffix == "_created" {
                        (slab.created * 1000.0).round() / 1000.0
                    } else {
                        0.0
                    };
                    writeln!(text, "{}{suffix}{braces} {value}", family.name).unwrap();
                }
            }
        }
        if format == Format::OpenMetrics {
            text += "# EOF\n";
        }
        text
    }

    /// Pieces around the sizes that are copied at once: 32, 64 and 128 bytes.
    #[test]
    fn pieces_of_any_length() {
        let histogram = [
            "_bucket le=\"1.0\"",
            "_bucket le=\"2.0\"",
            "_bucket le=\"3.0\"",
            "_bucket le=\"+Inf\"",
            "_sum",
            "_count",
            "_created",
        ];
        for length in [
            1, 20, 31, 32, 33, 61, 62, 63, 64, 65, 118, 119, 120, 127, 128, 129, 300,
        ] {
            let name = &*"n".repeat(length).leak();
            for count in [0, 1, 2, 4, 6, 11, 14] {
                let shapes = [
                    (false, count, false, false),
                    (count % 2 == 1, count, true, true),
                ];
                let shapes = if count == 0 { &shapes[..0] } else { &shapes };
                for (kind, suffixes) in [
                    (Kind::Counter, &["", "_created"][..]),
                    (Kind::Histogram(&BUCKETS), &histogram),
                ] {
                    let registry = registry(name, kind, shapes);
                    for (format, end) in [(Format::PrometheusText, 1), (Format::OpenMetrics, 0)] {
                        let suffixes = &suffixes[..suffixes.len() - end];
                        let expected = page(&registry, format, suffixes);
                        assert_eq!(registry.encode(format), expected);
                    }
                }
            }
        }
    }

    #[test]
    fn label_values_are_escaped() {
        let mut out = Text::default();
        push_label_value(&mut out, "a\\b\"c\nd\r\0é\u{2028}");
        let value = String::from_utf8(out.finish()).expect("escaping keeps UTF-8 whole");
        assert_eq!(value, "a\\\\b\\\"c\\nd\r\0é\u{2028}");
    }
}
