//! `SM09xx`: what alerts need beside their expressions, and files that cannot be read.

crate::codes::codes! {
    table CARE;

    /// An alert has no test.
    UNTESTED_ALERT = "SM0912" "untested-alert": "an alert that has never been seen to fire",
    "An alert that has never fired may be one that cannot. `test` gives series that fire it, and series that do \
     not, and promtool tries both. A warning; objectives bring their own tests.",
    wrong: r#"[alerts.example]
summary = "The machine is busy."
expr = "ALERTS{alertname='Busy'} == 1"
severity = "info"
runbook = "https://example.org/runbooks/busy"
"#,
    right: r#"[alerts.example]
summary = "The machine is busy."
expr = "ALERTS{alertname='Busy'} == 1"
severity = "info"
runbook = "https://example.org/runbooks/busy"

[alerts.example.test]
fires = { "ALERTS{alertname='Busy'}" = "1x10" }
silent = {}
"#;

    /// The runbook of an objective or alert has no notes.
    RUNBOOK_WITHOUT_NOTES = "SM0913" "runbook-without-notes": "a runbook without a hand-written part",
    "A runbook is generated, but what to look at first is known to people alone. They write it down beside the \
     generated pages, in `operations/runbooks/notes/NAME.md` in the folder for documents, and it becomes a part \
     of the page. A `runbook` that is kept elsewhere needs none. A warning.",
    wrong: r#"[alerts.example]
summary = "The machine is busy."
expr = "ALERTS{alertname='Busy'} == 1"
severity = "info"
test = { fires = { "ALERTS{alertname='Busy'}" = "1x10" }, silent = {} }
"#,
    right: r#"[alerts.example]
summary = "The machine is busy."
expr = "ALERTS{alertname='Busy'} == 1"
severity = "info"
runbook = "https://example.org/runbooks/busy"
test = { fires = { "ALERTS{alertname='Busy'}" = "1x10" }, silent = {} }
"#;

    /// A rules file or a dashboard cannot be read.
    UNREADABLE_FILE = "SM0914" "unreadable-file": "a file that is neither YAML nor JSON",
    "`check-rules` reads Prometheus' rules, which are YAML, and Grafana's dashboards, which are JSON. What comes \
     after the place that is shown could not be read.",
    wrong: r#"# "groups": [
"#,
    right: r#"# "groups": []
"#;

    /// An alert's text names a label that its expression does not leave.
    TEMPLATE_WITHOUT_LABEL = "SM0915" "template-without-label": "a text about a label that the alert lacks",
    "`{{ $labels.NAME }}` in a `summary` or `description` is filled in from the labels that the expression leaves, and a \
     label that is not among them is empty. What `by` does not keep is gone.",
    wrong: r#"[labels.server]
help = "Server."
open = { max = 8 }

[metrics.http.requests]
type = "counter"
labels = ["server"]
help = "Requests answered."

[alerts.example]
summary = "{{ $labels.server }} gets many requests."
expr = "sum by (job) (rate({http.requests}[5m])) > 100"
severity = "info"
"#,
    right: r#"[labels.server]
help = "Server."
open = { max = 8 }

[metrics.http.requests]
type = "counter"
labels = ["server"]
help = "Requests answered."

[alerts.example]
summary = "{{ $labels.server }} gets many requests."
expr = "sum by (server) (rate({http.requests}[5m])) > 100"
severity = "info"
"#;
}
