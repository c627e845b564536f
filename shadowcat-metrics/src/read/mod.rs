//! Reading all values at one moment: what every way out (text, collector, snapshot) is built on.
//!
//! A [`Reader`] locks the store's table of open label values, so that no value is retired or reused while it lives;
//! recording goes on meanwhile. It gives, family by family, the *pages* that are to be exposed:
//!
//! ```text
//! let Some(mut reader) = registry.reader() else { return };   // none: the registry is disabled
//! for family in registry.schema().families {
//!     let mut pages = reader.pages(family);
//!     while let Some(page) = pages.next() {                   // lending: a page lives until the next one
//!         match page.samples {
//!             Samples::Cells(cells) => ..,                    // at series * family.cells_per_series() + cell
//!             Samples::Optional(values) => ..,                // at series
//!             Samples::Facts(facts) => ..,                    // at series
//!         }
//!         for (name, value) in page.labels(series) { .. }     // all labels, in the family's order
//!     }
//! }
//! ```
//!
//! The labels of a page stay what they were as long as [`Page::number`] and [`Page::incarnation`] stay the same, so text
//! that was made from them can be kept. While a reader lives, its thread must not make or drop open label values, nor
//! make a second reader: both wait for the reader's end. Callbacks were called before it was made.
//!
//! Buffers are reused from page to page: reading a page allocates nothing.

mod former;
mod pages;
mod ratio;
mod sum;

pub(crate) use pages::{Page, Pages, Samples};

use std::collections::HashMap;
use std::sync::atomic::Ordering::Relaxed;

use crate::callback;
use crate::registry::Registry;
use crate::schema::{Family, Storage};
use crate::store::cells::{Block, BlockList, view};
use crate::store::side::{Facts, Key};
use crate::store::{Store, Tables};
use crate::sync::MutexGuard;

/// All values of a registry, for as long as it takes to read them.
pub(crate) struct Reader<'a> {
    store: &'a Store,
    tables: MutexGuard<'a, Tables>,
    blocks: BlockList,
    /// What the callbacks that are still registered gave.
    called: HashMap<Key, u64>,
    cells: Vec<u64>,
    values: Vec<Option<u64>>,
    facts: Vec<Option<Facts>>,
}

impl Registry {
    /// Calls the callbacks, then holds the registry still for reading. None if it is disabled.
    pub(crate) fn reader(&self) -> Option<Reader<'_>> {
        let store = self.store()?;
        let called = callback::call_all(store);
        let tables = store.tables();
        // A callback that is gone by now may have belonged to a label value whose slot has another one.
        let current = |at, number| tables.side.callback_number(at) == Some(number);
        let called = called
            .into_iter()
            .filter(|(at, number, _)| current(*at, *number));
        let called = called.map(|(at, _, value)| (at, value)).collect();
        Some(Reader {
            store,
            called,
            blocks: store.blocks.all(),
            tables,
            cells: Vec::new(),
            values: Vec::new(),
            facts: Vec::new(),
        })
    }
}

impl<'a> Reader<'a> {
    /// The pages of a family of this registry's schema that are to be exposed.
    pub(crate) fn pages(&mut self, family: &'static Family) -> Pages<'_, 'a> {
        Pages::new(self, family)
    }

    /// The table of open label values.
    pub(crate) fn tables(&self) -> &Tables {
        &self.tables
    }

    /// The same, to take out and put back what the way out keeps there.
    pub(crate) fn tables_mut(&mut self) -> &mut Tables {
        &mut self.tables
    }

    /// The blocks that a cell is summed over, in an order that stays the same, so that no sum of floats goes down.
    fn summed(&self) -> impl Iterator<Item = Block<'_>> {
        std::iter::once(self.store.blocks.shared()).chain(self.blocks.iter().map(view))
    }

    /// The value of one cell.
    fn cell(&self, family: &Family, page: u32, cell: usize) -> u64 {
        let load = |block: Block<'_>| {
            block
                .cells(page)
                .get(cell)
                .map_or(0, |cell| cell.load(Relaxed))
        };
        match family.kind.spec().storage {
            // What a callback does not tell adds nothing to a sum.
            Storage::Callback => self.called.get(&(page, cell)).copied().unwrap_or(0),
            Storage::Shared => load(self.store.blocks.shared()),
            Storage::PerThread => self
                .summed()
                .map(load)
                .fold(0, |sum, cell| family.encoding.sum(sum, cell)),
            Storage::Text | Storage::Derived => 0,
        }
    }

    fn read_cells(&mut self, family: &Family, page: u32) {
        let mut cells = std::mem::take(&mut self.cells);
        // What is left of another page is written over by the first block that has this one.
        cells.resize(family.cells(), 0);
        let add = sum::adder(family);
        // What threads share is in the first block alone.
        let is_shared = family.kind.spec().storage == Storage::Shared;
        let blocks = if is_shared { 1 } else { usize::MAX };
        let mut pages = self.summed().take(blocks).map(|block| block.cells(page));
        match pages.find(|from| from.len() == cells.len()) {
            Some(first) => {
                for (to, from) in cells.iter_mut().zip(first) {
                    *to = from.load(Relaxed);
                }
            }
            None => cells.fill(0),
        }
        pages.for_each(|from| add(&mut cells, from, family));
        self.cells = cells;
    }

    fn read_values(&mut self, family: &'static Family, page: u32) {
        let mut values = std::mem::take(&mut self.values);
        values.clear();
        values.extend(
            (0..family.series()).map(|series| match family.kind.spec().storage {
                Storage::Derived => self.ratio(family, (page, series)).map(f64::to_bits),
                Storage::Callback => self.called.get(&(page, series)).copied(),
                Storage::PerThread | Storage::Shared | Storage::Text => None,
            }),
        );
        self.values = values;
    }

    fn read_facts(&mut self, family: &Family, page: u32) {
        self.facts.clear();
        let side = &self.tables.side;
        self.facts
            .extend((0..family.series()).map(|series| side.facts((page, series)).cloned()));
    }

    /// Whether a page is to be exposed, given that its family has open labels.
    fn shows(&self, family: &'static Family, page: u32) -> bool {
        self.store.visible.shows(page)
            || self.operands(family).any(|operand| {
                let (page, _) = ratio::operand_place(family, operand, (page, 0));
                self.store.visible.shows(page)
            })
    }

    /// When the values of a page's slots came, and a number that changes with them. None if a slot is vacant.
    fn origin(&self, family: &Family, page: u32) -> Option<(u64, f64)> {
        family.slots(page).try_fold(
            (0, self.store.created),
            |(incarnation, created), (label, slot)| {
                let value = self.tables.interners.value(label.index, slot)?;
                // Every new value has a greater number than all before it, so the greatest of them changes with each.
                Some((
                    value.incarnation.max(incarnation),
                    value.created.max(created),
                ))
            },
        )
    }
}
