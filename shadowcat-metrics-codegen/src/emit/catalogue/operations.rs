//! Objectives and alerts in the catalogue.

use serde::Serialize;

use crate::duration;
use crate::model::{self, Counted, Indicator, Registry};

/// A service level objective.
#[derive(Debug, Serialize)]
pub struct Slo<'a> {
    /// Its key in the schema.
    pub name: &'a str,
    /// What is promised, one sentence.
    pub help: &'a str,
    /// Share of events that are to be good.
    pub objective: f64,
    /// Time over which it is to hold, as Prometheus writes durations.
    pub window: String,
    /// Exposed name of the metric that counts all events.
    pub metric: &'a str,
    /// Exposed name of the metric that counts `good` or `bad` events.
    pub counted: &'a str,
    /// What `counted` counts: `good` or `bad`.
    pub counts: &'static str,
    /// The bucket bound up to which an observation is good, and none if events are told apart by labels.
    pub under: Option<f64>,
    /// Names of the labels by whose values it is to hold, each by itself.
    pub by: Vec<&'a str>,
    /// Who answers for it, where the schema says.
    pub owner: Option<&'a str>,
}

/// An alert that no objective covers.
#[derive(Debug, Serialize)]
pub struct Alert<'a> {
    /// Its key in the schema.
    pub name: &'a str,
    /// What is wrong, in one line.
    pub summary: &'a str,
    /// When it is wrong, in PromQL.
    pub expr: String,
    /// How long it must be wrong before the alert fires, as Prometheus writes durations.
    #[serde(rename = "for")]
    pub hold: String,
    /// How urgent it is: `critical`, `warning` or `info`.
    pub severity: &'static str,
    /// Who answers for it, where the schema says.
    pub owner: Option<&'a str>,
}

pub(super) fn slo<'a>(registry: &'a Registry, slo: &'a model::Slo) -> Slo<'a> {
    let (counts, counted, under) = match &slo.indicator {
        Indicator::Latency { of, bound } => ("good", of, Some(*bound)),
        Indicator::Availability { counted, .. } => match counted {
            Counted::Good(counted) => ("good", counted, None),
            Counted::Bad(counted) => ("bad", counted, None),
        },
    };
    let exposed = |selection: &model::Selection| &*registry.metrics[selection.metric.0].exposed;
    Slo {
        name: &slo.name,
        help: &slo.help,
        objective: slo.objective,
        window: duration::format(slo.window),
        metric: exposed(slo.indicator.total()),
        counted: exposed(counted),
        counts,
        under,
        by: super::build::label_names(registry, &slo.by),
        owner: slo.owner.as_deref(),
    }
}

pub(super) fn alert<'a>(registry: &Registry, alert: &'a model::Alert) -> Alert<'a> {
    Alert {
        name: &alert.name,
        summary: &alert.summary,
        expr: alert.expr.promql(registry),
        hold: duration::format(alert.hold),
        severity: alert.severity.name(),
        owner: alert.owner.as_deref(),
    }
}
