//! Dashboards of Shadowcat's schema and of a schema with every kind: ids, positions, stability, links, unusual names. The rules
//! of Grafana's linter are in `linter`, errors in `errors`.

#[path = "../common/mod.rs"]
#[allow(dead_code, reason = "each test uses a part of it")]
mod common;
mod errors;
mod linter;

use std::collections::{BTreeMap, BTreeSet};

use expect_test::expect_file;
use promql_parser::parser::{self, Expr};
use serde_json::Value;
use shadowcat_metrics_operations::dashboards;

use common::problems::{problems_in_file, schema};
use common::{EVERYTHING, SHADOWCAT, compiled};

fn dashboards_of(text: &str) -> BTreeMap<String, Value> {
    let schema = schema(text);
    let documents = dashboards::documents(&schema, &[]);
    let again = dashboards::documents(&schema, &[]);
    assert_eq!(documents, again, "the same bytes");
    let parse = |content: &str| serde_json::from_str(content).expect("it is JSON");
    documents
        .iter()
        .map(|document| (document.path.clone(), parse(&document.content)))
        .collect()
}

fn all() -> Vec<(String, Value)> {
    let all: Vec<_> = [SHADOWCAT, EVERYTHING]
        .into_iter()
        .flat_map(dashboards_of)
        .collect();
    assert!(all.len() > 15, "only {} dashboards", all.len());
    all
}

fn list<'v>(value: &'v Value, pointer: &str) -> &'v [Value] {
    value
        .pointer(pointer)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn variables(dashboard: &Value) -> &[Value] {
    list(dashboard, "/templating/list")
}

/// Returns the panels other than rows.
fn charts(dashboard: &Value) -> impl Iterator<Item = &Value> {
    list(dashboard, "/panels")
        .iter()
        .filter(|panel| text(panel, "/type") != "row")
}

/// Returns every query of a panel, with values for Grafana's variables.
fn queries(panel: &Value) -> impl Iterator<Item = String> {
    list(panel, "/targets")
        .iter()
        .map(|target| text(target, "/expr").replace("$__rate_interval", "4m13s"))
}

fn parsed(query: &str) -> Expr {
    parser::parse(query).unwrap_or_else(|error| panic!("{query}: {error}"))
}

#[test]
fn ids_and_titles_are_unique_and_panels_do_not_overlap() {
    for (path, dashboard) in all() {
        let mut ids = BTreeSet::new();
        let mut cells = BTreeSet::new();
        for panel in list(&dashboard, "/panels") {
            assert!(
                ids.insert(panel["id"].as_u64()),
                "{path}: duplicate {}",
                panel["id"]
            );
            let side = |name: &str| panel["gridPos"][name].as_u64().expect("a number");
            assert!(
                side("w") > 0 && side("h") > 0 && side("x") + side("w") <= 24,
                "{path}: {panel}"
            );
            for x in side("x")..side("x") + side("w") {
                for y in side("y")..side("y") + side("h") {
                    assert!(cells.insert((x, y)), "{path}: panels overlap at {x}, {y}");
                }
            }
            let targets: Vec<_> = list(panel, "/targets")
                .iter()
                .map(|one| text(one, "/refId"))
                .collect();
            let distinct: BTreeSet<_> = targets.iter().collect();
            assert_eq!(distinct.len(), targets.len(), "{path}: {panel}");
        }
    }
    let uids: Vec<_> = all()
        .iter()
        .map(|(_, one)| text(one, "/uid").to_owned())
        .collect();
    assert_eq!(uids.iter().collect::<BTreeSet<_>>().len(), uids.len());
    assert!(uids.iter().all(|uid| uid.len() <= 40), "{uids:?}");
}

/// Returns the ids of all panels by dashboard and title.
fn ids(schema: &str) -> BTreeMap<(String, String), u64> {
    let mut ids = BTreeMap::new();
    for (path, dashboard) in dashboards_of(schema) {
        for panel in charts(&dashboard) {
            let id = panel["id"].as_u64().expect("a number");
            ids.insert((path.clone(), text(panel, "/title").to_owned()), id);
        }
    }
    ids
}

#[test]
fn new_panels_change_no_ids() {
    let more = SHADOWCAT.replacen(
        "[metrics.transport.operations]",
        "[metrics.transport.aborts]\ntype = \"counter\"\nhelp = \"Transports that gave up.\"\n\n[metrics.transport.operations]",
        1,
    );
    let (before, after) = (ids(SHADOWCAT), ids(&more));
    assert_eq!(after.len(), before.len() + 1);
    assert!(
        before
            .iter()
            .all(|(panel, id)| after.get(panel) == Some(id))
    );
}

#[test]
fn deprecated_metrics_are_omitted_and_objectives_are_limits() {
    let everything = format!("{:?}", dashboards_of(EVERYTHING));
    assert!(everything.contains("legacy_operations_total"));
    assert!(!everything.contains("all_kept_old_total") && !everything.contains("all_kept_older"));
    let shadowcat = dashboards_of(SHADOWCAT);
    let limit = |group: &str, title: &str| {
        let dashboard = &shadowcat[&format!("{}/{group}.json", dashboards::FOLDER)];
        let panel = charts(dashboard).find(|panel| text(panel, "/title") == title);
        let panel = panel.unwrap_or_else(|| panic!("no panel {title}"));
        panel["fieldConfig"]["defaults"]["thresholds"]["steps"][1]["value"].as_f64()
    };
    assert_eq!(
        limit("transport", "Phase duration: p50, p95, p99"),
        Some(0.1024)
    );
    assert_eq!(limit("request", "Completed: share of errors"), Some(0.005));
    assert_eq!(limit("request", "Duration: p50, p95, p99"), None);
}

#[test]
fn ratios_are_computed_over_a_recent_window() {
    for (path, dashboard) in dashboards_of(SHADOWCAT) {
        for query in charts(&dashboard).flat_map(queries) {
            for ratio in ["hit_ratio", "reuse_ratio", "dedup_ratio", "graceful_ratio"] {
                assert!(!query.contains(ratio), "{path}: {query}");
            }
        }
    }
    let sse = &dashboards_of(SHADOWCAT)["operations/dashboards/sse.json"];
    let panel = charts(sse).find(|panel| text(panel, "/title") == "Dedup ratio");
    let query = panel.and_then(|panel| queries(panel).next());
    assert_eq!(
        query.as_deref(),
        Some(concat!(
            "sum by (server) (rate(shadowcat_sse_duplicates_total{job=~\"$job\", instance=~\"$instance\", server=~\"$server\"}[4m13s])) / ",
            "sum by (server) (rate(shadowcat_sse_events_total{job=~\"$job\", instance=~\"$instance\", server=~\"$server\"}[4m13s]))",
        ))
    );
}

#[test]
fn histograms_with_open_labels_show_the_highest_quantiles() {
    const SUFFIX: &str = ": 10 highest p95";
    let schema = r#"format = 1
namespace = "x"

[labels.shop]
help = "Shop."
open = { max = 100 }

[labels.kind]
help = "Kind."
values = ["a", "b"]

[groups.g]
help = "Group."

[metrics.g.open_size]
type = "histogram"
help = "Sizes."
unit = "bytes"
labels = ["shop", "kind"]
buckets = [1, 2]

[metrics.g.closed_size]
type = "histogram"
help = "Sizes."
unit = "bytes"
labels = ["kind"]
buckets = [1, 2]
"#;
    let shown = &dashboards_of(schema)["operations/dashboards/g.json"];
    let highest: Vec<_> = charts(shown)
        .filter(|panel| text(panel, "/title").ends_with(SUFFIX))
        .collect();
    let [panel] = highest[..] else {
        panic!("{highest:?}");
    };
    assert_eq!(text(panel, "/title"), format!("Open size{SUFFIX}"));
    assert_eq!(text(panel, "/targets/0/legendFormat"), "{{shop}}");
    assert_eq!(
        queries(panel).collect::<Vec<_>>(),
        [concat!(
            "topk(10, histogram_quantile(0.95, sum by (shop, le) (rate(x_g_open_size_bytes_bucket",
            "{job=~\"$job\", instance=~\"$instance\", shop=~\"$shop\", kind=~\"$kind\"}[4m13s]))))",
        )]
    );
    let slowest = &dashboards_of(SHADOWCAT)["operations/dashboards/request.json"];
    let tools = format!("Tool duration{SUFFIX}");
    assert!(charts(slowest).any(|panel| text(panel, "/title") == tools));
}

/// Metrics of every form of panel whose series do not have the same labels.
const SUMS: &str = r#"
format = 1
namespace = "app"

[labels.method]
help = "Method of the call."
values = ["ping", "tools/call"]

[labels.tool]
help = "Tool that was called."
open = { max = 64 }

[labels.call]
help = "The call: its method and, if it has one, its tool."
of = "method"
with = { "tools/call" = ["tool"] }

[labels.mode]
help = "Mode of a call."
values = ["idle", "busy"]

[groups.call]
help = "Calls."
labels = ["call"]

[metrics.call.made]
type = "counter"
help = "Calls made."

[metrics.call.duration]
type = "histogram"
help = "Time from a call to its answer."
unit = "seconds"
buckets = [0.1, 1]

[metrics.call.mode]
type = "state"
help = "Mode of the last call."
states = "mode"

[labels.transport]
help = "Transport of the request."
values = ["stdio", "http"]

[labels.request]
help = "The request: its transport and, over HTTP, its call."
of = "transport"
with = { "http" = ["call"] }

[groups.request]
help = "Requests."
labels = ["request"]

[metrics.request.duration]
type = "histogram"
help = "Time from a request to its answer."
unit = "seconds"
buckets = [0.1, 1]
"#;

#[test]
fn the_checks_of_queries_accept_dashboards() {
    for text in [SHADOWCAT, SUMS] {
        for document in dashboards::documents(&schema(text), &[]) {
            let problems = problems_in_file(text, &document.path, &document.content);
            assert_eq!(problems, Vec::<String>::new(), "{}", document.path);
        }
    }
}

#[test]
fn panels_link_to_the_reference_and_to_runbooks() {
    let schema = SHADOWCAT.replace(
        "[operations]\n",
        "[operations]\nreference_url = \"https://docs.example/metrics\"\nrunbook_url = \"https://docs.example/{alert}\"\n",
    );
    let dashboards = dashboards_of(&schema);
    let transport = &dashboards["operations/dashboards/transport.json"];
    let links = |panel: &Value| {
        let links = list(panel, "/links").iter();
        links
            .map(|link| {
                (
                    text(link, "/title").to_owned(),
                    text(link, "/url").to_owned(),
                )
            })
            .collect::<Vec<_>>()
    };
    let panel_of = |metric: &str| {
        let mut panels = charts(transport);
        panels.find(|panel| text(panel, "/description").contains(&format!("`{metric}`.")))
    };
    let panel = panel_of("shadowcat_transport_phase_duration_seconds").expect("a panel");
    let address = |path: &str| format!("https://docs.example/{path}");
    assert_eq!(
        links(panel),
        [
            (
                "Reference".to_owned(),
                address("metrics#shadowcat_transport_phase_duration_seconds")
            ),
            ("Runbook: forwarding".to_owned(), address("forwarding")),
        ]
    );
}

#[test]
fn a_schema_without_metrics_has_no_dashboards() {
    assert!(dashboards_of("format = 1\nnamespace = \"empty\"\n").is_empty());
}

/// The exact JSON of one dashboard. After an intended change, run `UPDATE_EXPECT=1 cargo test -p shadowcat-metrics-operations
/// --test dashboards` and read the diff.
#[test]
fn golden() {
    let outcome = compiled(EVERYTHING);
    let documents = dashboards::documents(outcome.schema().expect("it compiles"), &[]);
    let plain = documents
        .iter()
        .find(|document| document.path.ends_with("/plain.json"));
    let plain = plain.expect("the group `plain` has a dashboard");
    expect_file!["../../../tests/golden/dashboard.json"].assert_eq(&plain.content);
}

/// Names reserved in Grafana or Prometheus, values that are patterns, and a name that is too long for a URL.
const ODD: &str = r#"
format = 1
namespace = "a_namespace_that_is_long_enough_for_trouble"

[labels.datasource]
help = "Where it came from."

[labels.datasource.values]
ok = "it came"
"failed.*" = { bad = true }
"error $job" = { bad = true }
"error \"5\"" = { bad = true }

[labels.job]
help = "What was done."
values = ["a", "b"]

[groups.overview]
help = "A group with the name of the overview."
labels = ["datasource"]

[metrics.overview.done]
type = "counter"
help = "Things done."

[metrics.overview.mood]
type = "state"
states = "job"
help = "Which of two."
"#;

#[test]
fn unusual_names_and_values_stay_distinct() {
    let found = dashboards_of(ODD);
    let names: Vec<_> = found
        .keys()
        .map(|path| path.rsplit('/').next().expect("a name"))
        .collect();
    assert_eq!(names, ["overview-group.json", "overview.json"]);
    let uids: BTreeSet<_> = found.values().map(|one| text(one, "/uid")).collect();
    assert!(
        uids.len() == 2 && uids.iter().all(|uid| uid.len() <= 40),
        "{uids:?}"
    );
    let group = &found[&format!("{}/overview-group.json", dashboards::FOLDER)];
    let names: Vec<_> = variables(group)
        .iter()
        .map(|one| text(one, "/name"))
        .collect();
    assert_eq!(
        names,
        ["datasource", "job", "instance", "label__datasource"]
    );
    let bad = charts(group)
        .flat_map(queries)
        .find(|query| query.contains("failed"));
    let bad = bad.expect("a query of what failed");
    assert!(
        bad.contains(r#"datasource=~"failed\\.\\*|error \\\x24job|error \"5\"""#),
        "{bad}"
    );
    parsed(&bad);
}
