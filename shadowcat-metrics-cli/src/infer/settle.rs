//! Has the draft compiled, and mends what the compiler does not like, until it likes it all.

use shadowcat_metrics_codegen::language::SERIES_BUDGET_LIMIT;
use shadowcat_metrics_codegen::lint::{LINTS, allows::NEEDLESS_ALLOW};
use shadowcat_metrics_codegen::model::Unit;
use shadowcat_metrics_codegen::{Diagnostic, Source, compile, series};

use super::write::{Part, write};
use super::{Draft, buckets};

/// Mends the draft until it compiles without a word.
pub(super) fn settle(draft: &mut Draft) -> Result<(), String> {
    draft.budget = SERIES_BUDGET_LIMIT;
    // Each turn takes something away or allows something, so they end.
    let turns = 8 + 4 * (draft.metrics.len() + draft.labels.len() + draft.groups.len());
    for _ in 0..turns {
        let written = write(draft, "");
        let outcome = compile(Source::new("proposal", written.text));
        let problems = outcome.report.diagnostics();
        if problems.is_empty() {
            // What there is, and as much again, in a round number.
            let total = series::total(outcome.skeleton());
            draft.budget = (total * 2)
                .div_ceil(1000)
                .saturating_mul(1000)
                .min(SERIES_BUDGET_LIMIT);
            return Ok(());
        }
        let part = |problem: &Diagnostic| {
            let at = problem.primary.start;
            let found = written.parts.iter().find(|(range, _)| range.contains(&at));
            found.map(|(_, part)| *part)
        };
        let mut gone = Vec::new();
        let mut mended = Vec::new();
        for problem in problems {
            let Some(part) = part(problem) else {
                if problems.len() == 1 {
                    return Err(problem.message.clone());
                }
                continue;
            };
            let allowable = LINTS.iter().any(|lint| lint.code == problem.code)
                && problem.code != NEEDLESS_ALLOW;
            if allowable {
                allow(draft, part, problem.code.name());
            } else if !mended.contains(&part) {
                mended.push(part);
                mend(draft, part, problem, &mut gone);
            }
        }
        remove(draft, gone);
        if draft.metrics.is_empty() {
            return Err("none of its metrics can be said in a schema".to_owned());
        }
    }
    Err("the names on the page contradict each other".to_owned())
}

fn allow(draft: &mut Draft, part: Part, lint: &'static str) {
    match part {
        Part::Label(index) => draft.labels[index].allow.insert(lint),
        Part::Group(index) => draft.groups[index].allow.insert(lint),
        Part::Metric(index) => draft.metrics[index].allow.insert(lint),
    };
}

/// Mends one part of one problem; what cannot be mended goes.
fn mend(draft: &mut Draft, part: Part, problem: &Diagnostic, gone: &mut Vec<usize>) {
    let needless = problem.code == NEEDLESS_ALLOW;
    match part {
        Part::Label(index) => {
            let label = &mut draft.labels[index];
            let name = label.name.clone();
            if needless {
                label.allow.clear();
            } else if label.closed
                && !draft
                    .metrics
                    .iter()
                    .any(|metric| metric.states.as_ref() == Some(&name))
            {
                label.closed = false;
            } else {
                draft.notes.push(format!(
                    "the label `{}` is left out: {}",
                    label.called, problem.message
                ));
                for metric in &mut draft.metrics {
                    metric.labels.retain(|label| *label != name);
                }
                for group in &mut draft.groups {
                    group.labels.retain(|label| *label != name);
                }
                gone.extend(
                    (0..draft.metrics.len())
                        .filter(|metric| draft.metrics[*metric].states.as_ref() == Some(&name)),
                );
            }
        }
        Part::Group(index) => {
            let group = &mut draft.groups[index];
            if needless {
                group.allow.clear();
                return;
            }
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
        Part::Metric(index) => {
            let metric = &mut draft.metrics[index];
            if needless {
                metric.allow.clear();
            } else if metric.unit == Unit::None {
                draft.notes.push(format!(
                    "`{}` is left out: {}",
                    metric.exposed, problem.message
                ));
                gone.push(index);
            } else {
                // Bounds or values may be finer than the unit allows.
                draft.notes.push(format!(
                    "`{}` is without its unit: {}",
                    metric.exposed, problem.message
                ));
                metric.unit = Unit::None;
            }
        }
    }
}

fn remove(draft: &mut Draft, mut gone: Vec<usize>) {
    gone.sort_unstable();
    gone.dedup();
    for index in gone.iter().rev() {
        draft.metrics.remove(*index);
    }
    if !gone.is_empty() {
        draft.sets = buckets::share(&draft.metrics);
    }
}
