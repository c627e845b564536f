//! What several stages ask of a metric, and its kind decides.

use super::{BucketSetId, Kind, LabelId, Metric, MetricId, Registry, Unit};

impl Metric {
    /// The labels that tell its series apart: all but an info metric's facts, which are set together.
    #[must_use]
    pub fn series_labels(&self) -> &[LabelId] {
        self.labels_and_facts().0
    }

    /// The facts of an info metric; none for other kinds.
    #[must_use]
    pub fn facts(&self) -> &[LabelId] {
        self.labels_and_facts().1
    }

    fn labels_and_facts(&self) -> (&[LabelId], &[LabelId]) {
        let labels = match self.kind {
            Kind::Info => self.group_labels,
            Kind::Counter { .. }
            | Kind::Gauge { .. }
            | Kind::UpDownCounter
            | Kind::Histogram { .. }
            | Kind::State { .. }
            | Kind::Ratio { .. } => self.labels.len(),
        };
        self.labels.split_at(labels)
    }

    /// Whether what it exposes changes with a label: one of its own, the group's included, or that of its states.
    #[must_use]
    pub fn depends_on(&self, label: LabelId) -> bool {
        let states = match self.kind {
            Kind::State { states } => states == label,
            Kind::Counter { .. }
            | Kind::Gauge { .. }
            | Kind::UpDownCounter
            | Kind::Histogram { .. }
            | Kind::Info
            | Kind::Ratio { .. } => false,
        };
        states || self.labels.contains(&label)
    }

    /// The bucket set of a histogram; none for other kinds.
    #[must_use]
    pub const fn bucket_set(&self) -> Option<BucketSetId> {
        match self.kind {
            Kind::Histogram { buckets } => Some(buckets),
            Kind::Counter { .. }
            | Kind::Gauge { .. }
            | Kind::UpDownCounter
            | Kind::State { .. }
            | Kind::Info
            | Kind::Ratio { .. } => None,
        }
    }
}

impl Registry {
    /// The bounds of a histogram of this schema; none for other kinds.
    #[must_use]
    pub fn bounds(&self, metric: &Metric) -> Option<&[f64]> {
        let set = metric.bucket_set()?;
        Some(&self.bucket_sets[set.0].bounds)
    }

    /// Whether a metric's values are shares of a whole, and so never above 1: those of a gauge for which nothing else is taken,
    /// and of a ratio that counts below the line whatever it counts above.
    #[must_use]
    pub fn is_share(&self, metric: &Metric) -> bool {
        let is_counter = |id: &MetricId| match self.metrics[id.0].kind {
            Kind::Counter { .. } => true,
            Kind::Gauge { .. }
            | Kind::UpDownCounter
            | Kind::Histogram { .. }
            | Kind::State { .. }
            | Kind::Info
            | Kind::Ratio { .. } => false,
        };
        match &metric.kind {
            Kind::Gauge { .. } => metric.unit == Unit::Ratio,
            Kind::Ratio {
                numerator,
                denominator,
            } => {
                denominator.iter().all(is_counter)
                    && numerator.iter().all(|part| denominator.contains(part))
            }
            Kind::Counter { .. }
            | Kind::UpDownCounter
            | Kind::Histogram { .. }
            | Kind::State { .. }
            | Kind::Info => false,
        }
    }
}
