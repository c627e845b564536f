//! Pushes all values to an OpenTelemetry receiver over OTLP (HTTP with protobuf), at a fixed interval.
//!
//! ```no_run
//! # shadowcat_metrics::metrics!("tests/shop.toml");
//! # use shadowcat_metrics::otlp::Push;
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let metrics = Metrics::new();
//! let pusher = Push::from_env(&metrics)?.start()?;
//! // ...
//! pusher.shutdown()?; // pushes the last values
//! # Ok(())
//! # }
//! ```
//!
//! Histograms with native buckets are pushed as exponential histograms: see [`Push::exponential_histograms`]. Metrics and labels
//! have their `otel` names, units are in UCUM, and values are cumulative since the start of their series. Metrics without `otel`
//! are called `namespace.group.key`. Receivers derive from these names the ones that Prometheus scrapes. Former names are not
//! sent.
//!
//! A thread pushes; recording never waits for it. A push that fails for a temporary reason (no connection, a timeout, the
//! statuses 429, 502, 503 and 504) is repeated until the next push is due. The delay grows with each attempt, unless the receiver
//! names a delay in `Retry-After`. Each attempt sends the current values. Values are cumulative, so a receiver that was
//! unreachable for some time only misses the points of this time, and the thread never holds more than one request.
//!
//! # Metrics of the pusher
//!
//! The pusher's own metrics are in a schema file of this crate, `schemas/otlp.toml`. Include it in your schema, and register
//! the pusher with [`Pusher::register`].
//!
//! # TLS
//!
//! URLs with `https` need the feature `otlp-tls`: rustls, with Mozilla's root certificates or those of
//! `OTEL_EXPORTER_OTLP_CERTIFICATE`. A client certificate can be set, too.

mod encode;
mod push;
mod settings;
#[cfg(feature = "otlp-tls")]
mod tls;

pub use crate::ready::MissingGroup;
pub use push::{Failure, Pusher, StartError};
pub use settings::{Push, SettingsError};
