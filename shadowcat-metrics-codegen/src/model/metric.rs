//! What several stages ask of a metric, and its kind decides.

use super::{BucketSetId, LabelId, Metric, MetricId, Operand, Registry, Storage, Unit};

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
        let labels = if self.kind.spec().has_facts {
            self.group_labels
        } else {
            self.labels.len()
        };
        self.labels.split_at(labels)
    }

    /// Whether what it exposes changes with a label: one of its own, the group's included, or that of its states.
    #[must_use]
    pub fn depends_on(&self, label: LabelId) -> bool {
        self.kind.spec().states == Some(label) || self.labels.contains(&label)
    }

    /// The bucket set of a histogram; none for other kinds.
    #[must_use]
    pub fn bucket_set(&self) -> Option<BucketSetId> {
        self.kind.spec().buckets
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
        let is_counter = |id: &MetricId| self.metrics[id.0].kind.is_counter();
        let spec = metric.kind.spec();
        match spec.operands {
            Some((numerator, denominator)) => {
                denominator.iter().all(is_counter)
                    && numerator.iter().all(|part| denominator.contains(part))
            }
            // What is moved up and down, in each thread, may be moved anywhere.
            None => {
                spec.operand == Some(Operand::Gauge)
                    && spec.storage != Storage::PerThread
                    && metric.unit == Unit::Ratio
            }
        }
    }
}
