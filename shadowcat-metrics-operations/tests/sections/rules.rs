//! Every rule of the sections, broken at least once: expected codes, with a `^` at each position.

use std::collections::BTreeSet;

use shadowcat_metrics_operations::codes;

use super::compiled;

/// The start of each row's schema.
const BASE: &str = r#"
format = 1
namespace = "t"
labels.mode = { help = "Mode.", values = ["on", "off"] }
labels.host = { help = "Host.", open = { max = 8 } }
buckets.small = [1, 2]
groups.app = { help = "The app." }
groups.web = { help = "The web.", labels = ["mode"] }
"#;

/// Metrics for rows about objectives and alerts.
const METRICS: &str = r#"
metrics.web.done = { type = "counter", help = "X." }
metrics.web.took = { type = "histogram", unit = "seconds", buckets = [0.1, 0.25, 1], help = "X." }
"#;

/// Replaces `SLO` in a row.
const SLO: &str = "[slos.s]\nhelp = \"S.\"\nobjective = 0.9\n";

#[test]
fn every_rule_is_enforced() {
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for row in ROWS.lines().map(str::trim).filter(|row| !row.is_empty()) {
        let (row, expected) = row.rsplit_once(" =>").expect("a schema and codes");
        let (title, tables) = row.split_once(": ").expect("a title");
        let tables = tables.replace("SLO ", SLO).replace(" | ", "\n");
        let metrics = if tables.contains("[policy.") {
            ""
        } else {
            METRICS
        };
        let mut schema = format!("{BASE}{metrics}{tables}\n");
        let mut marks = Vec::new();
        while let Some(mark) = schema.find('^') {
            schema.remove(mark);
            marks.push(mark);
        }
        let outcome = compiled(&schema);
        let errors = outcome.report.diagnostics().iter();
        let errors: Vec<_> = errors
            .filter(|error| error.code.id().starts_with("SM0"))
            .collect();
        let found: Vec<_> = errors.iter().map(|error| error.code.id()).collect();
        let places: Vec<_> = errors.iter().map(|error| error.primary.start).collect();
        if found.join(" ") != expected.trim() || places != marks {
            wrong.push(format!(
                "{title}: found {found:?} at {places:?}, expected {expected} at {marks:?}"
            ));
        }
        seen.extend(found);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let sections: Vec<_> = codes::sections().collect();
    assert!(sections.len() > 10, "{sections:?}");
    for code in sections {
        assert!(seen.contains(code.id()), "no row has {code}");
    }
}

/// Rows of the form `TITLE: TABLES => CODES`, with ` | ` for a line break.
#[test]
fn messages_of_objectives_fit_them() {
    let problem = |slo: &str| {
        let schema = format!("{BASE}{METRICS}[slos.s]\nhelp = \"S.\"\n{slo}");
        let report = compiled(&schema).report;
        let first = report.errors().next().expect("an error");
        (first.message.clone(), first.help.clone())
    };
    let all_good = |metric: &str| {
        let slo = format!("objective = 0.9\ngood = {{ metric = \"web.{metric}\" }}");
        problem(&slo).1
    };
    assert_eq!(all_good("done"), None);
    let help = "or set `under` to one of the histogram's bucket bounds";
    assert_eq!(all_good("took").as_deref(), Some(help));
    let nothing = "objective = 0\ngood = { metric = \"web.took\", under = 1 }";
    assert_eq!(problem(nothing).0, "an objective of 0 cannot be missed");
}

const ROWS: &str = r#"
    a duration without a unit: [alerts.a] | summary = "S" | expr = "{web.done} > 1" | severity = "info" | for = ^"10" => SM0801
    a test at no time: [alerts.a] | summary = "S" | expr = "{web.done} > 1" | severity = "info" | test = { fires = { a = "1" }, silent = { a = "0" }, at = ^"x" } => SM0801
    an objective in percent: [slos.s] | help = "S." | objective = ^99.9 | good = { metric = "web.done", where = { mode = "on" } } => SM0802
    an objective of nothing: [slos.s] | help = "S." | objective = ^0 | good = { metric = "web.done", where = { mode = "on" } } => SM0802
    an objective that is not a number: [slos.s] | help = "S." | objective = ^"0.9" | good = { metric = "web.done", where = { mode = "on" } } => SM0007
    an objective over an hour: SLO good = { metric = "web.done", where = { mode = "on" } } | window = ^"1h" => SM0803
    a limit between two bounds: SLO good = { metric = "web.took", under = ^"200ms" } => SM0804
    a limit without a unit: SLO good = { metric = "web.took", under = ^"0.1" } => SM0804
    a limit that is a bound: SLO good = { metric = "web.took", under = 0.25 } =>
    a limit for a counter: SLO good = { metric = "web.done", ^under = 1 } => SM0805
    a limit for what is bad: SLO bad = { metric = "web.took", where = { mode = "on" }, ^under = 1 } => SM0805
    a limit and a total: SLO good = { metric = "web.took", under = 1 } | ^total = { metric = "web.took" } => SM0009
    events of a gauge: metrics.app.level = { type = "gauge", help = "X." } | SLO good = { metric = ^"app.level" } => SM0806
    all events are good: SLO good = ^{ metric = "web.done" } => SM0807
    an unknown key stands for the missing one: SLO good = { metric = "web.done", ^labels = { state = "ok" } } => SM0005
    events of an unknown metric: SLO good = { metric = ^"web.don", where = { mode = "on" } } => SM0105
    events of no metric: SLO good = ^{ where = { mode = "on" } } => SM0006
    no events: [slos.^s] | help = "S." | objective = 0.9 => SM0006
    good and bad events: SLO good = { metric = "web.done", where = { mode = "on" } } | ^bad = { metric = "web.done", where = { mode = "off" } } => SM0009
    no objective: [slos.^s] | help = "S." | good = { metric = "web.done", where = { mode = "on" } } => SM0006
    a label that the metric lacks: SLO good = { metric = "web.done", where = { mode = "on" } } | by = [^"host"] => SM0808
    a label that is listed twice: SLO good = { metric = "web.long", where = { mode = "on" } } | by = ["host", ^"host"] | [metrics.web.long] | type = "counter" | help = "X." | labels = ["host"] => SM0302
    a value that is listed twice: SLO good = { metric = "web.done", where = { mode = ["on", ^"on"] } } => SM0305
    a label that alerts set: SLO good = { metric = "web.sent", where = { mode = "on" } } | by = [^"severity"] | [labels.severity] | help = "S." | values = ["a", "b"] | [metrics.web.sent] | type = "counter" | help = "X." | labels = ["severity"] => SM0821
    the owner of an objective and of its series: SLO good = { metric = "web.sent", where = { mode = "on" } } | owner = "web" | by = [^"owner"] | [labels.owner] | help = "O." | values = ["a", "b"] | [metrics.web.sent] | type = "counter" | help = "X." | labels = ["owner"] => SM0821
    only the owner of series: SLO good = { metric = "web.sent", where = { mode = "on" } } | by = ["owner"] | [labels.owner] | help = "O." | values = ["a", "b"] | [metrics.web.sent] | type = "counter" | help = "X." | labels = ["owner"] =>
    a condition on a label that the metric lacks: SLO good = { metric = "web.done", where = { ^host = "on" } } => SM0808
    a value that the label lacks: SLO good = { metric = "web.done", where = { mode = ["on", ^"of"] } } => SM0809
    no value: SLO good = { metric = "web.done", where = { ^mode = [] } } => SM0809
    an unknown severity: [alerts.a] | summary = "S" | expr = "{web.done} > 1" | severity = ^"page" => SM0810
    an alert with nothing in it: [alerts.^^^a] => SM0006 SM0006 SM0006
    an alert that is not a table: alerts.a = ^1 => SM0007
    an alert of an unknown metric: [alerts.a] | summary = "S" | expr = "1 + {^web.nothing}" | severity = "info" => SM0105
    a test without silence: [alerts.a] | summary = "S" | expr = "{web.done} > 1" | severity = "info" | test = ^{ fires = { a = "1" } } => SM0006
    two of one name: SLO good = { metric = "web.done", where = { mode = "on" } } | [alerts.^s] | summary = "S" | expr = "{web.done} > 1" | severity = "info" => SM0811
    an external pattern in the middle: [operations] | external = [^"a*b", "ok_*"] => SM0813
    a target label with a colon: [operations] | target_labels = [^"a:b"] => SM0813
    target labels that are always there: [operations] | target_labels = [^"job", ^"instance", "cluster"] => SM0820 SM0820
    target labels of histograms and summaries: [operations] | target_labels = [^"le", ^"quantile"] => SM0820 SM0820
    a target label that is listed twice: [operations] | target_labels = ["cluster", ^"cluster"] => SM0820
    a target label that the program exposes: [operations] | target_labels = [^"host"] => SM0820
    a target label with the key of a label: labels.place = { help = "P.", values = ["a", "b"], name = "region" } | metrics.app.done = { type = "counter", help = "X.", labels = ["place"] } | [operations] | target_labels = ["place", ^"region"] => SM0820
    a form of histograms that does not exist: [operations] | histograms = ^"sparse" => SM0819
    a form of histograms that is not a string: [operations] | histograms = ^true => SM0007
    a policy of nothing: metrics.web.done = { type = "counter", help = "X.", labels = ["host"] } | [policy.^p] | help = "P." => SM0814
    a policy without a reason: metrics.web.done = { type = "counter", help = "X.", labels = ["host"] } | [policy.^p] | max_labels = 9 => SM0010
    words that a policy does not know: metrics.web.done = { type = "counter", help = "X.", labels = ["host"] } | [policy.p] | help = "P." | types = [^"countr"] | require = [^"team"] | severity = ^"fatal" | lints = { ^no-lint = "error", missing-unit = ^"deny" } | names = [^"[a"] | max_series = ^-1 => SM0814 SM0814 SM0814 SM0814 SM0814 SM0814 SM0814
    a lint that a policy cannot lower: metrics.web.done = { type = "counter", help = "X.", labels = ["host"] } | [policy.p] | help = "P." | lints = { counter-without-total = ^"warning" } => SM0814
    a metric without an owner: metrics.web.^done = { type = "counter", help = "X.", labels = ["host"] } | [policy.p] | help = "P." | require = ["owner", "labels", "deprecated.note"] => SM0815
    a metric without a note: metrics.web.^done = { type = "counter", help = "X." } | metrics.web.again = { type = "counter", help = "X.", note = "More." } | [policy.p] | help = "P." | types = ["counter"] | require = ["note"] => SM0815
    a name that no pattern matches: metrics.web.^done = { type = "counter", help = "X.", labels = ["host"] } | [policy.p] | help = "P." | names = ["x_*", "t_app_*"] => SM0816
    a label that is forbidden: metrics.web.done = { type = "counter", help = "X.", labels = ^["host"] } | [policy.p] | help = "P." | forbidden_labels = ["ho?t"] => SM0817
    limits that are not: metrics.web.done = { type = "counter", help = "X.", labels = ["host"] } | [policy.p] | help = "P." | max_labels = 2 | max_values = 9 | max_series = 18 | max_buckets = 0 =>
    a label that is reserved for another group: groups.^own = { help = "O.", labels = ["mode"] } | metrics.own.a = { type = "counter", help = "X." } | metrics.app.b = { type = "counter", help = "Y.", labels = ["mode"] } | [policy.p] | help = "P." | groups = ["app"] | reserved_labels = ["mode"] => SM0817
    limits of one value of a sum label: labels.near = { help = "N.", open = { max = 2 } } | labels.place = { help = "P.", of = "mode", with = { on = ["host"], off = ["near"] } } | metrics.app.done = { type = "counter", help = "X.", labels = ["place"] } | [policy.p] | help = "P." | max_labels = 2 | max_series = 12 =>
    a sum label over limits: labels.near = { help = "N.", open = { max = 2 } } | labels.place = { help = "P.", of = "mode", with = { on = ["host", "near"] } } | metrics.app.^done = { type = "counter", help = "X.", labels = ^["place"] } | [policy.p] | help = "P." | max_labels = 2 | max_series = 27 => SM0818 SM0818
    values of a label in a sum label: labels.^near = { help = "N.", open = { max = 9 } } | labels.place = { help = "P.", of = "mode", with = { on = ["near"] } } | metrics.app.done = { type = "counter", help = "X.", labels = ["place"] } | [policy.p] | help = "P." | max_values = 9 => SM0818
    a forbidden label in a sum label: labels.place = { help = "P.", of = "mode", with = { on = ["host"] } } | metrics.app.done = { type = "counter", help = "X.", labels = ^["place"] } | [policy.p] | help = "P." | forbidden_labels = ["host"] => SM0817
    a reserved label in a sum label of a group: labels.place = { help = "P.", of = "mode", with = { on = ["host"] } } | groups.^own = { help = "O.", labels = ["place"] } | metrics.own.done = { type = "counter", help = "X." } | [policy.p] | help = "P." | groups = ["web"] | reserved_labels = ["host"] => SM0817
    limits that are passed: labels.^far = { help = "F.", open = { max = 8 } } | metrics.web.^done = { type = "counter", help = "X.", labels = ^["far"] } | [policy.p] | help = "P." | max_labels = 1 | max_values = 8 | max_series = 17 => SM0818 SM0818 SM0818
"#;
