//! Rules of `[operations]`, `[slos]` and `[alerts]`.

use super::Case;

/// They stand behind [`BASE`](super::BASE), so the first line of each is line 8.
pub(super) const CASES: &[Case] = &[
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
        "quantiles of a counter",
        "metrics.app.x = { type = \"counter\", help = \"X.\", quantiles = true }",
        &["SM0812 8:50"],
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
];
