//! The files that a project begins with.

/// How the first metric is recorded.
pub(super) const RECORD: &str = "let metrics = metrics::Metrics::new(); \
     metrics.job().completed(metrics::labels::Outcome::Ok).inc();";

/// `src/metrics.rs`.
pub(super) const MODULE: &str = "\
//! What this program measures: recorders made from `metrics.toml`.

shadowcat_metrics::metrics!(\"metrics.toml\");
";

/// What CI asks of the schema and its documents.
pub(super) const GUARDS: [&str; 4] = [
    "shadowcat-metrics check --deny-warnings",
    "shadowcat-metrics fmt --check",
    "shadowcat-metrics generate --check",
    "shadowcat-metrics diff origin/main:metrics.toml --fail-on major",
];

/// Where a workflow of GitHub's stands.
pub(super) const WORKFLOW_PATH: &str = ".github/workflows/metrics.yml";

/// A workflow that keeps schema and documents right.
pub(super) fn workflow() -> String {
    let [check, fmt, generate, diff] = GUARDS;
    let diff = diff.replace("origin/main:metrics.toml", "\"$old\"");
    format!(
        "\
name: metrics
on: [push, pull_request]
jobs:
  metrics:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          fetch-depth: 0
      - run: cargo install --locked shadowcat-metrics-cli
      - run: {check}
      - run: {fmt}
      - run: {generate}
      - name: nothing that is stable breaks
        if: github.base_ref
        run: |
          old=\"origin/$GITHUB_BASE_REF:metrics.toml\"
          if git cat-file -e \"$old\"; then {diff}; fi
"
    )
}

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
