//! Complete rendered messages.

use std::fmt::Write as _;

use shadowcat_metrics_authoring::{Style, compile, render};
use shadowcat_metrics_codegen::Source;

fn rendered(schema: &str, style: Style) -> String {
    let outcome = compile(Source::new("metrics.toml", schema));
    let diagnostics = outcome.report.diagnostics().iter();
    let messages: Vec<_> = diagnostics
        .map(|diagnostic| render(diagnostic, &outcome.source, style))
        .collect();
    messages.join("\n\n")
}

#[test]
fn many_problems_in_one_run() {
    insta::assert_snapshot!(rendered(
        include_str!("../fixtures/many_problems.toml"),
        Style::Plain
    ));
}

#[test]
fn several_syntax_errors_and_nothing_else() {
    let schema = include_str!("../fixtures/syntax_errors.toml");
    insta::assert_snapshot!(rendered(schema, Style::Plain));
}

#[test]
fn over_budget_shows_the_products() {
    insta::assert_snapshot!(rendered(
        include_str!("../fixtures/over_budget.toml"),
        Style::Plain
    ));
}

#[test]
fn no_message_shows_a_saturated_number_of_series() {
    let mut schema = "format = 1\nnamespace = \"app\"\n".to_owned();
    let keys: Vec<_> = (0..20).map(|number| format!("x{number}")).collect();
    for key in &keys {
        let _ = writeln!(
            schema,
            "labels.{key} = {{ help = \"X.\", open = {{ max = 1000 }} }}"
        );
    }
    let _ = writeln!(
        schema,
        "groups.g.help = \"G.\"\nmetrics.g.a = {{ type = \"counter\", labels = {keys:?}, help = \"A.\" }}"
    );
    let messages = rendered(&schema, Style::Plain);
    for expected in [
        "the schema allows more than 10^19 series, over the budget of 10000\n",
        "the largest: more than 10^19 series = 1001 `x0` x 1001 `x1` x ",
    ] {
        assert!(messages.contains(expected), "{messages}");
    }
}

#[test]
fn places_that_are_far_apart_have_an_excerpt_each() {
    let table = "[labels.a]\nhelp = \"A.\"\nvalues = [\"x\"]\n";
    let [near, far] = [500, 5_000].map(|lines| {
        let schema = [table, &"\n".repeat(lines), table].concat();
        rendered(&schema, Style::Plain)
    });
    let second = "already declared above\n";
    assert!(
        near.contains("  1 | [labels.a]\n    | ---------- the first one\n...\n504 | [labels.a]\n"),
        "{near}"
    );
    assert!(near.contains(second), "{near}");
    let expected = "\
    --> metrics.toml:5004:9
     |
5004 | [labels.a]
     |         ^ already declared above
     |
    ::: metrics.toml:1:1
     |
   1 | [labels.a]
     | ---------- the first one
";
    assert!(far.contains(expected), "{far}");
}

#[test]
fn decreasing_bounds_name_the_bound_before_them() {
    let schema = "format = 1\nnamespace = \"app\"\nbuckets.x = [10, 1, 0.1]\n";
    let messages = rendered(schema, Style::Plain);
    for expected in [
        "the bucket bound 1 is not greater than the previous bound, 10\n",
        "the bucket bound 0.1 is not greater than an earlier bound, 10\n",
    ] {
        assert!(messages.contains(expected), "{messages}");
    }
    assert!(
        messages.ends_with(" the highest earlier bound"),
        "{messages}"
    );
}

#[test]
fn an_empty_file() {
    insta::assert_snapshot!(rendered("", Style::Plain));
}

#[test]
fn color_does_not_change_the_text() {
    let schema = "format = 2\nnamespace = \"app\"\n";
    let colored = rendered(schema, Style::Color);
    assert!(colored.contains("\u{1b}["));
    let (head, escaped) = colored.split_once("\u{1b}[").expect("an escape");
    let texts = escaped
        .split("\u{1b}[")
        .map(|part| part.split_once('m').expect("an escape ends").1);
    assert_eq!(
        head.to_owned() + &texts.collect::<String>(),
        rendered(schema, Style::Plain)
    );
}
