//! Reads all values at one moment, for every output: text, protobuf, collector, snapshot.
//!
//! A [`Reader`] locks the store's table of open label values, so that no value is retired or reused while it exists. Recording
//! continues. For each family, it returns the *slabs* to expose:
//!
//! ```text
//! let Some(mut reader) = registry.reader() else { return };   // none: the registry is disabled
//! for family in registry.schema().families {
//!     let mut slabs = reader.slabs(family);
//!     while let Some(slab) = slabs.next() {                   // lending: a slab lives until the next one
//!         match slab.samples {
//!             Samples::Cells(cells) => ..,                    // at series * family.cells_per_series() + cell
//!             Samples::Optional(values) => ..,                // at series
//!             Samples::Facts(facts) => ..,                    // at series
//!         }
//!         for (label, value) in slab.labels(series) { .. }    // all labels, in the family's order
//!     }
//! }
//! ```
//!
//! While a reader exists, its thread must not create or drop open label values, nor create a second reader: both would
//! deadlock. Callbacks are called before the reader is created.
//!
//! Buffers are reused from slab to slab: reading a slab allocates nothing.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use crate::callback;
use crate::info::Facts;
use crate::native::Native;
use crate::registry::Registry;
use crate::schema::{Encoding, Family, Label, Storage, Values};
use crate::store::cells::{Block, BlockList};
use crate::store::exemplars::{self, Exemplar, Slot};
use crate::store::{Store, Tables};
use crate::sync::{AtomicU64, MutexGuard};

/// All values of a registry during a read.
pub(crate) struct Reader<'a> {
    store: &'a Store,
    tables: MutexGuard<'a, Tables>,
    blocks: BlockList,
    cells: Vec<u64>,
    /// Of a native histogram: its cells, of which `cells` are the sums.
    native_cells: Vec<u64>,
    values: Vec<Option<u64>>,
    facts: Vec<Option<Facts>>,
}

impl Registry {
    /// Calls the callbacks, then locks the registry for reading. Returns `None` if it is disabled.
    pub(crate) fn reader(&self) -> Option<Reader<'_>> {
        let store = self.store()?;
        store.exemplars.begin_epoch();
        let called = callback::call_all(store);
        let mut tables = store.tables();
        tables.callbacks.set_values(called);
        Some(Reader {
            store,
            blocks: store.blocks.all(),
            tables,
            cells: Vec::new(),
            native_cells: Vec::new(),
            values: Vec::new(),
            facts: Vec::new(),
        })
    }
}

impl<'a> Reader<'a> {
    /// Returns the slabs of a family to expose.
    #[inline]
    pub(crate) fn slabs(&mut self, family: &'static Family) -> Slabs<'_, 'a> {
        Slabs::new(self, family)
    }

    /// Returns the table of open label values.
    pub(crate) fn tables(&self) -> &Tables {
        &self.tables
    }

    /// Returns the blocks whose cells are added to those of the shared block, in a fixed order, so that no sum of floats
    /// decreases.
    fn own_blocks(&self, family: &Family) -> &[Arc<Block>] {
        match family.kind.spec().storage {
            Storage::PerThread => &self.blocks,
            Storage::Shared | Storage::Callback | Storage::Text | Storage::Derived => &[],
        }
    }

    /// Returns the value of one cell.
    fn cell(&self, family: &Family, slab: u32, cell: usize) -> u64 {
        match family.kind.spec().storage {
            // A callback without a value adds nothing to a sum.
            Storage::Callback => self.tables.callbacks.value((slab, cell)).unwrap_or(0),
            Storage::Shared | Storage::PerThread => {
                let spot = family.spot(slab);
                let load = |block: &Block| match block.cells(spot).get(cell) {
                    Some(cell) => cell.load(Relaxed),
                    None => 0,
                };
                let mut sum = load(self.store.blocks.shared());
                for block in self.own_blocks(family) {
                    sum = family.encoding.sum(sum, load(block));
                }
                sum
            }
            Storage::Text | Storage::Derived => 0,
        }
    }

    fn read_cells(&mut self, family: &Family, slab: u32) {
        let (spot, count) = (family.spot(slab), family.cells());
        let mut cells = std::mem::take(&mut self.cells);
        // The first block with this slab overwrites the values of an earlier slab.
        cells.resize(count, 0);
        let add = adder(family);
        let shared = self.store.blocks.shared().cells(spot);
        let mut has_values = copy(&mut cells, shared.first(count));
        for block in self.own_blocks(family) {
            let from = block.cells(spot).first(count);
            if has_values {
                add(&mut cells, from, family);
            } else {
                has_values = copy(&mut cells, from);
            }
        }
        if !has_values {
            cells.fill(0);
        }
        self.cells = cells;
        if let Some(native) = family.native() {
            self.sum_classic(family, native);
        }
    }

    /// Replaces the cells of a native histogram by its classic buckets.
    fn sum_classic(&mut self, family: &Family, native: &Native) {
        std::mem::swap(&mut self.cells, &mut self.native_cells);
        let width = family.cells_per_series();
        self.cells.resize(family.series * width, 0);
        let cells = self.native_cells.chunks_exact(native.cells());
        for (cells, classic) in cells.zip(self.cells.chunks_exact_mut(width)) {
            native.sum_classic(cells, classic);
        }
    }

    fn read_values(&mut self, family: &'static Family, slab: u32) {
        let mut values = std::mem::take(&mut self.values);
        values.clear();
        for series in 0..family.series {
            values.push(match family.kind.spec().storage {
                Storage::Derived => self.ratio(family, (slab, series)).map(f64::to_bits),
                Storage::Callback => self.tables.callbacks.value((slab, series)),
                Storage::PerThread | Storage::Shared | Storage::Text => None,
            });
        }
        self.values = values;
    }

    fn read_facts(&mut self, family: &Family, slab: u32) {
        self.facts.clear();
        for series in 0..family.series {
            let facts = self.tables.facts.get(&(slab, series));
            self.facts.push(facts.cloned());
        }
    }

    /// Returns whether to expose a slab of a family with open labels.
    fn shows(&self, family: &'static Family, slab: u32) -> bool {
        if self.store.visible.shows(slab) {
            return true;
        }
        let (numerator, denominator) = family.kind.spec().operands;
        let shows_operand = |index: &u32| {
            self.operand(family, *index, (slab, 0))
                .is_some_and(|(_, slab, _)| self.store.visible.shows(slab))
        };
        numerator.iter().any(shows_operand) || denominator.iter().any(shows_operand)
    }

    /// Returns the creation time of a slab's series: that of the newest of its open label values. Returns `None` if a slot is
    /// vacant.
    fn created(&self, family: &Family, slab: u32) -> Option<f64> {
        let mut created = self.store.created;
        for (label, slot) in family.slots(slab) {
            if !label.is_none(slot) {
                let value = self.tables.interners.value(label.index, slot)?;
                created = created.max(value.created);
            }
        }
        Some(created)
    }
}

/// The slabs of one family to expose, in order.
pub(crate) struct Slabs<'r, 'a> {
    reader: &'r mut Reader<'a>,
    family: &'static Family,
    former: Vec<FormerSeries>,
    next: u32,
    end: u32,
}

/// A slab: all series of a family with the same open label values.
pub(crate) struct Slab<'p> {
    pub(crate) family: &'static Family,
    /// Number of the slab, unique among all families.
    pub(crate) number: u32,
    /// Creation time of its series, in seconds since 1970.
    pub(crate) created: f64,
    /// Values of its series, those with former label values last.
    pub(crate) samples: Samples<'p>,
    former: &'p [FormerSeries],
    tables: &'p Tables,
    exemplars: &'p [Slot],
    /// The cells of a native histogram's series.
    pub(crate) native_cells: &'p [u64],
}

/// The values of a slab.
#[derive(Clone, Copy)]
pub(crate) enum Samples<'p> {
    /// Counter, gauge, up-down counter: one cell per series, in [`Family::encoding`]. Histogram: for each series its sum in
    /// [`Family::encoding`], then its classic buckets, not cumulative, the last one `+Inf`. State: one cell per series, 0 before it is
    /// set, otherwise the state's index + 1.
    Cells(&'p [u64]),
    /// Callback or ratio: for each series its value in [`Family::encoding`], if it has one.
    Optional(&'p [Option<u64>]),
    /// Info: for each series its facts in the order of [`Kind::Info`](crate::schema::Kind::Info), if they were set.
    Facts(&'p [Option<Facts>]),
}

impl Samples<'_> {
    /// Returns the samples of some adjacent series.
    pub(crate) fn of(self, family: &Family, series: Range<usize>) -> Self {
        match self {
            Self::Cells(cells) => {
                let width = family.cells_per_series();
                let cells = cells.get(series.start * width..series.end * width);
                Self::Cells(cells.unwrap_or_default())
            }
            Self::Optional(values) => Self::Optional(values.get(series).unwrap_or_default()),
            Self::Facts(facts) => Self::Facts(facts.get(series).unwrap_or_default()),
        }
    }
}

impl<'r, 'a> Slabs<'r, 'a> {
    fn new(reader: &'r mut Reader<'a>, family: &'static Family) -> Self {
        Self {
            reader,
            family,
            former: former_series(family),
            next: family.first_slab,
            end: family.end_slab(),
        }
    }

    /// Reads the next slab.
    pub(crate) fn next(&mut self) -> Option<Slab<'_>> {
        let family = self.family;
        let (number, created) = self.find()?;
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
        Some(Slab {
            family,
            number,
            created,
            samples,
            former: &self.former,
            tables: &reader.tables,
            native_cells: match family.native() {
                Some(_) => &reader.native_cells,
                None => &[],
            },
            exemplars: if family.exemplars {
                reader.store.exemplars.slots(number)
            } else {
                &[]
            },
        })
    }

    fn find(&mut self) -> Option<(u32, f64)> {
        let Self {
            reader,
            family,
            next,
            end,
            former: _,
        } = self;
        let open = family.open_labels().next().is_some();
        // A ratio also has the slabs of its operands.
        let skips = open && family.kind.spec().storage != Storage::Derived;
        while *next < *end {
            let slab = if skips {
                reader.store.visible.next(*next, *end)?
            } else {
                *next
            };
            *next = slab + 1;
            if (!open || reader.shows(family, slab))
                && let Some(created) = reader.created(family, slab)
            {
                return Some((slab, created));
            }
        }
        None
    }
}

impl<'p> Slab<'p> {
    /// Returns the number of exposed series: the combinations of its closed labels' values, including those with former values.
    pub(crate) fn series(&self) -> usize {
        self.family.series + self.former.len()
    }

    /// Returns the exemplar of one of the slab's series. `cell` is 0, or for a histogram the position of the bucket's cell, which
    /// comes after that of the sum.
    pub(crate) fn exemplar(&self, series: usize, cell: usize) -> Option<Exemplar> {
        let slot = self.current(series) * self.family.cells_per_series() + cell;
        exemplars::read(self.exemplars.get(slot)?)
    }

    /// Returns the cells of one of the slab's series of a native histogram.
    pub(crate) fn native(&self, series: usize) -> Option<(&'static Native, &'p [u64])> {
        let native = self.family.native()?;
        let mut all = self.native_cells.chunks_exact(native.cells());
        Some((native, all.nth(self.current(series))?))
    }

    /// Returns the series that has the values of one of the slab's series.
    fn current(&self, series: usize) -> usize {
        let former = series.checked_sub(self.family.series);
        let former = former.and_then(|index| self.former.get(index));
        former.map_or(series, |former| former.series)
    }

    /// Returns whether its series have no value for any open label.
    pub(crate) fn lacks_open_labels(&self) -> bool {
        let mut slots = self.family.slots(self.number);
        slots.all(|(label, slot)| label.is_none(slot))
    }

    /// Returns a label's value at an index, as in [`Family::digits`]. The last index may mean no value.
    pub(crate) fn value(&self, label: &'static Label, digit: usize) -> Option<&'p str> {
        value(label, digit, self.tables)
    }

    /// Returns the labels of one of the slab's series with their values, in the family's order.
    pub(crate) fn labels(
        &self,
        series: usize,
    ) -> impl Iterator<Item = (&'static Label, &'p str)> + use<'p> {
        let tables = self.tables;
        let former = series.checked_sub(self.family.series);
        let former = former.and_then(|index| self.former.get(index));
        let series = former.map_or(series, |former| former.series);
        let digits = self.family.digits((self.number, series)).enumerate();
        digits.filter_map(move |(position, (label, digit))| {
            let former = former.and_then(|former| former.value(position));
            let value = former.or_else(|| value(label, digit, tables))?;
            Some((label, value))
        })
    }
}

/// Returns a label's value at an index. The last index may mean no value.
fn value<'t>(label: &'static Label, digit: usize, tables: &'t Tables) -> Option<&'t str> {
    match label.values {
        Values::Closed(values) => values.get(digit).copied(),
        Values::Open { index, .. } => {
            let slot = u32::try_from(digit).ok();
            slot.and_then(|slot| tables.interners.value(index, slot))
                .map(|value| &*value.text)
        }
    }
}

/// A series under at least one former label value.
pub(crate) struct FormerSeries {
    /// The current series, which has the value.
    series: usize,
    /// The former values, by the index of their label.
    values: Vec<(usize, &'static str)>,
}

impl FormerSeries {
    /// Returns the former value of the label at an index, if this series has one.
    fn value(&self, label: usize) -> Option<&'static str> {
        let mut values = self.values.iter();
        values
            .find(|(position, _)| *position == label)
            .map(|(_, value)| *value)
    }
}

/// Returns every combination of current and former label values with at least one former value, in the order of the series.
fn former_series(family: &Family) -> Vec<FormerSeries> {
    let mut all = Vec::new();
    if family.labels.iter().all(|label| label.former.is_empty()) {
        return all;
    }
    for series in 0..family.series {
        push_spellings(&mut all, family, series);
    }
    all
}

/// Appends the alternative labels of a series, with at least one former value each.
#[cold]
#[inline(never)]
fn push_spellings(all: &mut Vec<FormerSeries>, family: &Family, series: usize) {
    let first = all.len();
    for (position, (label, digit)) in family.digits((family.first_slab, series)).enumerate() {
        // The alternatives in the labels before this one.
        let before = first..all.len();
        for former in label.former {
            if former.position as usize != digit {
                continue;
            }
            all.push(FormerSeries {
                series,
                values: vec![(position, former.value)],
            });
            for index in before.clone() {
                let mut values = all[index].values.clone();
                values.push((position, former.value));
                all.push(FormerSeries { series, values });
            }
        }
    }
}

impl Reader<'_> {
    /// Appends the values of series with former names to those read for a slab.
    fn repeat(&mut self, family: &Family, former: &[FormerSeries]) {
        for FormerSeries { series, .. } in former {
            match family.kind.spec().storage {
                Storage::PerThread | Storage::Shared => {
                    let width = family.cells_per_series();
                    let cells = series * width..(series + 1) * width;
                    self.cells.extend_from_within(cells);
                }
                Storage::Callback | Storage::Derived => self.values.push(self.values[*series]),
                Storage::Text => self.facts.push(self.facts[*series].clone()),
            }
        }
    }
}

impl Reader<'_> {
    /// Returns the ratio of a series, given by slab and series; `None` if the denominator is zero.
    fn ratio(&self, ratio: &Family, at: (u32, usize)) -> Option<f64> {
        let (numerator, denominator) = ratio.kind.spec().operands;
        let sum = |operands: &[u32]| {
            let mut sum = 0.0;
            for index in operands {
                if let Some((operand, slab, series)) = self.operand(ratio, *index, at) {
                    let cell = self.cell(operand, slab, series);
                    sum += operand.encoding.to_f64(cell);
                }
            }
            sum
        };
        // The numerator is read first. An event that both count in between makes the share smaller, but never larger than one.
        let above = sum(numerator);
        let below = sum(denominator);
        (below != 0.0).then(|| above / below)
    }

    /// Returns one of a ratio's operands, with the slab and series that have the same label values. The operand may have the
    /// labels in a different order.
    fn operand(
        &self,
        ratio: &Family,
        index: u32,
        at: (u32, usize),
    ) -> Option<(&'static Family, u32, usize)> {
        let operand = self.store.schema.families.get(index as usize)?;
        let (mut slab, mut series) = (0_u32, 0_usize);
        for label in operand.labels {
            let same = |(other, _): &(&Label, usize)| {
                std::ptr::eq(*other, *label) || other.name == label.name
            };
            let digit = ratio.digits(at).find(same).map_or(0, |(_, digit)| digit);
            if let Some(open) = label.open() {
                let slot = u32::try_from(digit).unwrap_or(open.max);
                slab = slab.wrapping_mul(open.slots).wrapping_add(slot);
            } else {
                let choices = label.choices as usize;
                series = series.wrapping_mul(choices).wrapping_add(digit);
            }
        }
        Some((operand, operand.first_slab.wrapping_add(slab), series))
    }
}

/// Copies the cells of one block's slab. Returns false if the block does not have the slab.
fn copy(sums: &mut [u64], cells: &[AtomicU64]) -> bool {
    if sums.len() != cells.len() {
        return false;
    }
    for (sum, cell) in sums.iter_mut().zip(cells) {
        *sum = cell.load(Relaxed);
    }
    true
}

/// A function that adds the cells of one block's slab to the sums.
type Add = fn(sums: &mut [u64], cells: &[AtomicU64], family: &Family);

/// Returns the function that adds the cells of a family.
const fn adder(family: &Family) -> Add {
    match family.encoding {
        Encoding::Unsigned | Encoding::Nanoseconds => add_counts,
        Encoding::Signed => add_levels,
        Encoding::Float => add_floats,
    }
}

/// Adds counts, and histograms whose sum is an integer.
fn add_counts(sums: &mut [u64], cells: &[AtomicU64], _: &Family) {
    for (sum, cell) in sums.iter_mut().zip(cells) {
        *sum = sum.saturating_add(cell.load(Relaxed));
    }
}

fn add_levels(sums: &mut [u64], cells: &[AtomicU64], _: &Family) {
    for (sum, cell) in sums.iter_mut().zip(cells) {
        *sum = sum.wrapping_add(cell.load(Relaxed));
    }
}

/// Adds floats. In a histogram, only the sums are floats.
fn add_floats(sums: &mut [u64], cells: &[AtomicU64], family: &Family) {
    let width = family.kind.spec().stored_cells;
    for (sums, cells) in sums.chunks_exact_mut(width).zip(cells.chunks_exact(width)) {
        let ([sum, counts @ ..], [cell, buckets @ ..]) = (sums, cells) else {
            continue;
        };
        add_counts(counts, buckets, family);
        *sum = Encoding::Float.sum(*sum, cell.load(Relaxed));
    }
}
