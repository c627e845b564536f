//! The hand-written documents say what is: their schemas compile.

use shadowcat_metrics_codegen::{Source, Style, compile, render};

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
