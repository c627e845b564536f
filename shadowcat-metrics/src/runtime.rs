//! The tokio runtime of a program, read at each scrape.
//!
//! The metrics are in a schema file of this crate, `schemas/tokio.toml`. Include it in your schema, and register it:
//!
//! ```
//! mod metrics {
//!     shadowcat_metrics::metrics!("tests/ready.toml"); // include = ["../schemas/tokio.toml"]
//! }
//! use metrics::Metrics;
//! use shadowcat_metrics::{Format, runtime};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), runtime::MissingGroup> {
//! let metrics = Metrics::new();
//! runtime::register(&metrics)?; // inside the runtime
//! assert!(metrics.encode(Format::PrometheusText).contains("app_tokio_workers 1\n"));
//! # Ok(())
//! # }
//! ```

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::{Handle, RuntimeMetrics};

use crate::callback::{CallbackCounter, CallbackGauge};
use crate::ready::Group;
pub use crate::ready::MissingGroup;
use crate::registry::Registry;
use crate::schema::Encoding;
use crate::units::{Dimensionless, Ratio, Seconds};

/// Returns one number of a runtime.
type Part = fn(&RuntimeMetrics) -> usize;

/// Registers the current runtime, which is then read at every scrape. Metrics of `schemas/tokio.toml` that the schema lacks, or
/// declares differently, are skipped.
///
/// # Errors
///
/// If the schema declares none of these metrics.
///
/// # Panics
///
/// If it is not called on a tokio runtime.
pub fn register(registry: &Registry) -> Result<(), MissingGroup> {
    let runtime = Handle::current().metrics();
    let mut group = Group::of(registry);
    let numbers: [(_, Part); 3] = [
        ("tokio_workers", RuntimeMetrics::num_workers),
        ("tokio_alive_tasks", RuntimeMetrics::num_alive_tasks),
        ("tokio_queue_depth", RuntimeMetrics::global_queue_depth),
    ];
    for (name, of) in numbers {
        let name = group.in_namespace(name);
        let runtime = runtime.clone();
        if let Some(place) = group.gauge(&name, Encoding::Float) {
            CallbackGauge::<Dimensionless>::new(place)
                .register(move || of(&runtime))
                .detach();
        }
    }
    let name = group.in_namespace("tokio_busy_seconds_total");
    if let Some(place) = group.counter(&name, Encoding::Nanoseconds) {
        let runtime = runtime.clone();
        CallbackCounter::<Seconds>::new(place)
            .register(move || busy(&runtime))
            .detach();
    }
    let name = group.in_namespace("tokio_utilization_ratio");
    if let Some(place) = group.gauge(&name, Encoding::Float) {
        let utilization = Utilization::new(&runtime);
        CallbackGauge::<Ratio>::new(place)
            .register(move || utilization.read(busy(&runtime)))
            .detach();
    }
    group.finish("tokio.toml")
}

/// Returns the total busy time of all workers.
fn busy(runtime: &RuntimeMetrics) -> Duration {
    (0..runtime.num_workers())
        .map(|worker| runtime.worker_total_busy_duration(worker))
        .sum()
}

/// The share of time that workers were busy between two readings.
struct Utilization {
    workers: f64,
    last: Mutex<(Instant, Duration, f64)>,
}

/// Minimum interval between readings. A call before its end returns the previous share, so that two scrapers do not
/// shorten each other's interval.
const MIN_INTERVAL: Duration = Duration::from_millis(500);

impl Utilization {
    fn new(runtime: &RuntimeMetrics) -> Arc<Self> {
        Arc::new(Self {
            workers: runtime.num_workers() as f64,
            last: Mutex::new((Instant::now(), busy(runtime), 0.0)),
        })
    }

    fn read(&self, busy: Duration) -> f64 {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, before, _) = *last;
        let elapsed = at.elapsed();
        if elapsed >= MIN_INTERVAL {
            let worked = busy.saturating_sub(before).as_secs_f64();
            // A worker's busy time is added between polls and when it parks, so it may belong to an earlier interval.
            let share = (worked / (elapsed.as_secs_f64() * self.workers)).clamp(0.0, 1.0);
            *last = (Instant::now(), busy, share);
        }
        last.2
    }
}
