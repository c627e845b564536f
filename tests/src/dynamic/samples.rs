//! The expected samples of a page.

use std::collections::BTreeMap;

use shadowcat_metrics_codegen::model::{Kind, LabelValues, Metric, Part};
use shadowcat_metrics_oracle::{Series, canonical};

use super::cell::Cell;
use super::expected::{Expected, Family};
use super::labels::{closed_values, part_values};

impl Expected<'_> {
    /// Returns every sample of a page. Creation times are not included, so that both formats give the same result.
    #[must_use]
    pub fn samples(&self) -> BTreeMap<Series, f64> {
        let mut samples = BTreeMap::new();
        for (index, open) in self.slabs() {
            let Family { metric, part, .. } = self.family(index);
            for values in self.combinations(part, &open) {
                let cell = self.cell(index, &values);
                let former = metric.former.as_ref().map(|former| former.name.as_str());
                for exposed in std::iter::once(metric.exposed.as_str()).chain(former) {
                    for values in self.spellings(part, &values) {
                        let labels = part.labels.iter().zip(values);
                        let labels = labels
                            .filter(|(label, value)| !value.is_empty() || !label.optional)
                            .map(|(label, value)| (&*self.model().labels[label.id.0].name, value));
                        let labels: Vec<_> = labels.collect();
                        samples.extend(self.samples_of(metric, exposed, &labels, &cell));
                    }
                }
            }
        }
        samples
    }

    /// Returns the label values of a series under their current and former names.
    fn spellings<'a>(&'a self, part: &Part, values: &'a [String]) -> Vec<Vec<&'a str>> {
        let mut ways = vec![Vec::new()];
        for (label, value) in part.labels.iter().zip(values) {
            let former = former_value(&self.model().labels[label.id.0].values, value);
            ways = std::iter::once(value.as_str())
                .chain(former)
                .flat_map(|spelling| {
                    let longer = |way: &Vec<&'a str>| [way.as_slice(), &[spelling]].concat();
                    ways.iter().map(longer).collect::<Vec<_>>()
                })
                .collect();
        }
        ways
    }

    /// Returns all combinations of a part's label values, with the given open values.
    fn combinations(&self, part: &Part, open: &[String]) -> Vec<Vec<String>> {
        let mut open = open.iter();
        let mut combinations = vec![Vec::new()];
        for label in &part.labels {
            let none = label.optional.then_some("");
            let values = match &self.model().labels[label.id.0].values {
                LabelValues::Open { .. } => open.next().cloned().into_iter().collect(),
                LabelValues::Closed(_) => part_values(self.model(), label)
                    .into_iter()
                    .chain(none)
                    .map(str::to_owned)
                    .collect::<Vec<_>>(),
            };
            combinations = combinations
                .iter()
                .flat_map(|before: &Vec<String>| {
                    let longer =
                        |value: &String| [before.as_slice(), std::slice::from_ref(value)].concat();
                    values.iter().map(longer).collect::<Vec<_>>()
                })
                .collect();
        }
        combinations
    }

    fn samples_of(
        &self,
        metric: &Metric,
        exposed: &str,
        labels: &[(&str, &str)],
        cell: &Cell,
    ) -> Vec<(Series, f64)> {
        let series = |name: &str, more: &[(&str, &str)]| {
            Series::new(name, labels.iter().chain(more).copied())
        };
        match cell {
            Cell::Number(value) => vec![(series(exposed, &[]), *value)],
            Cell::Read(value) => {
                // A ratio with a zero denominator is NaN.
                let value = match metric.kind {
                    Kind::Ratio { .. } => Some(value.unwrap_or(f64::NAN)),
                    _ => *value,
                };
                value
                    .map(|value| (series(exposed, &[]), value))
                    .into_iter()
                    .collect()
            }
            Cell::Histogram { cumulative, sum } => {
                let Kind::Histogram { buckets } = metric.kind else {
                    unreachable!("only a histogram has buckets");
                };
                let bounds = self.model().bucket_sets[buckets.0].bounds.iter().copied();
                let counts = bounds.chain([f64::INFINITY]).zip(cumulative);
                let bucket = |(bound, count): (f64, &u64)| {
                    let le = canonical(bound);
                    (
                        series(&format!("{exposed}_bucket"), &[("le", &le)]),
                        *count as f64,
                    )
                };
                let mut samples: Vec<_> = counts.map(bucket).collect();
                let count = cumulative.last().map_or(0.0, |count| *count as f64);
                samples.push((series(&format!("{exposed}_count"), &[]), count));
                samples.push((series(&format!("{exposed}_sum"), &[]), *sum));
                samples
            }
            Cell::Facts(None) => Vec::new(),
            Cell::State(current) => {
                let Kind::State { states } = metric.kind else {
                    unreachable!("only a state has states");
                };
                let label = &self.model().labels[states.0].values;
                let states = (0_u32..).zip(closed_values(label));
                let states = states.flat_map(|(index, state)| {
                    let spellings = std::iter::once(state).chain(former_value(label, state));
                    spellings.map(move |spelling| (index, spelling))
                });
                let state = |(index, state)| {
                    (
                        series(exposed, &[(exposed, state)]),
                        f64::from(u8::from(Some(index) == *current)),
                    )
                };
                states.map(state).collect()
            }
            Cell::Facts(Some(facts)) => {
                let names = metric.labels[metric.group_labels..].iter();
                let names = names.map(|label| self.model().labels[label.0].name.as_str());
                let facts: Vec<_> = names.zip(facts.iter().map(String::as_str)).collect();
                vec![(series(exposed, &facts), 1.0)]
            }
        }
    }
}

/// Returns the former name of a label value, if it has one.
fn former_value<'m>(label: &'m LabelValues, value: &str) -> Option<&'m str> {
    match label {
        LabelValues::Closed(values) => {
            let value = values.iter().find(|other| other.value == value)?;
            value.former.as_ref().map(|former| former.name.as_str())
        }
        LabelValues::Open { .. } => None,
    }
}
