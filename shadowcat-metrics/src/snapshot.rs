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
    pages: HashMap<u32, Values>,
    /// The slots of the values of each open label.
    slots: Vec<HashMap<Arc<str>, u32>>,
}

/// The values of one page.
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
        let mut pages = HashMap::new();
        let mut slots = Vec::new();
        if let Some(mut reader) = registry.reader() {
            slots.extend(reader.tables().interners.slots());
            for family in schema.families {
                let mut read = reader.pages(family);
                while let Some(page) = read.next() {
                    let values = match page.samples {
                        Samples::Cells(cells) => Values::Cells(cells.into()),
                        Samples::Optional(values) => Values::Optional(values.into()),
                        Samples::Facts(facts) => Values::Facts(facts.into()),
                    };
                    pages.insert(page.number, values);
                }
            }
        }
        Self(Arc::new(Copied {
            schema,
            pages,
            slots,
        }))
    }

    /// Starts binding a group's labels.
    #[must_use]
    pub const fn bind(&self) -> SnapshotBinding<'_> {
        SnapshotBinding {
            snapshot: self,
            page: Some(0),
            series: 0,
        }
    }

    /// Returns the page for one more open label value, if that value is in use.
    fn page(&self, page: Option<u32>, label: u32, value: &OsStr) -> Option<u32> {
        let slots = self.slots(label)?;
        let slot = self.0.slots.get(label as usize)?.get(&*cut(value))?;
        Some(page?.wrapping_mul(slots).wrapping_add(*slot))
    }

    /// Like `page`, for an optional label.
    fn optional_page(&self, page: Option<u32>, label: u32, value: Option<&OsStr>) -> Option<u32> {
        // The last one is that of no value.
        let none = self.slots(label)?;
        let slot = match value.filter(|value| !value.is_empty()) {
            Some(value) => *self.0.slots.get(label as usize)?.get(&*cut(value))?,
            None => none,
        };
        Some(
            page?
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
            .field("pages", &self.0.pages.len())
            .finish_non_exhaustive()
    }
}

/// A snapshot with a group's labels bound.
#[derive(Clone, Debug)]
pub struct SnapshotBinding<'a> {
    snapshot: &'a Snapshot,
    /// `None` if an open label value is not in use.
    page: Option<u32>,
    series: u32,
}

impl<'a> SnapshotBinding<'a> {
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
        self.page = self.snapshot.page(self.page, label, value);
        self
    }

    /// Binds the next label, an open and optional one, given by its position among the schema's open labels.
    #[must_use]
    pub fn optional_open(mut self, label: u32, value: Option<&OsStr>) -> Self {
        self.page = self.snapshot.optional_page(self.page, label, value);
        self
    }

    /// Returns the place of one of the group's families, identified by its first page.
    #[must_use]
    pub fn at(&self, first_page: u32) -> SnapshotPlace<'a> {
        SnapshotPlace {
            binding: self.clone(),
            first_page,
        }
    }
}

/// A family's place in a snapshot. Values that were never recorded read as zero or `None`.
#[derive(Clone, Debug)]
pub struct SnapshotPlace<'a> {
    binding: SnapshotBinding<'a>,
    first_page: u32,
}

impl SnapshotPlace<'_> {
    /// Binds the next label, a closed one.
    #[must_use]
    pub fn closed<L: ClosedLabel>(mut self, value: L) -> Self {
        self.binding = self.binding.closed(value);
        self
    }

    /// Binds the next label, a closed one that may be absent.
    #[must_use]
    pub fn optional_closed<L: ClosedLabel>(mut self, value: Option<L>) -> Self {
        self.binding = self.binding.optional_closed(value);
        self
    }

    /// Binds the next label, a closed one, by the number of its values and the position of one.
    #[must_use]
    pub const fn position(mut self, count: u32, position: u32) -> Self {
        self.binding.series = at_position(self.binding.series, count, position);
        self
    }

    /// Binds the next label, an open one, given by its position among the schema's open labels.
    #[must_use]
    pub fn open(mut self, label: u32, value: &OsStr) -> Self {
        self.binding = self.binding.open(label, value);
        self
    }

    /// Binds the next label, an open and optional one, given by its position among the schema's open labels.
    #[must_use]
    pub fn optional_open(mut self, label: u32, value: Option<&OsStr>) -> Self {
        self.binding = self.binding.optional_open(label, value);
        self
    }

    /// Returns a counter's total.
    #[must_use]
    pub fn counter<U: UnitType>(&self) -> U::Count {
        self.cell().map(U::Count::from_cell).unwrap_or_default()
    }

    /// Returns a gauge's last value.
    #[must_use]
    pub fn gauge<U: UnitType>(&self) -> U::Value {
        self.cell().map(U::Value::from_cell).unwrap_or_default()
    }

    /// Returns the value of a callback gauge, if a callback is registered.
    #[must_use]
    pub fn callback_gauge<U: UnitType>(&self) -> Option<U::Value> {
        self.optional().map(U::Value::from_cell)
    }

    /// Returns the value of a callback counter, if a callback is registered.
    #[must_use]
    pub fn callback_counter<U: UnitType>(&self) -> Option<U::Count> {
        self.optional().map(U::Count::from_cell)
    }

    /// Returns an up-down counter's current value.
    #[must_use]
    pub fn updown_counter<U: UnitType>(&self) -> U::Level {
        self.cell().map(U::Level::from_cell).unwrap_or_default()
    }

    /// Returns a histogram's buckets and sum.
    #[must_use]
    pub fn histogram<U: UnitType>(&self) -> HistogramValue<U> {
        let family = self.family();
        let buckets = family.and_then(|family| match family.kind.spec().samples {
            SeriesSamples::Histogram(buckets) => Some(buckets),
            SeriesSamples::Value | SeriesSamples::States(_) | SeriesSamples::Facts(_) => None,
        });
        let series = self.binding.series as usize;
        let cells = buckets.zip(self.cells());
        let cells =
            cells.and_then(|(buckets, cells)| cells.chunks_exact(buckets.cells()).nth(series));
        let bounds = buckets.map_or(&[][..], Buckets::bounds);
        HistogramValue::new(bounds, cells.unwrap_or_default())
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
        let facts = facts.get(self.binding.series as usize)?.as_ref()?;
        Some(facts.iter().map(|fact| String::from(&**fact)).collect())
    }

    /// Returns a ratio, if its denominator is not zero.
    #[must_use]
    pub fn ratio(&self) -> Option<f64> {
        self.optional().map(f64::from_cell)
    }

    fn family(&self) -> Option<&'static Family> {
        self.binding.snapshot.0.schema.family_of(self.first_page)
    }

    fn values(&self) -> Option<&Values> {
        self.binding
            .snapshot
            .0
            .pages
            .get(&self.first_page.wrapping_add(self.binding.page?))
    }

    fn cells(&self) -> Option<&[u64]> {
        match self.values()? {
            Values::Cells(cells) => Some(cells),
            Values::Optional(_) | Values::Facts(_) => None,
        }
    }

    fn cell(&self) -> Option<u64> {
        self.cells()?.get(self.binding.series as usize).copied()
    }

    fn optional(&self) -> Option<u64> {
        match self.values()? {
            Values::Optional(values) => *values.get(self.binding.series as usize)?,
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
    /// Its buckets, then its sum; empty if it has no series.
    cells: Box<[u64]>,
    unit: PhantomData<U>,
}

impl<U: UnitType> HistogramValue<U> {
    fn new(bounds: &'static [f64], cells: &[u64]) -> Self {
        Self {
            bounds,
            cells: cells.into(),
            unit: PhantomData,
        }
    }

    /// Returns the number of observations.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.buckets().last().map_or(0, |(_, count)| count)
    }

    /// Returns the sum of the observations.
    #[must_use]
    pub fn sum(&self) -> U::Sum {
        self.cells
            .last()
            .copied()
            .map(U::Sum::from_cell)
            .unwrap_or_default()
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
                total = total.saturating_add(self.cells.get(index).copied().unwrap_or_default());
                (bound, total)
            })
    }
}
