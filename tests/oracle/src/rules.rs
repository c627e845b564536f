//! The rules for each type of family.

use std::collections::BTreeMap;

use super::{Family, Fault, Grammar, Sample, fault, number};

/// The samples of one metric: samples of a family with equal labels, ignoring `le` and the label of a state set.
struct Metric<'a> {
    labels: BTreeMap<&'a str, &'a str>,
    samples: Vec<&'a Sample>,
}

pub(super) fn check(grammar: Grammar, family: &Family) -> Result<(), Fault> {
    check_unit(family)?;
    let is_state_set = family.kind == "stateset";
    let own_label = match family.kind.as_str() {
        "histogram" => Some("le"),
        _ if is_state_set => Some(family.name.as_str()),
        _ => None,
    };
    for metric in metrics(family, own_label)? {
        match family.kind.as_str() {
            "counter" => check_counter(grammar, family, &metric)?,
            "histogram" => check_histogram(family, &metric)?,
            "info" => check_info(&metric)?,
            _ if is_state_set => check_state_set(family, &metric)?,
            _ => {}
        }
        if grammar == Grammar::OpenMetrics {
            check_created(family, &metric)?;
        }
    }
    Ok(())
}

fn check_unit(family: &Family) -> Result<(), Fault> {
    let Some(unit) = &family.unit else {
        return Ok(());
    };
    if unit.is_empty() || !family.name.ends_with(&format!("_{unit}")) {
        let what = format!(
            "the name `{}` does not end with its unit `{unit}`",
            family.name
        );
        return fault(family.line, what);
    }
    match family.kind.as_str() {
        "info" | "stateset" => fault(family.line, format!("a {} has no unit", family.kind)),
        _ => Ok(()),
    }
}

/// Groups a family's samples into metrics. The samples of each metric must be consecutive.
fn metrics<'a>(family: &'a Family, own_label: Option<&str>) -> Result<Vec<Metric<'a>>, Fault> {
    let mut metrics: Vec<Metric<'a>> = Vec::new();
    for sample in &family.samples {
        let labels = sample.series.labels.iter();
        let labels: BTreeMap<_, _> = labels
            .map(|(label, value)| (label.as_str(), value.as_str()))
            .filter(|(label, _)| Some(*label) != own_label)
            .collect();
        if let Some(last) = metrics.last_mut()
            && last.labels == labels
        {
            last.samples.push(sample);
        } else if metrics.iter().any(|metric| metric.labels == labels) {
            return fault(sample.line, "is apart from the other samples of its metric");
        } else {
            metrics.push(Metric {
                labels,
                samples: vec![sample],
            });
        }
    }
    Ok(metrics)
}

impl Metric<'_> {
    fn line(&self) -> usize {
        self.samples.first().map_or(0, |sample| sample.line)
    }

    /// Returns the samples whose names have a suffix.
    fn with<'s>(&'s self, family: &Family, suffix: &str) -> impl Iterator<Item = &'s Sample> {
        let name = format!("{}{suffix}", family.name);
        let samples = self.samples.iter().copied();
        samples.filter(move |sample| sample.series.name == name)
    }

    /// Returns the only sample whose name has a suffix.
    fn one<'s>(&'s self, family: &Family, suffix: &str) -> Result<&'s Sample, Fault> {
        let mut samples = self.with(family, suffix);
        match (samples.next(), samples.next()) {
            (Some(sample), None) => Ok(sample),
            (Some(_), Some(second)) => fault(second.line, format!("a second `{suffix}`")),
            (None, _) => fault(self.line(), format!("a metric without its `{suffix}`")),
        }
    }
}

fn check_counter(grammar: Grammar, family: &Family, metric: &Metric<'_>) -> Result<(), Fault> {
    let suffix = match grammar {
        Grammar::PrometheusText => "",
        Grammar::OpenMetrics => "_total",
    };
    let sample = metric.one(family, suffix)?;
    if sample.value >= 0.0 {
        Ok(())
    } else {
        fault(sample.line, "a counter that is negative or not a number")
    }
}

fn check_histogram(family: &Family, metric: &Metric<'_>) -> Result<(), Fault> {
    let (mut bound, mut count) = (f64::NEG_INFINITY, 0.0);
    for bucket in metric.with(family, "_bucket") {
        let Some(le) = bucket.series.labels.get("le") else {
            return fault(bucket.line, "a bucket without `le`");
        };
        let next = number::parse(le).filter(|next| *next > bound);
        bound = match next {
            Some(next) if number::canonical(next) == *le => next,
            Some(next) => {
                let canonical = number::canonical(next);
                return fault(
                    bucket.line,
                    format!("`le` is {le:?} instead of {canonical:?}"),
                );
            }
            None => {
                return fault(
                    bucket.line,
                    format!("`le` {le:?} does not lie above the one before"),
                );
            }
        };
        if bucket.value < count || bucket.value.fract() != 0.0 {
            return fault(
                bucket.line,
                "a bucket with less than the one before, or with a fraction",
            );
        }
        count = bucket.value;
    }
    if bound != f64::INFINITY {
        return fault(metric.line(), "a histogram whose last bucket is not `+Inf`");
    }
    let total = metric.one(family, "_count")?;
    if total.value.to_bits() != count.to_bits() {
        return fault(total.line, "the count is not that of the bucket `+Inf`");
    }
    let sum = metric.one(family, "_sum")?;
    if sum.value >= 0.0 {
        Ok(())
    } else {
        fault(sum.line, "a sum that is negative or not a number")
    }
}

fn check_info(metric: &Metric<'_>) -> Result<(), Fault> {
    match metric.samples.iter().find(|sample| !is(sample, 1.0)) {
        Some(sample) => fault(sample.line, "an info that is not 1"),
        None => Ok(()),
    }
}

fn check_state_set(family: &Family, metric: &Metric<'_>) -> Result<(), Fault> {
    for sample in &metric.samples {
        if !sample.series.labels.contains_key(&family.name) {
            return fault(sample.line, "a state without its label");
        }
        if !is(sample, 0.0) && !is(sample, 1.0) {
            return fault(sample.line, "a state that is neither 0 nor 1");
        }
    }
    // OpenMetrics allows several samples to be 1, and a state with a former name has two lines.
    Ok(())
}

/// Checks that a metric has at most one creation time.
fn check_created(family: &Family, metric: &Metric<'_>) -> Result<(), Fault> {
    let mut created = metric.with(family, "_created");
    match (created.next(), created.next()) {
        (Some(_), Some(second)) => fault(second.line, "a second `_created`"),
        (Some(sample), None) if sample.value.is_nan() || sample.value <= 0.0 => {
            fault(sample.line, "a time before 1970")
        }
        _ => Ok(()),
    }
}

fn is(sample: &Sample, value: f64) -> bool {
    sample.value.to_bits() == value.to_bits()
}
