//! Writes the keys shared by all types of metrics, and bounds.

use std::fmt::{self, Write as _};

use shadowcat_metrics_codegen::model::Unit;

use super::Taste;
use super::draft::{Bounds, Life, Metric, Native};
use super::words::quoted;
use super::write::{Writer, sentence};

impl Writer<'_> {
    /// Writes the keys shared by all types.
    pub(super) fn head(
        &mut self,
        group: &str,
        key: &str,
        kind: &str,
        metric: &Metric,
    ) -> fmt::Result {
        writeln!(self.text, "\n[metrics.{group}.{key}]\ntype = \"{kind}\"")?;
        writeln!(self.text, "help = {}", sentence(&metric.help))?;
        let unit = match kind {
            "state" | "info" | "ratio" => Unit::None,
            _ => metric.unit,
        };
        if unit != Unit::None {
            writeln!(self.text, "unit = \"{}\"", unit.name())?;
        }
        if metric.exact {
            self.exact_name(group, key, kind, unit, metric.bare)?;
        }
        if kind == "counter" && unit == Unit::None && !metric.exact {
            let namespace = self.draft.namespace;
            writeln!(self.text, "otel = \"{namespace}.{group}.{key}\"")?;
        }
        if let Some(owner) = metric.owner {
            writeln!(self.text, "owner = {}", quoted(owner))?;
        }
        if metric.former {
            // promtool checks former names, but our lints do not.
            let suffix = if kind == "counter" && self.taste != Taste::Lax {
                "_total"
            } else {
                ""
            };
            let name = format!("once_{group}_{key}{suffix}");
            writeln!(
                self.text,
                "renamed_from = {{ name = \"{name}\", until = \"1.0.0\" }}"
            )?;
        }
        match &metric.life {
            Life::Undecided => {}
            Life::Promised(stability) => {
                writeln!(self.text, "since = \"0.1.0\"\nstability = \"{stability}\"")?;
            }
            Life::Deprecated { since, instead } => {
                write!(
                    self.text,
                    "deprecated = {{ note = {}",
                    sentence(&metric.help)
                )?;
                if *since {
                    self.text.push_str(", since = \"0.2.0\"");
                }
                if let Some(instead) = instead.filter(|_| !self.metrics.is_empty()) {
                    let instead = instead.get(&self.metrics);
                    write!(self.text, ", use = \"{instead}\"")?;
                }
                self.text.push_str(" }\n");
            }
        }
        self.metrics.push(format!("{group}.{key}"));
        Ok(())
    }

    fn exact_name(
        &mut self,
        group: &str,
        key: &str,
        kind: &str,
        unit: Unit,
        bare: bool,
    ) -> fmt::Result {
        let mut name = format!("exactly_{group}_{key}");
        if bare && self.taste == Taste::Lax {
            let lints: &[_] = match (kind, unit) {
                ("counter", Unit::None) => &["counter-without-total"],
                ("counter", _) => &["counter-without-total", "missing-suffix"],
                ("info", _) => &["missing-suffix"],
                (_, Unit::None) => &[],
                _ => &["missing-suffix"],
            };
            return writeln!(self.text, "name = \"{name}\"\nallow = {lints:?}");
        }
        let suffixes = match kind {
            "counter" => [unit.name(), "total"],
            "info" => ["info", ""],
            "ratio" => ["ratio", ""],
            _ => [unit.name(), ""],
        };
        for suffix in suffixes.into_iter().filter(|suffix| !suffix.is_empty()) {
            name.push('_');
            name.push_str(suffix);
        }
        writeln!(self.text, "name = \"{name}\"")
    }

    pub(super) fn native(&mut self, native: &Native, unit: Unit) -> fmt::Result {
        let divisor = divisor(unit);
        let [from, to] =
            [native.from, native.from + native.width].map(|end| f64::from(end) / divisor);
        let factor = native.factor;
        writeln!(
            self.text,
            "native = {{ factor = {factor}, from = {from:?}, to = {to:?} }}"
        )
    }

    pub(super) fn buckets(&mut self, bounds: &Bounds, unit: Unit) -> fmt::Result {
        let divisor = divisor(unit);
        let progression = match bounds {
            Bounds::List(steps) => {
                let sums = steps.iter().scan(0, |sum, step| {
                    *sum += step;
                    Some(format!("{:?}", f64::from(*sum) / divisor))
                });
                let list = sums.collect::<Vec<_>>().join(", ");
                return writeln!(self.text, "buckets = [{list}]");
            }
            Bounds::Exponential { factor, count } => format!(
                "exponential = {{ start = {:?}, factor = {factor}, count = {count} }}",
                1.0 / divisor
            ),
            Bounds::Linear { width, count } => format!(
                "linear = {{ start = 0, width = {:?}, count = {count} }}",
                f64::from(*width) / divisor
            ),
        };
        if self.draft.named_buckets {
            writeln!(self.text, "buckets = \"set_{}\"", self.bucket_sets.len())?;
            self.bucket_sets.push(progression);
            return Ok(());
        }
        writeln!(self.text, "buckets = {{ {progression} }}")
    }
}

/// Bytes are integers, a ratio is at most 1, and all other units take any bound.
const fn divisor(unit: Unit) -> f64 {
    match unit {
        Unit::Bytes => 1.0,
        _ => 1000.0,
    }
}
