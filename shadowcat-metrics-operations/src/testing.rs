//! Helpers of the tests next to the rules: schemas, queries and files, with their expected findings.

#[expect(dead_code, reason = "`lints` is for other crates")]
#[path = "../../tests/schema_rows.rs"]
mod schema_rows;

use crate::files::{self, File};
use crate::promql::Vocabulary;
use crate::{Source, compile};

pub(crate) use schema_rows::rows::rows;
pub(crate) use schema_rows::{assert_rows, compiled, labels, rules};

/// A schema for queries and rule files: metrics of several kinds in the group `http`.
pub(crate) const SCHEMA: &str = r#"
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

/// Returns what is known about the series of a schema and of a file with rules.
pub(crate) fn vocabulary(schema: &str, rules: &str) -> Vocabulary {
    let outcome = compile(Source::new("metrics.toml", schema));
    let schema = outcome.schema();
    let schema = schema.unwrap_or_else(|| panic!("{:#?}", outcome.report.diagnostics()));
    let mut vocabulary = Vocabulary::of_schema(schema);
    let rules = Source::new("rules.yml", rules);
    files::learn(&[File::read(&rules)], &mut vocabulary);
    vocabulary
}

/// Returns each problem in a file of rules about [`SCHEMA`] as `SM0902 3:7 app_x`: the code, the position and the text there.
pub(crate) fn findings_in_file(text: &str) -> Vec<String> {
    let source = Source::new("rules.yml", text);
    let report = File::read(&source).check(&vocabulary(SCHEMA, text));
    let shown = report.diagnostics().iter().map(|problem| {
        let at = source.position(problem.primary.start);
        let text = source.slice(problem.primary);
        format!("{} {}:{} {text}", problem.code.id(), at.line, at.column)
    });
    shown.collect()
}
