//! Every lint reports its wrong example and nothing else in it, and does not report its right example.

use shadowcat_metrics_authoring::codes::Explain as _;
use shadowcat_metrics_authoring::lint;
use shadowcat_metrics_authoring::{Style, compile, render};
use shadowcat_metrics_codegen::{Outcome, Source};

fn compiled(schema: &str) -> Outcome {
    compile(Source::new("metrics.toml", schema))
}

fn rendered(outcome: &Outcome) -> String {
    let problems = outcome.report.diagnostics().iter();
    problems
        .map(|problem| render(problem, &outcome.source, Style::Plain))
        .collect::<Vec<_>>()
        .join("\n\n")
}

#[test]
fn codes_are_in_order() {
    let ids: Vec<_> = lint::all().map(|lint| lint.code.id()).collect();
    assert!(ids.is_sorted(), "{ids:?}");
}

#[test]
fn wrong_examples_are_reported() {
    for lint in lint::all() {
        let outcome = compiled(&lint.code.wrong());
        let found = outcome
            .report
            .diagnostics()
            .iter()
            .find(|problem| problem.code == lint.code);
        let found =
            found.unwrap_or_else(|| panic!("{:?} is silent on\n{}", lint.code, lint.code.wrong()));
        assert_eq!(found.severity, lint.severity, "{:?}", lint.code);
        assert!(
            found.help.is_some(),
            "{:?} says how to mend or allow it",
            lint.code
        );
    }
}

#[test]
fn right_examples_are_clean() {
    for lint in lint::all() {
        let outcome = compiled(&lint.code.right());
        assert!(
            outcome.report.diagnostics().is_empty(),
            "{:?}:\n{}",
            lint.code,
            rendered(&outcome)
        );
    }
}

#[test]
fn messages() {
    let messages = lint::all().map(|lint| rendered(&compiled(&lint.code.wrong())));
    let messages = messages.collect::<Vec<_>>().join("\n\n\n");
    insta::assert_snapshot!(messages);
}
