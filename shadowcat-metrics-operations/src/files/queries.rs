//! Where a document has queries and records: rules of Prometheus, panels and variables of Grafana, and files inside of files.

use std::ops::Range;

use shadowcat_metrics_codegen::Span;

use super::place;
use super::tables::{data_source, labels_of, map, text, value};
use super::tree::{self, Node, Text, Value};

/// What a file has to be checked.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) queries: Vec<Query>,
    pub(super) records: Vec<Record>,
    pub(super) alerts: Vec<Alert>,
}

/// A query, or another text, and where it is written.
#[derive(Debug)]
pub(super) struct Query {
    /// The PromQL.
    pub(super) text: String,
    /// What is written where it is, behind the texts of the files that this one is inside of.
    texts: Vec<Text>,
    /// Parts of the PromQL, and where each begins in the text.
    parts: Vec<(Range<usize>, usize)>,
}

/// Labels that a rule sets, with their values; none where these are not known beforehand.
pub(super) type Labels = Vec<(String, Option<String>)>;

/// An alert with texts that are filled in.
#[derive(Debug)]
pub(super) struct Alert {
    pub(super) name: String,
    pub(super) promql: String,
    /// Labels that the rule sets.
    pub(super) labels: Labels,
    pub(super) annotations: Vec<Query>,
}

/// What a rule records.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) name: String,
    pub(super) promql: String,
    /// Labels that the rule sets.
    pub(super) labels: Labels,
}

impl Query {
    /// Where a part of the PromQL is written.
    pub(super) fn locate(&self, source: &str, range: &Range<usize>) -> Span {
        let part = self.parts.iter().find(|(part, _)| {
            part.start <= range.start && range.end <= part.end && !part.is_empty()
        });
        let whole = self.texts.last().map_or(0, |text| text.value.len());
        let mut range = match part {
            Some((part, start)) => range.start - part.start + start..range.end - part.start + start,
            None => 0..whole,
        };
        for (depth, text) in self.texts.iter().enumerate().rev() {
            let around = match depth.checked_sub(1) {
                Some(outer) => &self.texts[outer].value,
                None => source,
            };
            let span = place::locate(around, text, range);
            range = span.start..span.end;
        }
        Span::new(range.start, range.end)
    }
}

/// Everything that documents have, in the order in which it is written.
pub(super) fn find(documents: &[Node]) -> Found {
    let mut search = Search::default();
    for document in documents {
        search.node(document, true);
    }
    search.found
}

#[derive(Default)]
struct Search {
    found: Found,
    /// The files that are being looked into, the outermost first.
    inside: Vec<Text>,
    /// What the group that is being looked into sets for all of its rules.
    of_group: Labels,
}

impl Search {
    fn node(&mut self, node: &Node, is_of_prometheus: bool) {
        match &node.0 {
            Value::Map(entries) => {
                self.map(entries, data_source(entries).unwrap_or(is_of_prometheus));
            }
            Value::List(items) => {
                for item in items {
                    self.node(item, is_of_prometheus);
                }
            }
            Value::Text(_) | Value::Other => {}
        }
    }

    fn map(&mut self, entries: &[(String, Node)], is_of_prometheus: bool) {
        if let Some(expr) = text(entries, "expr") {
            self.rule(entries, expr);
        }
        for (key, node) in entries {
            let Value::Text(text) = &node.0 else {
                let around = (key == "rules")
                    .then(|| std::mem::replace(&mut self.of_group, labels_of(entries)));
                self.node(node, is_of_prometheus);
                self.of_group = around.unwrap_or_else(|| std::mem::take(&mut self.of_group));
                continue;
            };
            match key.as_str() {
                // A panel's query that nobody has filled in asks for nothing.
                "expr" if text.value.trim().is_empty() && value(entries, "refId").is_some() => {}
                "expr" if is_of_prometheus => {
                    let query = self.whole(text);
                    self.found.queries.push(query);
                }
                // A test of an alert that does not exist passes, if it expects none.
                "alertname" if value(entries, "eval_time").is_some() => {
                    let query = self.tested(text);
                    self.found.queries.extend(query);
                }
                // Grafana writes what a variable asks for twice.
                "definition" if value(entries, "query").is_some() => {}
                "query" | "definition" if is_of_prometheus => {
                    let query = self.variable(text);
                    self.found.queries.extend(query);
                }
                // A ConfigMap has whole files as texts.
                _ if is_file(key) && self.inside.len() < 2 => self.file(text),
                _ => {}
            }
        }
    }

    /// What a rule records, or the texts of its alert.
    fn rule(&mut self, entries: &[(String, Node)], expr: &Text) {
        let mut labels = self.of_group.clone();
        labels.extend(labels_of(entries));
        let promql = expr.value.clone();
        if let Some(name) = text(entries, "record") {
            self.found.records.push(Record {
                name: name.value.clone(),
                promql,
                labels,
            });
        } else if let Some(name) = text(entries, "alert") {
            let texts = map(entries, "annotations").iter();
            let texts = texts.filter_map(|(_, node)| match &node.0 {
                Value::Text(text) => Some(self.whole(text)),
                Value::Map(_) | Value::List(_) | Value::Other => None,
            });
            let alert = Alert {
                name: name.value.clone(),
                promql,
                labels,
                annotations: texts.collect(),
            };
            self.found.alerts.push(alert);
        }
    }

    /// A text that is as a whole what it is about.
    fn whole(&self, text: &Text) -> Query {
        let parts = vec![(0..text.value.len(), 0)];
        self.placed(text, text.value.clone(), parts)
    }

    fn placed(&self, text: &Text, promql: String, parts: Vec<(Range<usize>, usize)>) -> Query {
        Query {
            text: promql,
            texts: self.inside.iter().chain([text]).cloned().collect(),
            parts,
        }
    }

    fn file(&mut self, text: &Text) {
        // What is no YAML, such as a template of Helm's, is not ours to judge.
        let Ok(documents) = tree::parse(&text.value) else {
            return;
        };
        self.inside.push(text.clone());
        for document in &documents {
            self.node(document, true);
        }
        self.inside.pop();
    }

    /// The alert that a test of promtool's is about.
    fn tested(&self, text: &Text) -> Option<Query> {
        const BEFORE: &str = "ALERTS{alertname=\"";
        let name = &text.value;
        let is_plain = !name.contains(['"', '\\', '\n']);
        is_plain.then(|| {
            let parts = vec![(BEFORE.len()..BEFORE.len() + name.len(), 0)];
            self.placed(text, format!("{BEFORE}{name}\"}}"), parts)
        })
    }

    /// What a variable of Grafana's asks for: `label_values(series, label)` or `query_result(query)`.
    fn variable(&self, text: &Text) -> Option<Query> {
        const BY: &str = "group by (";
        let written = &text.value;
        let arguments = |name: &str| {
            let rest = written.trim().strip_prefix(name)?.trim_start();
            rest.strip_prefix('(')?.strip_suffix(')')
        };
        let open = written.find('(').map_or(0, |at| at + 1);
        let start = |part: &str| open + written[open..].find(part).unwrap_or_default();
        if let Some(query) = arguments("query_result") {
            let parts = vec![(0..query.len(), start(query))];
            return Some(self.placed(text, query.to_owned(), parts));
        }
        // The label is behind the last comma, because the series may have commas of its own.
        let (series, label) = arguments("label_values")?.rsplit_once(',')?;
        let (series, label) = (series.trim(), label.trim());
        let promql = format!("{BY}{label}) ({series})");
        let label_at = BY.len()..BY.len() + label.len();
        let series_at = promql.len() - 1 - series.len()..promql.len() - 1;
        let last = written.rfind(label).unwrap_or_default();
        let parts = vec![(label_at, last), (series_at, start(series))];
        Some(self.placed(text, promql, parts))
    }
}

fn is_file(key: &str) -> bool {
    [".yml", ".yaml", ".json"]
        .iter()
        .any(|end| key.ends_with(end))
}
