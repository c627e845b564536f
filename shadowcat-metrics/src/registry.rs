//! The registry: a schema and, unless it is disabled, a separate store of values.

use std::ffi::OsStr;
use std::fmt;
use std::sync::Arc;

use crate::clock;
use crate::open_value::OpenValue;
use crate::schema::{Encoding, Family, MessageType, Schema};
use crate::store::Store;
use crate::store::cells::Owner;

/// The values of every metric of one schema. Clones share them.
///
/// The `Metrics` type that [`metrics!`](crate::metrics) generates is a registry with typed recorders, and derefs to it.
/// The first registry in a process with a histogram in seconds calibrates the clock for timers, so that the first timer
/// is not slow. This usually takes half a millisecond, and at most 0.2 seconds.
///
/// ```
/// # shadowcat_metrics::metrics!("tests/metrics.toml");
/// # fn main() {
/// # let metrics = Metrics::new();
/// let clone = metrics.clone();
/// clone.plain().events().inc();
/// assert_eq!(metrics.snapshot().plain().events(), 1);
/// # }
/// ```
#[derive(Clone)]
pub struct Registry {
    schema: &'static Schema,
    owner: Owner,
}

impl Registry {
    /// Creates a registry with separate storage.
    #[doc(hidden)]
    #[must_use]
    pub fn new(schema: &'static Schema, options: Options) -> Self {
        let is_timed = |family: &Family| {
            family.kind.spec().message == MessageType::Histogram
                && family.encoding == Encoding::Nanoseconds
        };
        if schema.families.iter().any(is_timed) {
            clock::prepare();
        }
        Self {
            schema,
            owner: Owner::of(Store::new(schema, options)),
        }
    }

    /// Creates a registry that records nothing.
    #[doc(hidden)]
    #[must_use]
    pub const fn disabled(schema: &'static Schema) -> Self {
        Self {
            schema,
            owner: Owner::none(),
        }
    }

    /// Returns whether it records, which is false only for a disabled registry.
    #[must_use]
    pub const fn is_enabled(&self) -> bool {
        self.owner.store().is_some()
    }

    /// Allocates the calling thread's cells for every metric, so that recording later takes no lock and allocates nothing.
    ///
    /// Without this call, a thread takes a lock for a moment when it first records, and allocates the cells of all small metrics
    /// without open labels. It allocates the cells of every other metric when it first records that metric. The first exemplar of
    /// a metric allocates the slots for its exemplars. Call this method once in each thread that must not wait, and again after
    /// creating recorders with values of open labels. It also allocates 64 bytes for each exemplar. If the thread records only
    /// some of the metrics, the memory for the others is wasted.
    ///
    /// Three cases are not covered:
    ///
    /// - **An open label in a metric's own `labels`.** A thread allocates when it first records each value, unless any thread has
    ///   recorded this value in this metric before the call.
    /// - **Threads beyond [`max_thread_blocks`](Options::max_thread_blocks).** They share cells. After another thread has ended,
    ///   such a thread may take over its cells when it next records, which takes a lock and allocates.
    /// - **A value of an open label that another registry created.** Recording a metric with this value takes the lock that
    ///   scrapes hold, and may allocate. Recorders that bind the value take the lock only when they are created.
    ///
    /// ```
    /// # shadowcat_metrics::metrics!("tests/shop.toml");
    /// # fn main() {
    /// let metrics = Metrics::new();
    /// metrics.prepare_thread();
    /// metrics.cart().added(labels::Shelf::Food).inc(); // allocates nothing
    /// # }
    /// ```
    pub fn prepare_thread(&self) {
        if let Some(store) = self.store() {
            store.prepare_thread();
        }
    }

    /// Returns its schema.
    #[doc(hidden)]
    #[must_use]
    pub const fn schema(&self) -> &'static Schema {
        self.schema
    }

    /// Interns a value of an open label, given by its position among the schema's open labels.
    #[doc(hidden)]
    #[must_use]
    pub fn intern(&self, label: u32, value: &OsStr) -> OpenValue {
        OpenValue::new(self, label, value)
    }

    #[inline]
    pub(crate) const fn store(&self) -> Option<&Arc<Store>> {
        self.owner.store()
    }

    #[inline]
    pub(crate) const fn owner(&self) -> &Owner {
        &self.owner
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry")
            .field("families", &self.schema.families.len())
            .field("enabled", &self.is_enabled())
            .finish_non_exhaustive()
    }
}

/// Limits of a registry, and what its pages show.
///
/// ```
/// let options = shadowcat_metrics::Options::default().max_thread_blocks(64);
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Options {
    pub(crate) max_thread_blocks: usize,
    pub(crate) created_lines: bool,
}

impl Options {
    /// Sets how many concurrent threads get separate cells (default: 256). All other threads share one copy, and use
    /// atomic operations to record. Memory grows with the number of threads up to this limit.
    #[must_use]
    pub const fn max_thread_blocks(mut self, threads: usize) -> Self {
        self.max_thread_blocks = threads;
        self
    }

    /// Sets whether OpenMetrics pages have `_created` lines (default: `false`), which say when each series of a counter or
    /// histogram began. Prometheus stores each of them as a series. Protobuf pages always have these times.
    #[must_use]
    pub const fn created_lines(mut self, exposed: bool) -> Self {
        self.created_lines = exposed;
        self
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_thread_blocks: 256,
            created_lines: false,
        }
    }
}
