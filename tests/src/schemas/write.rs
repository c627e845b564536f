//! Writes any draft as a valid schema. A part that does not fit is replaced by a simpler one.

use std::fmt::{self, Write as _};

use proptest::sample::Index;

use super::Taste;
use super::draft::{Group, Kind, LabelUse, Life, Metric, Schema, Values};
use super::words::{self, quoted};

pub(super) fn schema(draft: &Schema, taste: Taste) -> String {
    let mut writer = Writer {
        draft,
        taste,
        text: String::new(),
        bucket_sets: Vec::new(),
        metrics: Vec::new(),
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
}

/// A label of a list, and whether it is optional there.
type Listed = (&'static str, bool);

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
            self.values(&label.values)?;
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

    fn group(&mut self, name: &str, group: &Group) -> fmt::Result {
        let labels = self.pick_labels(&group.labels, &[]);
        writeln!(
            self.text,
            "\n[groups.{name}]\nhelp = {}",
            sentence(&group.help)
        )?;
        self.label_list(&labels)?;
        let bound: Vec<_> = labels.iter().map(|(name, _)| *name).collect();
        for (key, metric) in words::METRICS.iter().zip(&group.metrics) {
            self.metric(name, key, &bound, metric)?;
        }
        Ok(())
    }

    fn metric(&mut self, group: &str, key: &str, bound: &[&str], metric: &Metric) -> fmt::Result {
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
            Kind::Histogram(bounds) => {
                self.head(group, key, "histogram", metric)?;
                self.buckets(bounds, metric.unit)?;
            }
            Kind::State(states) => match self.pick_states(*states, bound) {
                Some(states) => {
                    self.head(group, key, "state", metric)?;
                    writeln!(self.text, "states = \"{states}\"")?;
                    labels.retain(|(label, _)| *label != states);
                }
                None => self.head(group, key, "gauge", metric)?,
            },
            Kind::Info => {
                let free = words::LABELS.iter().take(self.draft.labels.len());
                let free = free.copied().find(|label| !bound.contains(label));
                match free {
                    Some(fact) if labels.is_empty() => labels.push((fact, false)),
                    Some(_) | None => {}
                }
                // Facts cannot be optional.
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
        let reversed: Vec<_> = labels.iter().rev().copied().collect();
        self.label_list(&reversed)
    }

    fn label_list(&mut self, labels: &[Listed]) -> fmt::Result {
        let label = |(name, optional): &Listed| {
            if *optional {
                format!("{{ name = \"{name}\", optional = true }}")
            } else {
                quoted(name)
            }
        };
        let labels: Vec<_> = labels.iter().map(label).collect();
        writeln!(self.text, "labels = [{}]", labels.join(", "))
    }

    /// Returns the listed labels, without those in `taken`.
    fn pick_labels(&self, uses: &[LabelUse], taken: &[&str]) -> Vec<Listed> {
        let count = self.draft.labels.len();
        let mut labels: Vec<Listed> = Vec::new();
        for LabelUse { label, optional } in uses.iter().filter(|_| count > 0) {
            let name = words::LABELS[label.index(count)];
            if !taken.contains(&name) && labels.iter().all(|(known, _)| *known != name) {
                labels.push((name, *optional));
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
