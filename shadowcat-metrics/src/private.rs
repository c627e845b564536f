//! Support for generated code. It may change in any release: use it through [`metrics!`](crate::metrics).

/// Standard-library items for generated code, which cannot name them directly: a schema's labels and groups
/// may have the same names.
pub use std::{
    convert::{AsRef, Infallible},
    default::Default,
    ffi::OsStr,
    fmt,
    ops::Deref,
    option::Option::{self, None, Some},
    result::Result::{self, Err, Ok},
    str::FromStr,
    string::String,
    time::Duration,
    vec::Vec,
};

pub use shadowcat_metrics_macros::metrics;

pub use crate::buckets::{BucketTable, Buckets};
pub use crate::callback::{CallbackCounter, CallbackGauge, CallbackGuard};
pub use crate::counter::Counter;
pub use crate::exemplar::{NoExemplars, TraceContext, WithExemplars};
pub use crate::gauge::Gauge;
pub use crate::histogram::Histogram;
pub use crate::info::Info;
pub use crate::label::{ClosedLabel, Sealed, UnknownLabelValue};
pub use crate::native::Native;
pub use crate::open_value::OpenValue;
pub use crate::place::{Binding, Place};
pub use crate::registry::{Options, Registry};
pub use crate::schema::{Encoding, Family, Former, Kind, Label, Schema, Values};
pub use crate::snapshot::{
    HistogramValue, Snapshot, SnapshotPlace, SnapshotPlace as SnapshotBinding,
};
pub use crate::state::State;
pub use crate::timer::{OwnedTimer, Timer};
pub use crate::units::{
    Amperes, Bytes, Celsius, Dimensionless, Grams, Hertz, Joules, Meters, Ratio, Seconds, UnitType,
    Volts, Watts,
};
pub use crate::updown::{OwnedTrackGuard, TrackGuard, UpDownCounter};

#[cfg(test)]
mod tests {
    /// The literal in `metrics!` that the procedural macro compares with its own version.
    #[test]
    fn metrics_macro_has_the_version() {
        let passed = concat!("$crate \"", env!("CARGO_PKG_VERSION"), "\" $($path)*");
        assert!(include_str!("lib.rs").contains(passed), "{passed}");
    }
}
