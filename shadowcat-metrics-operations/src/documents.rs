//! Every document of a schema: the reference, catalog and JSON Schema including the sections for operators,
//! and the documents for operators.

use std::collections::BTreeMap;

use crate::duration::{self, Scale};
use serde::Serialize;
use shadowcat_metrics_authoring::catalog::{Catalog, emit_catalog};
use shadowcat_metrics_authoring::json_schema::{self, emit_json_schema};
use shadowcat_metrics_authoring::page::{link, row, table_head};
use shadowcat_metrics_authoring::reference::{Section, emit_reference};
use shadowcat_metrics_codegen::emit::markdown::{code, text};
use shadowcat_metrics_codegen::series;

use crate::model::{self, Counted, Indicator, Schema, Selection};
use crate::{dashboards, program, rules, runbooks, sections};
use program::Part;

/// A generated document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its path in the folder of documents, separated by `/`: `operations/dashboards/overview.json`.
    pub path: String,
    /// Its text, with a newline at the end.
    pub content: String,
}

/// The folder for the references of other schemas of the program, below the folder of documents.
pub const PARTS: &str = "parts";

/// Options for generating documents.
#[derive(Debug, Clone)]
pub struct Options {
    /// Hand-written notes about objectives and alerts, by name: the parts of runbooks in [`runbooks::NOTES`].
    pub notes: BTreeMap<String, String>,
    /// A factor for the windows of rules and alerts.
    pub scale: Scale,
    /// Other schemas of the same program. The reference includes them.
    pub parts: Vec<Part>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            notes: BTreeMap::new(),
            scale: Scale::ONE,
            parts: Vec::new(),
        }
    }
}

/// Returns every document of a schema, sorted by path within each kind. The same schema gives the same bytes.
#[must_use]
pub fn documents(schema: &Schema, options: &Options) -> Vec<Document> {
    let document = |path: &str, content| Document {
        path: path.to_owned(),
        content,
    };
    let mut documents = vec![
        document("metrics.md", reference_with(schema, &options.parts)),
        document("metrics.json", catalog(schema, &options.parts)),
        document(json_schema::FILE_NAME, emit_json_schema(sections::value)),
    ];
    let mut operations = of_operators(schema, &options.parts, options);
    for Part { schema, .. } in &options.parts {
        operations.extend(of_operators(schema, &[], options));
        operations.push(document(&schema.reference_path(), reference(schema)));
    }
    operations.sort_by(|a, b| a.path.cmp(&b.path));
    documents.extend(operations);
    documents
}

/// Returns the rules, runbooks and dashboards of a schema.
fn of_operators(schema: &Schema, parts: &[Part], options: &Options) -> Vec<Document> {
    let mut documents = rules::documents(schema, parts, options.scale);
    documents.extend(runbooks::documents(schema, options));
    documents.extend(dashboards::documents(schema, parts));
    documents
}

/// Returns the reference: a Markdown page with everything in the schema.
#[must_use]
pub fn reference(schema: &Schema) -> String {
    reference_with(schema, &[])
}

/// Returns the reference of a program: of its own schema, with links to the pages of its other parts.
fn reference_with(schema: &Schema, parts: &[Part]) -> String {
    let mut sections = reference_sections(schema);
    if !parts.is_empty() {
        let mut body = table_head(&[
            "Part",
            "Namespace",
            "Metrics",
            "Series",
            "Objectives",
            "Alerts",
        ]);
        for Part { name, schema, .. } in parts {
            let registry = &schema.registry;
            body.push_str(&row([
                &*code(name),
                &format!(
                    "[{}]({})",
                    code(&registry.namespace),
                    schema.reference_path()
                ),
                &registry.metrics.len().to_string(),
                &format!("at most {}", series::total(registry)),
                &schema.slos.len().to_string(),
                &schema.alerts.len().to_string(),
            ]));
        }
        sections.push(Section {
            heading: "Parts",
            about: "other schemas of the program, on pages of their own. The names of their rules, alerts, runbooks and \
                    dashboards begin with the namespace.",
            body,
        });
    }
    emit_reference(&schema.registry, &sections)
}

/// Returns the catalog: the schema as JSON, for programs, with the other schemas of its program.
#[must_use]
pub fn catalog(schema: &Schema, parts: &[Part]) -> String {
    emit_catalog(&schema.registry, sections_of(schema, parts))
}

fn sections_of<'a>(schema: &'a Schema, parts: &'a [Part]) -> CatalogSections<'a> {
    let slos = schema.slos.iter().map(|one| slo(schema, one));
    let alerts = schema.alerts.iter().map(alert);
    let parts = parts.iter().map(|part| CatalogPart {
        part: &part.name,
        catalog: Catalog::new(&part.schema.registry, sections_of(&part.schema, &[])),
    });
    CatalogSections {
        slos: slos.collect(),
        alerts: alerts.collect(),
        parts: parts.collect(),
    }
}

/// The catalog's keys for operators.
#[derive(Debug, Serialize)]
struct CatalogSections<'a> {
    /// Every service level objective.
    slos: Vec<Slo<'a>>,
    /// Every alert outside objectives.
    alerts: Vec<Alert<'a>>,
    /// The other schemas of the program.
    parts: Vec<CatalogPart<'a>>,
}

/// Another schema of the program.
#[derive(Debug, Serialize)]
struct CatalogPart<'a> {
    /// Its crate, or its file.
    part: &'a str,
    /// Its catalog.
    #[serde(flatten)]
    catalog: Catalog<'a, CatalogSections<'a>>,
}

/// A service level objective.
#[derive(Debug, Serialize)]
pub struct Slo<'a> {
    /// Its key in the schema.
    pub name: &'a str,
    /// The promise, in one sentence.
    pub help: &'a str,
    /// Share of events that must be good.
    pub objective: f64,
    /// Window of the objective, in Prometheus' duration format.
    pub window: String,
    /// Exposed name of the metric that counts all events.
    pub metric: &'a str,
    /// Exposed name of the metric that counts `good` or `bad` events.
    pub counted: &'a str,
    /// What `counted` counts: `good` or `bad`.
    pub counts: &'static str,
    /// The bucket bound up to which an observation is good, or `null` if labels distinguish good events from
    /// bad ones.
    pub under: Option<f64>,
    /// Names of the labels for whose values the objective applies separately.
    pub by: Vec<&'a str>,
    /// Who is responsible for it, if the schema names an owner.
    pub owner: Option<&'a str>,
}

/// An alert outside objectives.
#[derive(Debug, Serialize)]
pub struct Alert<'a> {
    /// Its key in the schema.
    pub name: &'a str,
    /// What is wrong, in one line.
    pub summary: &'a str,
    /// The condition in PromQL.
    pub expr: &'a str,
    /// How long the condition must be true before the alert fires, in Prometheus' duration format.
    #[serde(rename = "for")]
    pub hold: String,
    /// Severity: `critical`, `warning` or `info`.
    pub severity: &'static str,
    /// Who is responsible for it, if the schema names an owner.
    pub owner: Option<&'a str>,
}

fn slo<'a>(schema: &'a Schema, slo: &'a model::Slo) -> Slo<'a> {
    let registry = &schema.registry;
    let (counts, under) = match &slo.indicator {
        Indicator::Latency { bound, .. } => ("good", Some(*bound)),
        Indicator::Availability { counted, .. } => match counted {
            Counted::Good(_) => ("good", None),
            Counted::Bad(_) => ("bad", None),
        },
    };
    let exposed = |selection: &Selection| &*registry.metrics[selection.metric.0].exposed;
    Slo {
        name: &slo.name,
        help: &slo.help,
        objective: slo.objective,
        window: duration::format(slo.window),
        metric: exposed(slo.indicator.total()),
        counted: exposed(slo.indicator.counted()),
        counts,
        under,
        by: slo
            .by
            .iter()
            .map(|id| &*registry.labels[id.0].name)
            .collect(),
        owner: slo.owner.as_deref(),
    }
}

fn alert(alert: &model::Alert) -> Alert<'_> {
    Alert {
        name: &alert.name,
        summary: &alert.summary,
        expr: alert.query.in_rules().written(),
        hold: duration::format(alert.hold),
        severity: alert.severity.name(),
        owner: alert.owner.as_deref(),
    }
}

/// Returns the reference's sections about objectives and alerts.
fn reference_sections(schema: &Schema) -> Vec<Section> {
    let mut sections = Vec::new();
    if !schema.slos.is_empty() {
        let mut body = table_head(&["Objective", "Target", "Window", "Metric", "Promise"]);
        for slo in &schema.slos {
            body.push_str(&row([
                &*code(&slo.name),
                &slo.objective.to_string(),
                &duration::format(slo.window),
                &metric(schema, slo.indicator.total()),
                &text(&slo.help),
            ]));
        }
        sections.push(Section {
            heading: "Objectives",
            about: "all objectives and their promises.",
            body,
        });
    }
    if !schema.alerts.is_empty() {
        let mut body = table_head(&["Alert", "Severity", "For", "Summary"]);
        for alert in &schema.alerts {
            body.push_str(&row([
                &*code(&alert.name),
                alert.severity.name(),
                &duration::format(alert.hold),
                &text(&alert.summary),
            ]));
        }
        sections.push(Section {
            heading: "Alerts",
            about: "alerts without an objective.",
            body,
        });
    }
    sections
}

fn metric(schema: &Schema, selection: &Selection) -> String {
    let exposed = &schema.registry.metrics[selection.metric.0].exposed;
    link(&code(exposed), exposed)
}
