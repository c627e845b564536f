//! `near-duplicate-name`: two metrics of a group whose keys are a slip, a plural or the order of words apart.

use std::collections::HashMap;

use super::finding::{Finding, Item, metrics};
use super::words::{bag, words};
use crate::model::{GroupId, MetricId, Origin, Registry};

/// Shorter words that differ by a letter are different words: `hits` and `bits`, `sent` and `send`.
const SHORTEST: usize = 6;

pub(super) fn check(registry: &Registry, findings: &mut Vec<Finding>) {
    let mut bags: HashMap<(GroupId, Vec<String>), MetricId> = HashMap::new();
    let mut slips: HashMap<(GroupId, String), Vec<MetricId>> = HashMap::new();
    for (id, metric) in metrics(registry) {
        // What replaces a deprecated metric is often called nearly the same.
        if metric.origin == Origin::Library || metric.deprecated.is_some() {
            continue;
        }
        let bag = bag(words(&metric.key));
        if bag.is_empty() {
            continue;
        }
        let variants = variants(&metric.key);
        let same_words = bags.get(&(metric.group, bag.clone())).copied();
        let near = same_words.or_else(|| {
            let candidates = variants
                .iter()
                .filter_map(|variant| slips.get(&(metric.group, variant.clone())))
                .flatten();
            let mut near = candidates
                .copied()
                .filter(|other| is_slip(&metric.key, &registry.metrics[other.0].key));
            near.next()
        });
        if let Some(near) = near {
            let other = &registry.metrics[near.0];
            let message = format!(
                "the keys `{}` and `{}` are nearly the same",
                other.key, metric.key
            );
            let finding = Finding::new(Item::Metric(id), metric.spans.key, message, "and this");
            findings.push(finding.secondary(other.spans.key, "there is this").help(
                "make them one metric, with a label if need be, or let their keys say what sets them apart",
            ));
        }
        bags.entry((metric.group, bag)).or_insert(id);
        for variant in variants {
            slips.entry((metric.group, variant)).or_default().push(id);
        }
    }
}

/// The key with one letter of one long word left out, for each such letter, and whole: keys one edit apart share one.
fn variants(key: &str) -> Vec<String> {
    let mut variants = Vec::new();
    let mut start = 0;
    for word in key.split('_') {
        if word.len() >= SHORTEST {
            // Keys are ASCII, whatever was written.
            let letters = start..start + word.len();
            variants.extend(letters.map(|at| [&key[..at], &key[at + 1..]].concat()));
        }
        start += word.len() + 1;
    }
    if !variants.is_empty() {
        variants.push(key.to_owned());
    }
    variants.sort_unstable();
    variants.dedup();
    variants
}

/// Whether two keys differ by one slip in one long word. `http1` and `http2` differ on purpose.
fn is_slip(key: &str, other: &str) -> bool {
    let mut pairs = key
        .split('_')
        .zip(other.split('_'))
        .filter(|(one, two)| one != two);
    let (Some((one, two)), None) = (pairs.next(), pairs.next()) else {
        return false;
    };
    let digits = |word: &str| word.bytes().any(|byte| byte.is_ascii_digit());
    key.split('_').count() == other.split('_').count()
        && one.len().min(two.len()) >= SHORTEST
        && !digits(one)
        && !digits(two)
        && strsim::damerau_levenshtein(one, two) == 1
}
