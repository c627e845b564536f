//! Writes any draft as a valid schema. A part that does not fit is replaced by a simpler one.

use std::fmt::{self, Write as _};

use proptest::sample::Index;

use super::Taste;
use super::draft::{Group, Kind, LabelUse, Life, Metric, Schema, Sum, Values};
use super::words::{self, quoted};

pub(super) fn schema(draft: &Schema, taste: Taste) -> String {
    let mut writer = Writer {
        draft,
        taste,
        text: String::new(),
        bucket_sets: Vec::new(),
        metrics: Vec::new(),
        items: Vec::new(),
    };
    writer.schema().expect("writing into a string never fails");
    writer.text
}

pub(super) struct Writer<'a> {
    pub(super) draft: &'a Schema,
    pub(super) taste: Taste,
    pub(super) text: String,
    /// Bounds to declare under `[buckets]`, as TOML.
    pub(super) bucket_sets: Vec<String>,
    /// Every metric so far, as `group.metric`.
    pub(super) metrics: Vec<String>,
    /// The labels, then the sum labels.
    items: Vec<Item>,
}

/// A label or a sum label.
#[derive(Clone)]
struct Item {
    name: &'static str,
    /// All labels of its series.
    labels: Vec<&'static str>,
    is_sum: bool,
}

/// More labels make pages that take long to check.
const MAX_LABELS: usize = 5;

/// An item of a list of labels, and whether it is optional there.
type Listed = (Item, bool);

impl Writer<'_> {
    fn schema(&mut self) -> fmt::Result {
        let namespace = quoted(self.draft.namespace);
        writeln!(self.text, "format = 1\nnamespace = {namespace}")?;
        writeln!(self.text, "\n[defaults]\nseries_budget = 1_000_000")?;
        for (name, label) in words::LABELS.iter().zip(&self.draft.labels) {
            writeln!(
                self.text,
                "\n[labels.{name}]\nstability = \"stable\"\nhelp = {}",
                sentence(&label.help)
            )?;
            if label.named {
                writeln!(self.text, "name = \"{name}_type\"")?;
            }
            self.values(&label.values)?;
            self.items.push(Item {
                name,
                labels: vec![name],
                is_sum: false,
            });
        }
        for (name, sum) in words::SUMS.iter().zip(&self.draft.sums) {
            self.sum(name, sum)?;
        }
        for (name, group) in words::GROUPS.iter().zip(&self.draft.groups) {
            self.group(name, group)?;
        }
        for (number, bounds) in self.bucket_sets.iter().enumerate() {
            writeln!(self.text, "\n[buckets.set_{number}]\n{bounds}")?;
        }
        Ok(())
    }

    fn values(&mut self, values: &Values) -> fmt::Result {
        match values {
            Values::List(values) => {
                let values: Vec<_> = values.iter().map(|value| quoted(value)).collect();
                writeln!(self.text, "values = [{}]", values.join(", "))
            }
            Values::Table(values, help, false) => values.iter().try_for_each(|value| {
                writeln!(self.text, "values.{} = {}", quoted(value), sentence(help))
            }),
            Values::Table(values, help, true) => values.iter().try_for_each(|value| {
                let former = quoted(&format!("former {value}"));
                writeln!(
                    self.text,
                    "values.{} = {{ help = {}, bad = true, renamed_from = {{ name = {former}, until = \"1.0.0\" }} }}",
                    quoted(value),
                    sentence(help)
                )
            }),
            Values::Open { max, overflow } => {
                let overflow = if *overflow {
                    ", overflow = \"*many*\""
                } else {
                    ""
                };
                writeln!(self.text, "open = {{ max = {max}{overflow} }}")
            }
        }
    }

    /// Writes a sum label, unless the schema has no closed label.
    fn sum(&mut self, name: &'static str, sum: &Sum) -> fmt::Result {
        let Some(of) = self.pick_states(sum.of, &[]) else {
            return Ok(());
        };
        let position = words::LABELS.iter().position(|label| *label == of);
        let values = position.and_then(|position| self.draft.labels.get(position));
        let values = match values.map(|label| &label.values) {
            Some(Values::List(values) | Values::Table(values, ..)) => values.as_slice(),
            Some(Values::Open { .. }) | None => &[],
        };
        writeln!(
            self.text,
            "\n[labels.{name}]\nhelp = {}\nof = \"{of}\"",
            sentence(&sum.help)
        )?;
        let (mut labels, mut written) = (vec![of], Vec::new());
        for (value, items) in &sum.with {
            let value = *value.get(values);
            if written.contains(&value) {
                continue;
            }
            written.push(value);
            let mut taken = vec![of];
            let mut names = Vec::new();
            for item in items {
                let item = item.get(&self.items);
                if item.labels.iter().all(|label| !taken.contains(label)) {
                    taken.extend(&item.labels);
                    names.push(quoted(item.name));
                }
            }
            writeln!(self.text, "with.{} = [{}]", quoted(value), names.join(", "))?;
            labels.extend(taken);
        }
        labels.sort_unstable();
        labels.dedup();
        self.items.push(Item {
            name,
            labels,
            is_sum: true,
        });
        Ok(())
    }

    fn group(&mut self, name: &str, group: &Group) -> fmt::Result {
        let labels = self.pick_labels(&group.labels, &[]);
        writeln!(
            self.text,
            "\n[groups.{name}]\nhelp = {}",
            sentence(&group.help)
        )?;
        self.label_list(&labels)?;
        let bound = labels.iter().flat_map(|(item, _)| item.labels.iter());
        let bound: Vec<_> = bound.copied().collect();
        for (key, metric) in words::METRICS.iter().zip(&group.metrics) {
            self.metric(name, key, &bound, metric)?;
        }
        Ok(())
    }

    fn metric(
        &mut self,
        group: &str,
        key: &str,
        bound: &[&'static str],
        metric: &Metric,
    ) -> fmt::Result {
        let mut labels = self.pick_labels(&metric.labels, bound);
        match &metric.kind {
            Kind::Counter { callback } => {
                self.head(group, key, "counter", metric)?;
                writeln!(self.text, "callback = {callback}\nbad = {}", !callback)?;
            }
            Kind::Gauge { callback } => {
                self.head(group, key, "gauge", metric)?;
                writeln!(self.text, "callback = {callback}")?;
            }
            Kind::UpDownCounter => self.head(group, key, "updown_counter", metric)?,
            Kind::Histogram(bounds, native) => {
                self.head(group, key, "histogram", metric)?;
                self.buckets(bounds, metric.unit)?;
                if let Some(native) = native {
                    self.native(native, metric.unit)?;
                }
            }
            Kind::State(states) => match self.pick_states(*states, bound) {
                Some(states) => {
                    self.head(group, key, "state", metric)?;
                    writeln!(self.text, "states = \"{states}\"")?;
                    labels.retain(|(item, _)| !item.labels.contains(&states));
                }
                None => self.head(group, key, "gauge", metric)?,
            },
            Kind::Info => {
                // Facts cannot be sum labels or optional.
                labels.retain(|(item, _)| !item.is_sum);
                let mut plain = self.items.iter().filter(|item| !item.is_sum);
                let free = plain.find(|item| !bound.contains(&item.name)).cloned();
                match free {
                    Some(fact) if labels.is_empty() => labels.push((fact, false)),
                    Some(_) | None => {}
                }
                for (_, optional) in &mut labels {
                    *optional = false;
                }
                let kind = if labels.is_empty() { "gauge" } else { "info" };
                self.head(group, key, kind, metric)?;
            }
            Kind::Ratio => return self.ratio(group, key, &labels, metric),
        }
        self.label_list(&labels)
    }

    /// Writes two counters and their ratio.
    fn ratio(&mut self, group: &str, key: &str, labels: &[Listed], metric: &Metric) -> fmt::Result {
        let part = Metric {
            exact: false,
            former: false,
            life: Life::Undecided,
            ..metric.clone()
        };
        for part_key in ["good", "bad"] {
            self.head(group, &format!("{key}_{part_key}"), "counter", &part)?;
            self.label_list(labels)?;
        }
        self.head(group, &format!("{key}_goodness"), "ratio", metric)?;
        writeln!(self.text, "numerator = \"{group}.{key}_good\"")?;
        writeln!(
            self.text,
            "denominator = [\"{group}.{key}_bad\", \"{group}.{key}_good\"]"
        )?;
        // Reversed, because the order of labels does not matter.
        let reversed: Vec<_> = labels.iter().rev().cloned().collect();
        self.label_list(&reversed)
    }

    fn label_list(&mut self, labels: &[Listed]) -> fmt::Result {
        let label = |(item, optional): &Listed| {
            let name = quoted(item.name);
            if *optional {
                format!("{{ name = {name}, optional = true }}")
            } else {
                name
            }
        };
        let labels: Vec<_> = labels.iter().map(label).collect();
        writeln!(self.text, "labels = [{}]", labels.join(", "))
    }

    /// Returns the listed labels, without those that are in `taken` or there already.
    fn pick_labels(&self, uses: &[LabelUse], taken: &[&'static str]) -> Vec<Listed> {
        let mut taken = taken.to_vec();
        let mut labels: Vec<Listed> = Vec::new();
        for LabelUse { label, optional } in uses.iter().filter(|_| !self.items.is_empty()) {
            let item = label.get(&self.items);
            let is_new = item.labels.iter().all(|label| !taken.contains(label));
            if is_new && taken.len() + item.labels.len() <= MAX_LABELS {
                taken.extend(&item.labels);
                labels.push((item.clone(), *optional && !item.is_sum));
            }
        }
        labels
    }

    /// Returns a closed label that the group does not have.
    fn pick_states(&self, index: Index, taken: &[&str]) -> Option<&'static str> {
        let labels = words::LABELS.iter().copied().zip(&self.draft.labels);
        let closed = labels.filter(|(name, label)| {
            !taken.contains(name) && !matches!(label.values, Values::Open { .. })
        });
        let closed: Vec<_> = closed.map(|(name, _)| name).collect();
        (!closed.is_empty()).then(|| *index.get(&closed))
    }
}

/// Turns a text into a valid help.
pub(super) fn sentence(text: &str) -> String {
    quoted(&format!("It {text}."))
}
