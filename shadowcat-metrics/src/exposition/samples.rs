//! The lines of one family: its text from the cache, with its values.

use super::Format;
use super::cache::PageTexts;
use super::number::{push_float, push_nanoseconds, push_signed, push_unsigned};
use super::sample::push_sample;
use super::template::Lines;
use super::text::Text;
use crate::read::{Page, Pages, Samples};
use crate::schema::{Encoding, Family, Label, SeriesSamples};
use crate::store::side::Facts;

/// Appends a family: metadata and samples, or nothing if there is no sample.
pub(super) fn push_family(
    out: &mut Text<'_>,
    (family, mut pages): (&Family, Pages<'_, '_>),
    texts: &mut PageTexts,
    format: Format,
) {
    let start = out.len();
    out.push(format.metadata(family).as_bytes());
    let head = out.len();
    let mut count = 0;
    while let Some(page) = pages.next() {
        let mut lines = texts.of(count, &page, format).lines();
        push_page(out, &page, &mut lines);
        lines.finish(out);
        count += 1;
    }
    texts.truncate(count);
    if out.len() == head {
        out.cut_back(start);
    }
}

fn push_page(out: &mut Text<'_>, page: &Page<'_>, lines: &mut Lines<'_>) {
    let family = page.family;
    match page.samples {
        Samples::Cells(cells) => match family.kind.spec().samples {
            SeriesSamples::Histogram(_) => push_histograms(out, family, cells, lines),
            SeriesSamples::States(states) => push_states(out, states, cells, lines),
            SeriesSamples::Value | SeriesSamples::Facts(_) => match family.encoding {
                // One loop each, so that the encoding is not asked for at every line.
                Encoding::Unsigned => {
                    for cell in cells {
                        lines.write_unsigned(out, *cell);
                    }
                }
                Encoding::Signed => push_cells(out, cells, lines, |out, cell| {
                    push_signed(out, cell.cast_signed());
                }),
                Encoding::Nanoseconds => push_cells(out, cells, lines, push_nanoseconds),
                Encoding::Float => push_cells(out, cells, lines, |out, cell| {
                    push_float(out, f64::from_bits(cell));
                }),
            },
        },
        Samples::Optional(values) => push_optional(out, family, values, lines),
        Samples::Facts(facts) => push_facts(out, page, facts),
    }
}

#[inline]
fn push_cells(
    out: &mut Text<'_>,
    cells: &[u64],
    lines: &mut Lines<'_>,
    push: impl Fn(&mut Text<'_>, u64),
) {
    for cell in cells {
        lines.write(out, |out| push(out, *cell));
    }
}

fn push_histograms(out: &mut Text<'_>, family: &Family, cells: &[u64], lines: &mut Lines<'_>) {
    let encoding = family.encoding;
    for cells in cells.chunks_exact(family.cells_per_series()) {
        let [buckets @ .., sum] = cells else { continue };
        let mut count = 0_u64;
        for bucket in buckets {
            count = count.saturating_add(*bucket);
            lines.write_unsigned(out, count);
        }
        lines.write(out, |out| push_value(out, encoding, *sum));
        lines.write_unsigned(out, count);
    }
}

fn push_states(out: &mut Text<'_>, states: &Label, cells: &[u64], lines: &mut Lines<'_>) {
    for cell in cells {
        for (position, _) in states.spellings() {
            let is_current = *cell == position as u64 + 1;
            lines.write_unsigned(out, is_current.into());
        }
    }
}

fn push_optional(
    out: &mut Text<'_>,
    family: &Family,
    values: &[Option<u64>],
    lines: &mut Lines<'_>,
) {
    let absent = family.kind.spec().absent;
    for value in values {
        match (value, absent) {
            (Some(cell), _) => lines.write(out, |out| push_value(out, family.encoding, *cell)),
            (None, Some(value)) => lines.write(out, |out| push_float(out, value)),
            (None, None) => lines.skip(),
        }
    }
}

fn push_facts(out: &mut Text<'_>, page: &Page<'_>, facts: &[Option<Facts>]) {
    let SeriesSamples::Facts(names) = page.family.kind.spec().samples else {
        return;
    };
    let mut line = Vec::new();
    for (series, facts) in facts.iter().enumerate() {
        let Some(facts) = facts else { continue };
        let facts = names.iter().copied().zip(facts.iter().map(|fact| &**fact));
        line.clear();
        push_sample(
            &mut line,
            (page.family.name, ""),
            page.labels(series),
            facts,
        );
        line.extend(b"1\n");
        out.push(&line);
    }
}

#[inline]
fn push_value(out: &mut Text<'_>, encoding: Encoding, cell: u64) {
    match encoding {
        Encoding::Unsigned => push_unsigned(out, cell),
        Encoding::Signed => push_signed(out, cell.cast_signed()),
        Encoding::Nanoseconds => push_nanoseconds(out, cell),
        Encoding::Float => push_float(out, f64::from_bits(cell)),
    }
}
