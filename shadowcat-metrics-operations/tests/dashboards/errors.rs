//! Dashboards show as errors exactly what the schema marks as bad.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{charts, dashboards_of, list, queries, text};

/// A schema with names that sound like errors but have no mark, and others with a mark.
const POST: &str = r#"
format = 1
namespace = "post"

[labels.outcome]
help = "How a delivery ended."

[labels.outcome.values]
ok = "handed over"
failed = "nobody was there"
handed_back = "refused by the receiver"

[labels.door]
help = "What is known of a door."
values = ["open", "failed"]

[groups.parcel]
help = "Parcels."

[metrics.parcel.large]
type = "counter"
help = "Parcels that need two people."

[metrics.parcel.errors]
type = "counter"
help = "Parcels with a wrong address."

[metrics.parcel.delivered]
type = "counter"
help = "Deliveries tried."
labels = ["outcome"]

[metrics.parcel.door]
type = "state"
states = "door"
help = "The door of the last delivery."

[slos.delivery]
help = "Deliveries succeed."
objective = 0.99
bad = { metric = "parcel.delivered", where = { outcome = ["failed"] } }
"#;

/// Returns the rows of the group's dashboard, with the titles of their panels.
fn rows(dashboard: &Value) -> BTreeMap<&str, Vec<&str>> {
    let mut rows = BTreeMap::<_, Vec<_>>::new();
    let mut row = "";
    for panel in list(dashboard, "/panels") {
        if text(panel, "/type") == "row" {
            row = text(panel, "/title");
        } else {
            rows.entry(row).or_default().push(text(panel, "/title"));
        }
    }
    rows
}

fn parcel(schema: &str) -> Value {
    dashboards_of(schema)
        .remove("operations/dashboards/parcel.json")
        .expect("the group has a dashboard")
}

fn panel<'d>(dashboard: &'d Value, title: &str) -> &'d Value {
    let mut charts = charts(dashboard);
    let found = charts.find(|panel| text(panel, "/title") == title);
    found.unwrap_or_else(|| panic!("no panel {title}"))
}

/// Returns the color of each state.
fn colors(dashboard: &Value) -> Vec<(String, String)> {
    let mappings = &list(panel(dashboard, "Door"), "/fieldConfig/defaults/mappings")[0];
    let states = mappings["options"].as_object().expect("a map");
    let mut colors: Vec<_> = states
        .values()
        .map(|state| (text(state, "/text").into(), text(state, "/color").into()))
        .collect();
    colors.sort();
    colors
}

#[test]
fn names_do_not_mark_errors() {
    let dashboard = parcel(POST);
    let rows = rows(&dashboard);
    assert_eq!(rows.get("Errors"), None, "{rows:?}");
    assert_eq!(rows["Traffic"], ["Large", "Errors", "Delivered"]);
    assert!(colors(&dashboard).iter().all(|(_, color)| color != "red"));
    let overview = &dashboards_of(POST)["operations/dashboards/overview.json"];
    assert_eq!(self::rows(overview).get("Errors"), None);
}

#[test]
fn marked_counters_are_errors() {
    let schema = POST.replace(
        "help = \"Parcels with a",
        "bad = true\nhelp = \"Parcels with a",
    );
    assert_eq!(rows(&parcel(&schema))["Errors"], ["Errors"]);
    let overview = &dashboards_of(&schema)["operations/dashboards/overview.json"];
    assert_eq!(rows(overview)["Errors"], ["parcel: errors"]);
}

#[test]
fn marked_values_are_errors() {
    let mark = |schema: &str, value: &str, help: &str| {
        let from = format!("{value} = \"{help}\"");
        schema.replace(
            &from,
            &format!("{value} = {{ help = \"{help}\", bad = true }}"),
        )
    };
    let failed = mark(POST, "failed", "nobody was there");
    let both = mark(&failed, "handed_back", "refused by the receiver");
    let limit = |schema: &str| {
        let dashboard = parcel(schema);
        let share = panel(&dashboard, "Delivered: share of errors");
        share["fieldConfig"]["defaults"]["thresholds"]["steps"][1]["value"].as_f64()
    };
    let query = |schema: &str| queries(panel(&parcel(schema), "Delivered: errors")).next();
    let select = |outcomes| {
        format!(
            "sum by (outcome) (rate(post_parcel_delivered_total{{job=~\"$job\", instance=~\"$instance\", \
             outcome=~\"$outcome\", outcome=~\"{outcomes}\"}}[4m13s]))"
        )
    };
    // The error budget is only a limit for the series of the objective.
    assert_eq!(limit(&failed), Some(0.01));
    assert_eq!(query(&failed), Some(select("failed")));
    assert_eq!(limit(&both), None);
    assert_eq!(query(&both), Some(select("failed|handed_back")));
    // Without a good value, there is no total to compare with.
    let all = mark(&both, "ok", "handed over");
    assert_eq!(rows(&parcel(&all)).get("Errors"), None);
}

#[test]
fn marked_states_are_red() {
    let values = "values = { open = {}, failed = { bad = true } }";
    let schema = POST.replace("values = [\"open\", \"failed\"]", values);
    let expected = [("failed", "red"), ("none yet", "text"), ("open", "blue")];
    assert_eq!(
        colors(&parcel(&schema)),
        expected.map(|(state, color)| (state.to_owned(), color.to_owned()))
    );
}

/// Otherwise the total counts the events of a renamed value twice.
#[test]
fn the_share_of_errors_counts_renamed_values_once() {
    let renamed = |name: &str| {
        format!("help = \"It is so.\", renamed_from = {{ name = \"{name}\", until = \"2.0.0\" }}")
    };
    let post = POST
        .replace(
            "ok = \"handed over\"",
            &format!("ok = {{ {} }}", renamed("given")),
        )
        .replace(
            "handed_back = \"refused by the receiver\"",
            &format!("handed_back = {{ bad = true, {} }}", renamed("returned")),
        );
    let dashboard = parcel(&post);
    let share = panel(&dashboard, "Delivered: share of errors");
    let query = queries(share).next().expect("a query");
    let bad = r#"outcome!~"ok|handed_back", outcome=~"returned"}[4m13s])"#;
    let (of_bad, of_all) = query.split_once(" / ").expect("a quotient");
    assert!(of_bad.ends_with(&format!("{bad})")), "{query}");
    assert!(
        of_all.ends_with(r#"outcome!~"ok|handed_back"}[4m13s]))"#),
        "{query}"
    );
}

/// Otherwise the panel lacks the time before the renaming.
#[test]
fn states_are_read_under_their_former_names() {
    let open = r#"open = { help = "It waits.", renamed_from = { name = "new", until = "2.0.0" } }"#;
    let schema = POST.replace(
        "values = [\"open\", \"failed\"]",
        &format!("values = {{ {open}, failed = {{}} }}"),
    );
    let dashboard = parcel(&schema);
    let query = queries(panel(&dashboard, "Door")).next().expect("a query");
    assert!(query.contains(r#"="new"} * 1"#), "{query}");
    assert!(!query.contains(r#""open""#), "{query}");
}
