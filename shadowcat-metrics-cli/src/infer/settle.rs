//! Compiles the draft and fixes the reported problems, until there are none.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use shadowcat_metrics_authoring::compile;
use shadowcat_metrics_authoring::lint::{self, allows::NEEDLESS_ALLOW};
use shadowcat_metrics_authoring::series::proposed_budget;
use shadowcat_metrics_codegen::codes::errors;
use shadowcat_metrics_codegen::language::SERIES_BUDGET_LIMIT;
use shadowcat_metrics_codegen::model::{Registry, Unit};
use shadowcat_metrics_codegen::{Diagnostic, Source, series};
use shadowcat_metrics_conformance::{Code, Expected, Options, Page, conforms};

use super::write::{Part, share_buckets, write};
use super::{Draft, DraftLabel, DraftMetric};

/// Maximum number of turns. In the second half, a metric with a problem is removed at once.
const TURNS: usize = 24;

/// Fixes the draft until it compiles without errors or warnings.
pub(super) fn settle(draft: &mut Draft, page: &Page) -> Result<(), String> {
    draft.budget = SERIES_BUDGET_LIMIT;
    let mut unshared = Vec::new();
    let mut reason = String::new();
    for turn in 0..TURNS {
        if draft.metrics.is_empty() {
            return Err("a schema can have none of its metrics".to_owned());
        }
        let written = write(draft, "");
        let outcome = compile(Source::new("proposal", written.text));
        let problems = outcome.report.diagnostics();
        let Some(first) = problems.first() else {
            if require_fewer_series(draft, page, outcome.skeleton()) {
                continue;
            }
            draft.budget = proposed_budget(outcome.skeleton());
            if !unshared.is_empty() {
                share_again(draft);
            }
            return Ok(());
        };
        reason.clone_from(&first.message);
        let mut fixes = Fixes::default();
        for problem in problems {
            let at = problem.primary.start;
            let found = written.parts.partition_point(|(range, _)| range.end <= at);
            let part = written
                .parts
                .get(found)
                .filter(|(range, _)| range.contains(&at));
            if problem.code == errors::OVER_BUDGET {
                shrink(draft, outcome.skeleton(), problem, &mut fixes);
            } else if let Some((_, part)) = part {
                let is_lint = lint::all().any(|lint| lint.code == problem.code);
                let lint = problem.code.name();
                if is_lint
                    && problem.code != NEEDLESS_ALLOW
                    && allow(draft, *part, lint, &mut fixes)
                {
                    fixes.changed = true;
                } else if fixes.parts.insert(*part) {
                    fix(draft, *part, problem, turn >= TURNS / 2, &mut fixes);
                }
            }
        }
        if !fixes.changed && fixes.gone.is_empty() && fixes.unshared.is_empty() {
            break;
        }
        unshared.append(&mut fixes.unshared);
        let mut place = 0;
        draft.metrics.retain(|_| {
            place += 1;
            !fixes.gone.contains_key(&(place - 1))
        });
        draft.notes.extend(fixes.gone.into_values());
        draft.sets = share_buckets(&draft.metrics, &unshared);
    }
    Err(reason)
}

/// Shares bounds again that metrics had to define themselves, if the problem is gone: their units may have been dropped.
fn share_again(draft: &mut Draft) {
    let sets = share_buckets(&draft.metrics, &[]);
    let sets = std::mem::replace(&mut draft.sets, sets);
    let outcome = compile(Source::new("proposal", write(draft, "").text));
    if !outcome.report.diagnostics().is_empty() {
        draft.sets = sets;
    }
}

/// The changes of one turn.
#[derive(Debug, Default)]
struct Fixes {
    /// Parts with a fixed problem. Their other problems may have disappeared, too.
    parts: BTreeSet<Part>,
    /// Lints newly allowed for parts.
    allowed: BTreeSet<(Part, &'static str)>,
    /// Metrics to remove, with a note.
    gone: BTreeMap<usize, String>,
    /// Bounds that metrics must define themselves.
    unshared: Vec<Vec<f64>>,
    /// Whether the draft changed in another way.
    changed: bool,
}

/// Allows a lint for a part. Returns false if an earlier turn did so without effect.
fn allow(draft: &mut Draft, part: Part, lint: &'static str, fixes: &mut Fixes) -> bool {
    let is_new = match part {
        Part::Label(index) => draft.labels[index].allow.insert(lint),
        Part::Group(index) => draft.groups[index].allow.insert(lint),
        Part::Metric(index) => draft.metrics[index].allow.insert(lint),
        Part::Set(_) | Part::Sum(_) => return false,
    };
    if is_new {
        fixes.allowed.insert((part, lint));
    }
    fixes.allowed.contains(&(part, lint))
}

/// Reduces the number of series to fit the budget: first by limiting the open labels of the largest metric to the values seen,
/// then all open labels, and last by removing the metrics with the most values.
fn shrink(draft: &mut Draft, registry: &Registry, problem: &Diagnostic, fixes: &mut Fixes) {
    fixes.changed = true;
    let metrics = registry.metrics.iter();
    let lines: HashMap<_, _> = metrics
        .map(|metric| (metric.exposed.as_str(), series::lines(registry, metric)))
        .collect();
    let lines: Vec<_> = draft
        .metrics
        .iter()
        .map(|metric| lines.get(metric.exposed.as_str()).copied().unwrap_or(1))
        .collect();
    let places = draft.label_places();
    let size = |draft: &Draft, metric: usize| {
        let sums: Vec<_> = draft.sums_of(&draft.metrics[metric]).collect();
        let optional = &draft.metrics[metric].optional;
        let size = |label: &String| {
            let label = places.get(label).map(|place| &draft.labels[*place]);
            label.map_or(1, |label| {
                label.size() + u64::from(optional.contains(&label.name))
            })
        };
        let labels = draft.metrics[metric].labels.iter();
        let labels = labels.filter(|label| !sums.iter().any(|sum| sum.has(label)));
        let of_sums = sums.iter().map(|sum| sum.count(&size));
        let factors = labels.map(size).chain(of_sums);
        factors.fold(lines[metric], u64::saturating_mul)
    };
    let largest = (0..draft.metrics.len()).max_by_key(|metric| size(draft, *metric));
    let of_largest = largest.map_or(&[][..], |metric| &draft.metrics[metric].labels);
    let of_largest: BTreeSet<_> = of_largest
        .iter()
        .filter_map(|label| places.get(label).copied())
        .collect();
    let is_loose = |label: &DraftLabel| !label.closed && !label.has_no_reserve;
    let loose_in_largest = of_largest
        .iter()
        .any(|place| is_loose(&draft.labels[*place]));
    if loose_in_largest || draft.labels.iter().any(is_loose) {
        for (place, label) in draft.labels.iter_mut().enumerate() {
            label.has_no_reserve |= !loose_in_largest || of_largest.contains(&place);
        }
        return;
    }
    // The number of series if the metric's values were the only ones.
    let own = |metric: &DraftMetric| {
        let values = metric
            .values
            .iter()
            .map(|(_, values)| values.len() as u64 + 1);
        values.fold(1, u64::saturating_mul)
    };
    let mut order: Vec<_> = (0..draft.metrics.len()).collect();
    order.sort_by_key(|metric| {
        std::cmp::Reverse((own(&draft.metrics[*metric]), size(draft, *metric)))
    });
    // Each further removal makes the rest smaller, because the removed metric's values no longer count.
    let numbers: Vec<_> = (1..order.len()).collect();
    let too_few = numbers.partition_point(|number| {
        draft.count_values(&order[*number..]);
        let left = order[*number..].iter();
        let total = left.fold(0, |total: u64, metric| {
            total.saturating_add(size(draft, *metric))
        });
        total > SERIES_BUDGET_LIMIT
    });
    let (gone, left) = order.split_at(too_few + 1);
    for metric in gone {
        leave_out(draft, *metric, &problem.message, fixes);
    }
    draft.count_values(left);
}

fn leave_out(draft: &Draft, place: usize, reason: &str, fixes: &mut Fixes) {
    let name = &draft.metrics[place].exposed;
    fixes
        .gone
        .entry(place)
        .or_insert_with(|| format!("`{name}` is left out: {reason}"));
}

/// Fixes one problem of a part.
fn fix(draft: &mut Draft, part: Part, problem: &Diagnostic, is_late: bool, fixes: &mut Fixes) {
    let is_needless = problem.code == NEEDLESS_ALLOW && !is_late;
    match part {
        Part::Label(index) => {
            let label = &mut draft.labels[index];
            if is_needless {
                label.allow.clear();
            } else if label.closed && !label.is_states {
                label.closed = false;
                let name = label.name.clone();
                draft.drop_sums_of(&name);
            } else {
                leave_out_label(draft, index, problem, fixes);
            }
        }
        // The diagnostics of the metrics that use the set can separate a fault of the bounds from one of the unit.
        Part::Set(index) => {
            fixes.unshared.push(draft.sets[index].bounds.clone());
            return;
        }
        Part::Sum(index) => draft.drop_sum(index),
        Part::Group(index) => {
            let group = &mut draft.groups[index];
            if is_needless {
                group.allow.clear();
            } else {
                let old = std::mem::take(&mut group.name);
                group.name = format!("{old}_group");
                for metric in draft
                    .metrics
                    .iter_mut()
                    .filter(|metric| metric.group == old)
                {
                    metric.group.clone_from(&group.name);
                }
            }
        }
        Part::Metric(index) => {
            let metric = &mut draft.metrics[index];
            if is_needless {
                metric.allow.clear();
            } else if problem.code == errors::MISPLACED_KEY && metric.has_exemplars {
                metric.has_exemplars = false;
                draft.notes.push(format!(
                    "`{}` loses its exemplars: {}",
                    metric.exposed, problem.message
                ));
            } else if is_of_native(problem) && metric.native.take().is_some() {
                draft.notes.push(format!(
                    "`{}` loses its native buckets: {}",
                    metric.exposed, problem.message
                ));
            } else if metric.unit == Unit::None || is_late {
                leave_out(draft, index, &problem.message, fixes);
                return;
            } else {
                // The unit may be too coarse for the bounds or values.
                metric.unit = Unit::None;
                metric.unit_lost = Some(problem.message.clone());
            }
        }
    }
    fixes.changed = true;
}

/// Changes the metrics whose schema requires series that the page lacks, and returns whether there are any. Sum labels become
/// optional labels first. Labels of metrics without them become open.
fn require_fewer_series(draft: &mut Draft, page: &Page, registry: &Registry) -> bool {
    let expected = Expected::new(registry, None);
    let lacking: BTreeSet<_> = conforms(page, &expected, &Options::default())
        .into_iter()
        .filter(|finding| finding.code == Code::MISSING_SERIES)
        .map(|finding| finding.family)
        .collect();
    let mut changed = false;
    for place in 0..draft.metrics.len() {
        let metric = &draft.metrics[place];
        // The states on a page are all states.
        if !lacking.contains(&metric.exposed) || metric.states.is_some() {
            continue;
        }
        let labels = metric.labels.clone();
        if let Some(sum) = metric.sums.first() {
            draft.drop_sum_from(*sum, place);
            changed = true;
            continue;
        }
        for label in labels {
            let mut known = draft.labels.iter_mut();
            let closed = known.find(|it| it.name == label && it.closed && !it.is_states);
            if let Some(known) = closed {
                known.closed = false;
                draft.drop_sums_of(&label);
                changed = true;
            }
        }
    }
    changed
}

/// Returns whether a problem is one of native buckets.
fn is_of_native(problem: &Diagnostic) -> bool {
    [
        errors::INVALID_NATIVE_FACTOR,
        errors::INVALID_NATIVE_RANGE,
        errors::TOO_MANY_NATIVE_BUCKETS,
    ]
    .contains(&problem.code)
}

/// Removes a label, or the metrics whose states it has.
fn leave_out_label(draft: &mut Draft, index: usize, problem: &Diagnostic, fixes: &mut Fixes) {
    let label = &draft.labels[index];
    let name = label.name.clone();
    if label.is_states {
        let is_of = |place: &usize| draft.metrics[*place].states.as_ref() == Some(&name);
        let places: Vec<_> = (0..draft.metrics.len()).filter(is_of).collect();
        for place in places {
            leave_out(draft, place, &problem.message, fixes);
        }
        return;
    }
    let note = format!(
        "the label `{}` is left out: {}",
        label.called, problem.message
    );
    draft.notes.push(note);
    draft.drop_sums_with(&name);
    for metric in &mut draft.metrics {
        metric.labels.retain(|label| *label != name);
    }
    for group in &mut draft.groups {
        group.labels.retain(|label| *label != name);
    }
}
