//! The checked model of a schema: its metrics, objectives, alerts and settings for operators.

use std::ops::Range;
use std::time::Duration;

use shadowcat_metrics_codegen::model::{LabelId, MetricId, Registry};
use shadowcat_metrics_codegen::{Source, Span};

use crate::documents::PARTS;
use crate::promql::write::Histograms;
use crate::rules::AlertQuery;
use crate::toml_string;

/// A whole schema. Its ids refer to the registry.
#[derive(Debug, Clone, Default)]
pub struct Schema {
    /// Labels, groups and metrics.
    pub registry: Registry,
    /// Settings for all objectives, alerts and dashboards.
    pub settings: Settings,
    /// Service level objectives, in source order.
    pub slos: Vec<Slo>,
    /// Alerts outside objectives, in source order.
    pub alerts: Vec<Alert>,
    /// Every section for operators that the schema has, with its key.
    pub sections: Vec<(&'static str, Span)>,
    /// Whether it is one of the other schemas of a program: the names of its files then begin with its namespace.
    pub is_part: bool,
}

impl Schema {
    /// Returns the name of a file for operators, unique among the schemas of a program: `rules.yml`, or `pool.rules.yml`.
    #[must_use]
    pub fn file_name(&self, name: &str) -> String {
        if self.is_part {
            format!("{}.{name}", self.registry.namespace)
        } else {
            name.to_owned()
        }
    }

    /// Returns the URL of the runbook of an objective or alert.
    #[must_use]
    pub fn runbook_url(&self, key: &str, own: Option<&str>) -> String {
        let template = self.settings.runbook_url.as_deref();
        match (own, template) {
            (Some(own), _) => own.to_owned(),
            (None, Some(template)) => template.replace("{alert}", key),
            (None, None) => format!("runbooks/{}.md", self.file_name(key)),
        }
    }

    /// Returns the path of its reference in the folder of documents.
    #[must_use]
    pub fn reference_path(&self) -> String {
        if self.is_part {
            format!("{PARTS}/{}.md", self.registry.namespace)
        } else {
            "metrics.md".to_owned()
        }
    }
}

/// Settings for all objectives, alerts and dashboards; `[operations]` in the schema.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// Metrics of other programs that expressions may use: full names, or prefixes followed by `*`.
    pub external: Vec<String>,
    /// Labels that scraping adds in addition to `job` and `instance`.
    pub target_labels: Vec<String>,
    /// URL of runbooks. `{alert}` stands for the name of the objective or alert.
    pub runbook_url: Option<String>,
    /// URL of the overview dashboard.
    pub dashboard_url: Option<String>,
    /// URL of the reference.
    pub reference_url: Option<String>,
    /// URL of Prometheus.
    pub prometheus_url: Option<String>,
    /// The forms in which queries read histograms.
    pub histograms: Histograms,
}

/// A service level objective; `[slos.forwarding]` in the schema.
#[derive(Debug, Clone, PartialEq)]
pub struct Slo {
    /// Key in the schema: `forwarding`.
    pub name: String,
    /// The promise, in one sentence.
    pub help: String,
    /// Share of events that must be good: more than 0, less than 1.
    pub objective: f64,
    /// Window of the objective.
    pub window: Duration,
    /// The counted events, and which of them are good.
    pub indicator: Indicator,
    /// Labels for whose values the objective applies separately.
    pub by: Vec<LabelId>,
    /// The consequence for users when it is missed.
    pub impact: Option<String>,
    /// URL of a runbook that is kept elsewhere.
    pub runbook: Option<String>,
    /// Who is responsible for it.
    pub owner: Option<String>,
    /// The key in the schema.
    pub span: Span,
}

impl Slo {
    /// Returns the share of events that may be bad, without rounding errors.
    pub(crate) fn budget(&self) -> f64 {
        let budget = 1.0 - self.objective;
        format!("{budget:.12}").parse().unwrap_or(budget)
    }
}

/// The events that an objective counts, and which of them are good.
#[derive(Debug, Clone, PartialEq)]
pub enum Indicator {
    /// Observations of a histogram; those up to a bound are good.
    Latency {
        /// The observations.
        of: Selection,
        /// One of the histogram's bounds, in its base unit.
        bound: f64,
    },
    /// Events, of which the good or the bad ones are selected.
    Availability {
        /// The good or the bad events.
        counted: Counted,
        /// All events.
        total: Selection,
    },
}

impl Indicator {
    /// Returns the selection of the good or the bad events; for observations, of all of them.
    #[must_use]
    pub const fn counted(&self) -> &Selection {
        match self {
            Self::Latency { of, .. } => of,
            Self::Availability { counted, .. } => {
                let (Counted::Good(counted) | Counted::Bad(counted)) = counted;
                counted
            }
        }
    }

    /// Returns the selection of all events.
    #[must_use]
    pub const fn total(&self) -> &Selection {
        match self {
            Self::Latency { of, .. } => of,
            Self::Availability { total, .. } => total,
        }
    }
}

/// The side of an objective that a schema selects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Counted {
    /// Good events.
    Good(Selection),
    /// Bad events.
    Bad(Selection),
}

/// Events that a counter counts or a histogram observes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// The counter or histogram.
    pub metric: MetricId,
    /// Limits the selection to series with these values.
    pub matchers: Vec<Matcher>,
}

/// A label and its accepted values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matcher {
    /// One of the metric's labels.
    pub label: LabelId,
    /// One or more values.
    pub values: Vec<String>,
}

/// An alert outside objectives; `[alerts.subprocess_flapping]` in the schema.
#[derive(Debug, Clone)]
pub struct Alert {
    /// Key in the schema: `subprocess_flapping`.
    pub name: String,
    /// What is wrong, in one line.
    pub summary: String,
    /// The condition in PromQL.
    pub expr: Expression,
    /// The condition, parsed, and its form in the rules.
    pub query: AlertQuery,
    /// How long the condition must be true before the alert fires.
    pub hold: Duration,
    /// Its severity.
    pub severity: AlertSeverity,
    /// The meaning, for the person who receives the alert.
    pub description: Option<String>,
    /// The consequence for users.
    pub impact: Option<String>,
    /// URL of a runbook that is kept elsewhere.
    pub runbook: Option<String>,
    /// Who is responsible for it.
    pub owner: Option<String>,
    /// Series for which the alert fires, and series for which it does not.
    pub test: Option<AlertTest>,
    /// Positions of its parts in the schema.
    pub spans: AlertSpans,
}

/// Positions for later checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AlertSpans {
    /// The alert's key in the table header.
    pub key: Span,
    /// The string of `summary`, with its quotes.
    pub summary: Span,
    /// The string of `description`, or the key if there is none.
    pub description: Span,
}

/// The severity of an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AlertSeverity {
    /// Requires immediate action.
    Critical,
    /// Requires action during working hours.
    Warning,
    /// Requires no action; explains other alerts.
    Info,
}

impl AlertSeverity {
    /// All severities, the most urgent first.
    pub const ALL: [Self; 3] = [Self::Critical, Self::Warning, Self::Info];

    /// Returns the word for it in the schema and in the alert's label.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

/// Series for which an alert fires, and series for which it does not, with one value per minute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertTest {
    /// Series for which the alert fires.
    pub fires: Vec<TestSeries>,
    /// Series for which it does not fire.
    pub silent: Vec<TestSeries>,
    /// When to evaluate, or `None` for as late as the alert needs.
    pub at: Option<Duration>,
}

/// A series and its values, in promtool's notation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestSeries {
    /// The series: a name and its labels.
    pub series: Expression,
    /// Its values: `0+1x60`.
    pub values: String,
}

/// PromQL in which `{group.metric}` stands for an exposed name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expression {
    /// The text, without TOML's quotes and escapes.
    pub text: String,
    /// References in the text, in order.
    pub references: Vec<Reference>,
    /// The string in the schema, with its quotes.
    pub span: Span,
}

/// A `{group.metric}` in an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Its position in the text, including braces.
    pub range: Range<usize>,
    /// The metric.
    pub metric: MetricId,
}

impl Expression {
    /// Returns the PromQL, with every reference replaced by the metric's exposed name.
    #[must_use]
    pub fn promql(&self, registry: &Registry) -> String {
        let mut promql = String::with_capacity(self.text.len());
        let mut copied = 0;
        for reference in &self.references {
            promql.push_str(&self.text[copied..reference.range.start]);
            promql.push_str(&registry.metrics[reference.metric.0].exposed);
            copied = reference.range.end;
        }
        promql.push_str(&self.text[copied..]);
        promql
    }

    /// Returns the position in the schema of a part of [`promql`](Self::promql). A part of an exposed name
    /// maps to its reference.
    #[must_use]
    pub fn locate(&self, registry: &Registry, source: &Source, part: Range<usize>) -> Span {
        let start = self.written(registry, part.start).start;
        let last = part.end.max(part.start + 1) - 1;
        let end = self.written(registry, last).end.max(start);
        toml_string::inside(source, self.span, start..end)
    }

    /// Returns the part of the text that a byte of the PromQL comes from.
    fn written(&self, registry: &Registry, offset: usize) -> Range<usize> {
        // The difference in length between the PromQL and the text, before this part.
        let mut longer = 0_isize;
        for Reference { range, metric } in &self.references {
            let start = range.start.saturating_add_signed(longer);
            let length = registry.metrics[metric.0].exposed.len();
            if offset < start {
                break;
            }
            if offset < start + length {
                return range.clone();
            }
            longer += length.cast_signed() - range.len().cast_signed();
        }
        let offset = offset.saturating_add_signed(-longer).min(self.text.len());
        // The last byte of a part may be in the middle of a character.
        let mut starts = (0..=offset).rev();
        let offset = starts
            .find(|at| self.text.is_char_boundary(*at))
            .unwrap_or(0);
        let next = self.text[offset..].chars().next();
        offset..offset + next.map_or(0, char::len_utf8)
    }
}
