//! Histogram bounds: written as the progression that they are, and shared where several metrics have the same.

use shadowcat_metrics_codegen::model::Unit;
use shadowcat_metrics_codegen::{Source, compile};

use super::DraftMetric;

/// Bounds that several histograms have.
#[derive(Debug)]
pub(super) struct Set {
    pub(super) name: String,
    pub(super) bounds: Vec<f64>,
}

/// The sets that more than one histogram has, named by their unit.
pub(super) fn share(metrics: &[DraftMetric]) -> Vec<Set> {
    let mut sets: Vec<Set> = Vec::new();
    for (index, metric) in metrics.iter().enumerate() {
        let mut later = metrics[index + 1..].iter();
        let known = sets.iter().any(|set| set.bounds == metric.bounds);
        if metric.bounds.is_empty() || known || !later.any(|other| other.bounds == metric.bounds) {
            continue;
        }
        let unit = if metric.unit == Unit::None {
            "plain"
        } else {
            metric.unit.name()
        };
        let mut names = (1..).map(|number| {
            if number == 1 {
                unit.to_owned()
            } else {
                format!("{unit}_{number}")
            }
        });
        let free = names.find(|name| sets.iter().all(|set| set.name != *name));
        sets.push(Set {
            name: free.expect("numbers do not end"),
            bounds: metric.bounds.clone(),
        });
    }
    sets
}

/// Bounds as a schema writes them.
pub(super) fn written(bounds: &[f64]) -> String {
    progression(bounds).unwrap_or_else(|| {
        let bounds: Vec<_> = bounds.iter().map(f64::to_string).collect();
        format!("[{}]", bounds.join(", "))
    })
}

/// The progression that makes exactly these bounds, if there is one.
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
    [linear, exponential].into_iter().find(|way| {
        // What it makes is for the compiler to say.
        let schema = format!(
            "format = 1\nnamespace = \"app\"\n[groups.some]\nhelp = \"B.\"\n[metrics.some.thing]\ntype = \"histogram\"\nhelp = \"C.\"\nbuckets = {way}\n"
        );
        let outcome = compile(Source::new("bounds", schema));
        let made = outcome.registry().and_then(|registry| registry.bucket_sets.first());
        made.is_some_and(|set| set.bounds == bounds)
    })
}

/// A step without what binary fractions leave of it.
fn rounded(number: f64) -> f64 {
    format!("{number:.9e}").parse().unwrap_or(number)
}
