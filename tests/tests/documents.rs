//! Checks the documents: schemas in hand-written pages compile, and generated pages about messages are up to date.
//!
//! After an intended change of a code, run `UPDATE_EXPECT=1 cargo test -p shadowcat-metrics-tests --test documents`.

use expect_test::expect_file;
use shadowcat_metrics_authoring::code_pages::emit_lints;
use shadowcat_metrics_authoring::{Style, render};
use shadowcat_metrics_codegen::Source;
use shadowcat_metrics_codegen::model::Kind;
use shadowcat_metrics_operations::codes::emit_errors;
use shadowcat_metrics_operations::compile;

#[test]
fn every_schema_in_the_schema_reference_compiles() {
    let page = include_str!("../../docs/schema.md");
    let schemas: Vec<_> = page
        .split("```toml\n")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once("\n```")?.0))
        .collect();
    assert!(
        schemas.len() >= 5,
        "only {} schemas were found",
        schemas.len()
    );
    for schema in schemas {
        let outcome = compile(Source::new("schema.md", schema));
        let problems: Vec<_> = outcome
            .report
            .diagnostics()
            .iter()
            .map(|problem| render(problem, &outcome.source, Style::Plain))
            .collect();
        assert!(problems.is_empty(), "{}", problems.join("\n"));
    }
}

#[test]
fn every_kind_is_in_the_schema_reference() {
    let page = include_str!("../../docs/schema.md");
    for kind in Kind::each() {
        let spec = kind.spec();
        let start = format!("| `{}` | ", spec.name);
        let row = page.lines().find(|line| line.starts_with(&start));
        let row = row.unwrap_or_else(|| panic!("no row for `{}`", spec.name));
        let cells: Vec<_> = row.split(" | ").collect();
        assert!(cells[2].starts_with(spec.text_type), "{row}");
        assert!(cells[3].starts_with(spec.open_metrics_type), "{row}");
    }
}

#[test]
fn every_kind_is_in_the_lists_of_kinds() {
    let errors = emit_errors();
    let sections = errors.split("\n## ");
    let unknown_kind = sections.filter(|section| section.starts_with("SM0101\n"));
    let texts = [
        include_str!("../../docs/guide/opentelemetry.md"),
        include_str!("../../shadowcat-metrics/src/lib.rs"),
        unknown_kind.last().expect("SM0101 has a section"),
    ];
    for kind in Kind::each() {
        let name = format!("`{}`", kind.name());
        for text in texts {
            assert!(text.contains(&name), "{name} is missing in: {text}");
        }
    }
}

#[test]
fn pages_about_messages_are_up_to_date() {
    expect_file!["../../docs/errors.md"].assert_eq(&emit_errors());
    expect_file!["../../docs/lints.md"].assert_eq(&emit_lints());
}

#[test]
fn every_example_is_shown_with_its_message() {
    for page in [emit_errors(), emit_lints()] {
        let sections = page.split("\n## ").skip(1);
        for section in sections.filter(|section| section.contains("\nWrong:\n")) {
            let id = section.lines().next().unwrap_or_default();
            // The wrong examples of SM0921 to SM0924 need a registry of Weaver. The tests of the operations crate check them.
            if ("SM0921"..="SM0924").contains(&id) {
                continue;
            }
            assert!(section.contains(&format!("[{id}]: ")), "{section}");
        }
    }
}

/// How the text at the caret begins if it says what to do. Other texts need a `help` that says it.
const ADVICE: [&str; 9] = [
    "expected ",
    "did you mean ",
    "remove ",
    "delete ",
    "rename ",
    "move ",
    "write ",
    "begin ",
    "fix ",
];

#[test]
fn every_message_says_what_to_do() {
    for page in [emit_errors(), emit_lints()] {
        for message in page.split("```text\n").skip(1) {
            let message = message.split("\n```").next().unwrap_or_default();
            for message in message.split("\n\n") {
                let label = message.lines().find_map(|line| line.rsplit_once("^ "));
                let label = label.map(|(_, label)| label).unwrap_or_default();
                let help = message.split_once("= help: ").map(|(_, help)| help);
                let has_help = help.is_some_and(|help| !help.starts_with("to keep it, "));
                let has_advice = ADVICE.iter().any(|advice| label.starts_with(advice));
                assert!(has_help || has_advice, "{message}");
            }
        }
    }
}
