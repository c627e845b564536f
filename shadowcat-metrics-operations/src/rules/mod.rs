//! Prometheus rules: recorded series, alerts, and promtool tests of both.

mod alerts;
mod promtool_tests;
mod records;
mod slo;
mod yaml;

use std::borrow::Cow;

use shadowcat_metrics_codegen::model::{LabelId, Registry};
use shadowcat_metrics_codegen::name::pascal_case;

use crate::Document;
use crate::duration::Scale;
use crate::model::Schema;
use crate::program::Part;
use crate::promql::{Ceiling, Query};
pub(crate) use alerts::ALERT_LABELS;
pub use alerts::AlertQuery;
pub use slo::{Burn, burns, error_ratio, remaining_budget};
pub(crate) use slo::{FAST, SLOW, percent};
pub(crate) use yaml::AlertRule;
use yaml::{Group, Rule, RuleFile};

/// Folder of the rules, relative to the folder of documents.
pub const FOLDER: &str = "operations";

const ALERTS: &str = "alerts.yml";
pub(crate) const RULES: &str = "rules.yml";

/// A recorded series.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Its name: `level:metric:operations`.
    pub name: String,
    /// Its expression in PromQL.
    pub expr: String,
    /// Its labels, `job` first.
    pub labels: Vec<String>,
    /// The maximum of its values, if known.
    pub ceiling: Option<Ceiling>,
}

/// Returns every series that the schema's rules record, group by group.
#[must_use]
pub fn records(schema: &Schema, scale: Scale) -> Vec<Record> {
    groups_of_records(schema, scale)
        .into_iter()
        .flat_map(|(_, records)| records)
        .collect()
}

/// Returns every alert of the schema's rules, with its query.
pub(crate) fn alert_rules(schema: &Schema) -> impl Iterator<Item = (AlertRule, Cow<'_, Query>)> {
    let slos = schema.slos.iter();
    let slos = slos
        .flat_map(move |slo| slo::alerts(schema, slo))
        .map(|rule| {
            let query = Query::parse(&rule.expr);
            (rule, Cow::Owned(query))
        });
    let alerts = schema.alerts.iter().map(move |alert| {
        let rule = alerts::alert(schema, alert, Scale::ONE);
        (rule, Cow::Borrowed(alert.query.in_rules()))
    });
    slos.chain(alerts)
}

fn groups_of_records(schema: &Schema, scale: Scale) -> Vec<(String, Vec<Record>)> {
    let registry = &schema.registry;
    let namespace = &registry.namespace;
    let mut groups = Vec::new();
    for slo in &schema.slos {
        let name = format!("{namespace}-slo-{}", slo.name.replace('_', "-"));
        groups.push((name, slo::records(schema, slo, scale)));
    }
    groups.push((
        format!("{namespace}-ratios"),
        records::ratios(registry, scale),
    ));
    groups.push((
        format!("{namespace}-quantiles"),
        records::quantiles(schema, scale),
    ));
    groups.retain(|(_, records)| !records.is_empty());
    groups
}

/// Returns the names of every series that the schema's rules record, and of its alerts.
pub(crate) fn names(schema: &Schema) -> Vec<String> {
    let records = records(schema, Scale::ONE).into_iter();
    let groups = groups_of_alerts(schema, Scale::ONE).into_iter();
    let alerts = groups.flat_map(|(_, rules)| rules);
    records
        .map(|record| record.name)
        .chain(alerts.map(|rule| rule.alert))
        .collect()
}

/// Returns the rules and their tests. With scaled windows there are no tests, because these expect the
/// original ones. Alerts may use the recorded series of the program's other schemas, `parts`.
#[must_use]
pub fn documents(schema: &Schema, parts: &[Part], scale: Scale) -> Vec<Document> {
    let records = groups_of_records(schema, scale);
    let alerts = groups_of_alerts(schema, scale);
    let mut documents = Vec::new();
    let mut add = |name: &str, content: String| {
        documents.push(Document {
            path: format!("{FOLDER}/{}", schema.file_name(name)),
            content,
        });
    };
    let true_windows = scale == Scale::ONE;
    if !alerts.is_empty() {
        let schemas = std::iter::once(schema).chain(parts.iter().map(|part| &part.schema));
        let recording = schemas.filter(|schema| !groups_of_records(schema, scale).is_empty());
        let files = recording.map(|schema| schema.file_name(RULES));
        let files = files.chain([schema.file_name(ALERTS)]);
        let tests = promtool_tests::of_alerts(schema, files.collect());
        add(
            ALERTS,
            yaml::emit(&RuleFile::new(alerts, scale, Rule::Alert)),
        );
        if true_windows {
            add("alerts.test.yml", yaml::emit(&tests));
        }
    }
    if !records.is_empty() {
        let tests = promtool_tests::of_records(schema);
        let rule = |Record { name, expr, .. }| Rule::Record { record: name, expr };
        add(RULES, yaml::emit(&RuleFile::new(records, scale, rule)));
        if let Some(tests) = tests.filter(|_| true_windows) {
            add("rules.test.yml", yaml::emit(&tests));
        }
    }
    documents
}

fn groups_of_alerts(schema: &Schema, scale: Scale) -> Vec<(String, Vec<AlertRule>)> {
    let namespace = &schema.registry.namespace;
    let slos = schema.slos.iter();
    let slos = slos.flat_map(move |slo| slo::alerts(schema, slo));
    let written = schema.alerts.iter();
    let written = written.map(|alert| alerts::alert(schema, alert, scale));
    let mut groups = vec![
        (format!("{namespace}-slo-alerts"), slos.collect::<Vec<_>>()),
        (format!("{namespace}-alerts"), written.collect()),
    ];
    groups.retain(|(_, alerts)| !alerts.is_empty());
    groups
}

impl RuleFile {
    fn new<T>(groups: Vec<(String, Vec<T>)>, scale: Scale, rule: fn(T) -> Rule) -> Self {
        let group = |(name, rules): (String, Vec<T>)| {
            let rules = rules.into_iter().map(rule);
            Group::new(name, scale, rules.collect())
        };
        Self {
            groups: groups.into_iter().map(group).collect(),
        }
    }
}

/// Returns an alert's name in Prometheus and Alertmanager: `ShadowcatSubprocessFlapping`.
#[must_use]
pub fn alert_name(registry: &Registry, key: &str) -> String {
    format!("{}{}", pascal_case(&registry.namespace), pascal_case(key))
}

/// Returns the names of the labels that distinguish recorded series, `job` first.
pub(crate) fn level(registry: &Registry, labels: &[LabelId]) -> Vec<String> {
    let names = labels.iter().map(|id| registry.labels[id.0].name.clone());
    // A program whose `job` is kept by `honor_labels` may list it, too.
    let names = names.filter(|name| name != "job");
    std::iter::once("job".to_owned()).chain(names).collect()
}

#[cfg(test)]
mod tests {
    use super::{Record, records};
    use crate::duration::Scale;
    use crate::promql::{Query, Vocabulary};
    use crate::testing::SCHEMA;
    use crate::{Source, compile};

    #[test]
    fn every_generated_rule_is_valid() {
        let schema = format!(
            "{SCHEMA}{}",
            r#"
[slos.good]
help = "Good."
objective = 0.9
good = { metric = "http.requests", where = { outcome = ["ok", "error"] } }
by = ["server"]

[slos.fast]
help = "Fast."
objective = 0.99999
good = { metric = "http.duration", under = "1s" }
"#
        );
        let schema = schema.replace(
            "buckets = [0.1, 1, 10]",
            "buckets = [0.1, 1, 10]\nquantiles = true",
        );
        let outcome = compile(Source::new("metrics.toml", schema));
        let schema = outcome.schema().expect("it compiles");
        let vocabulary = Vocabulary::of_schema(schema);
        let records = records(schema, Scale::ONE);
        assert!(records.len() > 25, "{records:#?}");
        for Record { expr, .. } in records {
            let findings = Query::parse(&expr).analyze(&vocabulary).findings;
            assert_eq!(findings, [], "{expr}");
        }
    }
}
