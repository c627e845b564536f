//! `unit-abbreviation`: an abbreviated unit as a word of the name.

use super::finding::{Finding, metrics};
use crate::model::Registry;

/// With the unit each stands for, as the schema calls it, where it has that unit.
const ABBREVIATIONS: [(&str, &str); 14] = [
    ("s", "seconds"),
    ("ms", "seconds"),
    ("us", "seconds"),
    ("ns", "seconds"),
    ("sec", "seconds"),
    ("b", "bytes"),
    ("kb", "bytes"),
    ("mb", "bytes"),
    ("gb", "bytes"),
    ("tb", "bytes"),
    ("pb", "bytes"),
    ("m", "meters"),
    ("h", "seconds"),
    ("d", "seconds"),
];

pub(super) fn check(registry: &Registry, findings: &mut Vec<Finding>) {
    for (id, metric) in metrics(registry) {
        // One finding a name, as promtool makes one: they would all be mended together.
        let found = ABBREVIATIONS
            .iter()
            .find(|(word, _)| has_inner_word(&metric.exposed, word));
        if let Some((word, unit)) = found {
            let message = format!(
                "`{}` has the abbreviated unit `{word}` in its name",
                metric.exposed
            );
            let label = format!("expected a name without `{word}`");
            let help =
                format!("if it is a unit, write `unit = \"{unit}\"` instead, and record in {unit}");
            findings.push(Finding::exposed_name(id, metric, message, label).help(help));
        }
    }
}

/// Whether `word` stands between underscores in a name, or behind the last, in any case. promtool does not look at a
/// name's first word, so neither do the lints that follow it: a namespace may be called `d`.
pub(super) fn has_inner_word(name: &str, word: &str) -> bool {
    name.split('_')
        .skip(1)
        .any(|part| part.eq_ignore_ascii_case(word))
}
