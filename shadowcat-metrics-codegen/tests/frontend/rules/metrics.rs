//! Rules of `[metrics]`.

use super::Case;

/// They stand behind [`BASE`](super::BASE), so the first line of each is line 8.
pub(super) const CASES: &[Case] = &[
    (
        "a metric without a group",
        "[metrics.hits]\ntype = \"counter\"\nhelp = \"X.\"",
        &["SM0013 9:1"],
    ),
    (
        "a metric of a wrong type",
        "[metrics.app]\nhits = 3",
        &["SM0007 9:8"],
    ),
    (
        "an unknown group",
        "[metrics.ap.x]\ntype = \"counter\"\nhelp = \"X.\"\n[metrics.ap.y]\ntype = \"counter\"\nhelp = \"Y.\"",
        &["SM0106 8:10"],
    ),
    (
        "an unknown group, no near miss",
        "[metrics.backend.x]\ntype = \"counter\"\nhelp = \"X.\"",
        &["SM0106 8:10"],
    ),
    (
        "no type",
        "[metrics.app.x]\nhelp = \"X.\"",
        &["SM0006 8:14"],
    ),
    (
        "an unknown type",
        "[metrics.app.x]\ntype = \"summary\"\nhelp = \"X.\"\nbuckets = [1]",
        &["SM0101 9:8"],
    ),
    (
        "a type of a wrong type",
        "[metrics.app.x]\ntype = 1\nhelp = \"X.\"",
        &["SM0007 9:8"],
    ),
    (
        "no help",
        "[metrics.app.x]\ntype = \"counter\"",
        &["SM0010 8:14"],
    ),
    (
        "help by another name",
        "[metrics.app.x]\ntype = \"counter\"\ndescription = \"X.\"",
        &["SM0004 10:1"],
    ),
    (
        "an unknown unit",
        "[metrics.app.x]\ntype = \"counter\"\nunit = \"ms\"\nhelp = \"X.\"",
        &["SM0102 10:8"],
    ),
    (
        "an unknown stability",
        "[metrics.app.x]\ntype = \"counter\"\nhelp = \"X.\"\nstability = \"good\"",
        &["SM0107 11:13"],
    ),
    (
        "a version as a number",
        "[metrics.app.x]\ntype = \"counter\"\nhelp = \"X.\"\nsince = 0.4",
        &["SM0007 11:9"],
    ),
    (
        "an unknown label",
        "[metrics.app.x]\ntype = \"counter\"\nhelp = \"X.\"\nlabels = [\"mod\"]",
        &["SM0103 11:11"],
    ),
    (
        "a label twice",
        "[metrics.app.x]\ntype = \"counter\"\nhelp = \"X.\"\nlabels = [\"mode\", \"mode\"]",
        &["SM0302 11:19"],
    ),
    (
        "a label of the group",
        "[metrics.web.x]\ntype = \"counter\"\nhelp = \"X.\"\nlabels = [\"mode\"]",
        &["SM0302 11:11"],
    ),
    (
        "an unknown bucket set",
        "[metrics.app.x]\ntype = \"histogram\"\nhelp = \"X.\"\nbuckets = \"smal\"",
        &["SM0104 11:11"],
    ),
    (
        "no buckets",
        "[metrics.app.x]\ntype = \"histogram\"\nhelp = \"X.\"",
        &["SM0401 8:14"],
    ),
    (
        "buckets for a gauge",
        "[metrics.app.x]\ntype = \"gauge\"\nhelp = \"X.\"\nbuckets = \"small\"",
        &["SM0402 11:1"],
    ),
    (
        "no states",
        "[metrics.app.x]\ntype = \"state\"\nhelp = \"X.\"",
        &["SM0403 8:14"],
    ),
    (
        "states for a gauge",
        "[metrics.app.x]\ntype = \"gauge\"\nhelp = \"X.\"\nstates = \"mode\"",
        &["SM0402 11:1"],
    ),
    (
        "open states",
        "[metrics.app.x]\ntype = \"state\"\nhelp = \"X.\"\nstates = \"host\"",
        &["SM0405 11:10"],
    ),
    (
        "unknown states",
        "[metrics.app.x]\ntype = \"state\"\nhelp = \"X.\"\nstates = \"moode\"",
        &["SM0103 11:10"],
    ),
    (
        "states that are a label too",
        "[metrics.app.x]\ntype = \"state\"\nhelp = \"X.\"\nstates = \"mode\"\nlabels = [\"mode\"]",
        &["SM0302 12:11"],
    ),
    (
        "states that are the group's label",
        "[metrics.web.x]\ntype = \"state\"\nhelp = \"X.\"\nstates = \"mode\"",
        &["SM0302 11:10"],
    ),
    (
        "a state named like its label",
        "[metrics.app.x]\ntype = \"state\"\nhelp = \"X.\"\nstates = \"mode\"\nlabels = [\"host\"]\nname = \"host\"",
        &["SM0301 12:10"],
    ),
    (
        "a callback for an up-down counter",
        "[metrics.app.x]\ntype = \"updown_counter\"\nhelp = \"X.\"\ncallback = true",
        &["SM0402 11:1"],
    ),
    (
        "a unit for a ratio",
        "[metrics.app.x]\ntype = \"ratio\"\nhelp = \"X.\"\nnumerator = \"app.y\"\ndenominator = \"app.y\"\nunit = \"bytes\"\n[metrics.app.y]\ntype = \"counter\"\nhelp = \"Y.\"",
        &["SM0402 13:1"],
    ),
    (
        "operands for a counter",
        "[metrics.app.x]\ntype = \"counter\"\nhelp = \"X.\"\nnumerator = \"app.x\"\ndenominator = \"app.x\"",
        &["SM0402 11:1", "SM0402 12:1"],
    ),
    (
        "info without facts",
        "[metrics.app.x]\ntype = \"info\"\nhelp = \"X.\"",
        &["SM0409 8:14"],
    ),
    (
        "info with an empty list",
        "[metrics.app.x]\ntype = \"info\"\nhelp = \"X.\"\nlabels = []",
        &["SM0409 11:10"],
    ),
    (
        "deprecated without a reason",
        "[metrics.app.x]\ntype = \"counter\"\nhelp = \"X.\"\ndeprecated = {}",
        &["SM0410 11:14"],
    ),
    (
        "deprecated by stability alone",
        "[metrics.app.x]\ntype = \"counter\"\nhelp = \"X.\"\nstability = \"deprecated\"",
        &["SM0410 11:13"],
    ),
    (
        "deprecated for itself",
        "[metrics.app.x]\ntype = \"counter\"\nhelp = \"X.\"\ndeprecated = { use = \"app.x\" }",
        &["SM0410 11:22"],
    ),
    (
        "deprecated for an unknown metric",
        "[metrics.app.x]\ntype = \"counter\"\nhelp = \"X.\"\ndeprecated = { use = \"app_y\" }",
        &["SM0105 11:22"],
    ),
    (
        "deprecated and stable",
        "[metrics.app.x]\ntype = \"counter\"\nhelp = \"X.\"\nstability = \"stable\"\ndeprecated = { note = \"N.\" }",
        &["SM0411 11:13"],
    ),
    (
        "an empty note",
        "[metrics.app.x]\ntype = \"counter\"\nhelp = \"X.\"\ndeprecated = { note = \"\" }",
        &["SM0012 11:23"],
    ),
    (
        "a metric that is a keyword",
        "[metrics.app.loop]\ntype = \"counter\"\nhelp = \"X.\"",
        &["SM0205 8:14"],
    ),
    (
        "a metric named like a method",
        "[metrics.app.clone]\ntype = \"counter\"\nhelp = \"X.\"",
        &["SM0206 8:14"],
    ),
    (
        "a metric that is no name",
        "[metrics.app.\"x y\"]\ntype = \"counter\"\nhelp = \"X.\"",
        &["SM0201 8:14"],
    ),
    (
        "an exact name that is none",
        "[metrics.app.x]\ntype = \"gauge\"\nhelp = \"X.\"\nname = \"1x\"",
        &["SM0202 11:8"],
    ),
    (
        "an empty exact name",
        "[metrics.app.x]\ntype = \"gauge\"\nhelp = \"X.\"\nname = \"\"",
        &["SM0202 11:8"],
    ),
    (
        "a state with a colon",
        "[metrics.app.x]\ntype = \"state\"\nhelp = \"X.\"\nstates = \"mode\"\nname = \"a:b\"",
        &["SM0202 12:8"],
    ),
    (
        "one exposed name",
        "[metrics.app.x]\ntype = \"gauge\"\nhelp = \"X.\"\n[metrics.app.y]\ntype = \"gauge\"\nhelp = \"Y.\"\nname = \"t_app_x\"",
        &["SM0203 14:8"],
    ),
    (
        "one exposed name through groups",
        "[groups.app_web]\nhelp = \"W.\"\n[metrics.app.web_x]\ntype = \"gauge\"\nhelp = \"X.\"\n[metrics.app_web.x]\ntype = \"gauge\"\nhelp = \"X.\"",
        &["SM0203 13:18"],
    ),
    (
        "an exposed name of the library's",
        "[metrics.app.x]\ntype = \"counter\"\nhelp = \"X.\"\nname = \"t_metrics_label_overflow_total\"",
        &["SM0203 11:8"],
    ),
    (
        "bounds over a ratio",
        "[metrics.app.x]\ntype = \"histogram\"\nunit = \"ratio\"\nhelp = \"X.\"\nbuckets = [0.5, 50, 99]",
        &["SM0505 12:17", "SM0505 12:21"],
    ),
    (
        "a named set over a ratio",
        "[metrics.app.x]\ntype = \"histogram\"\nunit = \"ratio\"\nhelp = \"X.\"\nbuckets = \"small\"",
        &["SM0505 5:21"],
    ),
    (
        "bounds finer than a nanosecond",
        "[metrics.app.x]\ntype = \"histogram\"\nunit = \"seconds\"\nhelp = \"X.\"\nbuckets = [0.000_000_000_5, 1]",
        &["SM0506 12:12"],
    ),
    (
        "parts of bytes",
        "[metrics.app.x]\ntype = \"histogram\"\nunit = \"bytes\"\nhelp = \"X.\"\nbuckets = { linear = { start = 0.5, width = 1, count = 9 } }",
        &["SM0506 12:11"],
    ),
    (
        "a ratio of nothing",
        "[metrics.app.x]\ntype = \"ratio\"\nhelp = \"X.\"\nnumerator = []",
        &["SM0601 8:14", "SM0601 11:13"],
    ),
    (
        "a ratio of itself",
        "[metrics.app.x]\ntype = \"ratio\"\nhelp = \"X.\"\nnumerator = \"app.x\"\ndenominator = [\"app.x\"]",
        &["SM0602 11:13", "SM0602 12:16"],
    ),
    (
        "a ratio of an unknown metric",
        "[metrics.app.x]\ntype = \"ratio\"\nhelp = \"X.\"\nnumerator = \"y\"\ndenominator = 1",
        &["SM0105 11:13", "SM0007 12:15"],
    ),
    (
        "quantiles of a counter",
        "metrics.app.x = { type = \"counter\", help = \"X.\", quantiles = true }",
        &["SM0402 8:50"],
    ),
];
