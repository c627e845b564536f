//! Applies the fixes of problems to a schema's text. A fix is kept if it causes no more problems than it solves.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Serialize;
use shadowcat_metrics_authoring::edit::{Edit, edit};
use shadowcat_metrics_codegen::codes::errors;
use shadowcat_metrics_codegen::{Diagnostic, Files, Severity, Source, Version};
use shadowcat_metrics_operations::{Outcome, compile_files};

use crate::schema_files::Overlay;

/// Limit of rounds. Most schemas need two.
const MAX_ROUNDS: usize = 200;

/// A schema and the problems fixed in it.
#[derive(Debug)]
pub(crate) struct Fixed {
    /// The text before the fixes.
    pub(crate) original: Source,
    /// The fixed text, compiled.
    pub(crate) outcome: Outcome,
    pub(crate) repairs: Vec<Repair>,
}

/// One fixed problem, with its place in the text as it was.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Repair {
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
    pub(crate) message: String,
    pub(crate) file: String,
    /// Line in the text of its round, from 1.
    pub(crate) line: usize,
    pub(crate) column: usize,
    /// The text before and after the fix; may be empty.
    #[serde(rename = "was")]
    pub(crate) before: String,
    #[serde(rename = "now")]
    pub(crate) after: String,
}

/// Applies the fixes round by round, because one fixed mistake may uncover another.
pub(crate) fn fix(source: Source, files: Option<&dyn Files>, release: Option<&Version>) -> Fixed {
    let context = Context { files, release };
    let mut outcome = context.compile(source, BTreeMap::new());
    let original = outcome.source.clone();
    let mut repairs = Vec::new();
    // Keyed by text, because positions move.
    let mut refused = HashSet::new();
    for _ in 0..MAX_ROUNDS {
        let edits = edits(&outcome, &refused);
        if edits.is_empty() {
            break;
        }
        // Usually, all fixes can be applied at once. Otherwise, the first one that does no harm is applied alone.
        let after = applied(&outcome, &edits, context);
        if is_better(&outcome, &after) {
            repairs.extend(edits.iter().map(|edit| repair(&outcome, edit)));
            outcome = after;
            continue;
        }
        for edit in edits {
            let after = applied(&outcome, std::slice::from_ref(&edit), context);
            if is_better(&outcome, &after) {
                repairs.push(repair(&outcome, &edit));
                outcome = after;
                break;
            }
            refused.insert(identity(edit.0));
        }
    }
    Fixed {
        original,
        outcome,
        repairs,
    }
}

/// Returns the fixes of the problems in source order, without overlaps.
fn edits<'o>(
    outcome: &'o Outcome,
    refused: &HashSet<(&'static str, String)>,
) -> Vec<(&'o Diagnostic, Edit)> {
    // The replacement characters in the text must not overwrite the invalid bytes.
    if !outcome.source.invalid_utf8().is_empty() {
        return Vec::new();
    }
    // Errors first: a lint may rename an item that a misspelled reference means.
    let errors_only = outcome.report.has_errors();
    let problems = outcome.report.diagnostics().iter();
    let mut edits: Vec<_> = problems
        .filter(|problem| problem.severity == Severity::Error || !errors_only)
        .filter(|problem| !refused.contains(&identity(problem)))
        .filter_map(|problem| Some((problem, edit(problem.fix.as_ref()?, &outcome.source)?)))
        .collect();
    edits.sort_by_key(|(_, edit)| edit.span);
    let mut end = 0;
    edits.retain(|(_, edit)| {
        let free = edit.span.start >= end;
        if free {
            end = edit.span.end.max(edit.span.start + 1);
        }
        free
    });
    edits
}

fn applied(outcome: &Outcome, edits: &[(&Diagnostic, Edit)], context: Context<'_>) -> Outcome {
    let mut texts = outcome.source.files().map(|(name, file)| {
        let mut text = outcome.source.slice(file).to_owned();
        let here = |edit: &&(&Diagnostic, Edit)| {
            file.start <= edit.1.span.start && edit.1.span.end <= file.end
        };
        for (_, edit) in edits.iter().filter(here).rev() {
            let place = edit.span.start - file.start..edit.span.end - file.start;
            text.replace_range(place, &edit.replacement);
        }
        (name.to_owned(), text)
    });
    let Some((name, own)) = texts.next() else {
        return outcome.clone();
    };
    let included = texts.collect();
    context.compile(Source::new(name, own), included)
}

/// The inputs other than the text for compiling the schema in each round.
#[derive(Clone, Copy)]
struct Context<'c> {
    files: Option<&'c dyn Files>,
    release: Option<&'c Version>,
}

impl Context<'_> {
    /// Compiles a schema with different texts for some of its included files.
    fn compile(self, source: Source, texts: BTreeMap<String, String>) -> Outcome {
        let files = self.files.map(|files| Overlay { files, texts });
        let files = files.as_ref().map(|files| files as &dyn Files);
        compile_files(source, files, self.release)
    }
}

/// Compiles a schema with a different text for one of its files, by name.
pub(crate) fn compile_changed(
    source: &Source,
    (name, text): (&str, &str),
    files: Option<&dyn Files>,
) -> Outcome {
    let context = Context {
        files,
        release: None,
    };
    if name == source.name() {
        return context.compile(Source::new(name, text), BTreeMap::new());
    }
    let root = Source::new(source.name(), source.own_text());
    let texts = BTreeMap::from([(name.to_owned(), text.to_owned())]);
    context.compile(root, texts)
}

/// Returns whether a text is no worse than before: it is valid TOML and has no more errors of any code. Warnings only count
/// without errors, because errors stop the lints. No fix reverts another, so an equal number is progress.
fn is_better(before: &Outcome, after: &Outcome) -> bool {
    let (were, are) = (errors_by_code(before), errors_by_code(after));
    let of = |counts: &HashMap<_, usize>, code: &str| counts.get(code).copied().unwrap_or_default();
    let no_more_errors = are.iter().all(|(code, count)| *count <= of(&were, code));
    let warnings = |outcome: &Outcome| outcome.report.warnings().count();
    of(&are, errors::SYNTAX.id()) == 0
        && no_more_errors
        && (before.report.has_errors() || warnings(after) <= warnings(before))
}

fn errors_by_code(outcome: &Outcome) -> HashMap<&'static str, usize> {
    let mut counts = HashMap::new();
    for error in outcome.report.errors() {
        *counts.entry(error.code.id()).or_default() += 1;
    }
    counts
}

fn identity(problem: &Diagnostic) -> (&'static str, String) {
    (problem.code.id(), problem.message.clone())
}

fn repair(outcome: &Outcome, (problem, edit): &(&Diagnostic, Edit)) -> Repair {
    let position = outcome.source.position(problem.primary.start);
    let shown = |text: &str| text.trim().to_owned();
    Repair {
        code: problem.code.id(),
        name: problem.code.name(),
        message: problem.message.clone(),
        file: outcome.source.file_at(problem.primary.start).0.to_owned(),
        line: position.line,
        column: position.column,
        before: shown(outcome.source.slice(edit.span)),
        after: shown(&edit.replacement),
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;
    use proptest::sample::{Index, select};

    use super::*;

    const SLIPS: &str = include_str!("../tests/cli/fix/slips.toml");

    /// Returns a faulty schema with more faults: characters removed, doubled or replaced.
    fn worse(places: &[(Index, Option<char>)]) -> String {
        let mut text: Vec<char> = SLIPS.chars().collect();
        for (place, instead) in places {
            let at = place.index(text.len());
            match instead {
                Some(c) => text[at] = *c,
                None => drop(text.remove(at)),
            }
        }
        text.into_iter().collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn fixes_add_no_problems_and_are_idempotent(
            // Without `#`, so that no comment becomes part of the data.
            places in vec((any::<Index>(), option::of(select("az_\"'[],.é\n".chars().collect::<Vec<_>>()))), 0..12),
        ) {
            let text = worse(&places);
            let before = shadowcat_metrics_operations::compile(Source::new("t", &*text));
            let once = fix(Source::new("t", &*text), None, None);
            prop_assert!(once.outcome.report.errors().count() <= before.report.errors().count());
            let comments = |text: &str| text.matches('#').count();
            if before.report.errors().all(|error| error.code != errors::SYNTAX) {
                prop_assert_eq!(comments(once.outcome.source.text()), comments(&text));
            } else {
                prop_assert_eq!(once.outcome.source.text(), &*text);
            }
            let twice = fix(Source::new("t", once.outcome.source.text()), None, None);
            prop_assert_eq!(twice.outcome.source.text(), once.outcome.source.text());
            prop_assert!(twice.repairs.is_empty());
        }
    }
}
