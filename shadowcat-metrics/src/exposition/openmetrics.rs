//! What is peculiar to OpenMetrics, version 1.0: a family's metadata, and which series tell when they began.
//!
//! A sample's name is the family's with the suffix of its type. An exact name in the schema may lack that suffix; such a
//! family keeps its sample's name, under a type that has no suffix.
//!
//! <https://prometheus.io/docs/specs/om/open_metrics_spec/>

use super::Format;
use super::escape::push_help;
use crate::schema::{Family, Kind, Unit};

/// What a page ends with.
pub(super) const END: &[u8] = b"# EOF\n";

/// A family's type.
#[derive(Debug, Clone, Copy)]
enum Type {
    Unknown,
    Counter,
    Gauge,
    Histogram,
    StateSet,
    Info,
}

impl Type {
    const fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::StateSet => "stateset",
            Self::Info => "info",
        }
    }
}

/// Appends a family's `# TYPE`, `# UNIT` and `# HELP` lines.
pub(super) fn push_metadata(out: &mut Vec<u8>, family: &Family) {
    let (name, kind) = name_and_type(family);
    out.extend(format!("# TYPE {name} {}\n", kind.word()).bytes());
    if let Some(unit) = unit(family) {
        out.extend(format!("# UNIT {name} {unit}\n").bytes());
    }
    out.extend(format!("# HELP {name} ").bytes());
    push_help(out, family.help, Format::OpenMetrics);
    out.push(b'\n');
}

/// The name of the samples that tell when a family's series began, for types that have them.
///
/// What a callback reads was counted somewhere else, and when it began nobody here knows.
pub(super) fn created_name(family: &Family) -> Option<String> {
    if let Kind::CallbackCounter = family.kind {
        return None;
    }
    match name_and_type(family) {
        (name, Type::Counter | Type::Histogram) => Some(format!("{name}_created")),
        (_, Type::Unknown | Type::Gauge | Type::StateSet | Type::Info) => None,
    }
}

/// The family's name, and its type: another one if its samples cannot be named as its kind's type wants.
fn name_and_type(family: &Family) -> (&'static str, Type) {
    let (suffix, kind, without_suffix) = match family.kind {
        Kind::Counter | Kind::CallbackCounter => ("_total", Type::Counter, Type::Unknown),
        Kind::Info(_) => ("_info", Type::Info, Type::Gauge),
        Kind::Gauge | Kind::CallbackGauge | Kind::UpDownCounter | Kind::Ratio { .. } => {
            ("", Type::Gauge, Type::Gauge)
        }
        Kind::Histogram(_) => ("", Type::Histogram, Type::Histogram),
        Kind::State(_) => ("", Type::StateSet, Type::StateSet),
    };
    match family.name.strip_suffix(suffix) {
        Some(name) if !name.is_empty() => (name, kind),
        Some(_) | None => (family.name, without_suffix),
    }
}

/// The unit, if the family's name ends with it: scrapers refuse a page with any other unit, in protobuf too.
pub(super) fn unit(family: &Family) -> Option<&'static str> {
    let (name, _) = name_and_type(family);
    let unit = family.unit.name();
    let stem = name.strip_suffix(unit)?;
    match (&family.kind, family.unit) {
        (Kind::State(_) | Kind::Info(_), _) | (_, Unit::None) => None,
        (
            Kind::Counter
            | Kind::CallbackCounter
            | Kind::Gauge
            | Kind::CallbackGauge
            | Kind::UpDownCounter
            | Kind::Histogram(_)
            | Kind::Ratio { .. },
            _,
        ) => (stem.len() > 1 && stem.ends_with('_')).then_some(unit),
    }
}
