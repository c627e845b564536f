//! The descriptors of a schema as the runtime reads them: names, bounds and text, no values.
//!
//! The macro writes them as Rust. Tests of random schemas convert them directly to the runtime's structures.

use std::borrow::Cow;

use super::native::Cells;
use crate::model::{
    BucketSetId, LabelId, LabelValues, Measure, Metric, MetricId, Native, OwnMetric, Part,
    PartLabel, Registry, Storage,
};
use crate::name::{
    bucket_bound, created_name, ends_with_word, open_metrics_family, otel_label_name,
    otel_metric_name, sample_names,
};

/// All descriptors of a schema.
#[derive(Debug)]
pub struct Descriptors<'m> {
    /// First part of every exposed name; empty if there is none.
    pub namespace: &'m str,
    /// All labels, in the order of [`Registry::labels`]. Then copies that are optional or have only some of the values, as series
    /// have them.
    pub labels: Vec<Label<'m>>,
    /// One for each bucket set, scale and native buckets that histograms use together.
    pub buckets: Vec<Buckets<'m>>,
    /// In the order of [`Registry::metrics`], each with one family for each of its parts.
    pub families: Vec<Family<'m>>,
    /// Position of each metric's first family.
    pub first_families: Vec<usize>,
    /// Families under former names.
    pub former_families: Vec<Family<'m>>,
    /// The open labels; [`Values::Open`] refers to a position in this list.
    pub open_labels: Vec<LabelId>,
    /// Position of the family that counts overflowing label values.
    pub overflow_family: Option<u32>,
    /// Position of the family that counts rejected values.
    pub rejected_family: Option<u32>,
}

/// A label.
#[derive(Debug, Clone, PartialEq)]
pub struct Label<'m> {
    /// Its key in the schema.
    pub key: &'m str,
    /// Its name.
    pub name: &'m str,
    /// Name of the attribute in OpenTelemetry.
    pub otel_name: &'m str,
    /// Its values.
    pub values: Values<'m>,
    /// Whether series may lack it.
    pub optional: bool,
    /// Former values, each with the position of the value that replaced it.
    pub former: Vec<(u32, &'m str)>,
}

/// The bound of a label.
#[derive(Debug, Clone, PartialEq)]
pub enum Values<'m> {
    /// A fixed list.
    Closed(Vec<&'m str>),
    /// At most `max` values at a time.
    Open {
        /// Position in [`Descriptors::open_labels`].
        index: u32,
        /// Maximum number of concurrent values, without the overflow value.
        max: u32,
        /// Value for all strings beyond `max`.
        overflow: &'m str,
    },
}

/// The bounds of histograms.
#[derive(Debug)]
pub struct Buckets<'m> {
    /// The bucket set.
    pub set: BucketSetId,
    /// How to compare values with the bounds.
    pub scale: Scale,
    /// The upper bounds without `+Inf`.
    pub bounds: &'m [f64],
    /// The bounds as values of the label `le`.
    pub le: Vec<String>,
    /// Native buckets, with the cells of which they and the bounds consist.
    pub native: Option<(Native, Cells)>,
}

/// The integers that represent a histogram's values for comparison with its bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Whole nanoseconds.
    Nanoseconds,
    /// The values themselves.
    Integers,
    /// The bits of floats.
    Floats,
}

/// A metric under one of its names. All its names read the same slabs.
#[derive(Debug)]
pub struct Family<'m> {
    /// The metric.
    pub metric: &'m Metric,
    /// Name in the Prometheus text format.
    pub name: &'m str,
    /// Positions in [`Descriptors::labels`] of the labels of its series.
    pub labels: Vec<usize>,
    /// Whether it continues the family before it: the same metric, but series with other labels.
    pub continues: bool,
    /// Positions of the families of a ratio's numerator.
    pub numerator: Vec<u32>,
    /// Positions of the families of a ratio's denominator.
    pub denominator: Vec<u32>,
    /// Position in [`Descriptors::buckets`].
    pub buckets: Option<usize>,
    /// Unit in OpenMetrics and protobuf; empty if the name does not end with it.
    pub unit: &'static str,
    /// Name in OpenTelemetry.
    pub otel_name: Cow<'m, str>,
    /// First of its slabs. The slabs of all families are numbered without gaps.
    pub first_slab: u32,
    /// Number of its slabs: one for each combination of open label values.
    pub slabs: u32,
    /// Number of series per slab: one for each combination of closed label values.
    pub series: u32,
    /// Position of its first cell among the fixed cells of a block, or 0 if its cells are in slabs.
    pub fixed: u32,
    /// Position of its value in the label of the family that counts rejected values.
    pub rejected_index: Option<u32>,
    /// The `#` lines in the Prometheus text format.
    pub text_metadata: String,
    /// The `#` lines in OpenMetrics.
    pub open_metrics_metadata: String,
    /// Names of the samples of a series, in the order of their lines.
    pub sample_names: Vec<String>,
    /// Name of the samples that have the creation time in OpenMetrics, if there are any.
    pub created: Option<String>,
}

impl Family<'_> {
    /// Returns whether its samples have exemplars. OpenMetrics allows none for a counter under a former name without `_total`.
    #[must_use]
    pub const fn exemplars(&self) -> bool {
        self.metric.exemplars && self.created.is_some()
    }
}

impl Label<'_> {
    /// Returns the number of choices for a series: the values, the overflow value of an open label, and no value if it is
    /// optional.
    #[must_use]
    pub fn choices(&self) -> u32 {
        let values = match &self.values {
            Values::Closed(values) => position(values.len()),
            Values::Open { max, .. } => max.saturating_add(1),
        };
        values.saturating_add(u32::from(self.optional))
    }

    /// Returns a copy of the label that has only the values at some positions.
    fn with_values(&self, positions: &[usize]) -> Self {
        let Values::Closed(all) = &self.values else {
            return self.clone();
        };
        let (mut values, mut former) = (Vec::new(), Vec::new());
        for (place, old) in positions.iter().enumerate() {
            values.push(all[*old]);
            for (renamed, name) in &self.former {
                if *renamed == position(*old) {
                    former.push((position(place), *name));
                }
            }
        }
        Self {
            values: Values::Closed(values),
            former,
            ..self.clone()
        }
    }
}

impl<'m> Descriptors<'m> {
    /// Creates the descriptors of a schema.
    #[must_use]
    pub fn of(registry: &'m Registry) -> Self {
        let (mut labels, mut open_labels) = (Vec::new(), Vec::new());
        for (index, label) in registry.labels.iter().enumerate() {
            labels.push(self::label(label, position(open_labels.len())));
            if registry.is_open(LabelId(index)) {
                open_labels.push(LabelId(index));
            }
        }
        let (mut first_families, mut families) = (Vec::new(), 0);
        for metric in &registry.metrics {
            first_families.push(families);
            families += registry.parts(metric).len();
        }
        let overflow = own_metric(registry, OwnMetric::LabelOverflow);
        let rejected = own_metric(registry, OwnMetric::RejectedValues);
        let mut described = Self {
            namespace: &registry.namespace,
            buckets: Vec::new(),
            families: Vec::new(),
            overflow_family: overflow.map(|id| position(first_families[id.0])),
            rejected_family: rejected.map(|id| position(first_families[id.0])),
            first_families,
            former_families: Vec::new(),
            labels: Vec::new(),
            open_labels,
        };
        let mut first_slab = 0_u32;
        let mut fixed_cells = FixedCells { next: 1 };
        for metric in &registry.metrics {
            let buckets = metric
                .bucket_set()
                .map(|set| described.buckets_position(registry, set, metric));
            let rejected_index = rejected.and_then(|id| {
                let label = registry.metrics[id.0].labels[0];
                let mut values = registry.labels[label.0].closed_values().iter();
                values.position(|value| value.value == metric.exposed)
            });
            let mut former_families = Vec::new();
            for (index, part) in registry.parts(metric).iter().enumerate() {
                let mut own = Vec::new();
                let (mut slabs, mut series) = (1_u32, 1_u32);
                for label in &part.labels {
                    let label = Self::label_of(&mut labels, label);
                    own.push(label);
                    let choices = labels[label].choices();
                    match labels[label].values {
                        Values::Closed(_) => series = series.saturating_mul(choices),
                        Values::Open { .. } => slabs = slabs.saturating_mul(choices),
                    }
                }
                // The recorder of a sum label does not know at compile time which of its families it has.
                let has_one_part = registry.parts(metric).len() == 1;
                let fixed = if has_one_part && slabs == 1 {
                    let cells = described.cells_per_series(metric, buckets);
                    fixed_cells.add(cells.saturating_mul(series))
                } else {
                    0
                };
                let (numerator, denominator) = described.operands(registry, metric, part);
                let family = |name| {
                    let (unit, text_metadata, open_metrics_metadata) = metadata(metric, name);
                    Family {
                        metric,
                        name,
                        labels: own.clone(),
                        continues: index > 0,
                        numerator: numerator.clone(),
                        denominator: denominator.clone(),
                        buckets,
                        unit,
                        otel_name: otel_metric_name(registry, metric),
                        first_slab,
                        slabs,
                        series,
                        fixed,
                        rejected_index: rejected_index.map(position),
                        text_metadata,
                        open_metrics_metadata,
                        sample_names: sample_names(name, &metric.kind),
                        created: created_name(name, &metric.kind),
                    }
                };
                let former = metric.former.as_ref();
                former_families.extend(former.map(|former| family(&former.name)));
                described.families.push(family(&metric.exposed));
                first_slab = first_slab.saturating_add(slabs);
            }
            described.former_families.extend(former_families);
        }
        described.labels = labels;
        described
    }

    /// Returns the position of a label as a part has it, and adds it if necessary.
    fn label_of(labels: &mut Vec<Label<'m>>, of_part: &PartLabel) -> usize {
        let label = &labels[of_part.id.0];
        let label = Label {
            optional: of_part.optional,
            ..match &of_part.values {
                Some(values) => label.with_values(values),
                None => label.clone(),
            }
        };
        let known = labels.iter().position(|known| *known == label);
        known.unwrap_or_else(|| {
            labels.push(label);
            labels.len() - 1
        })
    }

    /// Returns the families of a ratio's numerator and denominator that have the same labels as a part of the ratio.
    fn operands(&self, registry: &Registry, metric: &Metric, part: &Part) -> (Vec<u32>, Vec<u32>) {
        let families = |ids: &[MetricId]| {
            let mut families = Vec::new();
            for id in ids {
                let parts = registry.parts(&registry.metrics[id.0]);
                let like = parts.iter().position(|other| other.is_like(part));
                families.push(position(self.first_families[id.0] + like.unwrap_or(0)));
            }
            families
        };
        match metric.kind.spec().operands {
            Some((numerator, denominator)) => (families(numerator), families(denominator)),
            None => (Vec::new(), Vec::new()),
        }
    }

    /// Returns the number of cells that each thread has for a series. Returns 0 if threads do not have their own cells, or if there
    /// are many, because of native buckets.
    fn cells_per_series(&self, metric: &Metric, buckets: Option<usize>) -> u32 {
        let buckets = buckets.map(|buckets| &self.buckets[buckets]);
        match (metric.kind.spec().storage, buckets) {
            (Storage::PerThread, None) => 1,
            // The sum, and the bucket without an upper bound.
            (Storage::PerThread, Some(buckets)) if buckets.native.is_none() => {
                position(buckets.bounds.len()).saturating_add(2)
            }
            (
                Storage::PerThread
                | Storage::Shared
                | Storage::Text
                | Storage::Callback
                | Storage::Derived,
                _,
            ) => 0,
        }
    }

    /// Returns the position of a bucket set's bounds, and adds them if necessary.
    fn buckets_position(
        &mut self,
        registry: &'m Registry,
        set: BucketSetId,
        metric: &Metric,
    ) -> usize {
        let scale = match metric.unit.measure() {
            Measure::Duration => Scale::Nanoseconds,
            Measure::Size => Scale::Integers,
            Measure::Number | Measure::Float => Scale::Floats,
        };
        let same = |buckets: &Buckets<'_>| {
            let native = buckets.native.as_ref().map(|(native, _)| *native);
            buckets.set == set && buckets.scale == scale && native == metric.native
        };
        if let Some(existing) = self.buckets.iter().position(same) {
            return existing;
        }
        let bounds = registry.bucket_sets[set.0].bounds.as_slice();
        let mut le = Vec::new();
        for bound in bounds {
            le.push(bucket_bound(*bound));
        }
        let cells = |native| (native, Cells::of(&native, bounds, scale));
        self.buckets.push(Buckets {
            set,
            scale,
            bounds,
            le,
            native: metric.native.map(cells),
        });
        self.buckets.len() - 1
    }
}

/// Assigns fixed cells to families. Each thread has all fixed cells of a schema as soon as it records, so their number is
/// limited.
struct FixedCells {
    /// The next free position. Position 0 is unused, because it stands for no position.
    next: u32,
}

impl FixedCells {
    /// Maximum number in a schema: 32 KiB for each thread.
    const MOST: u32 = 4096;
    /// Maximum number for one family.
    const MOST_OF_FAMILY: u32 = 512;

    /// Returns the position of the first of this number of cells, or 0 if the family gets none.
    fn add(&mut self, cells: u32) -> u32 {
        let first = self.next;
        if cells == 0 || cells > Self::MOST_OF_FAMILY || first + cells > Self::MOST {
            return 0;
        }
        self.next = first + cells;
        first
    }
}

fn label(label: &crate::model::Label, open_index: u32) -> Label<'_> {
    let mut former = Vec::new();
    let values = match &label.values {
        LabelValues::Closed(all) => {
            let mut values = Vec::new();
            for value in all {
                if let Some(renamed) = &value.former {
                    former.push((position(values.len()), renamed.name.as_str()));
                }
                values.push(value.value.as_str());
            }
            Values::Closed(values)
        }
        LabelValues::Open { max, overflow } => Values::Open {
            index: open_index,
            max: *max,
            overflow,
        },
    };
    Label {
        key: &label.key,
        name: &label.name,
        otel_name: otel_label_name(label),
        values,
        optional: false,
        former,
    }
}

fn own_metric(registry: &Registry, own: OwnMetric) -> Option<MetricId> {
    let mut metrics = registry.own_metrics.iter();
    let (_, id) = metrics.find(|(metric, _)| *metric == own)?;
    Some(*id)
}

/// Returns the unit of a family in OpenMetrics, and its `#` lines in the text format and in OpenMetrics.
fn metadata(metric: &Metric, name: &str) -> (&'static str, String, String) {
    let spec = metric.kind.spec();
    let family_name = open_metrics_family(name, &metric.kind);
    let has_suffix = name.len() > spec.suffix.len() && name.ends_with(spec.suffix);
    let open_metrics_type = if has_suffix {
        spec.open_metrics_type
    } else {
        spec.type_without_suffix
    };
    let unit = metric.unit.name();
    // Scrapers refuse a page with any other unit.
    let unit = if ends_with_word(family_name, unit) && family_name.len() > unit.len() + 1 {
        unit
    } else {
        ""
    };
    let text_metadata = format!(
        "# HELP {name} {}\n# TYPE {name} {}\n",
        escape_help(&metric.help, false),
        spec.text_type
    );
    let unit_line = if unit.is_empty() {
        String::new()
    } else {
        format!("# UNIT {family_name} {unit}\n")
    };
    let open_metrics_metadata = format!(
        "# TYPE {family_name} {open_metrics_type}\n{unit_line}# HELP {family_name} {}\n",
        escape_help(&metric.help, true)
    );
    (unit, text_metadata, open_metrics_metadata)
}

/// Escapes help for a `# HELP` line. Only OpenMetrics escapes quotes.
fn escape_help(help: &str, quotes: bool) -> String {
    let mut escaped = String::with_capacity(help.len());
    for character in help.chars() {
        match character {
            '\\' => escaped.push_str("\\\\"),
            '\n' => escaped.push_str("\\n"),
            '"' if quotes => escaped.push_str("\\\""),
            character => escaped.push(character),
        }
    }
    escaped
}

/// Converts an index in a list of the schema.
fn position(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixed_cells_are_limited() {
        let mut cells = FixedCells { next: 1 };
        assert_eq!([cells.add(3), cells.add(0), cells.add(5)], [1, 0, 4]);
        assert_eq!(cells.add(FixedCells::MOST_OF_FAMILY + 1), 0);
        assert_eq!(cells.add(FixedCells::MOST_OF_FAMILY), 9);
        while cells.add(FixedCells::MOST_OF_FAMILY) > 0 {}
        let rest = FixedCells::MOST - cells.next;
        assert_eq!(cells.add(rest + 1), 0);
        assert_eq!(cells.add(rest), FixedCells::MOST - rest);
        assert_eq!(cells.add(1), 0);
    }
}
