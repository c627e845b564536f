//! Positions that are easy to get wrong: line starts, CRLF, after multi-byte characters, end of file, BOM.

use shadowcat_metrics_authoring::{Style, compile, render};
use shadowcat_metrics_codegen::Source;

use super::{compiled, found};

/// Returns the problems of a schema whose only fault is an unknown key, inserted at `KEY`.
fn unknown_key(schema: &str) -> Vec<String> {
    found(&compiled(&schema.replace("KEY", "unheard_of = 1")))
}

#[test]
fn at_a_line_start() {
    assert_eq!(
        unknown_key("KEY\nformat = 1\nnamespace = \"a\"\n"),
        ["SM0004 1:1"]
    );
    assert_eq!(
        unknown_key("format = 1\nnamespace = \"a\"\nKEY\n"),
        ["SM0004 3:1"]
    );
}

#[test]
fn after_carriage_returns() {
    assert_eq!(
        unknown_key("format = 1\r\nnamespace = \"a\"\r\n  KEY\r\n"),
        ["SM0004 3:3"]
    );
}

#[test]
fn after_multi_byte_characters() {
    let schema = "format = 1\nnamespace = \"a\"\n[labels.x]\nhelp = \"é.\"\nvalues = { a = \"日本\", b = 1 }\n";
    assert_eq!(found(&compiled(schema))[0], "SM0007 5:26");
    assert_eq!(
        unknown_key("# 日本語\r\nformat = 1\nnamespace = \"a\"\nKEY"),
        ["SM0004 4:1"]
    );
}

#[test]
fn at_the_end_of_the_file() {
    assert_eq!(
        unknown_key("format = 1\nnamespace = \"a\"\nKEY"),
        ["SM0004 3:1"]
    );
    assert_eq!(
        found(&compiled("format = 1\nnamespace = \"é")),
        ["SM0001 2:15"]
    );
    assert_eq!(
        found(&compiled("format = 1\nnamespace = ")),
        ["SM0001 2:13"]
    );
    assert_eq!(
        found(&compiled("format = 1\nnamespace = \"a\"\n[metrics")),
        ["SM0001 3:9"]
    );
}

#[test]
fn a_byte_order_mark_is_not_counted() {
    let source = Source::from_bytes(
        "metrics.toml",
        "\u{feff}frmat = 1\nnamespace = \"a\"\n".as_bytes(),
    );
    assert_eq!(found(&compile(source)), ["SM0004 1:1"]);
}

#[test]
fn bytes_that_are_not_utf8() {
    let source = Source::from_bytes(
        "metrics.toml",
        b"format = 1\nnamespace = \"\xc3\xa9\xff\"\n# \xc3\n",
    );
    let outcome = compile(source);
    assert_eq!(found(&outcome), ["SM0002 2:15"]);
    let message = &outcome.report.diagnostics()[0].message;
    assert!(message.ends_with("here and in 1 more place"), "{message}");
}

/// The excerpt agrees with the position: a tab, CR or wide character does not move the caret off its token.
#[test]
fn excerpts_agree_with_positions() {
    for schema in [
        "format = 1\r\nnamespace = \"a\"\r\n\tKEY = 1\r\n",
        "format = 1\nnamespace = \"a\"\nlabels = { \"é\" = { KEY = 1, help = \"É.\", values = [\"a\"] } }",
        "\u{feff}KEY = 1\nformat = 1\nnamespace = \"a\"\n",
    ] {
        let outcome = compiled(schema);
        let problem = outcome
            .report
            .errors()
            .find(|error| error.message.contains("KEY"))
            .expect("a problem");
        assert_eq!(outcome.source.slice(problem.primary), "KEY");
        let position = outcome.source.position(problem.primary.start);
        let rendered = render(problem, &outcome.source, Style::Plain);
        assert!(
            rendered.contains(&format!(
                "metrics.toml:{}:{}\n",
                position.line, position.column
            )),
            "{position:?}\n{rendered}"
        );
    }
}

#[test]
fn all_problems_come_in_source_order() {
    let outcome = compiled(include_str!("../fixtures/many_problems.toml"));
    let starts: Vec<_> = outcome
        .report
        .diagnostics()
        .iter()
        .map(|problem| problem.primary.start)
        .collect();
    assert!(starts.is_sorted(), "{starts:?}");
    assert!(starts.len() >= 20);
}
