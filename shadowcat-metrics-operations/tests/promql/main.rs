//! Problems in queries and their positions: here the generated rules; in the modules, cases by subject.

#[path = "../common/mod.rs"]
#[allow(dead_code, reason = "each test uses a part of it")]
mod common;
mod histograms;
mod kinds;
mod limits_of_size;
mod names;
mod sides;
mod variables;

use shadowcat_metrics_operations::duration::Scale;
use shadowcat_metrics_operations::promql::{self, Vocabulary};
use shadowcat_metrics_operations::rules;

use common::{compiled, findings, schema};

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
