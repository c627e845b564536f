//! Grafana dashboards: an overview and one for each group, laid out by the meaning of their metrics.

mod charts;
mod grafana;
mod layout;
mod metric;
mod overview;
mod variables;

use shadowcat_metrics_codegen::model::{Group, GroupId, Metric, MetricId, Origin, Registry};

use crate::program::Part;
use crate::{Document, MARK, Schema};
use grafana::{Annotations, Dashboard, Link, SCHEMA_VERSION, Templating, Time, Variable};

pub(crate) use layout::{Draft, Row};
pub(crate) use metric::View;

/// Folder of dashboards, relative to the folder of documents.
pub const FOLDER: &str = "operations/dashboards";

/// Returns the dashboards. There are none for a schema without metrics, or for a group with only deprecated
/// metrics. The overview has links to those of the program's other schemas, `parts`.
#[must_use]
pub fn documents(schema: &Schema, parts: &[Part]) -> Vec<Document> {
    let registry = &schema.registry;
    let groups = registry.groups.iter().enumerate();
    let own = groups.filter(|(_, group)| group.origin == Origin::Schema);
    let mut documents: Vec<_> = own
        .filter_map(|(id, group)| {
            let metrics = metrics(registry, GroupId(id));
            (!metrics.is_empty()).then(|| {
                let dashboard = of_group(schema, group, &metrics);
                document(schema, &group_name(group), &dashboard)
            })
        })
        .collect();
    if !documents.is_empty() {
        let overview = overview::dashboard(schema, parts);
        documents.push(document(schema, "overview", &overview));
    }
    documents
}

fn document(schema: &Schema, name: &str, dashboard: &Dashboard) -> Document {
    let mut content = serde_json::to_string_pretty(dashboard)
        .expect("strings, numbers, maps with names and lists are JSON");
    content.push('\n');
    Document {
        path: format!("{FOLDER}/{}.json", schema.file_name(name)),
        content,
    }
}

fn of_group(schema: &Schema, group: &Group, ids: &[MetricId]) -> Dashboard {
    let registry = &schema.registry;
    let metrics: Vec<_> = ids.iter().map(|id| &registry.metrics[id.0]).collect();
    let drafts = ids.iter().flat_map(|id| metric::panels(schema, *id, true));
    let links = vec![
        charts::link("Overview", address(registry, "overview"), true),
        all(registry),
    ];
    assemble(
        registry,
        &group_name(group),
        &format!("{} / {}", registry.namespace, group.name),
        &group.help,
        links,
        variables::variables(schema, &metrics, true),
        drafts.collect(),
    )
}

fn assemble(
    registry: &Registry,
    name: &str,
    title: &str,
    help: &str,
    links: Vec<Link>,
    variables: Vec<Variable>,
    drafts: Vec<Draft>,
) -> Dashboard {
    Dashboard {
        uid: uid(registry, name),
        title: title.to_owned(),
        description: format!("{MARK}: change metrics.toml.\n\n{help}"),
        tags: vec![tag(registry), "generated".to_owned()],
        schema_version: SCHEMA_VERSION,
        editable: false,
        graph_tooltip: 1,
        timezone: "browser",
        time: Time {
            from: "now-1h",
            to: "now",
        },
        refresh: "30s",
        links,
        annotations: Annotations { list: [] },
        templating: Templating { list: variables },
        panels: layout::place(drafts),
    }
}

/// Returns the metrics of a group that are not deprecated.
fn metrics(registry: &Registry, group: GroupId) -> Vec<MetricId> {
    let metrics = registry.metrics.iter().enumerate();
    metrics
        .filter(|(_, metric)| metric.group == group && is_shown(metric))
        .map(|(id, _)| MetricId(id))
        .collect()
}

fn is_shown(metric: &Metric) -> bool {
    metric.deprecated.is_none()
}

/// Returns the group's part of names. One name belongs to the overview, and group names never contain a
/// hyphen.
fn group_name(group: &Group) -> String {
    match group.name.as_str() {
        "overview" => "overview-group".to_owned(),
        name => name.to_owned(),
    }
}

/// Returns a dashboard's permanent id in Grafana, with at most 40 characters.
fn uid(registry: &Registry, name: &str) -> String {
    let uid = format!("{}-{name}", registry.namespace);
    if uid.len() <= 40 {
        return uid;
    }
    // Names are ASCII, so every byte is a character.
    format!("{}-{:08x}", &uid[..31], layout::hash(&uid))
}

fn address(registry: &Registry, name: &str) -> String {
    format!("/d/{}", uid(registry, name))
}

/// Returns the tag that a schema's dashboards share.
fn tag(registry: &Registry) -> String {
    registry.namespace.clone()
}

/// Returns a menu of all dashboards of the schema.
fn all(registry: &Registry) -> Link {
    Link {
        kind: "dashboards",
        url: None,
        tags: vec![tag(registry)],
        as_dropdown: true,
        ..charts::link("Groups", String::new(), true)
    }
}
