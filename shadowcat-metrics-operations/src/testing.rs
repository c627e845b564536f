//! Helpers of the tests next to the rules: schemas, queries and files, with their expected findings.

#[expect(dead_code, reason = "`lints` is for other crates")]
#[path = "../../tests/schema_rows.rs"]
mod schema_rows;

#[path = "../tests/common/problems.rs"]
mod problems;

pub(crate) use problems::{imported, vocabulary};
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

/// Returns each problem in a file of rules about [`SCHEMA`] as `SM0902 3:7 app_x`: the code, the position and the text there.
pub(crate) fn problems_in_rules(text: &str) -> Vec<String> {
    problems::problems_in_file(SCHEMA, "rules.yml", text)
}
