//! Several schemas in one program: their exposed names on one page, and their series together.

use std::collections::HashMap;

use shadowcat_metrics_authoring::series::budgeted;
use shadowcat_metrics_codegen::codes::errors::{
    COLLIDING_SUFFIX, DUPLICATE_EXPOSED_NAME, DUPLICATE_OTEL_NAME, INVALID_USE as SHARED_NAMESPACE,
    OVER_BUDGET,
};
use shadowcat_metrics_codegen::model::{Metric, Origin, Registry};
use shadowcat_metrics_codegen::name::{names_taken, otel_metric_name};
use shadowcat_metrics_codegen::{Code, Diagnostic, Span};

use crate::model::Schema;
use crate::rules;
use crate::sections::{ALERT_COLLISION, TARGET_LABEL_CLASH};

/// The schema of another crate in the same program.
#[derive(Debug, Clone)]
pub struct Part {
    /// The crate, or the file of the schema.
    pub name: String,
    /// Its metrics.
    pub schema: Schema,
    /// The string in the program's schema that names it, or the start of the file.
    pub span: Span,
}

impl Part {
    /// Creates a part of a program.
    #[must_use]
    pub fn new(name: &str, mut schema: Schema, span: Span) -> Self {
        schema.is_part = true;
        Self {
            name: name.to_owned(),
            schema,
            span,
        }
    }
}

/// Checks that the metrics of a schema and of the other schemas of its program can be on one page and in one push, that their
/// alerts and recorded series have different names, and that all of them together are within its budget. Positions are in the
/// schema.
#[must_use]
pub fn check_program(schema: &Schema, parts: &[Part]) -> Vec<Diagnostic> {
    let registry = &schema.registry;
    let mut problems = clashes(registry, parts);
    if problems.is_empty() {
        problems.extend(shared_namespaces(schema, parts));
    }
    if problems.is_empty() {
        problems.extend(shared_names(schema, parts));
    }
    problems.extend(renamed_labels(schema, parts));
    problems.extend(over_budget(registry, parts));
    problems
}

/// Returns the words for the schema with a number in a message. The program's own schema is number 0.
fn whose(number: usize, parts: &[Part]) -> String {
    match number {
        0 => "this schema".to_owned(),
        other => format!("the schema of `{}`", parts[other - 1].name),
    }
}

/// Reports each schema with the namespace of another one: their files for operators would have the same names.
fn shared_namespaces(schema: &Schema, parts: &[Part]) -> Vec<Diagnostic> {
    let namespace = |schema: &Schema| vec![schema.registry.namespace.clone()];
    let problems = shared(schema, parts, namespace, SHARED_NAMESPACE, "the namespace");
    let complete = |problem: Diagnostic| {
        problem
            .label("expected schemas with different namespaces")
            .help("give each schema its own `namespace`")
    };
    problems.into_iter().map(complete).collect()
}

/// Reports metrics of different schemas with the same OpenTelemetry name, and alerts and recorded series with the same name.
fn shared_names(schema: &Schema, parts: &[Part]) -> Vec<Diagnostic> {
    let otel_names = |schema: &Schema| {
        let registry = &schema.registry;
        let metrics = registry.metrics.iter();
        // OpenTelemetry ignores the case of metric names.
        metrics
            .map(|metric| otel_metric_name(registry, metric).to_ascii_lowercase())
            .collect()
    };
    let what = "a metric with the OpenTelemetry name";
    let mut problems = shared(schema, parts, otel_names, DUPLICATE_OTEL_NAME, what);
    let what = "an alert or a recorded series named";
    problems.extend(shared(schema, parts, rules::names, ALERT_COLLISION, what));
    let complete = |problem: Diagnostic| {
        problem
            .label("expected names that differ between the schemas of a program")
            .help("rename one of the two")
    };
    problems.into_iter().map(complete).collect()
}

/// Reports each name of a schema that another one has, without a label. `what` introduces the name.
fn shared(
    schema: &Schema,
    parts: &[Part],
    names: impl Fn(&Schema) -> Vec<String>,
    code: Code,
    what: &str,
) -> Vec<Diagnostic> {
    let mut taken: HashMap<String, usize> =
        names(schema).into_iter().map(|name| (name, 0)).collect();
    let mut problems = Vec::new();
    for (number, part) in (1..).zip(parts) {
        for name in names(&part.schema) {
            let owner = *taken.entry(name.clone()).or_insert(number);
            if owner != number {
                let (whose, part_name) = (whose(owner, parts), &part.name);
                let message =
                    format!("{whose} and the schema of `{part_name}` both have {what} `{name}`");
                problems.push(Diagnostic::error(code, part.span, message));
            }
        }
    }
    problems
}

/// Returns every name that a metric uses on a page.
fn names(metric: &Metric) -> impl Iterator<Item = String> {
    let former = metric.former.as_ref().map(|former| former.name.as_str());
    let names = std::iter::once(metric.exposed.as_str()).chain(former);
    names.flat_map(|name| names_taken(name, &metric.kind))
}

/// Reports each pair of metrics from different schemas once.
fn clashes(registry: &Registry, parts: &[Part]) -> Vec<Diagnostic> {
    // The schema's number and the metric, by name. The program's own schema is number 0.
    let mut taken: HashMap<String, (usize, &Metric)> = HashMap::new();
    for metric in &registry.metrics {
        taken.extend(names(metric).map(|name| (name, (0, metric))));
    }
    let mut problems = Vec::new();
    for (number, part) in (1..).zip(parts) {
        for metric in &part.schema.registry.metrics {
            let mut reported = Vec::new();
            for name in names(metric) {
                let (owner, other) = *taken.entry(name.clone()).or_insert((number, metric));
                if owner == number || reported.contains(&&other.exposed) {
                    continue;
                }
                reported.push(&other.exposed);
                let whose = whose(owner, parts);
                let (code, what) = if other.exposed == metric.exposed {
                    (DUPLICATE_EXPOSED_NAME, "expose")
                } else {
                    (COLLIDING_SUFFIX, "have the series")
                };
                let message = format!(
                    "{whose} and the schema of `{}` both {what} `{name}`",
                    part.name
                );
                let is_placed = owner == 0 && other.spans.key != Span::default();
                let span = if is_placed {
                    other.spans.name
                } else {
                    part.span
                };
                let owner = match owner {
                    0 => registry,
                    other => &parts[other - 1].schema.registry,
                };
                let help = if owner.namespace == part.schema.registry.namespace {
                    "give each schema its own `namespace`"
                } else {
                    "rename one of the two"
                };
                let problem = Diagnostic::error(code, span, message)
                    .label("expected names that differ between the schemas of a program")
                    .help(help);
                problems.push(problem);
            }
        }
    }
    problems
}

/// Reports labels of other schemas that scraping the program adds, too.
fn renamed_labels(schema: &Schema, parts: &[Part]) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for part in parts {
        let labels = part.schema.registry.labels.iter();
        let labels = labels.filter(|label| label.origin == Origin::Schema);
        for name in labels.map(|label| &label.name) {
            if schema.settings.target_labels.contains(name) {
                let message = format!(
                    "the schema of `{}` and scraping both add the label `{name}`",
                    part.name
                );
                let problem = Diagnostic::error(TARGET_LABEL_CLASH, part.span, message)
                    .label("expected a schema without the labels in `target_labels`")
                    .help(format!(
                        "Prometheus renames the program's label to `exported_{name}`; expose one of the two under another name"
                    ));
                problems.push(problem);
            }
        }
    }
    problems
}

fn over_budget(registry: &Registry, parts: &[Part]) -> Option<Diagnostic> {
    let own = budgeted(registry);
    let sizes = parts.iter().map(|part| budgeted(&part.schema.registry));
    let sizes: Vec<_> = sizes.collect();
    let add = |total: u64, size: &u64| total.saturating_add(*size);
    let total = sizes.iter().fold(own, add);
    // A schema that is over its budget by itself is reported as such.
    if total <= registry.series_budget || own > registry.series_budget {
        return None;
    }
    let (largest, size) = parts.iter().zip(sizes).max_by_key(|(_, size)| *size)?;
    let message = format!(
        "the schemas of the program allow up to {total} series, over the budget of {}",
        registry.series_budget
    );
    let problem = Diagnostic::error(OVER_BUDGET, largest.span, message)
        .label(format!("the largest: {size} series of `{}`; {own} of this schema", largest.name))
        .help("raise `series_budget` under `[defaults]`, which is for the whole program, or make a schema smaller");
    Some(problem)
}
