//! What is peculiar to the Prometheus text format, version 0.0.4: a family's metadata.
//!
//! The format has neither units nor the types `stateset` and `info`; those families are gauges in it.
//!
//! <https://prometheus.io/docs/instrumenting/exposition_formats/#text-format-details>

use super::Format;
use super::escape::push_help;
use crate::schema::{Family, Kind};

/// Appends a family's `# HELP` and `# TYPE` lines.
pub(super) fn push_metadata(out: &mut Vec<u8>, family: &Family) {
    let name = family.name;
    out.extend(format!("# HELP {name} ").bytes());
    push_help(out, family.help, Format::PrometheusText);
    out.extend(format!("\n# TYPE {name} {}\n", type_word(family)).bytes());
}

const fn type_word(family: &Family) -> &'static str {
    match family.kind {
        Kind::Counter | Kind::CallbackCounter => "counter",
        Kind::Gauge
        | Kind::CallbackGauge
        | Kind::UpDownCounter
        | Kind::State(_)
        | Kind::Info(_)
        | Kind::Ratio { .. } => "gauge",
        Kind::Histogram(_) => "histogram",
    }
}
