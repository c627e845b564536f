//! Any bytes result in a report and a consistent skeleton, and never in a panic.

use std::fmt::Write as _;

use proptest::prelude::*;
use shadowcat_metrics_authoring::{Style, compile, render};
use shadowcat_metrics_codegen::{Outcome, Source};

use super::skeleton::assert_emittable;

const VALID: &str = include_str!("../fixtures/frontend_model.toml");
const INVALID: &str = include_str!("../fixtures/many_problems.toml");

/// Compiles and renders everything, and checks the invariants that outputs rely on.
fn survive(bytes: &[u8]) -> Outcome {
    let outcome = compile(Source::from_bytes("metrics.toml", bytes));
    for problem in outcome.report.diagnostics() {
        for style in [Style::Plain, Style::Color] {
            assert!(!render(problem, &outcome.source, style).is_empty());
        }
        assert!(!problem.message.contains(char::is_control), "{problem:?}");
        assert!(!problem.label.contains(char::is_control), "{problem:?}");
    }
    assert_emittable(outcome.skeleton());
    outcome
}

#[test]
fn fixtures_survive() {
    survive(VALID.as_bytes());
    survive(INVALID.as_bytes());
}

#[test]
fn deep_and_long_input_survives() {
    let deep = [
        "a=".to_owned() + &"[".repeat(10_000),
        "a=".to_owned() + &"{a=".repeat(10_000),
        "[".to_owned() + &"a.".repeat(10_000) + "a]",
        // Nested brackets and dots, each within the parser's limit.
        format!(
            "a={}1{}",
            ("{".to_owned() + &"a.".repeat(70) + "a=").repeat(70),
            "}".repeat(70)
        ),
        format!("labels.{}.help = 1", "a".repeat(1 << 16)),
        format!("format = {}", "9".repeat(1 << 16)),
        format!("buckets.x = [{}]", "1,".repeat(10_000)),
        format!("[groups.x]\nlabels = [{}]", "\"y\",".repeat(1_000)),
        (0..300)
            .flat_map(|n| ["[labels.a_", "[labels.a"].map(|head| format!("{head}{n}]\n")))
            .collect(),
        "\u{0}\u{feff}\r\r\n\"\"\"".to_owned(),
    ];
    for schema in deep {
        survive(schema.as_bytes());
    }
}

/// Takes minutes if each duplicate is looked for in the whole file.
#[test]
fn tens_of_thousands_of_duplicate_tables() {
    let mut schema = String::new();
    for number in (0..10_000).chain(0..10_000) {
        let _ = writeln!(schema, "[labels.a{number}]");
    }
    let outcome = compile(Source::from_bytes("metrics.toml", schema.as_bytes()));
    assert_eq!(outcome.report.diagnostics().len(), 10_000);
}

proptest! {
    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        survive(&bytes);
    }

    /// Text that looks like TOML reaches more code than random bytes.
    #[test]
    fn any_toml_like_text(text in r#"([a-z_.]{1,8}|[\[\]{}=,"'#\n\r\t -]|[0-9._+-]{1,6}|é|日|format = 1\n|\[metrics\.a\.b\]\n|\[labels\.x\]\n){0,60}"#) {
        survive(text.as_bytes());
    }

    /// A random edit somewhere in a schema.
    #[test]
    fn any_mutation(
        valid in any::<bool>(),
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), 0_usize..12, proptest::collection::vec(any::<u8>(), 0..6)), 1..5),
    ) {
        let mut bytes = if valid { VALID } else { INVALID }.as_bytes().to_vec();
        for (at, length, with) in cuts {
            let start = at.index(bytes.len());
            let end = (start + length).min(bytes.len());
            bytes.splice(start..end, with);
        }
        survive(&bytes);
    }

    /// Shuffled, repeated and omitted lines, so that keys end up in the wrong tables.
    #[test]
    fn any_lines(picks in proptest::collection::vec((any::<bool>(), any::<prop::sample::Index>()), 0..60)) {
        let lines = |text: &'static str| text.lines().collect::<Vec<_>>();
        let (valid, invalid) = (lines(VALID), lines(INVALID));
        let pick = |(from, at): (bool, prop::sample::Index)| *at.get(if from { &valid } else { &invalid });
        let schema = picks.into_iter().map(pick).collect::<Vec<_>>().join("\n");
        survive(schema.as_bytes());
    }
}
