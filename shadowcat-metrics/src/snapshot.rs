//! Typed copies of all values at one moment, for tests and summaries.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::buckets::Buckets;
use crate::info::Facts;
use crate::label::ClosedLabel;
use crate::open_value::cut;
use crate::place::{at_position, optional_closed};
use crate::read::Samples;
use crate::registry::Registry;
use crate::schema::{Family, Schema, SeriesSamples};
use crate::state;
use crate::units::{CellValue, UnitType};

/// A copy of all values.
#[derive(Clone)]
pub struct Snapshot(Arc<Copied>);

struct Copied {
    schema: &'static Schema,
    /// In the order of their numbers.
    slabs: Vec<CopiedSlab>,
    /// The slots of the values of each open label.
    slots: Vec<HashMap<Arc<str>, u32>>,
}

struct CopiedSlab {
    number: u32,
    values: Values,
    /// The cells of a native histogram.
    native_cells: Box<[u64]>,
}

/// The values of one slab.
enum Values {
    Cells(Box<[u64]>),
    Optional(Box<[Option<u64>]>),
    Facts(Box<[Option<Facts>]>),
}

impl Snapshot {
    /// Copies all values of a registry.
    #[must_use]
    pub fn take(registry: &Registry) -> Self {
        let schema = registry.schema();
        let (mut slabs, mut slots) = (Vec::new(), Vec::new());
        if let Some(mut reader) = registry.reader() {
            slots.extend(reader.tables().interners.slots());
            for family in schema.families {
                let mut read = reader.slabs(family);
                while let Some(slab) = read.next() {
                    let values = match slab.samples {
                        Samples::Cells(cells) => Values::Cells(cells.into()),
                        Samples::Optional(values) => Values::Optional(values.into()),
                        Samples::Facts(facts) => Values::Facts(facts.into()),
                    };
                    slabs.push(CopiedSlab {
                        number: slab.number,
                        values,
                        native_cells: slab.native_cells.into(),
                    });
                }
            }
        }
        Self(Arc::new(Copied {
            schema,
            slabs,
            slots,
        }))
    }

    /// Starts binding a group's labels.
    #[must_use]
    pub const fn bind(&self) -> SnapshotPlace<'_> {
        SnapshotPlace {
            snapshot: self,
            first_slab: 0,
            slab: Some(0),
            series: 0,
        }
    }

    /// Returns the slab for one more open label value, if that value is in use.
    fn slab(&self, slab: Option<u32>, label: u32, value: &OsStr) -> Option<u32> {
        let slots = self.slots(label)?;
        let slot = self.0.slots.get(label as usize)?.get(&*cut(value))?;
        Some(slab?.wrapping_mul(slots).wrapping_add(*slot))
    }

    /// Like `slab`, for an optional label.
    fn optional_slab(&self, slab: Option<u32>, label: u32, value: Option<&OsStr>) -> Option<u32> {
        // The last one is that of no value.
        let none = self.slots(label)?;
        let slot = match value.filter(|value| !value.is_empty()) {
            Some(value) => *self.0.slots.get(label as usize)?.get(&*cut(value))?,
            None => none,
        };
        Some(
            slab?
                .wrapping_mul(none.saturating_add(1))
                .wrapping_add(slot),
        )
    }

    /// Returns the slots of an open label where it is not optional.
    fn slots(&self, label: u32) -> Option<u32> {
        let label = self.0.schema.open_labels.get(label as usize)?;
        Some(label.open()?.slots)
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot")
            .field("slabs", &self.0.slabs.len())
            .finish_non_exhaustive()
    }
}

/// A place in a snapshot: the labels bound so far and, after [`at`](Self::at), a family. Values that were never recorded read as
/// zero or `None`.
#[derive(Clone, Debug)]
pub struct SnapshotPlace<'a> {
    snapshot: &'a Snapshot,
    /// The family's first slab.
    first_slab: u32,
    /// The slab, counted from the family's first one. `None` if an open label value is not in use.
    slab: Option<u32>,
    series: u32,
}

impl SnapshotPlace<'_> {
    /// Returns the place of one of the group's families, identified by its first slab.
    #[must_use]
    pub const fn at(&self, first_slab: u32) -> Self {
        Self {
            first_slab,
            ..*self
        }
    }

    /// Binds the next label, a closed one.
    #[must_use]
    pub fn closed<L: ClosedLabel>(mut self, value: L) -> Self {
        self.series = at_position(self.series, L::CARDINALITY, value.index());
        self
    }

    /// Binds the next label, a closed one, by the number of its values and the position of one.
    #[must_use]
    pub const fn position(mut self, count: u32, position: u32) -> Self {
        self.series = at_position(self.series, count, position);
        self
    }

    /// Binds the next label, a closed one that may be absent.
    #[must_use]
    pub fn optional_closed<L: ClosedLabel>(mut self, value: Option<L>) -> Self {
        self.series = optional_closed(self.series, value);
        self
    }

    /// Binds the next label, an open one, given by its position among the schema's open labels.
    #[must_use]
    pub fn open(mut self, label: u32, value: &OsStr) -> Self {
        self.slab = self.snapshot.slab(self.slab, label, value);
        self
    }

    /// Binds the next label, an open and optional one, given by its position among the schema's open labels.
    #[must_use]
    pub fn optional_open(mut self, label: u32, value: Option<&OsStr>) -> Self {
        self.slab = self.snapshot.optional_slab(self.slab, label, value);
        self
    }

    /// Returns a metric's number.
    #[must_use]
    pub fn number<V: CellValue>(&self) -> V {
        self.cell().map(V::from_cell).unwrap_or_default()
    }

    /// Returns the number of a callback, if one is registered, or of a ratio, if its denominator is not zero.
    #[must_use]
    pub fn optional_number<V: CellValue>(&self) -> Option<V> {
        self.optional().map(V::from_cell)
    }

    /// Returns a histogram's buckets and sum.
    #[must_use]
    pub fn histogram<U: UnitType>(&self) -> HistogramValue<U> {
        let family = self.family();
        let buckets = family.and_then(|family| match family.kind.spec().samples {
            SeriesSamples::Histogram(buckets) => Some(buckets),
            SeriesSamples::Value | SeriesSamples::States(_) | SeriesSamples::Facts(_) => None,
        });
        let series = self.series as usize;
        let cells = buckets.zip(self.cells());
        let cells =
            cells.and_then(|(buckets, cells)| cells.chunks_exact(buckets.cells()).nth(series));
        let (sum, counts) = cells
            .and_then(|cells| cells.split_first())
            .map_or((0, &[][..]), |(sum, counts)| (*sum, counts));
        HistogramValue {
            bounds: buckets.map_or(&[][..], Buckets::bounds),
            sum,
            counts: counts.into(),
            native: family.and_then(|family| self.native_cells(family)),
            unit: PhantomData,
        }
    }

    /// Returns the current state, if one was set.
    #[must_use]
    pub fn state<S: ClosedLabel>(&self) -> Option<S> {
        state::from_cell(self.cell()?)
    }

    /// Returns the facts of an info, in the order of the schema.
    #[must_use]
    pub fn info(&self) -> Option<Vec<String>> {
        let Values::Facts(facts) = self.values()? else {
            return None;
        };
        let facts = facts.get(self.series as usize)?.as_ref()?;
        Some(facts.iter().map(|fact| String::from(&**fact)).collect())
    }

    /// Returns the cells of a native histogram with their bounds.
    fn native_cells(&self, family: &'static Family) -> Option<Box<[Cell]>> {
        let native = family.native()?;
        let series = self.series as usize;
        let all = &self.slab()?.native_cells;
        let [_sum, counts @ ..] = all.chunks_exact(native.cells()).nth(series)? else {
            return None;
        };
        let mut cells = Vec::new();
        for (index, count) in counts.iter().enumerate() {
            let key = native.keys.get(index);
            cells.push(Cell {
                high: key.map_or(f64::INFINITY, |key| family.encoding.to_f64(*key)),
                count: *count,
            });
        }
        Some(cells.into())
    }

    fn slab(&self) -> Option<&CopiedSlab> {
        let number = self.first_slab.wrapping_add(self.slab?);
        let slabs = &self.snapshot.0.slabs;
        let index = slabs
            .binary_search_by(|slab| slab.number.cmp(&number))
            .ok()?;
        slabs.get(index)
    }

    fn family(&self) -> Option<&'static Family> {
        self.snapshot.0.schema.family_of(self.first_slab)
    }

    fn values(&self) -> Option<&Values> {
        Some(&self.slab()?.values)
    }

    fn cells(&self) -> Option<&[u64]> {
        match self.values()? {
            Values::Cells(cells) => Some(cells),
            Values::Optional(_) | Values::Facts(_) => None,
        }
    }

    fn cell(&self) -> Option<u64> {
        self.cells()?.get(self.series as usize).copied()
    }

    fn optional(&self) -> Option<u64> {
        match self.values()? {
            Values::Optional(values) => *values.get(self.series as usize)?,
            Values::Cells(_) | Values::Facts(_) => None,
        }
    }
}

/// The observations of a histogram.
///
/// ```
/// # shadowcat_metrics::metrics!("tests/shop.toml");
/// # fn main() {
/// # use std::time::Duration;
/// # let metrics = Metrics::new();
/// metrics.cart().wait().observe(Duration::from_millis(500));
///
/// let wait = metrics.snapshot().cart().wait();
/// assert_eq!((wait.count(), wait.sum()), (1, Duration::from_millis(500)));
/// assert!(wait.buckets().eq([(0.1, 0), (1.0, 1), (10.0, 1), (f64::INFINITY, 1)]));
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct HistogramValue<U: UnitType> {
    bounds: &'static [f64],
    /// Its sum, encoded in a cell.
    sum: u64,
    /// Observations in each bucket; empty if it has no series.
    counts: Box<[u64]>,
    /// Finer counts, if it is a native histogram.
    native: Option<Box<[Cell]>>,
    unit: PhantomData<U>,
}

/// A number of observations up to a bound, above that of the cell before.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Cell {
    high: f64,
    count: u64,
}

/// An estimated quantile of a histogram, in the base unit.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Quantile {
    /// The estimate, interpolated between `low` and `high`.
    pub value: f64,
    /// Lower bound: the exact quantile is above this, or zero.
    pub low: f64,
    /// Upper bound: the exact quantile is not above this. Infinity if the quantile is in the last bucket.
    pub high: f64,
}

impl<U: UnitType> HistogramValue<U> {
    /// Returns the number of observations.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.buckets().last().map_or(0, |(_, count)| count)
    }

    /// Returns the sum of the observations.
    #[must_use]
    pub fn sum(&self) -> U::Sum {
        U::Sum::from_cell(self.sum)
    }

    /// Returns each bound in the base unit, with the number of observations at or below it. The last bound is infinity.
    pub fn buckets(&self) -> impl Iterator<Item = (f64, u64)> {
        let mut total = 0_u64;
        self.bounds
            .iter()
            .copied()
            .chain([f64::INFINITY])
            .enumerate()
            .map(move |(index, bound)| {
                total = total.saturating_add(self.counts.get(index).copied().unwrap_or_default());
                (bound, total)
            })
    }

    /// Estimates a quantile, such as the median for a `share` of 0.5: the value that this share of the observations does not
    /// exceed. Returns `None` without observations, and for a `share` outside 0..=1.
    ///
    /// In the range of native buckets, `high` is at most their `factor` times `low`.
    ///
    /// ```
    /// # shadowcat_metrics::metrics!("tests/native.toml");
    /// # fn main() {
    /// # use std::time::Duration;
    /// # let metrics = Metrics::new();
    /// for milliseconds in 1..=100 {
    ///     metrics.shop().wait().observe(Duration::from_millis(milliseconds));
    /// }
    /// let median = metrics.snapshot().shop().wait().quantile(0.5).expect("there are observations");
    /// assert!(median.low < 0.05 && 0.05 <= median.high);
    /// assert!(median.high / median.low <= 1.1);
    /// # }
    /// ```
    #[must_use]
    pub fn quantile(&self, share: f64) -> Option<Quantile> {
        let classic = self.bounds.iter().copied().chain([f64::INFINITY]);
        let classic = classic.zip(&self.counts);
        let classic = classic.map(|(high, count)| Cell {
            high,
            count: *count,
        });
        match &self.native {
            Some(cells) => quantile(cells.iter().copied(), share, self.count()),
            None => quantile(classic, share, self.count()),
        }
    }
}

fn quantile(cells: impl Iterator<Item = Cell>, share: f64, count: u64) -> Option<Quantile> {
    if count == 0 || !(0.0..=1.0).contains(&share) {
        return None;
    }
    let rank = (share * count as f64).ceil().max(1.0);
    let (mut low, mut below) = (0.0, 0.0);
    for Cell { high, count } in cells {
        let count = count as f64;
        if count > 0.0 && below + count >= rank {
            let part = (rank - below - 0.5) / count;
            let value = if high == f64::INFINITY {
                low
            } else if low > 0.0 {
                low * (high / low).powf(part)
            } else {
                high * part
            };
            return Some(Quantile { value, low, high });
        }
        (low, below) = (high, below + count);
    }
    None
}
