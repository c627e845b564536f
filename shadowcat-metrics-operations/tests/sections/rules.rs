//! Every rule of the sections, broken once: code, line and column of what is reported.

use std::collections::BTreeSet;

use shadowcat_metrics_operations::codes;

use super::{compiled, found};

/// A title, lines of a schema behind [`BASE`] (so their first line is line 8), and what is found.
type Case = (&'static str, &'static str, &'static [&'static str]);

/// Two labels, a group and a bucket set to break rules with; lines 1 to 7.
const BASE: &str = "\
format = 1
namespace = \"t\"
labels.mode = { help = \"Mode.\", values = [\"on\", \"off\"] }
labels.host = { help = \"Host.\", open = { max = 8 } }
buckets.small = [1, 2]
groups.app = { help = \"The app.\" }
groups.web = { help = \"The web.\", labels = [\"mode\"] }
";

#[test]
fn every_rule_is_held() {
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for (title, schema, expected) in CASES {
        let outcome = compiled(&format!("{BASE}{schema}\n"));
        let errors: Vec<_> = found(&outcome)
            .into_iter()
            .filter(|found| found.starts_with("SM0"))
            .collect();
        if errors != *expected {
            wrong.push(format!("{title}: found {errors:?}, expected {expected:?}"));
        }
        seen.extend(errors.iter().map(|error| error[..6].to_owned()));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let sections: Vec<_> = codes::sections().collect();
    assert!(sections.len() > 10, "{sections:?}");
    for code in sections {
        assert!(seen.contains(code.id()), "no case has {code}");
    }
}

const CASES: &[Case] = &[
    (
        "a duration without a unit",
        "metrics.web.done = { type = \"counter\", help = \"X.\" }\n[alerts.a]\nsummary = \"S\"\nexpr = \"{web.done} > 1\"\nseverity = \"info\"\nfor = \"10\"",
        &["SM0801 13:7"],
    ),
    (
        "a test at no time",
        "metrics.web.done = { type = \"counter\", help = \"X.\" }\n[alerts.a]\nsummary = \"S\"\nexpr = \"{web.done} > 1\"\nseverity = \"info\"\ntest = { fires = { a = \"1\" }, silent = { a = \"0\" }, at = \"x\" }",
        &["SM0801 13:58"],
    ),
    (
        "an objective in percent",
        "metrics.web.done = { type = \"counter\", help = \"X.\" }\n[slos.s]\nhelp = \"S.\"\nobjective = 99.9\ngood = { metric = \"web.done\", where = { mode = \"on\" } }",
        &["SM0802 11:13"],
    ),
    (
        "an objective of nothing",
        "metrics.web.done = { type = \"counter\", help = \"X.\" }\n[slos.s]\nhelp = \"S.\"\nobjective = 0\ngood = { metric = \"web.done\", where = { mode = \"on\" } }",
        &["SM0802 11:13"],
    ),
    (
        "an objective that is no number",
        "metrics.web.done = { type = \"counter\", help = \"X.\" }\n[slos.s]\nhelp = \"S.\"\nobjective = \"0.9\"\ngood = { metric = \"web.done\", where = { mode = \"on\" } }",
        &["SM0007 11:13"],
    ),
    (
        "an objective over an hour",
        "metrics.web.done = { type = \"counter\", help = \"X.\" }\n[slos.s]\nhelp = \"S.\"\nobjective = 0.9\ngood = { metric = \"web.done\", where = { mode = \"on\" } }\nwindow = \"1h\"",
        &["SM0803 13:10"],
    ),
    (
        "a limit between two bounds",
        "metrics.web.took = { type = \"histogram\", unit = \"seconds\", buckets = [0.1, 0.25, 1], help = \"X.\" }\n[slos.s]\nhelp = \"S.\"\nobjective = 0.9\ngood = { metric = \"web.took\", under = \"200ms\" }",
        &["SM0804 12:39"],
    ),
    (
        "a limit without a unit",
        "metrics.web.took = { type = \"histogram\", unit = \"seconds\", buckets = [0.1, 0.25, 1], help = \"X.\" }\n[slos.s]\nhelp = \"S.\"\nobjective = 0.9\ngood = { metric = \"web.took\", under = \"0.1\" }",
        &["SM0804 12:39"],
    ),
    (
        "a limit that is a bound",
        "metrics.web.took = { type = \"histogram\", unit = \"seconds\", buckets = [0.1, 0.25, 1], help = \"X.\" }\n[slos.s]\nhelp = \"S.\"\nobjective = 0.9\ngood = { metric = \"web.took\", under = 0.25 }",
        &[],
    ),
    (
        "a limit for a counter",
        "metrics.web.done = { type = \"counter\", help = \"X.\" }\n[slos.s]\nhelp = \"S.\"\nobjective = 0.9\ngood = { metric = \"web.done\", under = 1 }",
        &["SM0805 12:31"],
    ),
    (
        "a limit for what is bad",
        "metrics.web.took = { type = \"histogram\", unit = \"seconds\", buckets = [0.1, 0.25, 1], help = \"X.\" }\n[slos.s]\nhelp = \"S.\"\nobjective = 0.9\nbad = { metric = \"web.took\", where = { mode = \"on\" }, under = 1 }",
        &["SM0805 12:55"],
    ),
    (
        "a limit and a total",
        "metrics.web.took = { type = \"histogram\", unit = \"seconds\", buckets = [0.1, 0.25, 1], help = \"X.\" }\n[slos.s]\nhelp = \"S.\"\nobjective = 0.9\ngood = { metric = \"web.took\", under = 1 }\ntotal = { metric = \"web.took\" }",
        &["SM0009 13:1"],
    ),
    (
        "events of a gauge",
        "metrics.app.level = { type = \"gauge\", help = \"X.\" }\n[slos.s]\nhelp = \"S.\"\nobjective = 0.9\ngood = { metric = \"app.level\" }",
        &["SM0806 12:19"],
    ),
    (
        "all events are good",
        "metrics.web.done = { type = \"counter\", help = \"X.\" }\n[slos.s]\nhelp = \"S.\"\nobjective = 0.9\ngood = { metric = \"web.done\" }",
        &["SM0807 12:8"],
    ),
    (
        "events of an unknown metric",
        "metrics.web.done = { type = \"counter\", help = \"X.\" }\n[slos.s]\nhelp = \"S.\"\nobjective = 0.9\ngood = { metric = \"web.don\", where = { mode = \"on\" } }",
        &["SM0105 12:19"],
    ),
    (
        "events of no metric",
        "metrics.web.done = { type = \"counter\", help = \"X.\" }\n[slos.s]\nhelp = \"S.\"\nobjective = 0.9\ngood = { where = { mode = \"on\" } }",
        &["SM0006 12:8"],
    ),
    (
        "no events",
        "metrics.web.done = { type = \"counter\", help = \"X.\" }\n[slos.s]\nhelp = \"S.\"\nobjective = 0.9",
        &["SM0006 9:7"],
    ),
    (
        "good and bad events",
        "metrics.web.done = { type = \"counter\", help = \"X.\" }\n[slos.s]\nhelp = \"S.\"\nobjective = 0.9\ngood = { metric = \"web.done\", where = { mode = \"on\" } }\nbad = { metric = \"web.done\", where = { mode = \"off\" } }",
        &["SM0009 13:1"],
    ),
    (
        "no objective",
        "metrics.web.done = { type = \"counter\", help = \"X.\" }\n[slos.s]\nhelp = \"S.\"\ngood = { metric = \"web.done\", where = { mode = \"on\" } }",
        &["SM0006 9:7"],
    ),
    (
        "a label that the metric lacks",
        "metrics.web.done = { type = \"counter\", help = \"X.\" }\n[slos.s]\nhelp = \"S.\"\nobjective = 0.9\ngood = { metric = \"web.done\", where = { mode = \"on\" } }\nby = [\"host\"]",
        &["SM0808 13:7"],
    ),
    (
        "a condition on a label that the metric lacks",
        "metrics.web.done = { type = \"counter\", help = \"X.\" }\n[slos.s]\nhelp = \"S.\"\nobjective = 0.9\ngood = { metric = \"web.done\", where = { host = \"on\" } }",
        &["SM0808 12:41"],
    ),
    (
        "a value that the label lacks",
        "metrics.web.done = { type = \"counter\", help = \"X.\" }\n[slos.s]\nhelp = \"S.\"\nobjective = 0.9\ngood = { metric = \"web.done\", where = { mode = [\"on\", \"of\"] } }",
        &["SM0809 12:55"],
    ),
    (
        "no value",
        "metrics.web.done = { type = \"counter\", help = \"X.\" }\n[slos.s]\nhelp = \"S.\"\nobjective = 0.9\ngood = { metric = \"web.done\", where = { mode = [] } }",
        &["SM0809 12:41"],
    ),
    (
        "an unknown severity",
        "metrics.web.done = { type = \"counter\", help = \"X.\" }\n[alerts.a]\nsummary = \"S\"\nexpr = \"{web.done} > 1\"\nseverity = \"page\"",
        &["SM0810 12:12"],
    ),
    (
        "an alert with nothing in it",
        "[alerts.a]",
        &["SM0006 8:9", "SM0006 8:9", "SM0006 8:9"],
    ),
    (
        "an alert that is no table",
        "alerts.a = 1",
        &["SM0007 8:12"],
    ),
    (
        "an alert of an unknown metric",
        "metrics.web.done = { type = \"counter\", help = \"X.\" }\n[alerts.a]\nsummary = \"S\"\nexpr = \"1 + {web.nothing}\"\nseverity = \"info\"",
        &["SM0105 11:14"],
    ),
    (
        "a test without silence",
        "metrics.web.done = { type = \"counter\", help = \"X.\" }\n[alerts.a]\nsummary = \"S\"\nexpr = \"{web.done} > 1\"\nseverity = \"info\"\ntest = { fires = { a = \"1\" } }",
        &["SM0006 13:8"],
    ),
    (
        "two of one name",
        "metrics.web.done = { type = \"counter\", help = \"X.\" }\n[slos.s]\nhelp = \"S.\"\nobjective = 0.9\ngood = { metric = \"web.done\", where = { mode = \"on\" } }\n[alerts.s]\nsummary = \"S\"\nexpr = \"{web.done} > 1\"\nseverity = \"info\"",
        &["SM0811 13:9"],
    ),
    (
        "an external pattern in the middle",
        "[operations]\nexternal = [\"a*b\", \"ok_*\"]",
        &["SM0813 9:13"],
    ),
    (
        "a target label with a colon",
        "[operations]\ntarget_labels = [\"a:b\"]",
        &["SM0813 9:18"],
    ),
    (
        "a policy of nothing",
        "metrics.web.done = { type = \"counter\", help = \"X.\", labels = [\"host\"] }\n[policy.p]\nhelp = \"P.\"",
        &["SM0814 9:9"],
    ),
    (
        "a policy without a reason",
        "metrics.web.done = { type = \"counter\", help = \"X.\", labels = [\"host\"] }\n[policy.p]\nmax_labels = 9",
        &["SM0010 9:9"],
    ),
    (
        "words that a policy does not know",
        "metrics.web.done = { type = \"counter\", help = \"X.\", labels = [\"host\"] }\n[policy.p]\nhelp = \"P.\"\ntypes = [\"countr\"]\nrequire = [\"team\"]\nseverity = \"fatal\"\nlints = { no-lint = \"error\", missing-unit = \"deny\" }\nnames = [\"[a\"]\nmax_series = -1",
        &[
            "SM0814 11:10",
            "SM0814 12:12",
            "SM0814 13:12",
            "SM0814 14:11",
            "SM0814 14:45",
            "SM0814 15:10",
            "SM0814 16:14",
        ],
    ),
    (
        "a lint that a policy cannot lower",
        "metrics.web.done = { type = \"counter\", help = \"X.\", labels = [\"host\"] }\n[policy.p]\nhelp = \"P.\"\nlints = { counter-without-total = \"warning\" }",
        &["SM0814 11:35"],
    ),
    (
        "a metric without an owner",
        "metrics.web.done = { type = \"counter\", help = \"X.\", labels = [\"host\"] }\n[policy.p]\nhelp = \"P.\"\nrequire = [\"owner\", \"labels\", \"deprecated.note\"]",
        &["SM0815 8:13"],
    ),
    (
        "a name that no pattern matches",
        "metrics.web.done = { type = \"counter\", help = \"X.\", labels = [\"host\"] }\n[policy.p]\nhelp = \"P.\"\nnames = [\"x_*\", \"t_app_*\"]",
        &["SM0816 8:13"],
    ),
    (
        "a label that is forbidden",
        "metrics.web.done = { type = \"counter\", help = \"X.\", labels = [\"host\"] }\n[policy.p]\nhelp = \"P.\"\nforbidden_labels = [\"ho?t\"]",
        &["SM0817 8:62"],
    ),
    (
        "a label that is reserved for another group",
        "metrics.web.done = { type = \"counter\", help = \"X.\", labels = [\"host\"] }\nmetrics.app.own = { type = \"counter\", help = \"Y.\", labels = [\"mode\"] }\n[policy.p]\nhelp = \"P.\"\ngroups = [\"app\"]\nreserved_labels = [\"mode\"]",
        &["SM0817 7:8"],
    ),
    (
        "limits that are passed",
        "metrics.web.done = { type = \"counter\", help = \"X.\", labels = [\"host\"] }\n[policy.p]\nhelp = \"P.\"\nmax_labels = 1\nmax_values = 8\nmax_series = 17",
        &["SM0818 4:8", "SM0818 8:13", "SM0818 8:62"],
    ),
    (
        "limits that are not",
        "metrics.web.done = { type = \"counter\", help = \"X.\", labels = [\"host\"] }\n[policy.p]\nhelp = \"P.\"\nmax_labels = 2\nmax_values = 9\nmax_series = 18\nmax_buckets = 0",
        &[],
    ),
];
