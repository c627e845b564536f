//! The place of a record: its slab and series, computed from the bound labels.

use std::sync::Arc;

use crate::exemplar::{Exemplars, offer};
use crate::label::ClosedLabel;
use crate::native::Cells;
use crate::open_value::OpenValue;
use crate::registry::Registry;
use crate::store::cells::Spot;
use crate::store::{Change, Increase, LARGE, Store};

/// A registry with a group's labels bound, of which `OPEN` are open.
#[derive(Clone, Debug)]
pub struct Binding<const OPEN: usize = 0> {
    registry: Registry,
    slab: u32,
    series: u32,
    /// Whether an open label is bound.
    has_open: bool,
    /// The bound open values, whose slots are not reused while the binding lives.
    kept: [Option<OpenValue>; OPEN],
}

impl<const OPEN: usize> Binding<OPEN> {
    /// Binds no label yet.
    #[must_use]
    pub fn new(registry: &Registry) -> Self {
        Self {
            registry: registry.clone(),
            slab: 0,
            series: 0,
            has_open: false,
            kept: [const { None }; OPEN],
        }
    }

    /// Binds the next label, which is closed.
    #[must_use]
    pub fn closed<L: ClosedLabel>(mut self, value: L) -> Self {
        self.series = closed(self.series, value);
        self
    }

    /// Binds the next label, which is closed and optional.
    #[must_use]
    pub fn optional_closed<L: ClosedLabel>(mut self, value: Option<L>) -> Self {
        self.series = optional_closed(self.series, value);
        self
    }

    /// Binds the next label, a closed one, by the number of its values and the position of one.
    #[must_use]
    pub const fn position(mut self, count: u32, position: u32) -> Self {
        self.series = at_position(self.series, count, position);
        self
    }

    /// Binds the next label, which is open, and keeps its value. A value of another registry is interned in this one. If `OPEN`
    /// is 0, the caller keeps the value alive as long as the binding.
    #[must_use]
    pub fn open(mut self, value: &OpenValue) -> Self {
        let kept = self.own(value);
        let value = kept.as_ref().unwrap_or(value);
        let own = value.own_slab(&self.registry, self.slab);
        self.slab = own.unwrap_or_else(|| value.foreign_slab(&self.registry, self.slab).1);
        self.keep(kept)
    }

    /// Like [`open`](Self::open), for an optional label, by its number of slots.
    #[must_use]
    pub fn optional_open(mut self, slots: u32, value: Option<&OpenValue>) -> Self {
        let kept = value.and_then(|value| self.own(value));
        let value = kept.as_ref().or(value);
        self.slab = OpenValue::optional_slab(value, &self.registry, self.slab, slots);
        self.keep(kept)
    }

    /// Returns the value as one of this registry, to keep it.
    fn own(&self, value: &OpenValue) -> Option<OpenValue> {
        (OPEN > 0).then(|| value.in_registry(&self.registry))
    }

    fn keep(mut self, value: Option<OpenValue>) -> Self {
        if let Some(free) = self.kept.iter_mut().find(|kept| kept.is_none()) {
            *free = value;
        }
        self.has_open = true;
        self
    }

    /// Starts the series of some families at zero, given by their indices in the schema. Their open labels must be those of the
    /// binding.
    #[must_use]
    pub fn start(self, families: &[u32]) -> Self {
        if let Some(store) = self.registry.store() {
            store.show(families, self.slab);
        }
        self
    }

    /// Like [`at`](Self::at), for a group without labels. Slab and series are then constants, so that a record need not load
    /// them.
    #[inline]
    #[must_use]
    pub const fn unlabeled(&self, first_slab: u32) -> Place<'_> {
        Place {
            registry: &self.registry,
            first_slab,
            fixed: 0,
            slab: 0,
            series: 0,
            has_open: false,
            foreign: None,
        }
    }

    /// Returns the place of one of the group's families, given by its first slab.
    #[inline]
    #[must_use]
    pub const fn at(&self, first_slab: u32) -> Place<'_> {
        Place {
            registry: &self.registry,
            first_slab,
            fixed: 0,
            slab: self.slab,
            series: self.series,
            has_open: self.has_open,
            foreign: None,
        }
    }
}

/// A family's place in a registry, with the labels bound so far.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    registry: &'a Registry,
    first_slab: u32,
    /// The position of the family's first cell among the fixed cells of a block, or 0 if its cells are in slabs.
    fixed: u32,
    slab: u32,
    series: u32,
    /// Whether an open label is bound.
    has_open: bool,
    /// The value of the last open label, if another registry interned it. `slab` is then that of the labels before it.
    foreign: Option<&'a OpenValue>,
}

impl<'a> Place<'a> {
    /// Returns the place of a series at a spot, without open labels.
    pub(crate) const fn of(registry: &'a Registry, spot: Spot, series: u32) -> Self {
        Self {
            registry,
            first_slab: spot.slab,
            fixed: spot.fixed,
            slab: 0,
            series,
            has_open: false,
            foreign: None,
        }
    }

    /// Returns the arguments of [`of`](Self::of), if no value is foreign.
    #[inline]
    pub(crate) const fn parts(self) -> (&'a Registry, Spot, u32) {
        (self.registry, self.known_spot(), self.series)
    }

    /// States that the family has fixed cells, by the position of the first one. It has no open labels.
    #[inline]
    #[must_use]
    pub const fn fixed(self, fixed: u32) -> Self {
        Self { fixed, ..self }
    }

    /// Binds the next label, which is closed.
    #[inline]
    #[must_use]
    pub fn closed<L: ClosedLabel>(mut self, value: L) -> Self {
        self.series = closed(self.series, value);
        self
    }

    /// Binds the next label, which is closed and optional.
    #[inline]
    #[must_use]
    pub fn optional_closed<L: ClosedLabel>(mut self, value: Option<L>) -> Self {
        self.series = optional_closed(self.series, value);
        self
    }

    /// Binds the next label, a closed one, by the number of its values and the position of one.
    #[inline]
    #[must_use]
    pub const fn position(mut self, count: u32, position: u32) -> Self {
        self.series = at_position(self.series, count, position);
        self
    }

    /// Binds the next label, which is open.
    #[inline]
    #[must_use]
    pub fn open(self, value: &'a OpenValue) -> Self {
        let mut place = self.with_foreign();
        place.has_open = true;
        match value.own_slab(place.registry, place.slab) {
            Some(slab) => place.slab = slab,
            None => place.foreign = Some(value),
        }
        place
    }

    /// Binds the next label, which is open and optional, by its number of slots.
    #[inline]
    #[must_use]
    pub fn optional_open(self, slots: u32, value: Option<&'a OpenValue>) -> Self {
        let mut place = self.with_foreign();
        place.slab = OpenValue::optional_slab(value, place.registry, place.slab, slots);
        place.has_open = true;
        place
    }

    /// Returns the same place with its slab computed. The arms of a `match` over a sum label then differ in two numbers only.
    #[inline]
    #[must_use]
    pub fn resolved(self) -> Self {
        let place = self.with_foreign();
        Self {
            first_slab: place.slab(),
            slab: 0,
            ..place
        }
    }

    /// Returns the same place with the slab of a foreign value.
    #[expect(
        clippy::inline_always,
        reason = "a call would write the place to memory and read it back"
    )]
    #[inline(always)]
    pub(crate) fn with_foreign(self) -> Self {
        let Some(value) = self.foreign else {
            return self;
        };
        let (registry, slab) = value.foreign_slab(self.registry, self.slab);
        Self {
            registry,
            slab,
            foreign: None,
            ..self
        }
    }

    #[inline]
    pub(crate) const fn store(self) -> Option<&'a Arc<Store>> {
        self.registry.store()
    }

    #[inline]
    pub(crate) fn slab(self) -> u32 {
        self.with_foreign().known_slab()
    }

    /// Like [`slab`](Self::slab) if no value is foreign, as in every histogram.
    #[inline]
    const fn known_slab(self) -> u32 {
        self.first_slab.wrapping_add(self.slab)
    }

    /// Returns where the cells are, if no value is foreign.
    #[inline]
    const fn known_spot(self) -> Spot {
        Spot {
            slab: self.known_slab(),
            fixed: self.fixed,
        }
    }

    #[inline]
    fn spot(self) -> Spot {
        self.with_foreign().known_spot()
    }

    #[inline]
    pub(crate) const fn series(self) -> usize {
        self.series as usize
    }

    /// Changes the family's only cell. A foreign value is a call at the end, so that the common case neither saves registers
    /// for it nor loads the registry again afterwards.
    #[inline]
    pub(crate) fn change(self, change: impl Change) {
        match self.foreign {
            None => {
                let owner = self.registry.owner();
                owner.change(self.known_spot(), self.series(), change);
            }
            Some(value) => {
                let slabs = (self.first_slab, self.slab);
                change_foreign(self.registry, value, slabs, self.series, change);
            }
        }
    }

    /// Adds to the family's only cell, an integer that only increases.
    #[inline]
    pub(crate) fn add(self, amount: u64) {
        if amount < LARGE {
            self.change(Increase(amount));
        } else {
            add_large(self.registry, self.spot(), self.series(), amount);
        }
    }

    /// Observes any integer in a histogram.
    #[inline]
    pub(crate) fn observe_large(self, buckets: &impl Cells, value: u64) {
        observe_large(
            self.registry,
            self.known_spot(),
            self.series,
            buckets,
            value,
        );
    }

    /// Increments a histogram's bucket and changes its sum. Returns the store, or `None` if the thread has not used these cells
    /// before, or shares them; then nothing was changed.
    #[expect(
        clippy::inline_always,
        reason = "a call would write the place to memory and read it back"
    )]
    #[inline(always)]
    pub(crate) fn observe(
        self,
        bucket: usize,
        cells: usize,
        add: impl Change,
    ) -> Option<&'a Arc<Store>> {
        let cells = bucket_and_sum(self.series(), cells, bucket);
        self.registry
            .owner()
            .change_both(self.known_spot(), cells, add)
    }

    /// Like [`observe`](Self::observe), for cells that the thread has not used before or shares, and offers an exemplar. `value`
    /// is that of `add`.
    #[expect(
        clippy::inline_always,
        reason = "a call would write the place to memory and read it back"
    )]
    #[inline(always)]
    pub(crate) fn observe_first<X: Exemplars>(
        self,
        bucket: usize,
        cells: usize,
        add: impl Change,
        value: u64,
    ) {
        let cells = bucket_and_sum(self.series(), cells, bucket);
        observe_first::<X>(self.registry, self.known_spot(), cells, add, value);
    }

    /// Sets the family's only cell, which all threads share.
    #[inline]
    pub(crate) fn set(self, value: u64) {
        if let Some(store) = self.store() {
            store.set(self.spot(), self.series(), value);
        }
    }

    /// Counts a value as rejected.
    #[cold]
    pub(crate) fn reject(self) {
        if let Some(store) = self.store() {
            store.reject(self.slab());
        }
    }

    /// Returns the same place with shared ownership, for guards without a lifetime.
    pub(crate) fn to_owned(self) -> OwnedPlace {
        if self.has_open
            && let Some(store) = self.store()
        {
            store.retain_slab(self.slab());
        }
        OwnedPlace {
            registry: self.registry.clone(),
            spot: self.spot(),
            series: self.series,
            has_open: self.has_open,
        }
    }
}

/// Changes a cell of a value that another registry interned. Takes the parts of the place separately, so that they stay in
/// registers.
#[cold]
#[inline(never)]
fn change_foreign(
    registry: &Registry,
    value: &OpenValue,
    (first_slab, slab): (u32, u32),
    series: u32,
    change: impl Change,
) {
    let slab = value.foreign_slab(registry, slab).1;
    let spot = Spot {
        slab: first_slab.wrapping_add(slab),
        fixed: 0,
    };
    registry.owner().change(spot, series as usize, change);
}

/// Adds a large amount. Takes the parts of the place separately, so that they stay in registers.
#[cold]
#[inline(never)]
fn add_large(registry: &Registry, spot: Spot, series: usize, amount: u64) {
    if let Some(store) = registry.store() {
        store.add_large(spot, series, amount);
    }
}

/// Observes any integer in a histogram. Takes the parts of the place separately, so that they stay in registers.
#[cold]
#[inline(never)]
fn observe_large(registry: &Registry, spot: Spot, series: u32, buckets: &impl Cells, value: u64) {
    let bucket = buckets.of_integer(value);
    let (bucket, sum) = bucket_and_sum(series as usize, buckets.per_series(), bucket);
    registry.owner().change(spot, bucket, Increase(1));
    add_large(registry, spot, sum, value);
}

/// Returns the cells of a bucket and of the sum in a series of a histogram. The sum is the first cell, so it often shares a cache
/// line with the bucket: small values are usually the most frequent.
#[inline]
pub(crate) const fn bucket_and_sum(
    series: usize,
    per_series: usize,
    bucket: usize,
) -> (usize, usize) {
    let sum = series.wrapping_mul(per_series);
    (sum.wrapping_add(1).wrapping_add(bucket), sum)
}

/// Observes in cells that the thread has not used before or shares. Takes the parts of the place separately, so that they stay
/// in registers.
#[cold]
#[inline(never)]
fn observe_first<X: Exemplars>(
    registry: &Registry,
    spot: Spot,
    (bucket, sum): (usize, usize),
    add: impl Change,
    value: u64,
) {
    if let Some(store) = registry.store() {
        store.change_first(spot, bucket, Increase(1));
        store.change_first(spot, sum, add);
    }
    let place = Place::of(registry, spot, 0);
    offer::<X>(place.store(), place, || bucket, value);
}

#[inline]
fn closed<L: ClosedLabel>(series: u32, value: L) -> u32 {
    at_position(series, L::CARDINALITY, value.index())
}

/// Adds a label with `count` values.
#[inline]
pub(crate) const fn at_position(series: u32, count: u32, position: u32) -> u32 {
    series.wrapping_mul(count).wrapping_add(position)
}

/// Adds an optional label: no value comes after all values.
#[inline]
pub(crate) fn optional_closed<L: ClosedLabel>(series: u32, value: Option<L>) -> u32 {
    series
        .wrapping_mul(L::CARDINALITY.wrapping_add(1))
        .wrapping_add(value.map_or(L::CARDINALITY, ClosedLabel::index))
}

/// A place that keeps the registry and its open label values alive.
#[derive(Debug)]
pub(crate) struct OwnedPlace {
    registry: Registry,
    spot: Spot,
    series: u32,
    /// Whether it has references to open label values.
    has_open: bool,
}

impl OwnedPlace {
    pub(crate) const fn place(&self) -> Place<'_> {
        Place {
            has_open: self.has_open,
            ..Place::of(&self.registry, self.spot, self.series)
        }
    }
}

impl Drop for OwnedPlace {
    fn drop(&mut self) {
        if self.has_open
            && let Some(store) = self.registry.store()
        {
            store.release_slab(self.spot.slab);
        }
    }
}
