//! Problems in queries and their positions: here the examples of every code and the generated rules; in the modules, cases by
//! subject.

#[path = "../common/mod.rs"]
#[allow(dead_code, reason = "each test uses a part of it")]
mod common;
mod histograms;
mod kinds;
mod limits_of_size;
mod names;
mod sides;
mod variables;

use std::collections::BTreeSet;

use shadowcat_metrics_authoring::codes::{Explain, complete_example};
use shadowcat_metrics_codegen::{Code, Severity, Source};
use shadowcat_metrics_operations::codes;
use shadowcat_metrics_operations::duration::Scale;
use shadowcat_metrics_operations::files::File;
use shadowcat_metrics_operations::promql::{self, Vocabulary};
use shadowcat_metrics_operations::{Options, check, rules};

use common::{compiled, findings, schema};

/// Returns the codes that an example yields, without warnings about other things.
fn codes_of(code: Code, example: &str) -> BTreeSet<&'static str> {
    let problems = if is_about_files(code) {
        let file = example
            .lines()
            .map(|line| line.strip_prefix("# ").expect("a comment"));
        let source = Source::new("rules.yml", file.collect::<Vec<_>>().join("\n"));
        let report = File::read(&source).check(&vocabulary());
        report.diagnostics().to_vec()
    } else {
        let outcome = compiled(&complete_example(example));
        let schema = outcome.schema().expect("it compiles");
        check(schema, &outcome.source, &Options::default())
    };
    let meant = problems
        .iter()
        .filter(|problem| problem.severity == Severity::Error || problem.code == code);
    meant.map(|problem| problem.code.id()).collect()
}

/// Returns whether a code's examples are rule files, written as comments of a schema.
fn is_about_files(code: Code) -> bool {
    [
        codes::UNREADABLE_FILE,
        codes::RULES_FORMAT,
        codes::RECORDED_METRIC,
        codes::UTF8_NAME,
        codes::SUPPRESSION,
    ]
    .contains(&code)
}

#[test]
fn wrong_examples_yield_their_code() {
    for code in codes::CHECKS.iter().copied() {
        let found = codes_of(code, &code.wrong());
        assert!(found.contains(code.id()), "{code:?}: {found:?}");
        // Without the suppressing comment, the problem is reported.
        assert!(
            found.len() == 1 || code == codes::SUPPRESSION,
            "{code:?}: {found:?}"
        );
    }
}

#[test]
fn right_examples_have_no_findings() {
    for code in codes::CHECKS.iter().copied() {
        assert_eq!(codes_of(code, &code.right()), BTreeSet::new(), "{code:?}");
    }
}

const SCHEMA: &str = r#"
format = 1
namespace = "app"

[operations]
external = ["node_*", "kube_pod_info"]
target_labels = ["cluster"]

[labels.outcome]
help = "How it ended."
values = ["ok", "error", "timed_out"]

[labels.server]
help = "Server."
open = { max = 8 }

[labels.mood]
help = "Mood."
values = ["good", "bad"]

[labels.version]
help = "Version."
open = { max = 1 }

[groups.http]
help = "Requests."
labels = ["server"]

[metrics.http.requests]
type = "counter"
labels = ["outcome"]
help = "Requests answered."

[metrics.http.retries]
type = "counter"
help = "Requests sent again."

[metrics.http.open]
type = "updown_counter"
help = "Connections that are open."

[metrics.http.mood]
type = "state"
states = "mood"
help = "Mood of the server."

[metrics.http.software]
type = "info"
labels = ["version"]
help = "What the server runs."

[metrics.http.duration]
type = "histogram"
unit = "seconds"
buckets = [0.1, 1, 10]
help = "Time spent on a request."

[metrics.http.retry_ratio]
type = "ratio"
numerator = "http.retries"
denominator = "http.retries"
help = "Share of retries."
"#;

/// Returns what is known about the series of [`SCHEMA`].
fn vocabulary() -> Vocabulary {
    common::vocabulary(SCHEMA, "")
}

/// Checks rows of the form `QUERY => FINDING; FINDING`.
#[track_caller]
fn assert_rows(rows: &str) {
    assert_rows_in(SCHEMA, rows);
}

#[track_caller]
fn assert_rows_in(schema: &str, rows: &str) {
    let vocabulary = common::vocabulary(schema, "");
    common::assert_rows(rows, |query| findings(query, &vocabulary));
}

/// Checks that queries have no findings.
#[track_caller]
fn assert_accepted(queries: &[&str]) {
    let vocabulary = vocabulary();
    for query in queries {
        assert_eq!(findings(query, &vocabulary), "", "{query}");
    }
}

#[test]
fn every_generated_rule_is_valid() {
    let schema = format!(
        "{SCHEMA}{}",
        r#"
[slos.good]
help = "Good."
objective = 0.9
good = { metric = "http.requests", where = { outcome = ["ok", "error"] } }
by = ["server"]

[slos.fast]
help = "Fast."
objective = 0.99999
good = { metric = "http.duration", under = "1s" }
"#
    );
    let schema = schema.replace(
        "buckets = [0.1, 1, 10]",
        "buckets = [0.1, 1, 10]\nquantiles = true",
    );
    let schema = self::schema(&schema);
    let vocabulary = Vocabulary::of_schema(&schema);
    let records = rules::records(&schema, Scale::ONE);
    assert!(records.len() > 25, "{records:#?}");
    for rules::Record { expr, .. } in records {
        assert_eq!(promql::check(&expr, &vocabulary), [], "{expr}");
    }
}

#[test]
fn a_metric_without_braces_has_a_position() {
    let alert = "\n[alerts.jobs]\nsummary = \"Jobs end.\"\nseverity = \"info\"\nexpr = \"rate(METRIC[5m]) > 1\"\n";
    let errors_of = |metric: &str| {
        let example = "[groups.job]\nhelp = \"Jobs.\"\n\n[metrics.job.ended]\ntype = \"counter\"\nhelp = \"Ended jobs.\"\n";
        let outcome = compiled(&(complete_example(example) + &alert.replace("METRIC", metric)));
        let schema = outcome.schema().expect("it compiles");
        let problems = check(schema, &outcome.source, &Options::default());
        let errors = problems
            .iter()
            .filter(|problem| problem.severity == Severity::Error);
        let shown = errors.map(|problem| {
            let at = outcome.source.slice(problem.primary);
            format!("{} {at}: {}", problem.code, problem.label)
        });
        shown.collect::<Vec<_>>()
    };
    assert_eq!(errors_of("{job.ended}"), [""; 0]);
    assert_eq!(
        errors_of("job.ended"),
        ["SM0901 job.ended: expected `{job.ended}`"]
    );
    assert_eq!(
        errors_of("job.begun"),
        ["SM0901 job.begun: expected letters, digits, `_` and `:`"]
    );
}
