//! Sections of schemas that consist of several files.

use std::io::{Error, ErrorKind, Result};

use shadowcat_metrics_codegen::{Files, Source};
use shadowcat_metrics_operations::{Outcome, compile_files};

/// A single file to include.
struct Part(&'static str);

impl Files for Part {
    fn list(&self, _: &str, pattern: &str) -> Result<Vec<String>> {
        Ok(vec![pattern.to_owned()])
    }

    fn read(&self, name: &str) -> Result<Vec<u8>> {
        if name == "part.toml" {
            return Ok(self.0.as_bytes().to_vec());
        }
        Err(Error::from(ErrorKind::NotFound))
    }
}

const ROOT: &str = r#"format = 1
namespace = "shop"
include = ["part.toml"]

[groups.cart]
help = "Shopping carts."

[metrics.cart.added]
type = "counter"
help = "Articles put into carts."

[alerts.busy]
summary = "Many articles."
expr = "rate({cart.added}[5m]) > 100"
severity = "info"
"#;

fn compiled(part: &'static str) -> Outcome {
    compile_files(Source::new("metrics.toml", ROOT), Some(&Part(part)), None)
}

/// Returns `SM0014 part.toml:1:2` for each problem.
fn findings(part: &'static str) -> Vec<String> {
    let outcome = compiled(part);
    let problems = outcome.report.diagnostics().iter().map(|problem| {
        let at = outcome.source.position(problem.primary.start);
        let (file, _) = outcome.source.file_at(problem.primary.start);
        format!("{} {file}:{}:{}", problem.code, at.line, at.column)
    });
    problems.collect()
}

#[test]
fn policies_are_shared_and_overridden() {
    let part = "[policy.house]\nhelp = \"All teams agreed.\"\nrequire = [\"owner\"]\n";
    assert_eq!(findings(part), ["SM0815 metrics.toml:8:15"]);
    // The including file comes first, so its policy decides about a lint that both name.
    let lint = "\n[policy.house]\nhelp = \"All teams agreed.\"\nlints = { filler-help = \"error\" }\n\
                [groups.till]\nhelp = \"TODO.\"\n[metrics.till.opened]\ntype = \"counter\"\nhelp = \"Tills opened in the morning.\"\n";
    let own =
        "\n[policy.own]\nhelp = \"Drafts may be rough.\"\nlints = { filler-help = \"allow\" }\n";
    assert_eq!(findings(lint), ["SM1206 part.toml:5:9"]);
    let root = Source::new("metrics.toml", format!("{ROOT}{own}"));
    let outcome = compile_files(root, Some(&Part(lint)), None);
    assert!(
        outcome.report.diagnostics().is_empty(),
        "{:?}",
        outcome.report
    );
    // Two policies with the same name are an error.
    let root = Source::new(
        "metrics.toml",
        format!("{ROOT}{own}").replace("policy.own", "policy.house"),
    );
    let outcome = compile_files(root, Some(&Part(lint)), None);
    assert!(outcome.report.has_errors());
}

#[test]
fn alerts_of_all_files_are_merged() {
    let outcome = compiled(
        "[alerts.quiet]\nsummary = \"None.\"\nexpr = \"rate({cart.added}[5m]) < 1\"\nseverity = \"info\"\n",
    );
    let schema = outcome.schema().expect("it compiles");
    let names: Vec<_> = schema.alerts.iter().map(|alert| &alert.name).collect();
    assert_eq!(names, ["busy", "quiet"]);
    let written = outcome.source.slice(schema.alerts[1].expr.span);
    assert_eq!(written, "\"rate({cart.added}[5m]) < 1\"");
}

#[test]
fn problems_are_shown_in_the_file_that_has_them() {
    assert_eq!(
        findings(
            "[alerts.quiet]\nsummary = \"None.\"\nexpr = \"rate({cart.adde}[5m]) < 1\"\nseverity = \"inf\"\n"
        ),
        ["SM0105 part.toml:3:15", "SM0810 part.toml:4:12"]
    );
}

#[test]
fn an_alert_is_declared_in_one_file() {
    let alert = "[alerts.busy]\nsummary = \"None.\"\nexpr = \"rate({cart.added}[5m]) < 1\"\nseverity = \"info\"\n";
    assert_eq!(findings(alert), ["SM0016 part.toml:1:9"]);
}

#[test]
fn settings_are_in_the_including_file() {
    assert_eq!(
        findings("[operations]\nexternal = [\"up\"]\n"),
        ["SM0017 part.toml:1:2"]
    );
}
