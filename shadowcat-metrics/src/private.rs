//! What generated code is made of. No promise is made about it: use it through [`metrics!`](crate::metrics).

pub use crate::buckets::{BucketTable, Buckets};
pub use crate::callback::{CallbackCounter, CallbackGauge, CallbackGuard};
pub use crate::counter::Counter;
pub use crate::gauge::Gauge;
pub use crate::histogram::Histogram;
pub use crate::info::Info;
pub use crate::label::{ClosedLabel, UnknownLabelValue};
pub use crate::open_value::OpenValue;
pub use crate::place::{Binding, Place};
pub use crate::registry::{Options, Registry};
pub use crate::schema::{Family, Former, Kind, Label, Schema, Unit, Values};
pub use crate::snapshot::{HistogramValue, Snapshot, SnapshotBinding, SnapshotPlace};
pub use crate::state::State;
pub use crate::timer::{OwnedTimer, Timer};
pub use crate::units::{
    Amperes, Bytes, Celsius, Dimensionless, Grams, Hertz, Joules, Meters, Ratio, Seconds, UnitType,
    Volts, Watts,
};
pub use crate::updown::{OwnedTrackGuard, TrackGuard, UpDownCounter};
