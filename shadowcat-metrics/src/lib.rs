//! Prometheus metrics that are declared in one `metrics.toml`, and recorded through typed methods in about a nanosecond.
//!
//! # An example
//!
//! A schema declares the metrics:
//!
//! ```toml
#![doc = include_str!("../tests/shop.toml")]
//! ```
//!
//! [`metrics!`] turns it into Rust. A misspelled, missing or swapped label does not compile:
//!
//! ```
//! mod metrics {
//!     shadowcat_metrics::metrics!("tests/shop.toml"); // relative to Cargo.toml
//! }
//! use std::time::Duration;
//!
//! use metrics::Metrics;
//! use metrics::labels::Shelf;
//! use shadowcat_metrics::Format;
//!
//! let metrics = Metrics::new(); // has its own storage; clones share it
//! let cart = metrics.cart(); // a recorder: create it once and keep it
//! cart.added(Shelf::Tools).inc();
//! let open = cart.open().track(); // up now, down when dropped
//! cart.wait().observe(Duration::from_millis(250));
//!
//! assert_eq!(metrics.snapshot().cart().added(Shelf::Tools), 1); // typed reads, for tests
//! let page = metrics.encode(Format::OpenMetrics);
//! assert!(page.contains("shop_cart_added_total{shelf=\"tools\"} 1\n"));
//! # drop(open);
//! ```
//!
//! # Kinds of metrics
//!
//! | `type` in the schema | handle | recorded with |
//! |---|---|---|
//! | `counter` | [`Counter`], [`CallbackCounter`] | `inc`, `add`; `register` |
//! | `gauge` | [`Gauge`], [`CallbackGauge`] | `set`; `register` |
//! | `updown_counter` | [`UpDownCounter`] | `inc`, `dec`, `add`, `sub`, `track` |
//! | `histogram` | [`Histogram`] | `observe`, `start_timer` |
//! | `state` | [`State`] | `set` |
//! | `info` | [`Info`] | `set` |
//! | `ratio` | none | nothing: it is computed at each scrape |
//!
//! A handle of a number has a unit as a type parameter (see [`units`]), so it accepts only a
//! [`Duration`](std::time::Duration), only a number of bytes or only a plain number. Handles borrow a recorder and are
//! free to create. Guards and timers come in two forms, borrowing and owned.
//!
//! All values are in a [`Registry`], which the generated `Metrics` derefs to. The registry exports its values as text
//! ([`Registry::encode`]), as protobuf ([`Registry::encode_protobuf`]), as a collector for a `prometheus::Registry`, over
//! HTTP, as a file ([`Registry::write_textfile`]), or as a typed snapshot.
//!
//! # Guarantees
//!
//! - Recording into a counter or histogram is index arithmetic and a write to a cell of the calling thread, without a hash, a
//!   lock or, after the thread has first recorded the metric, an allocation.
//! - Recording never panics or fails. Invalid values (NaN, a negative addition to a counter, a share outside 0..=1) are not
//!   recorded; a built-in metric counts them.
//! - Recording never waits for another thread that records. It takes a lock only in three cases:
//!   - A thread first records in a registry or, if it is one of the threads beyond [`Options::max_thread_blocks`], takes over
//!     the cells of a thread that has ended. Scrapes and other threads that start or end hold this lock only for a moment.
//!   - A thread records with an open label value that another registry created. Scrapes hold this lock until they end.
//!   - A thread sets an info metric. This takes the same lock.
//! - A thread allocates when it first records a metric or a value of an open label, when a metric gets its first exemplar, and
//!   when it sets an info metric. [`Registry::prepare_thread`] takes the lock and allocates in advance; its documentation lists
//!   the exceptions.
//! - Every label is bounded, so the maximum number of series is known when the schema is compiled. Values of an open label
//!   beyond its bound share one series and are counted.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `fast-clock` | yes | timers read the processor's time stamp counter if the processor declares it invariant and, on Linux, the kernel uses it as its clock; this halves the cost of timers |
//! | `fast-floats` | yes | numbers with a fraction are written with `zmij` instead of the standard library, several times faster |
//! | `exporter` | no | the module `exporter`: an axum router and a stand-alone server for `/metrics` |
//! | `prometheus` | no | `Registry::collector` and `Registry::partial_collector`, for an existing `prometheus::Registry` |
//! | `process` | no | the module `process`: resource usage of the program's process, under the names that Prometheus client libraries use |
//! | `tokio` | no | the module `runtime`: statistics of the program's tokio runtime |
//! | `otlp` | no | the module `otlp`: pushes to an OpenTelemetry receiver |
//! | `otlp-tls` | no | pushes over TLS |
//! | `tracing` | no | `TraceLayer`, which takes exemplars from the current span of `tracing` |
//! | `shadowcat` | no | the module `shadowcat`: the recorders of Shadowcat, the proxy that this library was written for |
//!
//! # Targets
//!
//! | target | state |
//! |---|---|
//! | 64-bit Linux, macOS, Windows and others with the standard library | works; only `x86_64-unknown-linux-gnu` is tested |
//! | 32-bit with 64-bit atomics: i686, `ARMv6` and `ARMv7`, `wasm32-wasip1` | should work; not tested |
//! | `wasm32-unknown-unknown` | builds without the feature `exporter`, but is not tested; there is no clock, so timers and `_created` are zero |
//! | 32-bit without 64-bit atomics: `ARMv5`, MIPS, PowerPC, RISC-V | does not compile, with an error that says so |
//! | without the standard library | does not compile |
//!
//! # Unusual environments
//!
//! - **Global allocators** may record in counters, up-down counters, gauges, states and histograms. Create the recorder
//!   beforehand. In the allocator, create no label values or guards, and use no label values of another registry. While the
//!   library allocates memory for a thread's first record or for an exemplar, values and exemplars that the allocator itself
//!   records may be lost. Before Rust 1.93, on targets whose C library does not run destructors of thread-locals (Linux and
//!   macOS do), the standard library itself ends the program when an allocator uses them.
//! - **Signal handlers** may record only if the interrupted thread has called [`Registry::prepare_thread`], or in metrics that
//!   this thread has recorded before with the same values of open labels, because a first record allocates and takes a lock.
//!   The cases that `prepare_thread` does not cover are not allowed either way. Without this call, a metric's first exemplar,
//!   the first invalid value and a very large amount may also allocate. A handler that interrupts an addition to the same
//!   series can lose one of the two additions. In optimized builds for x86-64, this does not happen for integers and durations
//!   in counters, up-down counters and histograms, because rustc makes each of these additions one instruction; but rustc does
//!   not guarantee this. An atomic that is read with a [`CallbackCounter`] is always exact.
//! - **A forked child** shares nothing with its parent after the fork, and continues from the parent's values. If another
//!   thread of the parent held a lock of the library during the fork, this lock is never released in the child, and the child
//!   deadlocks when it takes it. These can take a lock:
//!   - a thread's first record in a registry, other than a valid value of a gauge or state, unless the thread called
//!     [`Registry::prepare_thread`] before the fork;
//!   - each record by a thread beyond [`Options::max_thread_blocks`], and each record with a label value of another registry;
//!   - encoding, snapshots and `prepare_thread`;
//!   - creating a label value, and dropping the last handle, recorder or guard that uses it;
//!   - registering and dropping callbacks, and setting infos;
//!   - creating a registry;
//!   - the end of a thread that has recorded, including the one that calls [`exit`](std::process::exit).
//!
//!   Other than that, recording takes no lock. A new `Metrics` in the child has its own locks, so only its creation can deadlock.
//!   Calling `exec` takes no lock. The threads that serve pages or push do not exist in the child.
//! - **Several copies of this library**, as in a program and its plugins, do not disturb each other. Each has its own
//!   registries, and so its own page.
//! - **Two schemas with the same namespace** in one program share metric names, at least those of the library's own metrics.
//!   Their pages cannot be joined, and a `prometheus::Registry` accepts the collector of only one. Give each schema its own
//!   `namespace`.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(not(target_has_atomic = "64"))]
compile_error!(
    "shadowcat-metrics counts in 64-bit atomics, which this target does not have\n\
     help: see the table of targets at the crate's root"
);

extern crate self as shadowcat_metrics;

mod buckets;
mod callback;
mod clock;
#[cfg(feature = "prometheus")]
mod collector;
mod counter;
mod exemplar;
#[cfg(feature = "exporter")]
pub mod exporter;
mod exposition;
mod gauge;
mod histogram;
mod info;
mod label;
mod native;
mod open_value;
#[cfg(feature = "otlp")]
pub mod otlp;
mod place;
#[doc(hidden)]
pub mod private;
#[cfg(feature = "process")]
pub mod process;
mod read;
#[cfg(any(feature = "otlp", feature = "process", feature = "tokio"))]
mod ready;
mod registries;
mod registry;
#[cfg(feature = "tokio")]
pub mod runtime;
mod schema;
#[cfg(feature = "shadowcat")]
pub mod shadowcat;
mod snapshot;
mod state;
mod store;
mod sync;
mod textfile;
mod timer;
#[cfg(feature = "tracing")]
mod trace_layer;
pub mod units;
mod updown;

pub use buckets::Buckets;
pub use callback::{CallbackCounter, CallbackGauge, CallbackGuard};
pub use clock::Instant;
#[cfg(feature = "prometheus")]
pub use collector::Series;
pub use counter::Counter;
pub use exemplar::{Exemplars, NoExemplars, TraceContext, TraceGuard, WithExemplars};
pub use exposition::{Format, PROTOBUF_CONTENT_TYPE};
pub use gauge::Gauge;
pub use histogram::Histogram;
pub use info::Info;
pub use label::{ClosedLabel, UnknownLabelValue};
pub use native::{Cells, Native};
pub use registries::{NameClash, Registries};
pub use registry::{Options, Registry};
pub use snapshot::{HistogramValue, Quantile};
pub use state::State;
pub use timer::{OwnedTimer, Timer};
#[cfg(feature = "tracing")]
pub use trace_layer::TraceLayer;
pub use updown::{OwnedTrackGuard, TrackGuard, UpDownCounter};

/// Compiles a `metrics.toml` into typed recorders.
///
/// The argument is the schema's path, relative to the crate's `Cargo.toml`. The generated items are:
///
/// - `Metrics`, with a method for each group, which creates its recorder, and a method for each open label, which creates a
///   handle of a value; `Metrics` derefs to [`Registry`], which encodes and collects;
/// - a recorder for each group, with a method for each metric, which returns a handle such as [`Counter`];
/// - `Snapshot`, which reads the values back with the same types;
/// - `labels`, with an enum for each closed label and a handle for each open one.
///
/// All items are public; call the macro in a private module to hide them. Editing the schema rebuilds the crate.
///
/// ```
/// mod metrics {
///     shadowcat_metrics::metrics!("tests/shop.toml");
/// }
/// use metrics::{Metrics, labels::Shelf};
///
/// let metrics = Metrics::new();
/// metrics.cart().added(Shelf::Food).inc();
/// assert_eq!(metrics.snapshot().cart().added(Shelf::Food), 1);
/// ```
///
/// # Errors
///
/// Each problem in the schema is a compile error with its position and an excerpt. The macro still generates as many
/// recorders as it can, so that the problems do not cause more errors at the call sites. A path that is missing, absolute,
/// or a folder is one compile error.
///
/// # Other names and re-exports
///
/// The macro works if `Cargo.toml` renames the dependency, if another crate re-exports this crate or only the macro, and if the
/// program also contains another version of this crate. The path is always relative to the `Cargo.toml` of the crate that is
/// being compiled, so a schema lives in the crate that calls the macro:
///
/// ```
/// mod company {
///     pub extern crate shadowcat_metrics as telemetry; // another crate would write `pub use`
/// }
/// mod metrics {
///     crate::company::telemetry::metrics!("tests/shop.toml");
/// }
/// # fn main() {
/// # let _ = metrics::Metrics::new();
/// # }
/// ```
///
/// cargo notices when the schema changes, even if its path is a symbolic link. It does not notice if you change the link to point
/// to a file that is older than the last build. In this case, `touch` the schema.
#[macro_export]
macro_rules! metrics {
    ($($path:tt)*) => {
        // The version of this crate; the test `metrics_macro_has_the_version` compares it.
        $crate::private::metrics! { $crate "0.1.0" $($path)* }
    };
}

/// Compiles the examples of the guides as tests.
#[cfg(all(
    doctest,
    feature = "shadowcat",
    feature = "exporter",
    feature = "prometheus"
))]
mod documents {
    #[doc = include_str!("../../docs/guide/transport-authors.md")]
    mod transport_authors {}
    #[doc = include_str!("../../docs/guide/transports/stdio.md")]
    mod stdio {}
    #[doc = include_str!("../../docs/guide/transports/http.md")]
    mod http {}
    #[doc = include_str!("../../docs/guide/transports/sse.md")]
    mod sse {}
    #[doc = include_str!("../../docs/guide/axum.md")]
    mod axum {}
    #[doc = include_str!("../../docs/guide/migration.md")]
    mod migration {}
    #[doc = include_str!("../../docs/guide/operators.md")]
    mod operators {}
}
