//! Every output of the golden schema, compared with the files in `golden/`. The test `golden_recorders` compiles and uses the
//! recorders.
//!
//! After an intended change, run `UPDATE_EXPECT=1 cargo test -p shadowcat-metrics-tests --test golden` and read the diff.

use expect_test::{ExpectFile, expect_file};
use shadowcat_metrics::Format;
use shadowcat_metrics_codegen::Source;
use shadowcat_metrics_codegen::emit::recorders::emit_recorders;
use shadowcat_metrics_operations::documents::{catalog, reference};
use shadowcat_metrics_operations::weaver::export;
use shadowcat_metrics_operations::{Outcome, Schema, compile};
use shadowcat_metrics_oracle::{self as oracle, Grammar};
use shadowcat_metrics_tests::sequence;

fn compiled() -> Outcome {
    let outcome = compile(Source::new(
        "golden/everything.toml",
        include_str!("../golden/everything.toml"),
    ));
    assert_eq!(
        outcome.report.diagnostics(),
        [],
        "the golden schema has no problems"
    );
    outcome
}

/// Returns a document of the schema. Generates it twice, because both must be equal.
fn emitted(emit: impl Fn(&Schema) -> String) -> String {
    let outcome = compiled();
    let schema = outcome.schema().expect("it has no problems");
    assert_eq!(emit(schema), emit(compiled().skeleton()));
    emit(schema)
}

#[test]
fn recorders() {
    let code = emit_recorders(&compiled().skeleton().registry, "::shadowcat_metrics", None);
    let file = syn::parse_file(&code).expect("recorders are Rust");
    let text = format!(
        "// Recorders of everything.toml, made by the test `golden`. Do not edit.\n\n{}",
        prettyplease::unparse(&file)
    );
    expect_file!["../golden/recorders.rs"].assert_eq(&text);
}

#[test]
fn reference_page() {
    expect_file!["../golden/reference.md"].assert_eq(&emitted(reference));
}

#[test]
fn catalog_file() {
    expect_file!["../golden/catalog.json"].assert_eq(&emitted(|schema| catalog(schema, &[])));
}

#[test]
fn weaver_registry() {
    let registry = emitted(|schema| {
        let mut documents = export(schema, "https://example.com/schemas/all/1.0.0").documents;
        documents.pop().expect("the definitions come last").content
    });
    expect_file!["../golden/weaver.yaml"].assert_eq(&registry);
}

#[test]
fn prometheus_text() {
    page(
        Format::PrometheusText,
        Grammar::PrometheusText,
        &expect_file!["../golden/page.txt"],
    );
}

#[test]
fn open_metrics() {
    page(
        Format::OpenMetrics,
        Grammar::OpenMetrics,
        &expect_file!["../golden/page.openmetrics.txt"],
    );
}

fn page(format: Format, grammar: Grammar, expected: &ExpectFile) {
    let recorded = sequence::record();
    let page = recorded.metrics.encode(format);
    oracle::parse(grammar, &page).unwrap_or_else(|fault| panic!("{fault}\n{page}"));
    assert_eq!(
        page,
        recorded.metrics.encode(format),
        "a page does not change by itself"
    );
    expected.assert_eq(&without_times(&page));
}

/// Replaces the `_created` times of a page with 0, because they differ in each run.
fn without_times(page: &str) -> String {
    let line = |line: &str| match line.rsplit_once(' ') {
        Some((series, _))
            if series
                .split('{')
                .next()
                .is_some_and(|name| name.ends_with("_created")) =>
        {
            format!("{series} 0\n")
        }
        Some(_) | None => format!("{line}\n"),
    };
    page.lines().map(line).collect()
}
