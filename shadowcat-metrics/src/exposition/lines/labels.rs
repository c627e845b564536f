//! The labels of series as text. Each value of a label is written once, and the texts of series are joined from them.

use std::ops::Range;
use std::ptr;

use super::{by_name, push_label, push_labels};
use crate::exposition::text::{Piece, Pieces, Record, Records, Short, Text};
use crate::read::Slab;
use crate::schema::{Label, Values};

/// Maximum number of series whose labels are in memory at once. Larger chunks are slower, because they do not stay in the cache.
const CHUNK: usize = 256;

/// Maximum number of lists of labels, or of labels, whose texts are kept for the next families.
const KEPT: usize = 16;

/// Returns the series of a slab in chunks, for [`LabelTexts::write`].
pub(super) fn chunks(series: usize) -> impl Iterator<Item = Range<usize>> {
    let starts = (0..series).step_by(CHUNK);
    starts.map(move |start| start..series.min(start + CHUNK))
}

/// The labels of adjacent series as text.
#[derive(Clone, Copy)]
pub(super) enum Texts<'t> {
    /// In short records.
    Short(&'t [Record<SHORT>]),
    /// In longer records.
    Medium(&'t [Record<MEDIUM>]),
    /// Of any length.
    Long(&'t Pieces),
}

/// Sizes of records. Most labels fit into the short ones.
const SHORT: usize = 64;
const MEDIUM: usize = 128;

/// Maximum number of labels of series whose texts are in records.
const MOST_LABELS: usize = 8;

/// The memory of [`Texts`].
#[derive(Default)]
struct TextBuffer {
    form: Form,
    records: Records,
    pieces: Pieces,
}

/// The form of [`Texts`].
#[derive(Clone, Copy, Default)]
enum Form {
    Short,
    Medium,
    #[default]
    Long,
}

/// The labels of series as text.
#[derive(Default)]
pub(super) struct LabelTexts {
    /// The labels of every series, for lists of closed labels with few series.
    lists: Vec<(&'static [&'static Label], TextBuffer)>,
    /// The labels of the last chunk of any other family.
    chunk: TextBuffer,
    values: ValueTexts,
}

/// The values of labels as text.
#[derive(Default)]
struct ValueTexts {
    /// For each label `name="value",` of each value, or of the only one in the slab.
    labels: Vec<(&'static Label, Pieces)>,
    /// The place of the next series in each of its labels.
    digits: Vec<Digit>,
}

/// A digit of a series' number.
#[derive(Clone, Copy)]
struct Digit {
    /// Index of the label in [`ValueTexts::labels`].
    label: usize,
    position: usize,
    /// Number of its values in the slab.
    choices: usize,
}

impl LabelTexts {
    /// Returns the labels of one chunk of a slab's series, in records only if `may_be_short`.
    pub(super) fn write(
        &mut self,
        slab: &Slab<'_>,
        series: Range<usize>,
        may_be_short: bool,
    ) -> Texts<'_> {
        let labels = slab.family.labels;
        let is_closed = slab.family.open_labels().next().is_none();
        if !is_closed || !may_be_short || series.len() < slab.series() {
            self.values
                .write(&mut self.chunk, slab, series, may_be_short);
            return self.chunk.texts();
        }
        let known = self.lists.iter().position(|(known, _)| same(known, labels));
        let list = known.unwrap_or_else(|| {
            if self.lists.len() == KEPT {
                self.lists.clear();
            }
            let mut texts = TextBuffer::default();
            self.values.write(&mut texts, slab, series, may_be_short);
            self.lists.push((labels, texts));
            self.lists.len() - 1
        });
        self.lists[list].1.texts()
    }
}

fn same(one: &[&'static Label], other: &[&'static Label]) -> bool {
    let pairs = || one.iter().zip(other);
    one.len() == other.len() && pairs().all(|(one, other)| ptr::eq(*one, *other))
}

impl TextBuffer {
    fn texts(&self) -> Texts<'_> {
        match self.form {
            Form::Short => Texts::Short(self.records.all()),
            Form::Medium => Texts::Medium(self.records.all()),
            Form::Long => Texts::Long(&self.pieces),
        }
    }

    fn clear(&mut self, form: Form) {
        self.form = form;
        self.records.clear();
        self.pieces.clear();
    }

    /// Adds a text that fits into the form.
    fn add(&mut self, text: &[u8]) {
        match self.form {
            Form::Short => self.records.add::<SHORT>(text),
            Form::Medium => self.records.add::<MEDIUM>(text),
            Form::Long => self.pieces.add(|to| to.push(text)),
        }
    }
}

impl ValueTexts {
    /// Writes the labels of adjacent series of a slab, those with former values last.
    fn write(
        &mut self,
        to: &mut TextBuffer,
        slab: &Slab<'_>,
        series: Range<usize>,
        may_be_short: bool,
    ) {
        self.find(slab, series.start);
        let may_be_short = may_be_short && self.digits.len() <= MOST_LABELS;
        to.clear(match self.longest() {
            0..SHORT if may_be_short => Form::Short,
            0..MEDIUM if may_be_short => Form::Medium,
            _ => Form::Long,
        });
        let former = slab.family.series.clamp(series.start, series.end);
        if series.start < former {
            self.join(to, former - series.start);
        }
        for series in former..series.end {
            let mut text = Text::default();
            push_labels(&mut text, by_name(slab.labels(series)));
            to.add(text.as_piece().text());
        }
        to.pieces.pad();
    }

    /// Sets the digits to those of a series, and writes the values that are not known.
    fn find(&mut self, slab: &Slab<'_>, series: usize) {
        self.digits.clear();
        if self.labels.len() + slab.family.labels.len() > KEPT {
            self.labels.clear();
        }
        for (label, digit) in slab.family.digits((slab.number, series)) {
            let (index, is_known) = self.index(label);
            let (values, position) = match label.values {
                Values::Closed(_) => (0..label.choices as usize, digit),
                Values::Open { .. } => (digit..digit + 1, 0),
            };
            self.digits.push(Digit {
                label: index,
                position,
                choices: values.len(),
            });
            if is_known && label.open().is_none() {
                continue;
            }
            let texts = &mut self.labels[index].1;
            texts.clear();
            for digit in values {
                texts.add(|text| {
                    if let Some(value) = slab.value(label, digit) {
                        push_label(text, label.name, value);
                        text.push(b",");
                    }
                });
            }
            texts.pad();
        }
    }

    /// Returns the index of a label, and whether it was known.
    fn index(&mut self, label: &'static Label) -> (usize, bool) {
        let same = |(known, _): &(&Label, Pieces)| ptr::eq(*known, label);
        let known = self.labels.iter().position(same);
        let index = known.unwrap_or_else(|| {
            self.labels.push((label, Pieces::default()));
            self.labels.len() - 1
        });
        (index, known.is_some())
    }

    /// Returns a bound of the length of a series' labels, with a comma after each of them.
    fn longest(&self) -> usize {
        let mut sum = 0;
        for digit in &self.digits {
            let (label, texts) = &self.labels[digit.label];
            let mut longest = texts.longest();
            for former in label.former {
                // Each byte of a value may be escaped.
                let value = 2 * former.value.len();
                longest = longest.max(label.name.len() + "=\"\",".len() + value);
            }
            sum += longest;
        }
        sum
    }

    /// Adds the labels of series, from the one at the digits on.
    fn join(&mut self, to: &mut TextBuffer, mut series: usize) {
        let turning = self.digits.iter().rposition(|digit| digit.choices > 1);
        let Some(turning) = turning.or(self.digits.len().checked_sub(1)) else {
            to.add(b"");
            return;
        };
        while series > 0 {
            let last = self.digits[turning];
            let some = (last.choices - last.position).min(series);
            match to.form {
                Form::Short => self.join_records::<SHORT>(&mut to.records, turning, some),
                Form::Medium => self.join_records::<MEDIUM>(&mut to.records, turning, some),
                Form::Long => self.join_pieces(&mut to.pieces, turning, some),
            }
            series -= some;
            self.digits[turning].position = 0;
            for digit in self.digits[..turning].iter_mut().rev() {
                digit.position += 1;
                if digit.position < digit.choices {
                    break;
                }
                digit.position = 0;
            }
        }
    }

    /// Adds the labels of series that differ in the digit at an index only.
    fn join_records<const N: usize>(&self, to: &mut Records, turning: usize, series: usize) {
        let mut parts = [Short::EMPTY; MOST_LABELS];
        for (part, digit) in parts.iter_mut().zip(&self.digits) {
            *part = self.text(*digit).into();
        }
        let last = self.digits[turning];
        let texts = self.labels[last.label]
            .1
            .range(last.position, last.position + series);
        let around = [&parts[..turning], &parts[turning + 1..self.digits.len()]];
        to.add_between::<N>(around, series, texts.map(Short::from));
    }

    /// Adds the labels of series that differ in the digit at an index only.
    fn join_pieces(&self, to: &mut Pieces, turning: usize, series: usize) {
        for position in 0..series {
            to.add(|text| {
                let start = text.len();
                for (index, digit) in self.digits.iter().enumerate() {
                    let mut digit = *digit;
                    if index == turning {
                        digit.position += position;
                    }
                    text.push(self.text(digit).text());
                }
                let end = text.len().saturating_sub(1);
                text.truncate(end.max(start));
            });
        }
    }

    fn text(&self, digit: Digit) -> Piece<'_> {
        self.labels[digit.label].1.get(digit.position)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::registry::{Options, Registry};
    use crate::schema::{Encoding, Family, Former, Kind, Schema};

    /// A label: whether it is open, the number of its values, whether it is optional, and whether its first value has a former
    /// name.
    pub(in crate::exposition::lines) type Shape = (bool, u32, bool, bool);

    const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];
    const VALUES: [&str; 14] = [
        "0",
        "\"",
        "line\nfeed",
        "\\",
        "",
        "é",
        "6",
        "7",
        "8",
        "9",
        "10",
        "11",
        "12",
        "13",
    ];

    fn label(name: &'static str, shape: Shape, open: u32) -> &'static Label {
        let (is_open, count, optional, former) = shape;
        let choices = count + u32::from(is_open) + u32::from(optional);
        // Longer than a record with some numbers of values, and the sum of two with others.
        let longer = &*"long".repeat(count as usize * 6).leak();
        let mut values = VALUES[..count as usize].to_vec();
        values[count as usize / 2] = longer;
        Box::leak(Box::new(Label {
            name,
            otel_name: name,
            values: if is_open {
                Values::Open {
                    index: open,
                    max: count,
                    overflow: "other",
                }
            } else {
                Values::Closed(values.leak())
            },
            choices,
            optional,
            former: if former && !is_open {
                const {
                    &[Former {
                        position: 0,
                        value: "former",
                    }]
                }
            } else {
                &[]
            },
        }))
    }

    /// Returns a registry of one family with these labels, and with a value in every slot.
    pub(in crate::exposition::lines) fn registry(
        name: &'static str,
        kind: Kind,
        shapes: &[Shape],
    ) -> Registry {
        let mut open_labels = Vec::new();
        let mut labels = Vec::new();
        for (name, shape) in NAMES.into_iter().zip(shapes) {
            let label = label(name, *shape, u32::try_from(open_labels.len()).unwrap());
            labels.push(label);
            if shape.0 {
                open_labels.push(label);
            }
        }
        let product = |is_open| {
            let labels = labels.iter();
            let some = labels.filter(|label| label.open().is_some() == is_open);
            some.map(|label| label.choices).product::<u32>()
        };
        let suffixes: &[&str] = if matches!(kind, Kind::Histogram(_)) {
            &["_bucket", "_sum", "_count"]
        } else {
            &[""]
        };
        let sample_names = suffixes
            .iter()
            .map(|suffix| &*format!("{name}{suffix}").leak());
        let family = Family {
            name,
            help: "",
            kind,
            encoding: Encoding::Unsigned,
            unit: "",
            otel_name: "family",
            otel_unit: "",
            continues: false,
            first_slab: 0,
            slabs: product(true),
            series: product(false) as usize,
            fixed: 0,
            labels: labels.leak(),
            rejected_index: None,
            text_metadata: "",
            open_metrics_metadata: "",
            sample_names: sample_names.collect::<Vec<_>>().leak(),
            created: Some(&*format!("{name}_created").leak()),
            exemplars: false,
        };
        let schema = Box::leak(Box::new(Schema {
            namespace: "",
            families: Box::leak(Box::new([family])),
            former_families: &[],
            open_labels: open_labels.leak(),
            overflow_family: None,
            rejected_family: None,
        }));
        let registry = Registry::new(schema, Options::default().created_lines(true));
        let store = registry.store().unwrap();
        for (index, label) in (0..).zip(schema.open_labels) {
            for value in &VALUES[..label.open().unwrap().max as usize] {
                store.pin(index, value);
            }
        }
        for slab in 0..schema.families[0].slabs {
            store.show(&[0], slab);
        }
        registry
    }

    fn utf8(text: &[u8]) -> String {
        str::from_utf8(text).unwrap().to_owned()
    }

    fn text<const N: usize>(record: &Record<N>) -> String {
        utf8(&record[..usize::from(record[N - 1])])
    }

    /// Returns the labels of a series, written on their own.
    pub(in crate::exposition::lines) fn expected<'l>(
        labels: impl Iterator<Item = (&'static Label, &'l str)>,
    ) -> String {
        let escaped = |value: &str| {
            let value = value.replace('\\', "\\\\").replace('"', "\\\"");
            value.replace('\n', "\\n")
        };
        let pairs = labels.map(|(label, value)| format!("{}=\"{}\"", label.name, escaped(value)));
        pairs.collect::<Vec<_>>().join(",")
    }

    /// Compares the labels of every series of every slab with those written on their own. Returns the number of series.
    fn check(shapes: &[Shape]) -> usize {
        let registry = registry("family", Kind::Counter, shapes);
        let mut texts = LabelTexts::default();
        let mut all = BTreeSet::new();
        let mut reader = registry.reader().unwrap();
        let mut slabs = reader.slabs(&registry.schema().families[0]);
        while let Some(slab) = slabs.next() {
            // The second time, the labels may be known.
            for may_be_short in [true, true, false] {
                for chunk in chunks(slab.series()) {
                    let written: Vec<String> = match texts.write(&slab, chunk.clone(), may_be_short)
                    {
                        Texts::Short(records) => records.iter().map(text).collect(),
                        Texts::Medium(records) => records.iter().map(text).collect(),
                        Texts::Long(pieces) => {
                            let all = pieces.range(0, pieces.len());
                            all.map(|piece| utf8(piece.text())).collect()
                        }
                    };
                    let expected = chunk.map(|series| expected(slab.labels(series)));
                    assert_eq!(written, expected.collect::<Vec<_>>());
                    all.extend(written);
                }
            }
        }
        all.len()
    }

    #[test]
    fn families_without_labels_have_one_series() {
        assert_eq!(check(&[]), 1);
    }

    #[test]
    fn more_series_than_fit_into_a_chunk() {
        let closed = |count| (false, count, false, false);
        assert_eq!(check(&[closed(14), closed(13), closed(12)]), 14 * 13 * 12);
        let optional = (false, 11, true, true);
        assert_eq!(check(&[optional, closed(10), optional]), 13 * 10 * 13);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]
        #[test]
        fn labels_are_as_if_each_series_was_written_alone(
            shapes in proptest::collection::vec((any::<bool>(), 1..=6_u32, any::<bool>(), any::<bool>()), 0..=4),
        ) {
            check(&shapes);
        }
    }
}
