//! What a table of a document says: what stands under a key, which labels it sets, and whether it is about Prometheus.

use super::queries::Labels;
use super::tree::{Node, Text, Value};

/// The labels that a rule or a group sets.
pub(super) fn labels_of(entries: &[(String, Node)]) -> Labels {
    let labels = map(entries, "labels").iter();
    let value = |node: &Node| match &node.0 {
        Value::Text(text) if !text.value.contains("{{") && !text.value.is_empty() => {
            Some(text.value.clone())
        }
        Value::Text(_) | Value::Map(_) | Value::List(_) | Value::Other => None,
    };
    labels
        .map(|(name, node)| (name.clone(), value(node)))
        .collect()
}

pub(super) fn map<'n>(entries: &'n [(String, Node)], key: &str) -> &'n [(String, Node)] {
    match value(entries, key) {
        Some(Value::Map(map)) => map,
        Some(Value::Text(_) | Value::List(_) | Value::Other) | None => &[],
    }
}

pub(super) fn value<'n>(entries: &'n [(String, Node)], key: &str) -> Option<&'n Value> {
    let mut entries = entries.iter();
    entries
        .find(|(name, _)| name == key)
        .map(|(_, node)| &node.0)
}

pub(super) fn text<'n>(entries: &'n [(String, Node)], key: &str) -> Option<&'n Text> {
    match value(entries, key) {
        Some(Value::Text(text)) => Some(text),
        Some(Value::Map(_) | Value::List(_) | Value::Other) | None => None,
    }
}

/// Whether a table is about Prometheus; none if it does not say, so that what is around it counts: Loki has `expr` too, and
/// a panel may mix several sources.
pub(super) fn data_source(entries: &[(String, Node)]) -> Option<bool> {
    let kind = text(entries, "kind").map(|kind| kind.value.as_str());
    let kind = match (value(entries, "datasource"), kind) {
        (Some(Value::Map(source)), _) if text(source, "type").is_some() => text(source, "type")?,
        // By its name alone, as it was written until Grafana 8.
        (Some(Value::Text(name)), _) => {
            return name
                .value
                .to_ascii_lowercase()
                .contains("loki")
                .then_some(false);
        }
        // The newer format of dashboards.
        (_, Some("DataQuery")) => text(entries, "group")?,
        (_, Some("loki")) => return Some(false),
        _ => return None,
    };
    match kind.value.as_str() {
        "datasource" | "grafana" | "__expr__" => None,
        kind => Some(
            ["prometheus", "victoriametrics", "$"]
                .iter()
                .any(|known| kind.contains(known)),
        ),
    }
}
