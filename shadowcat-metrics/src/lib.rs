//! Metrics declared in one `metrics.toml`: typed, label-safe recorders that cost about a nanosecond.
//!
//! [`metrics!`] compiles a schema into a `Metrics` type with a recorder for each group of metrics. What a recorder's
//! methods give are the handles of this crate: [`Counter`], [`Gauge`], [`UpDownCounter`], [`Histogram`], [`State`],
//! [`Info`], [`CallbackGauge`]. Each has a unit as its type parameter (see [`units`]), so that it takes a `Duration`, a
//! number of bytes or a plain number, and nothing else. A record is index arithmetic and a write into a cell that belongs
//! to the calling thread: no hash, no lock, no allocation after the first.
//!
//! Values that no metric can hold (NaN, a negative addition to a counter, a share outside 0..=1) are not recorded and
//! counted in a metric of their own. Recording never panics, blocks or fails.

extern crate self as shadowcat_metrics;

mod buckets;
mod callback;
mod clock;
#[cfg(feature = "prometheus")]
mod collector;
mod counter;
#[cfg(feature = "exporter")]
pub mod exporter;
mod exposition;
mod gauge;
mod histogram;
mod info;
mod label;
mod layout;
mod open_value;
mod place;
#[doc(hidden)]
pub mod private;
mod read;
mod registry;
mod schema;
#[cfg(feature = "shadowcat")]
mod shadowcat;
mod snapshot;
mod state;
mod store;
mod sync;
mod timer;
pub mod units;
mod updown;

pub use callback::{CallbackCounter, CallbackGauge, CallbackGuard};
#[cfg(feature = "prometheus")]
pub use collector::Series;
pub use counter::Counter;
pub use exposition::{Format, PROTOBUF_CONTENT_TYPE};
pub use gauge::Gauge;
pub use histogram::Histogram;
pub use info::Info;
pub use label::{ClosedLabel, UnknownLabelValue};
pub use registry::{Options, Registry};
pub use snapshot::HistogramValue;
pub use state::State;
pub use timer::{OwnedTimer, Timer};
pub use updown::{OwnedTrackGuard, TrackGuard, UpDownCounter};

#[cfg(feature = "shadowcat")]
pub use shadowcat::*;
/// Compiles a `metrics.toml` into typed recorders, at the place of the call.
///
/// The one argument is the schema's path, relative to the crate's `Cargo.toml`. What comes out:
///
/// - `Metrics`, with a method for each group, which makes its recorder, and one for each open label, which interns a
///   value; it derefs to [`Registry`], which encodes and collects;
/// - a recorder for each group, with a method for each metric, which gives a handle such as [`Counter`];
/// - `Snapshot`, which reads the values back with the same types;
/// - `labels`, with an enum for each closed label and a handle for each open one.
///
/// All of it is public; put the call into a module of its own to keep it to yourself. Editing the schema rebuilds the
/// crate.
///
/// ```
/// mod metrics {
///     shadowcat_metrics::metrics!("metrics.toml");
/// }
/// use metrics::{Metrics, labels::Pool};
///
/// let metrics = Metrics::new();
/// metrics.buffer_pool(Pool::Http).misses().inc();
/// assert_eq!(metrics.snapshot().buffer_pool(Pool::Http).misses(), 1);
/// ```
///
/// # Errors
///
/// A schema with problems gives a compile error for each, with its position in the file and the excerpt; the recorders are
/// made all the same, as well as they can be, so that the problems do not multiply at the call sites. A path that is
/// missing, absolute, or a folder gives one compile error.
pub use shadowcat_metrics_macros::metrics;

/// The examples of the README and the guides are tests.
#[cfg(all(
    doctest,
    feature = "shadowcat",
    feature = "exporter",
    feature = "prometheus"
))]
mod documents {
    #[doc = include_str!("../../README.md")]
    mod readme {}
    #[doc = include_str!("../../docs/guide/transport-authors.md")]
    mod transport_authors {}
    #[doc = include_str!("../../docs/guide/transports/stdio.md")]
    mod stdio {}
    #[doc = include_str!("../../docs/guide/transports/http.md")]
    mod http {}
    #[doc = include_str!("../../docs/guide/transports/sse.md")]
    mod sse {}
    #[doc = include_str!("../../docs/guide/migration.md")]
    mod migration {}
    #[doc = include_str!("../../docs/guide/operators.md")]
    mod operators {}
}
