//! The treatment of each kind of metric in documents for operators. This is the only match over kinds;
//! dashboards, rules, runbooks and the series in queries read its rows.

use shadowcat_metrics_codegen::model::Kind;

use crate::dashboards::{Draft, Row, View};
use crate::promql::Shape;

/// The row of a kind.
#[derive(Clone, Copy)]
pub(crate) struct KindRow<'v> {
    /// The behavior of its series' values.
    pub(crate) shape: Shape,
    /// The series that count events, or `None`.
    pub(crate) events: Option<Events>,
    /// Whether a sum over its series is meaningful.
    pub(crate) adds_up: bool,
    /// Its row in a dashboard.
    pub(crate) row: Row,
    /// Its row in a dashboard if its unit is seconds.
    pub(crate) row_of_seconds: Row,
    /// Its panels on its group's dashboard.
    pub(crate) panels: fn(&View<'v>) -> Vec<Draft>,
    /// Its instrument in OpenTelemetry.
    pub(crate) instrument: &'static str,
}

/// The series that count a metric's events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Events {
    /// The metric's own series.
    Own,
    /// Those of a histogram, in each form.
    Observations,
}

impl KindRow<'_> {
    pub(crate) fn of(kind: &Kind) -> Self {
        let gauge = Self {
            shape: Shape::Gauge,
            events: None,
            adds_up: false,
            row: Row::Saturation,
            row_of_seconds: Row::Saturation,
            panels: View::gauge,
            instrument: "gauge",
        };
        match kind {
            Kind::Counter { .. } => Self {
                shape: Shape::Counter,
                events: Some(Events::Own),
                adds_up: true,
                row: Row::Traffic,
                // The rate of busy time, of a processor or a worker, is its utilization.
                row_of_seconds: Row::Saturation,
                panels: View::counter,
                instrument: "counter",
            },
            Kind::Histogram { .. } => Self {
                shape: Shape::Counter,
                events: Some(Events::Observations),
                adds_up: true,
                row: Row::Distributions,
                row_of_seconds: Row::Latency,
                panels: View::histogram,
                instrument: "histogram",
            },
            Kind::UpDownCounter => Self {
                adds_up: true,
                panels: View::sum_of_series,
                instrument: "updowncounter",
                ..gauge
            },
            Kind::Gauge { .. } => gauge,
            Kind::State { .. } => Self {
                panels: View::state,
                // In OpenTelemetry's data model, state sets and info metrics are sums that are not monotonic.
                instrument: "updowncounter",
                ..gauge
            },
            Kind::Info => Self {
                panels: View::facts,
                instrument: "updowncounter",
                ..gauge
            },
            Kind::Ratio { .. } => Self {
                panels: View::ratio,
                ..gauge
            },
        }
    }
}
