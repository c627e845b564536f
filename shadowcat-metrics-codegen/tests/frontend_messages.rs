//! What a contributor reads, whole.

use shadowcat_metrics_codegen::{Source, Style, compile, render};

fn rendered(source: Source, style: Style) -> String {
    let outcome = compile(source);
    let diagnostics = outcome.report.diagnostics().iter();
    let messages: Vec<_> = diagnostics.map(|diagnostic| render(diagnostic, &outcome.source, style)).collect();
    messages.join("\n\n")
}

#[test]
fn many_problems_in_one_run() {
    let source = Source::new("metrics.toml", include_str!("fixtures/many_problems.toml"));
    insta::assert_snapshot!(rendered(source, Style::Plain));
}
