//! The checked model of a schema: its metrics, and what operators are promised and told about them.

use std::ops::Range;
use std::time::Duration;

use shadowcat_metrics_codegen::model::{LabelId, MetricId, Registry};
use shadowcat_metrics_codegen::{Source, Span};

/// A whole schema. Every id in it points into the registry.
#[derive(Debug, Clone, Default)]
pub struct Schema {
    /// Labels, groups and metrics.
    pub registry: Registry,
    /// What holds for all objectives, alerts and dashboards.
    pub settings: Settings,
    /// Service level objectives, in source order.
    pub slos: Vec<Slo>,
    /// Alerts that no objective covers, in source order.
    pub alerts: Vec<Alert>,
}

/// What holds for all objectives, alerts and dashboards; `[operations]` in the schema.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// Metrics of other programs that expressions may name: whole names, or beginnings with a `*` behind.
    pub external: Vec<String>,
    /// Labels that scraping adds beside `job` and `instance`.
    pub target_labels: Vec<String>,
    /// Where runbooks are read; `{alert}` stands for the name of the objective or alert.
    pub runbook_url: Option<String>,
    /// Where the overview dashboard is seen.
    pub dashboard_url: Option<String>,
    /// Where the reference is read.
    pub reference_url: Option<String>,
    /// Where Prometheus answers.
    pub prometheus_url: Option<String>,
}

/// A service level objective; `[slos.forwarding]` in the schema.
#[derive(Debug, Clone, PartialEq)]
pub struct Slo {
    /// Key in the schema: `forwarding`.
    pub name: String,
    /// What is promised, one sentence.
    pub help: String,
    /// Share of events that are to be good: more than 0, less than 1.
    pub objective: f64,
    /// Time over which it is to hold.
    pub window: Duration,
    /// Which events are counted, and which of them are good.
    pub indicator: Indicator,
    /// Labels by whose values it is to hold, each by itself.
    pub by: Vec<LabelId>,
    /// What it means for users when it is missed.
    pub impact: Option<String>,
    /// Address of a runbook that is kept elsewhere.
    pub runbook: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The key in the schema.
    pub span: Span,
}

/// Which events an objective counts, and which of them are good.
#[derive(Debug, Clone, PartialEq)]
pub enum Indicator {
    /// Observations of a histogram; those up to a bound are good.
    Latency {
        /// The observations.
        of: Selection,
        /// One of the histogram's bounds, in its base unit.
        bound: f64,
    },
    /// Events; some of them are known to be good, or to be bad.
    Availability {
        /// Those that are good, or those that are bad.
        counted: Counted,
        /// All of them.
        total: Selection,
    },
}

impl Indicator {
    /// All events.
    #[must_use]
    pub const fn total(&self) -> &Selection {
        match self {
            Self::Latency { of, .. } => of,
            Self::Availability { total, .. } => total,
        }
    }
}

/// Which side of an objective a schema selects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Counted {
    /// Events that are as they should be.
    Good(Selection),
    /// Events that are not.
    Bad(Selection),
}

/// Events that a counter counts, or a histogram observes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// The counter or histogram.
    pub metric: MetricId,
    /// Only series with such values.
    pub matchers: Vec<Matcher>,
}

/// A label, and the values that it may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matcher {
    /// One of the metric's labels.
    pub label: LabelId,
    /// One value or more.
    pub values: Vec<String>,
}

/// An alert that no objective covers; `[alerts.subprocess_flapping]` in the schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// Key in the schema: `subprocess_flapping`.
    pub name: String,
    /// What is wrong, in one line.
    pub summary: String,
    /// When it is wrong, in PromQL.
    pub expr: Expression,
    /// How long it must be wrong before the alert fires.
    pub hold: Duration,
    /// How urgent it is.
    pub severity: AlertSeverity,
    /// What it means, for the one who gets it.
    pub description: Option<String>,
    /// What it means for users.
    pub impact: Option<String>,
    /// Address of a runbook that is kept elsewhere.
    pub runbook: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Series that fire it and series that do not.
    pub test: Option<AlertTest>,
    /// Where its parts stand in the schema.
    pub spans: AlertSpans,
}

/// Positions that later checks point at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AlertSpans {
    /// The alert's key in the table header.
    pub key: Span,
    /// The string of `summary`, with its quotes.
    pub summary: Span,
    /// The string of `description`; the key if there is none.
    pub description: Span,
}

/// How urgent an alert is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AlertSeverity {
    /// Somebody must act now.
    Critical,
    /// Somebody must act, in working hours.
    Warning,
    /// Nobody must act; it explains other alerts.
    Info,
}

impl AlertSeverity {
    /// All of them, the most urgent first.
    pub const ALL: [Self; 3] = [Self::Critical, Self::Warning, Self::Info];

    /// The word for it in the schema and in the alert's label.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

/// Series that fire an alert, and series that do not; a value a minute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertTest {
    /// Series with which the alert fires.
    pub fires: Vec<TestSeries>,
    /// Series with which it does not.
    pub silent: Vec<TestSeries>,
    /// When to look; none for as late as the alert needs.
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
    /// As written, without the quotes and escapes of TOML.
    pub text: String,
    /// What stands for exposed names in it, in order.
    pub references: Vec<Reference>,
    /// The string in the schema, with its quotes.
    pub span: Span,
}

/// A `{group.metric}` in an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Where it is in the text, braces included.
    pub range: Range<usize>,
    /// The metric.
    pub metric: MetricId,
}

impl Expression {
    /// The PromQL, with every reference replaced by the metric's exposed name.
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

    /// Where a part of [`promql`](Self::promql) is written in the schema. What lies in an exposed name is at its
    /// reference.
    #[must_use]
    pub fn locate(&self, registry: &Registry, source: &Source, part: Range<usize>) -> Span {
        let start = self.written(registry, part.start).start;
        let last = part.end.max(part.start + 1) - 1;
        let end = self.written(registry, last).end.max(start);
        source.inside_string(self.span, start..end)
    }

    /// The part of the text that a byte of the PromQL comes from.
    fn written(&self, registry: &Registry, offset: usize) -> Range<usize> {
        // How much longer the PromQL is than the text, before the part in question.
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
