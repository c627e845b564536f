//! The recorders of Shadowcat's own metrics, compiled from the `metrics.toml` of this repository, and their reference.
//!
//! ```
//! use shadowcat_metrics::shadowcat::{Metrics, labels::Pool};
//!
//! let metrics = Metrics::new();
//! metrics.buffer_pool(Pool::Http).misses().inc();
//! assert_eq!(metrics.snapshot().buffer_pool(Pool::Http).misses(), 1);
//! ```

crate::metrics!("metrics.toml");

// The build script has checked this schema and written its documents. The recorders must come from the same
// text.
const CHECKED: u64 = u64::from_be_bytes(include!(concat!(env!("OUT_DIR"), "/fingerprint.rs")));
const _: () = assert!(Metrics::FINGERPRINT == CHECKED);

/// Reference of Shadowcat's metrics: meaning, labels and buckets.
#[doc = include_str!(concat!(env!("OUT_DIR"), "/metrics.md"))]
pub mod reference {
    /// The reference as JSON. Objectives and alerts are only in the catalog that `shadowcat-metrics
    /// generate` writes.
    pub const CATALOG: &str = include_str!(concat!(env!("OUT_DIR"), "/metrics.json"));
}
