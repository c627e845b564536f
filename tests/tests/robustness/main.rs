//! For any `metrics.toml`, the result is a report and never a panic, and the emitted code is valid Rust.

mod edits;
mod skeleton;

use edits::{edited, edits, pieces};
use proptest::collection::vec;
use proptest::prelude::*;
use shadowcat_metrics_authoring::edit::edit;
use shadowcat_metrics_authoring::{Style, render};
use shadowcat_metrics_codegen::Source;
use shadowcat_metrics_operations::{Options, Outcome, compile, documents};
use shadowcat_metrics_tests::schemas::{Taste, valid_schemas};

/// Runs the whole pipeline like the command does.
fn run(bytes: &[u8]) -> Outcome {
    let outcome = compile(Source::from_bytes("metrics.toml", bytes));
    let diagnostics = outcome.report.diagnostics();
    for problem in diagnostics {
        let position = outcome.source.position(problem.primary.start);
        let place = format!("metrics.toml:{}:{}", position.line, position.column);
        let plain = render(problem, &outcome.source, Style::Plain);
        assert!(plain.contains(problem.code.id()), "{plain}");
        assert!(plain.contains(&place), "not at {place}: {plain}");
        assert!(render(problem, &outcome.source, Style::Color).len() > plain.len());
        let fix = problem.fix.as_ref();
        if let Some(edit) = fix.and_then(|fix| edit(fix, &outcome.source)) {
            let text = outcome.source.text();
            assert!(
                text.get(edit.span.range()).is_some(),
                "{edit:?} cuts a character in two"
            );
        }
    }
    let positions = diagnostics.iter().map(|problem| problem.primary.start);
    assert!(
        positions.is_sorted(),
        "the problems are in the order of the file"
    );
    assert_eq!(outcome.registry().is_none(), outcome.report.has_errors());
    if let Some(schema) = outcome.schema() {
        for document in documents(schema, &Options::default()) {
            assert!(document.content.ends_with('\n'), "{}", document.path);
        }
    }
    skeleton::assert_is_rust(&outcome);
    outcome
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn bytes(bytes in vec(any::<u8>(), 0..200)) {
        run(&bytes);
    }

    #[test]
    fn fragments(fragments in vec(pieces(), 0..40)) {
        run(&fragments.concat());
    }

    #[test]
    fn changed_schemas(schema in valid_schemas(Taste::Lax), edits in vec(edits(), 1..6)) {
        run(&edited(&schema, &edits));
    }

    #[test]
    fn valid_schemas_have_no_errors(schema in valid_schemas(Taste::Lax)) {
        let outcome = run(schema.0.as_bytes());
        let errors = outcome.report.errors().map(|error| render(error, &outcome.source, Style::Plain));
        prop_assert_eq!(errors.collect::<Vec<_>>(), Vec::<String>::new());
    }
}

/// Many edited schemas are still valid TOML; otherwise the test would only cover syntax errors.
#[test]
fn changed_schemas_are_often_valid_toml() {
    use proptest::strategy::ValueTree as _;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let strategy = (valid_schemas(Taste::Lax), vec(edits(), 1..6));
    let meaningful = (0..100).filter(|_| {
        let (schema, edits) = strategy
            .new_tree(&mut runner)
            .expect("nothing is rejected")
            .current();
        let outcome = run(&edited(&schema, &edits));
        outcome
            .report
            .errors()
            .all(|error| error.code.name() != "syntax")
    });
    let count = meaningful.count();
    assert!(count > 10, "only {count} of 100");
}

/// CRLF line ends change nothing but offsets.
#[test]
fn newlines_do_not_change_meaning() {
    let schema = include_str!("../../golden/everything.toml");
    let other = compile(Source::new("metrics.toml", schema.replace('\n', "\r\n")));
    let one = compile(Source::new("metrics.toml", schema));
    let options = Options::default();
    assert_eq!(
        documents(one.skeleton(), &options),
        documents(other.skeleton(), &options)
    );
}
