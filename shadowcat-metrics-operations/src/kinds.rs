//! What operators get for each kind of metric: the one match over kinds. Dashboards, rules, runbooks and the series that queries
//! may name read its rows.

use shadowcat_metrics_codegen::model::Kind;

use crate::dashboards::{Draft, Row, View};
use crate::promql::Shape;

/// The row of a kind.
#[derive(Clone, Copy)]
pub(crate) struct KindRow<'v> {
    /// The series of a metric: what each adds to the metric's name, and what can be done with its values.
    pub(crate) series: &'static [(&'static str, Shape)],
    /// The suffix of the series that counts events; none if the metric counts none.
    pub(crate) events: Option<&'static str>,
    /// Whether a sum over its series means something.
    pub(crate) adds_up: bool,
    /// The row of a dashboard in which it is.
    pub(crate) row: Row,
    /// The row of a dashboard in which it is if it is measured in seconds.
    pub(crate) row_of_seconds: Row,
    /// Its panels on the dashboard of its group.
    pub(crate) panels: fn(&View<'v>) -> Vec<Draft>,
}

impl KindRow<'_> {
    pub(crate) fn of(kind: &Kind) -> Self {
        let gauge = Self {
            series: &[("", Shape::Gauge)],
            events: None,
            adds_up: false,
            row: Row::Saturation,
            row_of_seconds: Row::Saturation,
            panels: View::gauge,
        };
        match kind {
            Kind::Counter { .. } => Self {
                series: &[("", Shape::Counter)],
                events: Some(""),
                adds_up: true,
                row: Row::Traffic,
                // The rate of time spent, of a processor or a worker, is how busy they are.
                row_of_seconds: Row::Saturation,
                panels: View::counter,
            },
            Kind::Histogram { .. } => Self {
                series: &[
                    ("_bucket", Shape::Counter),
                    ("_sum", Shape::Counter),
                    ("_count", Shape::Counter),
                    ("", Shape::Histogram),
                ],
                events: Some("_count"),
                adds_up: true,
                row: Row::Distributions,
                row_of_seconds: Row::Latency,
                panels: View::histogram,
            },
            Kind::UpDownCounter => Self {
                adds_up: true,
                panels: View::sum_of_series,
                ..gauge
            },
            Kind::Gauge { .. } => gauge,
            Kind::State { .. } => Self {
                panels: View::state,
                ..gauge
            },
            Kind::Info => Self {
                panels: View::facts,
                ..gauge
            },
            Kind::Ratio { .. } => Self {
                panels: View::ratio,
                ..gauge
            },
        }
    }
}
