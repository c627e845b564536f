//! The files that a project begins with.

/// How the first metric is recorded.
pub(super) const RECORD: &str = "let metrics = metrics::Metrics::new(); \
     metrics.job().completed(metrics::labels::Outcome::Ok).inc();";

/// `src/metrics.rs`.
pub(super) const MODULE: &str = "\
//! What this program measures: recorders made from `metrics.toml`.

shadowcat_metrics::metrics!(\"metrics.toml\");
";

/// A workflow that keeps schema and documents right.
pub(super) const WORKFLOW: &str = "\
name: metrics
on: [push, pull_request]
jobs:
  metrics:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: cargo install --locked shadowcat-metrics-cli
      - run: shadowcat-metrics check --deny-warnings
      - run: shadowcat-metrics fmt --check
      - run: shadowcat-metrics generate --check
";

/// `metrics.toml`, with one metric of each usual kind.
pub(super) fn schema(namespace: &str) -> String {
    format!(
        "\
#:schema docs/metrics.schema.json
# Every metric of this program. Recorders and documents are made from this file; `shadowcat-metrics new` adds to it.

format = 1
namespace = \"{namespace}\"

[labels.outcome]
help = \"How a job ended.\"

[labels.outcome.values]
ok = \"as intended\"
failed = \"with an error\"

[buckets]
latency = {{ exponential = {{ start = 0.001, factor = 2.0, count = 14 }} }}

[groups.job]
help = \"What the program does: rename it.\"

[metrics.job.completed]
type = \"counter\"
help = \"Jobs that ended.\"
labels = [\"outcome\"]

[metrics.job.active]
type = \"updown_counter\"
help = \"Jobs under way.\"

[metrics.job.duration]
type = \"histogram\"
help = \"Time that a job took.\"
unit = \"seconds\"
buckets = \"latency\"
"
    )
}
