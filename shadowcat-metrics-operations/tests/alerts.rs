//! `ALERTS` and `ALERTS_FOR_STATE` in queries, checked against the existing alerts.

use shadowcat_metrics_codegen::Source;
use shadowcat_metrics_operations::compile;
use shadowcat_metrics_operations::files::{self, File};
use shadowcat_metrics_operations::{Options, check, promql, rules};

const SCHEMA: &str = r#"
format = 1
namespace = "app"

[operations]
external = ["node_*", "DiskFill", "AppOfOthers"]

[labels.outcome]
help = "How it ended."
values = ["ok", "error"]

[labels.server]
help = "Server."
open = { max = 8 }

[metrics.http.requests]
type = "counter"
labels = ["outcome", "server"]
help = "Requests answered."

[groups.http]
help = "Requests."

[slos.answers]
help = "Requests are answered."
objective = 0.999
good = { metric = "http.requests", where = { outcome = "ok" } }

[alerts.busy]
summary = "Many requests."
expr = "sum by (outcome) (rate({http.requests}[5m])) > 100"
severity = "warning"
"#;

/// A hand-written rule file that is checked together with the queries.
const RULES: &str = "\
groups:
- name: disks
  labels: { team: storage }
  rules:
  - alert: DiskFull
    expr: node_filesystem_avail_bytes == 0
    labels: { severity: page }
  - alert: Slow
    expr: sum by (server) (rate(app_http_requests_total[5m])) < 1
    labels: { severity: page, where: '{{ $labels.server }}' }
  - alert: Slow
    expr: sum by (server) (rate(app_http_requests_total[5m])) < 2
    labels: { severity: ticket }
";

/// Returns each finding as `SM0904 text: label`.
fn findings(query: &str) -> Vec<String> {
    let outcome = compile(Source::new("metrics.toml", SCHEMA));
    let mut vocabulary = rules::vocabulary(outcome.schema().expect("it compiles"));
    let source = Source::new("rules.yml", RULES);
    let file = [File::read(&source)];
    files::learn(&file, &mut vocabulary);
    assert_eq!(file[0].check(&vocabulary).diagnostics().len(), 0);
    let findings = promql::check(query, &vocabulary);
    let shown = findings.into_iter().map(|finding| {
        let place = &query[finding.range];
        format!("{} {place}: {}", finding.code.id(), finding.label)
    });
    shown.collect()
}

#[track_caller]
fn assert_findings(query: &str, expected: &[&str]) {
    assert_eq!(findings(query), expected, "{query}");
}

#[test]
fn names() {
    assert_findings("ALERTS{alertname=\"AppBusy\"}", &[]);
    assert_findings("ALERTS{alertname=\"AppAnswersFastBurn\"}", &[]);
    assert_findings("ALERTS_FOR_STATE{alertname=\"DiskFull\"}", &[]);
    assert_findings(
        "ALERTS{alertname=\"AppBsy\"}",
        &["SM0904 AppBsy: did you mean `AppBusy`?"],
    );
    assert_findings(
        "ALERTS_FOR_STATE{alertname='diskfull'}",
        &["SM0904 diskfull: did you mean `DiskFull`?"],
    );
    assert_findings(
        "ALERTS{alertname=\"AppHasLeftTheBuilding\"}",
        &["SM0904 AppHasLeftTheBuilding: not an alert of the schema or of the checked files"],
    );
    assert_findings(
        "{__name__=\"ALERTS\", alertname!=\"AppBsy\"}",
        &["SM0904 AppBsy: did you mean `AppBusy`?"],
    );
    assert_findings(
        "count(ALERTS{alertname=~\"AppBusy|DiskFul|App.*Burn|AppX.*\"})",
        &[
            "SM0904 DiskFul: did you mean `DiskFull`?",
            "SM0904 AppX.*: not an alert of the schema or of the checked files",
        ],
    );
}

#[test]
fn alerts_of_other_rules_are_accepted() {
    for query in [
        "ALERTS",
        "ALERTS{alertname=\"KubePodCrashLooping\"}",
        "ALERTS{alertname=~\"Kube.*|etcd.*|Disk.*\"}",
        "ALERTS{alertname=\"ApplicationDown\"}",
        "ALERTS{alertname=\"DiskFill\"}",
        "ALERTS{alertname=\"AppOfOthers\", severity=\"whatever\"}",
        "ALERTS{alertname=~\"$alert\", alertstate=~\"$state\"}",
        "ALERTS{alertname=~\"App${which}\", severity=~\"${severity:regex}\"}",
        "ALERTS{alertname!=\"Watchdog\", alertname!~\"Info.*\"}",
        "ALERTS{alertname=\"\"}",
        "ALERTS{$filters}",
    ] {
        assert_findings(query, &[]);
    }
}

#[test]
fn states() {
    assert_findings("ALERTS{alertstate=\"firing\"}", &[]);
    assert_findings("ALERTS{alertstate=~\"firing|pending\"}", &[]);
    assert_findings("ALERTS{alertstate!=\"\"}", &[]);
    assert_findings(
        "ALERTS{alertstate=\"fireing\"}",
        &["SM0904 fireing: did you mean `firing`?"],
    );
    assert_findings(
        "ALERTS{alertstate=\"inactive\"}",
        &["SM0904 inactive: expected `pending` or `firing`"],
    );
    assert_findings(
        "ALERTS_FOR_STATE{alertstate=\"firing\"}",
        &["SM0903 alertstate: remove it: only `ALERTS` has this label"],
    );
}

#[test]
fn severities() {
    assert_findings("ALERTS{severity=\"critical\"}", &[]);
    // An alert of another program may have this severity.
    assert_findings("ALERTS{severity=~\"error|none|P[12]|page\"}", &[]);
    assert_findings(
        "ALERTS{severity=\"Critical\"}",
        &["SM0904 Critical: did you mean `critical`?"],
    );
    assert_findings(
        "ALERTS{severity=~\"warnning|critical\"}",
        &["SM0904 warnning: did you mean `warning`?"],
    );
    // For known alerts, the severities are known.
    assert_findings("ALERTS{alertname=\"AppBusy\", severity=\"warning\"}", &[]);
    assert_findings(
        "ALERTS{alertname=\"AppBusy\", severity=\"critical\"}",
        &["SM0904 critical: expected `warning`"],
    );
    assert_findings(
        "ALERTS{alertname=~\"DiskFull|AppBusy\", severity=~\"page|warning|ticket\"}",
        &["SM0904 ticket: expected `page` or `warning`"],
    );
    assert_findings(
        "ALERTS{alertname=\"DiskFull\", severity=\"warning\"}",
        &["SM0904 warning: expected `page`"],
    );
    assert_findings("ALERTS{alertname=\"Slow\", severity=~\"page|ticket\"}", &[]);
}

#[test]
fn labels() {
    assert_findings(
        "ALERTS{alertname=\"AppBusy\", outcome=\"error\", notify=\"ticket\", alertgroup=\"x\"}",
        &[],
    );
    assert_findings(
        "ALERTS{alertname=\"AppBusy\", outcome=\"err\"}",
        &["SM0904 err: expected `ok` or `error`"],
    );
    assert_findings(
        "ALERTS{alertname=\"AppBusy\", server=\"a\"}",
        &["SM0903 server: expected `alertname`, `alertstate`, `notify`, `outcome` or `severity`"],
    );
    // Labels of other alerts are unknown, and so is the result of a template.
    assert_findings(
        "ALERTS{alertname=\"DiskFull\", mountpoint=\"/\", team=\"storage\"}",
        &[],
    );
    assert_findings("ALERTS{alertname=\"Slow\", where=\"here\"}", &[]);
    assert_findings(
        "rate(app_http_requests_total[5m]) unless on (server) ALERTS{alertname=\"Slow\"}",
        &[],
    );
    assert_findings(
        "rate(app_http_requests_total[5m]) unless on (server) ALERTS{alertname=\"AppBusy\"}",
        &["SM0909 server: expected `outcome`"],
    );
    assert_findings(
        "count by (alertname, alertstate, outcome) (ALERTS{alertname=\"AppBusy\"})",
        &[],
    );
    assert_findings("count by (whatever) (ALERTS{alertname=\"DiskFull\"})", &[]);
    assert_findings("count by (whatever) (ALERTS)", &[]);
}

#[test]
fn alerts_of_a_schema_may_name_each_other() {
    let more = "
[alerts.both]
summary = \"Both.\"
expr = '''ALERTS{alertname=\"AppBusyy\"} and on () ALERTS{alertname=\"AppAnswersSlowBurn\"}'''
severity = \"info\"
";
    let outcome = compile(Source::new("metrics.toml", SCHEMA.to_owned() + more));
    let schema = outcome.schema().expect("it compiles");
    let problems = check(schema, &outcome.source, &Options::default());
    let shown = problems
        .iter()
        .filter(|problem| problem.code.id() == "SM0904")
        .map(|problem| outcome.source.slice(problem.primary));
    assert_eq!(shown.collect::<Vec<_>>(), ["AppBusyy"]);
}
