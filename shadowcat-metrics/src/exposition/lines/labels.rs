//! The labels of series as text. Each value of a label is written once, and the texts of series are joined from them.

use std::ops::Range;
use std::ptr;

use super::{by_name, push_label, push_labels};
use crate::exposition::text::{Piece, Pieces, Short, Text};
use crate::read::Page;
use crate::schema::{Label, Values};

/// Maximum number of series whose labels are in memory at once. These texts fit into a processor's second cache.
const CHUNK: usize = 1024;

/// Maximum number of lists of labels, or of labels, whose texts are kept for the next families.
const KEPT: usize = 16;

/// Returns the series of a page in chunks, for [`LabelTexts::write`].
pub(super) fn chunks(series: usize) -> impl Iterator<Item = Range<usize>> {
    let starts = (0..series).step_by(CHUNK);
    starts.map(move |start| start..series.min(start + CHUNK))
}

/// The labels of series as text.
#[derive(Default)]
pub(super) struct LabelTexts {
    /// The labels of every series, for lists of closed labels with few series.
    lists: Vec<(&'static [&'static Label], Pieces)>,
    /// The labels of the last chunk of any other family.
    chunk: Pieces,
    values: ValueTexts,
}

/// The values of labels as text.
#[derive(Default)]
struct ValueTexts {
    /// For each label `name="value",` of each value, or of the only one on the page.
    labels: Vec<(&'static Label, Pieces)>,
    /// The place of the next series in each of its labels.
    digits: Vec<Digit>,
    before: Text,
    after: Text,
}

/// A digit of a series' number. The last label's digit turns with each series.
#[derive(Clone, Copy)]
struct Digit {
    /// Index of the label in [`ValueTexts::labels`].
    label: usize,
    position: usize,
    /// Number of its values on the page.
    choices: usize,
}

impl LabelTexts {
    /// Returns the labels of one chunk of a page's series.
    pub(super) fn write(&mut self, page: &Page<'_>, series: Range<usize>) -> &Pieces {
        let labels = page.family.labels;
        let is_kept = series.len() == page.series() && page.family.open_labels().next().is_none();
        if !is_kept {
            self.values.write(&mut self.chunk, page, series);
            return &self.chunk;
        }
        let known = self.lists.iter().position(|(known, _)| same(known, labels));
        let list = known.unwrap_or_else(|| {
            if self.lists.len() == KEPT {
                self.lists.clear();
            }
            let mut pieces = Pieces::default();
            self.values.write(&mut pieces, page, series);
            self.lists.push((labels, pieces));
            self.lists.len() - 1
        });
        &self.lists[list].1
    }
}

fn same(one: &[&'static Label], other: &[&'static Label]) -> bool {
    let pairs = || one.iter().zip(other);
    one.len() == other.len() && pairs().all(|(one, other)| ptr::eq(*one, *other))
}

impl ValueTexts {
    /// Writes the labels of adjacent series of a page, those with former values last.
    fn write(&mut self, to: &mut Pieces, page: &Page<'_>, series: Range<usize>) {
        to.clear();
        let former = page.family.series.clamp(series.start, series.end);
        if series.start < former {
            self.find(page, series.start);
            self.join(to, former - series.start);
        }
        for series in former..series.end {
            to.add(|text| push_labels(text, by_name(page.labels(series))));
        }
        to.pad();
    }

    /// Sets the digits to those of a series, and writes the values that are not known.
    fn find(&mut self, page: &Page<'_>, series: usize) {
        self.digits.clear();
        if self.labels.len() + page.family.labels.len() > KEPT {
            self.labels.clear();
        }
        for (label, digit) in page.family.digits((page.number, series)) {
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
                    if let Some(value) = page.value(label, digit) {
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

    /// Adds the labels of series, from the one at the digits on.
    fn join(&mut self, to: &mut Pieces, mut series: usize) {
        let turning = self.digits.iter().rposition(|digit| digit.choices > 1);
        let Some(turning) = turning.or(self.digits.len().checked_sub(1)) else {
            to.add(|_| {});
            return;
        };
        let labels = &self.labels;
        let join = |to: &mut Text, digits: &[Digit]| {
            to.truncate(0);
            for digit in digits {
                to.push_piece(labels[digit.label].1.get(digit.position));
            }
            to.pad();
        };
        join(&mut self.after, &self.digits[turning + 1..]);
        let (before, rest) = self.digits.split_at_mut(turning);
        let last = &mut rest[0];
        let texts = &labels[last.label].1;
        while series > 0 {
            join(&mut self.before, before);
            let around = (self.before.as_piece(), self.after.as_piece());
            let some = (last.choices - last.position).min(series);
            let texts_of_some = texts.range(last.position, last.position + some);
            if texts.are_short() && around.0.is_short() && around.1.is_short() {
                let around = (around.0.into(), around.1.into());
                to.add_between::<Short<'_>>(around, texts_of_some.map(Short::from));
            } else {
                to.add_between::<Piece<'_>>(around, texts_of_some);
            }
            series -= some;
            last.position = 0;
            for digit in before.iter_mut().rev() {
                digit.position += 1;
                if digit.position < digit.choices {
                    break;
                }
                digit.position = 0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::registry::{Options, Registry};
    use crate::schema::{Encoding, Family, Former, Kind, Schema};

    /// A label: whether it is open, the number of its values, whether it is optional, and whether its first value has a former
    /// name.
    type Shape = (bool, u32, bool, bool);

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
        let long = &*"long".repeat(50).leak();
        let mut values = VALUES[..count as usize].to_vec();
        values[count as usize / 2] = long;
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
    fn registry(shapes: &[Shape]) -> Registry {
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
        let family = Family {
            name: "family",
            help: "",
            kind: Kind::Counter,
            encoding: Encoding::Unsigned,
            unit: "",
            otel_name: "family",
            otel_unit: "",
            continues: false,
            first_page: 0,
            pages: product(true),
            series: product(false) as usize,
            labels: labels.leak(),
            rejected_index: None,
            text_metadata: "",
            open_metrics_metadata: "",
            created: None,
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
        let registry = Registry::new(schema, Options::default());
        let store = registry.store().unwrap();
        for (index, label) in (0..).zip(schema.open_labels) {
            for value in &VALUES[..label.open().unwrap().max as usize] {
                store.pin(index, value);
            }
        }
        for page in 0..schema.families[0].pages {
            store.show(&[0], page);
        }
        registry
    }

    fn text(piece: Piece<'_>) -> String {
        let mut text = Text::default();
        text.push_piece(piece);
        String::from_utf8(text.finish()).unwrap()
    }

    /// Returns the labels of a series, written on their own.
    fn expected<'l>(labels: impl Iterator<Item = (&'static Label, &'l str)>) -> String {
        let escaped = |value: &str| {
            let value = value.replace('\\', "\\\\").replace('"', "\\\"");
            value.replace('\n', "\\n")
        };
        let pairs = labels.map(|(label, value)| format!("{}=\"{}\"", label.name, escaped(value)));
        pairs.collect::<Vec<_>>().join(",")
    }

    /// Compares the labels of every series of every page with those written on their own. Returns the number of series.
    fn check(shapes: &[Shape]) -> usize {
        let registry = registry(shapes);
        let mut texts = LabelTexts::default();
        let mut all = BTreeSet::new();
        let mut reader = registry.reader().unwrap();
        let mut pages = reader.pages(&registry.schema().families[0]);
        while let Some(page) = pages.next() {
            // The second time, the labels may be known.
            for chunk in chunks(page.series()).chain(chunks(page.series())) {
                let pieces = texts.write(&page, chunk.clone());
                let written: Vec<_> = pieces.range(0, pieces.len()).map(text).collect();
                let expected: Vec<_> = chunk.map(|series| expected(page.labels(series))).collect();
                assert_eq!(written, expected);
                all.extend(written);
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
