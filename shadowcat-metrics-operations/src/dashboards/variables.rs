//! Template variables: the data source, the targets, and a variable for each label; and selectors and rates that use them.

use std::fmt::Write as _;

use serde_json::json;
use shadowcat_metrics_authoring::conditions::conditions;
use shadowcat_metrics_codegen::model::{LabelId, LabelValues, Metric, Registry, Storage};
use shadowcat_metrics_codegen::name::TARGET_LABELS;

use super::grafana::{DATA_SOURCE, Variable};
use crate::kinds::{Events, KindRow};
use crate::model::Schema;
use crate::promql::write::{self, Part};

/// Matchers in every query.
const TARGET: &str = "job=~\"$job\", instance=~\"$instance\"";

/// Returns the data source, the job and the instance, then the labels of these metrics in order.
pub(super) fn variables(schema: &Schema, metrics: &[&Metric], with_labels: bool) -> Vec<Variable> {
    let registry = &schema.registry;
    let mut variables = vec![Variable {
        kind: "datasource",
        name: "datasource".to_owned(),
        label: "Data source".to_owned(),
        query: json!("prometheus"),
        refresh: 1,
        ..Variable::default()
    }];
    let Some(steady) = steady(registry, metrics) else {
        return variables;
    };
    // Other programs also have series with names such as `process_open_fds`, so the choice is limited to jobs
    // that expose one of the schema's own metrics.
    let is_own = metrics.iter().all(|metric| is_own(registry, metric));
    let all = is_own.then_some(".+");
    variables.push(query(
        "job",
        "Job",
        None,
        &format!("label_values({}, job)", series(schema, steady, "")),
        all,
    ));
    variables.push(query(
        "instance",
        "Instance",
        None,
        &format!(
            "label_values({}, instance)",
            series(schema, steady, "job=~\"$job\"")
        ),
        all,
    ));
    if !with_labels {
        return variables;
    }
    let mut seen: Vec<LabelId> = Vec::new();
    for metric in metrics {
        for id in selectable(registry, metric) {
            if seen.contains(&id) {
                continue;
            }
            seen.push(id);
            let label = &registry.labels[id.0];
            let deciding = deciding(registry, metric, id);
            let matchers = format!("{TARGET}{deciding}{}", repeated(registry, id));
            variables.push(query(
                &variable(&label.name),
                &label.name,
                Some(label.help.clone()),
                &format!(
                    "label_values({}, {})",
                    series(schema, metric, &matchers),
                    label.name
                ),
                Some(".*"),
            ));
        }
    }
    variables
}

/// Returns the matcher of the series that have a label, if another label decides whether they have it.
fn deciding(registry: &Registry, metric: &Metric, id: LabelId) -> String {
    let conditions = metric
        .sums
        .iter()
        .flat_map(|sum| conditions(registry, sum.sum));
    let conditions: Vec<_> = conditions
        .filter(|condition| condition.label == id)
        .collect();
    let [condition] = conditions.as_slice() else {
        return String::new();
    };
    let of = &registry.labels[condition.of.0].name;
    let values = registry.values_at(condition.of, &condition.values);
    format!(", {}", escaped(&write::matcher(of, &values)))
}

/// Returns the metric that lists jobs and instances: the first of these metrics, or else of all, that has a
/// name of this schema and series from the first scrape on.
fn steady<'m>(registry: &'m Registry, metrics: &[&'m Metric]) -> Option<&'m Metric> {
    let own = || {
        metrics
            .iter()
            .copied()
            .filter(|metric| is_own(registry, metric))
    };
    let at_once = |metric: &&Metric| !is_read_later(registry, metric);
    let mut others = registry.metrics.iter().filter(|metric| {
        is_own(registry, metric) && metric.deprecated.is_none() && at_once(metric)
    });
    own()
        .find(at_once)
        .or_else(|| own().next())
        .or_else(|| others.next())
        .or_else(|| metrics.first().copied())
}

/// Returns whether a metric may lack series while its program runs: until a label has a value, or a callback
/// returns one.
fn is_read_later(registry: &Registry, metric: &Metric) -> bool {
    let is_supplied = match metric.kind.spec().storage {
        Storage::Callback | Storage::Text => true,
        Storage::PerThread | Storage::Shared | Storage::Derived => false,
    };
    is_supplied || !open_labels(registry, metric).is_empty()
}

/// Returns the labels of a metric whose values are known only at run time, such as the names of tools.
pub(super) fn open_labels(registry: &Registry, metric: &Metric) -> Vec<LabelId> {
    let open = |id: &LabelId| matches!(registry.labels[id.0].values, LabelValues::Open { .. });
    metric.labels.iter().copied().filter(open).collect()
}

/// Returns whether no other program uses the name.
fn is_own(registry: &Registry, metric: &Metric) -> bool {
    let rest = metric.exposed.strip_prefix(registry.namespace.as_str());
    rest.is_some_and(|rest| rest.starts_with('_'))
}

/// Returns a variable's name for a label. The data source already uses one name.
fn variable(label: &str) -> String {
    match label {
        "datasource" => "label__datasource".to_owned(),
        label => label.to_owned(),
    }
}

/// Returns the labels that select a metric's series, without an info's facts, and without labels that targets
/// have, because scraping renames those.
pub(super) fn selectable(registry: &Registry, metric: &Metric) -> Vec<LabelId> {
    let is_targets = |id: &LabelId| TARGET_LABELS.contains(&&*registry.labels[id.0].name);
    metric
        .series_labels()
        .iter()
        .copied()
        .filter(|id| !is_targets(id))
        .collect()
}

/// Returns a selector of series that a metric has, with matchers. Those of a histogram depend on its form.
fn series(schema: &Schema, metric: &Metric, matchers: &str) -> String {
    let forms = schema.settings.histograms.forms().iter();
    let names = forms.map(|form| {
        let suffix = match KindRow::of(&metric.kind).events {
            Some(Events::Observations) => form.suffix(Part::Count),
            Some(Events::Own) | None => "",
        };
        format!("{}{suffix}", metric.exposed)
    });
    let mut names: Vec<_> = names.collect();
    names.dedup();
    match names.as_slice() {
        [name] if matchers.is_empty() => name.clone(),
        [name] => format!("{name}{{{matchers}}}"),
        names => {
            let name = format!("__name__=~\"{}\"", names.join("|"));
            let all = [name.as_str(), matchers];
            let all = all.into_iter().filter(|matcher| !matcher.is_empty());
            format!("{{{}}}", all.collect::<Vec<_>>().join(", "))
        }
    }
}

/// Returns a selector of a metric's series, or of those with a suffix, with the variables for the target and
/// some labels: `name{job=~"$job", ...}`.
pub(super) fn selector(
    registry: &Registry,
    metric: &Metric,
    suffix: &str,
    more: &str,
    labels: &[LabelId],
) -> String {
    let mut matchers = TARGET.to_owned();
    for id in labels {
        let name = &registry.labels[id.0].name;
        let _ = write!(matchers, ", {name}=~\"${}\"", variable(name));
    }
    for id in metric.series_labels() {
        matchers += &repeated(registry, *id);
    }
    if !more.is_empty() {
        matchers += ", ";
        matchers += more;
    }
    format!("{}{suffix}{{{matchers}}}", metric.exposed)
}

/// Returns the matcher that excludes the series that are also exposed under a former value of a label.
fn repeated(registry: &Registry, id: LabelId) -> String {
    let matcher = write::exclude_repeated(&registry.labels[id.0]);
    matcher.map_or_else(String::new, |matcher| format!(", {}", escaped(&matcher)))
}

/// Writes the rate of the selected series over an interval that Grafana chooses.
pub(super) fn rate_of(selector: &str) -> String {
    format!("rate({selector}[$__rate_interval])")
}

/// Escapes dollar signs in PromQL, because Grafana would replace them as variables.
pub(super) fn escaped(promql: &str) -> String {
    promql.replace('$', "\\x24")
}

fn query(
    name: &str,
    label: &str,
    description: Option<String>,
    query: &str,
    all: Option<&'static str>,
) -> Variable {
    Variable {
        kind: "query",
        name: name.to_owned(),
        label: label.to_owned(),
        description,
        datasource: Some(DATA_SOURCE),
        query: json!({ "qryType": 1, "query": query, "refId": "PrometheusVariableQueryEditor-VariableQuery" }),
        all_value: all,
        include_all: true,
        multi: true,
        // On a change of the time range, because values come and go.
        refresh: 2,
        sort: Some(1),
        current: Some(json!({ "text": ["All"], "value": ["$__all"] })),
    }
}
