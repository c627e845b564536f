//! Writes the draft as TOML, with the range of each part. Writes histogram bounds as a progression if possible, and shares them
//! between metrics.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::ops::Range;

use shadowcat_metrics_authoring::compile;
use shadowcat_metrics_codegen::Source;
use shadowcat_metrics_codegen::model::Unit;

use super::names::{by_the_rules, numbered};
use super::sums::DraftSum;
use super::{Draft, DraftGroup, DraftLabel, DraftMetric};

/// Maximum limit of an open label.
const MAX_VALUES: usize = 1_000_000;

/// The part of the draft that a range of the text corresponds to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Label(usize),
    Sum(usize),
    Set(usize),
    Group(usize),
    Metric(usize),
}

/// The draft's text and ranges.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) text: String,
    pub(super) parts: Vec<(Range<usize>, Part)>,
}

pub(super) fn write(draft: &Draft, from: &str) -> Written {
    let mut text = format!(
        "# Inferred by `shadowcat-metrics infer` from {}.\n\
         # A page shows what has happened, not what can happen. Review everything: above all which labels are open, how many\n\
         # values they may have, and every help text.\n\n\
         format = 1\nnamespace = {}\n\n[defaults]\nseries_budget = {}\n",
        quoted(from).trim_matches('"'),
        quoted(&draft.namespace),
        draft.budget,
    );
    let mut parts = Vec::new();
    let used: BTreeSet<_> = draft
        .metrics
        .iter()
        .flat_map(|metric| metric.labels.iter().chain(&metric.states))
        .collect();
    for (index, label) in draft.labels.iter().enumerate() {
        if used.contains(&label.name) {
            let start = text.len();
            write_label(label, &mut text);
            parts.push((start..text.len(), Part::Label(index)));
        }
    }
    let mut written = BTreeSet::new();
    for (index, sum) in draft.sums.iter().enumerate() {
        let mut metrics = draft.metrics.iter();
        if metrics.any(|metric| metric.sums.contains(&index)) {
            let start = text.len();
            for sum in sum.with_contained() {
                if written.insert(&sum.name) {
                    write_sum(sum, &mut text);
                }
            }
            parts.push((start..text.len(), Part::Sum(index)));
        }
    }
    for (index, set) in draft.sets.iter().enumerate() {
        if index == 0 {
            text.push_str("\n[buckets]\n");
        }
        let start = text.len();
        let _ = writeln!(text, "{} = {}", set.name, set.buckets);
        parts.push((start..text.len(), Part::Set(index)));
    }
    for (index, group) in draft.groups.iter().enumerate() {
        let metrics = draft.metrics.iter().enumerate();
        let mut metrics = metrics
            .filter(|(_, metric)| metric.group == group.name)
            .peekable();
        if metrics.peek().is_none() {
            continue;
        }
        let start = text.len();
        write_group(draft, group, &mut text);
        parts.push((start..text.len(), Part::Group(index)));
        for (index, metric) in metrics {
            let start = text.len();
            write_metric(draft, group, metric, &mut text);
            parts.push((start..text.len(), Part::Metric(index)));
        }
    }
    Written { text, parts }
}

impl DraftLabel {
    /// Returns the limit of an open label: twice the number of values seen, and at least 8, if the budget allows it.
    fn room(&self) -> usize {
        let seen = self.seen.len().max(1);
        let room = if self.has_no_reserve {
            seen
        } else {
            (seen * 2).next_power_of_two().max(8)
        };
        room.min(MAX_VALUES)
    }

    /// Returns the number of values that series can have: an open label's limit, and its overflow value.
    pub(super) fn size(&self) -> u64 {
        let values = if self.closed {
            self.seen.len()
        } else {
            self.room() + 1
        };
        values as u64
    }
}

fn write_label(label: &DraftLabel, text: &mut String) {
    let _ = writeln!(
        text,
        "\n[labels.{}]\nhelp = \"Say what it means.\"",
        label.name
    );
    // The label of the states has the name of the metric.
    if label.name != label.called && !label.is_states {
        let _ = writeln!(text, "name = {}", quoted(&label.called));
    }
    if label.closed {
        let values: Vec<_> = label.seen.iter().map(|value| quoted(value)).collect();
        let _ = writeln!(text, "values = [{}]", values.join(", "));
    } else {
        let _ = writeln!(
            text,
            "open = {{ max = {} }} # {} seen",
            label.room(),
            label.seen.len()
        );
    }
    write_allow(&label.allow, text);
}

fn write_sum(sum: &DraftSum, text: &mut String) {
    let with = sum.with.iter().filter_map(|(value, further)| {
        let sums = further.sums.iter().map(|sum| &sum.name);
        let labels = further.labels.iter().chain(sums).map(|label| quoted(label));
        let labels: Vec<_> = labels.collect();
        let key = toml_edit::Key::new(value);
        (!labels.is_empty()).then(|| format!("{key} = [{}]", labels.join(", ")))
    });
    let _ = writeln!(
        text,
        "\n[labels.{}]\nhelp = \"Say what it means.\"\nof = {}\nwith = {{ {} }}",
        sum.name,
        quoted(&sum.of),
        with.collect::<Vec<_>>().join(", ")
    );
}

fn write_group(draft: &Draft, group: &DraftGroup, text: &mut String) {
    let _ = writeln!(
        text,
        "\n[groups.{}]\nhelp = \"Say what it measures.\"",
        group.name
    );
    let of_group = draft
        .metrics
        .iter()
        .find(|metric| metric.group == group.name);
    let none = BTreeSet::new();
    let optional = of_group.map_or(&none, |metric| &metric.optional);
    let sums = group.sums.iter().map(|index| &draft.sums[*index].name);
    let labels: Vec<_> = group.labels.iter().chain(sums).collect();
    write_labels(&labels, optional, text);
    write_allow(&group.allow, text);
}

fn write_metric(draft: &Draft, group: &DraftGroup, metric: &DraftMetric, text: &mut String) {
    text.push('\n');
    if let Some(remark) = metric.remark {
        let _ = writeln!(text, "# {remark}");
    }
    let _ = writeln!(
        text,
        "[metrics.{}.{}]\ntype = \"{}\"\nhelp = {}",
        metric.group,
        metric.key,
        metric.kind,
        quoted(&metric.help)
    );
    if metric.unit != Unit::None {
        let _ = writeln!(text, "unit = \"{}\"", metric.unit.name());
    }
    let own = metric.labels.iter().filter_map(|label| {
        let mut sums = metric.sums.iter();
        match sums.find(|sum| draft.sums[**sum].has(label)) {
            // The sum label stands for all of its labels.
            Some(index) => {
                let sum = &draft.sums[*index];
                (sum.of == *label && !group.sums.contains(index)).then_some(&sum.name)
            }
            None => (!group.labels.contains(label)).then_some(label),
        }
    });
    write_labels(&own.collect::<Vec<_>>(), &metric.optional, text);
    if metric.kind == "histogram" {
        let shared = draft.sets.iter().find(|set| set.bounds == metric.bounds);
        let buckets = shared.map_or_else(|| metric.buckets.clone(), |set| quoted(&set.name));
        let _ = writeln!(text, "buckets = {buckets}");
        if let Some(native) = &metric.native {
            let _ = writeln!(text, "native = {native}");
        }
    }
    if metric.has_exemplars {
        text.push_str("exemplars = true\n");
    }
    if let Some(states) = &metric.states {
        let _ = writeln!(text, "states = {}", quoted(states));
    }
    if by_the_rules(&draft.namespace, metric) != metric.exposed {
        let _ = writeln!(text, "name = {}", quoted(&metric.exposed));
    }
    write_allow(&metric.allow, text);
}

fn write_labels(labels: &[&String], optional: &BTreeSet<String>, text: &mut String) {
    if !labels.is_empty() {
        let label = |label: &&String| {
            if optional.contains(*label) {
                format!("{{ name = {}, optional = true }}", quoted(label))
            } else {
                quoted(label)
            }
        };
        let labels: Vec<_> = labels.iter().map(label).collect();
        let _ = writeln!(text, "labels = [{}]", labels.join(", "));
    }
}

fn write_allow(allow: &BTreeSet<&str>, text: &mut String) {
    if !allow.is_empty() {
        let lints: Vec<_> = allow.iter().map(|lint| quoted(lint)).collect();
        let _ = writeln!(text, "allow = [{}]", lints.join(", "));
    }
}

/// Returns a TOML string.
fn quoted(text: &str) -> String {
    toml_edit::Value::from(text).to_string()
}

/// Bounds shared by several histograms.
#[derive(Debug)]
pub(super) struct BucketSet {
    pub(super) name: String,
    pub(super) bounds: Vec<f64>,
    buckets: String,
}

/// Writes the bounds of every histogram in the schema's syntax.
pub(super) fn write_buckets(metrics: &mut [DraftMetric]) {
    let mut written: HashMap<Vec<u64>, String> = HashMap::new();
    for metric in metrics
        .iter_mut()
        .filter(|metric| metric.kind == "histogram")
    {
        let written = written.entry(bits(&metric.bounds));
        let written = written.or_insert_with(|| write_bounds(&metric.bounds));
        metric.buckets.clone_from(written);
    }
}

/// Returns the sets of bounds that several histograms have, named by their unit. Sets in `unshared` are not included.
pub(super) fn share_buckets(metrics: &[DraftMetric], unshared: &[Vec<f64>]) -> Vec<BucketSet> {
    let mut uses: HashMap<Vec<u64>, usize> = HashMap::new();
    for metric in metrics.iter().filter(|metric| !metric.bounds.is_empty()) {
        *uses.entry(bits(&metric.bounds)).or_default() += 1;
    }
    let mut sets: Vec<BucketSet> = Vec::new();
    for metric in metrics {
        let is_shared = uses
            .remove(&bits(&metric.bounds))
            .is_some_and(|uses| uses > 1);
        if !is_shared || unshared.contains(&metric.bounds) {
            continue;
        }
        let unit = if metric.unit == Unit::None {
            "plain"
        } else {
            metric.unit.name()
        };
        sets.push(BucketSet {
            name: numbered(unit, |name| sets.iter().all(|set| set.name != name)),
            bounds: metric.bounds.clone(),
            buckets: metric.buckets.clone(),
        });
    }
    sets
}

fn bits(bounds: &[f64]) -> Vec<u64> {
    bounds.iter().map(|bound| bound.to_bits()).collect()
}

fn write_bounds(bounds: &[f64]) -> String {
    progression(bounds).unwrap_or_else(|| {
        let bounds: Vec<_> = bounds.iter().map(f64::to_string).collect();
        format!("[{}]", bounds.join(", "))
    })
}

/// Returns the progression that results in exactly these bounds, if there is one.
fn progression(bounds: &[f64]) -> Option<String> {
    let [first, second, _, _, ..] = bounds else {
        return None;
    };
    let count = bounds.len();
    let linear = format!(
        "{{ linear = {{ start = {first}, width = {}, count = {count} }} }}",
        rounded(second - first)
    );
    let exponential = format!(
        "{{ exponential = {{ start = {first}, factor = {}, count = {count} }} }}",
        rounded(second / first)
    );
    [linear, exponential].into_iter().find(|form| {
        // Checks with the compiler's own arithmetic.
        let schema = format!(
            "format = 1\nnamespace = \"app\"\n[groups.some]\nhelp = \"B.\"\n[metrics.some.thing]\ntype = \"histogram\"\nhelp = \"C.\"\nbuckets = {form}\n"
        );
        let outcome = compile(Source::new("bounds", schema));
        let made = outcome.registry().and_then(|registry| registry.bucket_sets.first());
        made.is_some_and(|set| set.bounds == bounds)
    })
}

/// Rounds away the error of binary fractions.
fn rounded(number: f64) -> f64 {
    format!("{number:.9e}").parse().unwrap_or(number)
}
