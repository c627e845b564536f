//! The pages of a family, one after the other, and the series of a page.

use super::Reader;
use super::former::{FormerSeries, former_series};
use crate::schema::{Family, Label, Storage, Values};
use crate::store::Tables;
use crate::store::side::Facts;

/// The pages of one family that are to be exposed, in order.
pub(crate) struct Pages<'r, 'a> {
    reader: &'r mut Reader<'a>,
    family: &'static Family,
    former: Vec<FormerSeries>,
    next: u32,
    end: u32,
}

/// One page: all series of a family that have the same open label values.
pub(crate) struct Page<'p> {
    /// The family.
    pub(crate) family: &'static Family,
    /// The page's number, unique among all families.
    pub(crate) number: u32,
    /// Goes up whenever one of the page's open label values gives way to another; 0 without open labels.
    pub(crate) incarnation: u64,
    /// When its series began, in seconds since 1970.
    pub(crate) created: f64,
    /// Its values, those under former label values last.
    pub(crate) samples: Samples<'p>,
    former: &'p [FormerSeries],
    tables: &'p Tables,
}

/// The values of a page.
#[derive(Clone, Copy)]
pub(crate) enum Samples<'p> {
    /// Counter, gauge, up-down counter: one cell a series, in [`Family::encoding`]. Histogram: for each series its buckets,
    /// not cumulative, the last of them `+Inf`, then its sum in [`Family::encoding`]. State: one cell a series, 0 if it was
    /// never set, else the state's position + 1.
    Cells(&'p [u64]),
    /// What a callback reads, ratio: for each series its value in [`Family::encoding`], if there is one.
    Optional(&'p [Option<u64>]),
    /// Info: for each series its facts in the order of [`Kind::Info`](crate::schema::Kind::Info), if they were set.
    Facts(&'p [Option<Facts>]),
}

impl<'r, 'a> Pages<'r, 'a> {
    pub(super) fn new(reader: &'r mut Reader<'a>, family: &'static Family) -> Self {
        let end = family.first_page.saturating_add(family.pages());
        Self {
            reader,
            family,
            former: former_series(family),
            next: family.first_page,
            end,
        }
    }

    /// Reads the next page.
    pub(crate) fn next(&mut self) -> Option<Page<'_>> {
        let family = self.family;
        let (number, (incarnation, created)) = self.find()?;
        let storage = family.kind.spec().storage;
        match storage {
            Storage::PerThread | Storage::Shared => self.reader.read_cells(family, number),
            Storage::Callback | Storage::Derived => self.reader.read_values(family, number),
            Storage::Text => self.reader.read_facts(family, number),
        }
        self.reader.repeat(family, &self.former);
        let reader = &*self.reader;
        let samples = match storage {
            Storage::PerThread | Storage::Shared => Samples::Cells(&reader.cells),
            Storage::Callback | Storage::Derived => Samples::Optional(&reader.values),
            Storage::Text => Samples::Facts(&reader.facts),
        };
        Some(Page {
            family,
            number,
            incarnation,
            created,
            samples,
            former: &self.former,
            tables: &reader.tables,
        })
    }

    fn find(&mut self) -> Option<(u32, (u64, f64))> {
        let Self {
            reader,
            family,
            next,
            end,
            former: _,
        } = self;
        let open = family.open_labels().next().is_some();
        // A ratio is also shown where what it is made of is.
        let skips = open && family.kind.spec().storage != Storage::Derived;
        while *next < *end {
            let page = if skips {
                reader.store.visible.next(*next, *end)?
            } else {
                *next
            };
            *next = page + 1;
            if (!open || reader.shows(family, page))
                && let Some(origin) = reader.origin(family, page)
            {
                return Some((page, origin));
            }
        }
        None
    }
}

impl<'p> Page<'p> {
    /// How many series it is exposed as: one for each combination of its closed labels' values, and those under former
    /// values.
    pub(crate) fn series(&self) -> usize {
        self.family.series() + self.former.len()
    }

    /// The labels of one of the page's series, with their values, in the family's order.
    pub(crate) fn labels(
        &self,
        series: usize,
    ) -> impl Iterator<Item = (&'static str, &'p str)> + use<'p> {
        let tables = self.tables;
        let former = series.checked_sub(self.family.series());
        let former = former.and_then(|index| self.former.get(index));
        let series = former.map_or(series, |former| former.series);
        let digits = self.family.digits((self.number, series)).enumerate();
        digits.map(move |(position, (label, digit))| {
            let former = former.and_then(|former| former.value(position));
            let value = former.unwrap_or_else(|| value(label, digit, tables));
            (label.name, value)
        })
    }
}

fn value<'t>(label: &'static Label, digit: usize, tables: &'t Tables) -> &'t str {
    match label.values {
        Values::Closed(values) => values.get(digit).copied(),
        Values::Open { index, .. } => {
            let slot = u32::try_from(digit).ok();
            slot.and_then(|slot| tables.interners.value(index, slot))
                .map(|value| &*value.text)
        }
    }
    .unwrap_or_default()
}
