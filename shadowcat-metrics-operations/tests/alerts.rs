//! `ALERTS` and `ALERTS_FOR_STATE` in queries, checked against the existing alerts.

#[allow(dead_code, reason = "each test uses a part of it")]
mod common;

use common::{compiled, vocabulary};
use shadowcat_metrics_codegen::Source;
use shadowcat_metrics_operations::files::File;
use shadowcat_metrics_operations::{Options, check, promql};

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

/// Checks rows of the form `QUERY => CODE PLACE: LABEL; CODE PLACE: LABEL`.
#[track_caller]
fn assert_rows(rows: &str) {
    let vocabulary = vocabulary(SCHEMA, RULES);
    let rule_file = Source::new("rules.yml", RULES);
    assert_eq!(File::read(&rule_file).check(&vocabulary).diagnostics(), []);
    common::assert_rows(rows, |query| {
        let findings = promql::check(query, &vocabulary).into_iter();
        let shown = findings.map(|found| {
            let place = &query[found.range];
            format!("{} {place}: {}", found.code.id(), found.label)
        });
        shown.collect::<Vec<_>>().join("; ")
    });
}

#[test]
fn names() {
    assert_rows(
        r#"
        ALERTS{alertname="AppBusy"} =>
        ALERTS{alertname="AppAnswersFastBurn"} =>
        ALERTS_FOR_STATE{alertname="DiskFull"} =>
        ALERTS{alertname="AppBsy"} => SM0904 AppBsy: did you mean `AppBusy`?
        ALERTS_FOR_STATE{alertname='diskfull'} => SM0904 diskfull: did you mean `DiskFull`?
        ALERTS{alertname="AppHasLeftTheBuilding"} => SM0904 AppHasLeftTheBuilding: not an alert of the schema or of the checked files
        {__name__="ALERTS", alertname!="AppBsy"} => SM0904 AppBsy: did you mean `AppBusy`?
        count(ALERTS{alertname=~"AppBusy|DiskFul|App.*Burn|AppX.*"}) => SM0904 DiskFul: did you mean `DiskFull`?; SM0904 AppX.*: not an alert of the schema or of the checked files
    "#,
    );
}

#[test]
fn alerts_of_other_rules_are_accepted() {
    assert_rows(
        r#"
        ALERTS =>
        ALERTS{alertname="KubePodCrashLooping"} =>
        ALERTS{alertname=~"Kube.*|etcd.*|Disk.*"} =>
        ALERTS{alertname="ApplicationDown"} =>
        ALERTS{alertname="DiskFill"} =>
        ALERTS{alertname="AppOfOthers", severity="whatever"} =>
        ALERTS{alertname=~"$alert", alertstate=~"$state"} =>
        ALERTS{alertname=~"App${which}", severity=~"${severity:regex}"} =>
        ALERTS{alertname!="Watchdog", alertname!~"Info.*"} =>
        ALERTS{alertname=""} =>
        ALERTS{$filters} =>
    "#,
    );
}

#[test]
fn states() {
    assert_rows(
        r#"
        ALERTS{alertstate="firing"} =>
        ALERTS{alertstate=~"firing|pending"} =>
        ALERTS{alertstate!=""} =>
        ALERTS{alertstate="fireing"} => SM0904 fireing: did you mean `firing`?
        ALERTS{alertstate="inactive"} => SM0904 inactive: expected `pending` or `firing`
        ALERTS_FOR_STATE{alertstate="firing"} => SM0903 alertstate: remove it: only `ALERTS` has this label
    "#,
    );
}

#[test]
fn severities() {
    assert_rows(
        r#"
        ALERTS{severity="critical"} =>
        // An alert of another program may have this severity.
        ALERTS{severity=~"error|none|P[12]|page"} =>
        ALERTS{severity="Critical"} => SM0904 Critical: did you mean `critical`?
        ALERTS{severity=~"warnning|critical"} => SM0904 warnning: did you mean `warning`?
        // For known alerts, the severities are known.
        ALERTS{alertname="AppBusy", severity="warning"} =>
        ALERTS{alertname="AppBusy", severity="critical"} => SM0904 critical: expected `warning`
        ALERTS{alertname=~"DiskFull|AppBusy", severity=~"page|warning|ticket"} => SM0904 ticket: expected `page` or `warning`
        ALERTS{alertname="DiskFull", severity="warning"} => SM0904 warning: expected `page`
        ALERTS{alertname="Slow", severity=~"page|ticket"} =>
    "#,
    );
}

#[test]
fn labels() {
    assert_rows(
        r#"
        ALERTS{alertname="AppBusy", outcome="error", notify="ticket", alertgroup="x"} =>
        ALERTS{alertname="AppBusy", outcome="err"} => SM0904 err: expected `ok` or `error`
        ALERTS{alertname="AppBusy", server="a"} => SM0903 server: expected `alertname`, `alertstate`, `notify`, `outcome` or `severity`
        // Labels of other alerts are unknown, and so is the result of a template.
        ALERTS{alertname="DiskFull", mountpoint="/", team="storage"} =>
        ALERTS{alertname="Slow", where="here"} =>
        rate(app_http_requests_total[5m]) unless on (server) ALERTS{alertname="Slow"} =>
        rate(app_http_requests_total[5m]) unless on (server) ALERTS{alertname="AppBusy"} => SM0909 server: expected `outcome`
        count by (alertname, alertstate, outcome) (ALERTS{alertname="AppBusy"}) =>
        count by (whatever) (ALERTS{alertname="DiskFull"}) =>
        count by (whatever) (ALERTS) =>
    "#,
    );
}

#[test]
fn alerts_of_a_schema_may_name_each_other() {
    let more = "
[alerts.both]
summary = \"Both.\"
expr = '''ALERTS{alertname=\"AppBusyy\"} and on () ALERTS{alertname=\"AppAnswersSlowBurn\"}'''
severity = \"info\"
";
    let outcome = compiled(&(SCHEMA.to_owned() + more));
    let schema = outcome.schema().expect("it compiles");
    let problems = check(schema, &outcome.source, &Options::default());
    let shown = problems
        .iter()
        .filter(|problem| problem.code.id() == "SM0904")
        .map(|problem| outcome.source.slice(problem.primary));
    assert_eq!(shown.collect::<Vec<_>>(), ["AppBusyy"]);
}
