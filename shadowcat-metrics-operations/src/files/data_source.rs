//! The data source of the queries in a part of a file: Prometheus, or a store with another query language.

use std::collections::HashMap;

use super::tree::{Entry, Node, Value, get, text};

/// A query language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    PromQl,
    /// `VictoriaMetrics`' extended PromQL. Text that is not PromQL may be valid.
    MetricsQl,
    /// `LogQL` and others, which are not checked.
    Other,
}

/// A dashboard's variables for data sources, with their values.
#[derive(Debug, Default)]
pub(super) struct Variables(HashMap<String, String>);

impl Variables {
    /// Collects them from a document, wherever it lists variables.
    pub(super) fn of(document: &Node) -> Self {
        let mut variables = Self::default();
        variables.collect(document);
        variables
    }

    fn collect(&mut self, node: &Node) {
        match &node.value {
            Value::Map(entries) => {
                self.variable(entries);
                for entry in entries {
                    self.collect(&entry.node);
                }
            }
            Value::List(items) => items.iter().for_each(|item| self.collect(item)),
            Value::Text(_) | Value::Null => {}
        }
    }

    fn variable(&mut self, entries: &[Entry]) {
        let is =
            |key: &str, wanted: &str| text(entries, key).is_some_and(|text| text.value == wanted);
        let (spec, kind) = if is("kind", "DatasourceVariable") {
            (
                get(entries, "spec").map_or(&[][..], Node::entries),
                "pluginId",
            )
        } else if is("type", "datasource") && text(entries, "pluginId").is_some() {
            // An input that is requested on import.
            (entries, "pluginId")
        } else if is("type", "datasource") {
            (entries, "query")
        } else {
            return;
        };
        if let (Some(name), Some(kind)) = (text(spec, "name"), text(spec, kind)) {
            self.0.insert(name.value.clone(), kind.value.clone());
        }
    }

    /// Returns the language of the data source with a name or an id, which may be a variable, or `None` if
    /// unknown.
    fn language_of(&self, name: &str) -> Option<Language> {
        let variable = name
            .strip_prefix("${")
            .and_then(|rest| rest.strip_suffix('}'))
            .or_else(|| {
                name.strip_prefix("[[")
                    .and_then(|rest| rest.strip_suffix("]]"))
            })
            .or_else(|| name.strip_prefix('$'));
        if let Some(variable) = variable {
            let variable = variable.split(':').next().unwrap_or(variable);
            if let Some(kind) = self.0.get(variable) {
                return language_of_type(kind);
            }
        }
        let name = name.to_ascii_lowercase();
        let of_logs = ["loki", "victorialogs", "vlogs"];
        of_logs
            .iter()
            .any(|known| name.contains(known))
            .then_some(Language::Other)
    }

    /// Returns the language of a table's queries, or `None` if it does not specify one, so that the
    /// surrounding table decides. Loki has `expr` too, and a panel may mix several sources.
    pub(super) fn language(&self, entries: &[Entry]) -> Option<Language> {
        let kind = text(entries, "kind").map(|kind| kind.value.as_str());
        let source = get(entries, "datasource").map(|node| &node.value);
        match (source, kind) {
            (Some(Value::Map(source)), _) => {
                let of_type = text(source, "type").map(|kind| self.language_of_kind(&kind.value));
                let id = text(source, "uid").or_else(|| text(source, "name"));
                of_type.unwrap_or_else(|| self.language_of(&id?.value))
            }
            // Until version 8, Grafana wrote only the name.
            (Some(Value::Text(name)), _) => self.language_of(&name.value),
            // The newer dashboard format.
            (_, Some("DataQuery")) => self.language_of_kind(&text(entries, "group")?.value),
            (_, Some("loki" | "VLRule" | "VLogs")) => Some(Language::Other),
            (_, Some("AlertingRule" | "RecordingRule")) => {
                let of_loki = text(entries, "apiVersion")
                    .is_some_and(|version| version.value.contains("loki"));
                of_loki.then_some(Language::Other)
            }
            (_, Some("VMRule")) => Some(Language::MetricsQl),
            _ => of_group(entries),
        }
    }

    fn language_of_kind(&self, kind: &str) -> Option<Language> {
        match self.language_of(kind) {
            Some(language) if kind.contains('$') => Some(language),
            Some(_) | None => language_of_type(kind),
        }
    }
}

/// Returns the language that a group of vmalert's rules specifies.
fn of_group(entries: &[Entry]) -> Option<Language> {
    get(entries, "rules")?;
    match text(entries, "type")?.value.as_str() {
        "prometheus" => Some(Language::MetricsQl),
        "vlogs" | "graphite" => Some(Language::Other),
        _ => None,
    }
}

/// Returns the language of a type of data source, or `None` for types that mix several or have none.
fn language_of_type(kind: &str) -> Option<Language> {
    match kind {
        "datasource" | "grafana" | "__expr__" | "" => None,
        kind if kind.contains("logs") => Some(Language::Other),
        kind if kind.contains("victoriametrics") => Some(Language::MetricsQl),
        kind if kind.contains("prometheus") || kind.contains('$') => Some(Language::PromQl),
        // Other names for PromQL sources.
        "grafana-amazonprometheus-datasource" | "mimir" | "cortex" | "thanos" => {
            Some(Language::PromQl)
        }
        _ => Some(Language::Other),
    }
}
