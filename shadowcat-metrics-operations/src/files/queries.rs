//! The parts of a document to check: Prometheus rules, Grafana panels and variables, and embedded files. Queries for data sources
//! with another language are left out.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use granit_parser::ScalarStyle;
use shadowcat_metrics_codegen::Span;

use super::format;
use super::tree::{self, Entry, Node, Text, Value, get, text};
use crate::promql::text::{Piece, pieces};
use crate::promql::{Query, Usage};

/// The parts of a file to check.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) queries: Vec<Placed<Query>>,
    /// Queries of variables that Grafana writes twice, the second time.
    pub(super) copies: Vec<Placed<Query>>,
    /// Series of promtool tests.
    pub(super) inputs: Vec<Placed<String>>,
    /// Texts that are not read as queries.
    pub(super) others: Vec<Placed<String>>,
    /// Queries of the names of these series.
    pub(super) input_names: Vec<Placed<Query>>,
    /// Legends of panels, each with the index of its query.
    pub(super) legends: Vec<(usize, Placed<String>)>,
    pub(super) records: Vec<Rule>,
    pub(super) alerts: Vec<Rule>,
    /// Rules of either kind, from the first key to the last value.
    pub(super) rules: Vec<Spot>,
    pub(super) comments: Vec<Spot>,
    pub(super) problems: Vec<(Spot, format::Problem)>,
}

/// A position in a file that may be embedded in others.
#[derive(Debug, Clone)]
pub(super) struct Spot {
    /// The files that contain it, the outermost first.
    inside: Vec<Arc<Text>>,
    range: Range<usize>,
}

/// A text in a file, and its parsed form.
#[derive(Debug)]
pub(super) struct Placed<T> {
    pub(super) value: T,
    /// The text.
    text: Text,
    /// The files that contain it, the outermost first.
    inside: Vec<Arc<Text>>,
    /// Ranges of the parsed form, each with its start in the text.
    parts: Vec<(Range<usize>, usize)>,
    pub(super) language: Language,
    pub(super) usage: Usage,
}

/// The labels that a rule sets. A value is `None` if it is not known in advance.
pub(super) type Labels = Vec<(String, Option<String>)>;

/// A rule that records a series or raises an alert.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) name: Placed<String>,
    /// Index of its query, or `None` if it is not PromQL.
    pub(super) query: Option<usize>,
    /// The labels that it sets.
    pub(super) labels: Labels,
    /// Its annotations and labels that are templates.
    pub(super) templates: Vec<Placed<String>>,
}

impl<T> Placed<T> {
    /// Returns the position of a part of the parsed form.
    pub(super) fn locate(&self, source: &str, range: &Range<usize>) -> Span {
        let part = self.parts.iter().find(|(part, _)| {
            part.start <= range.start && range.end <= part.end && !part.is_empty()
        });
        let range = match part {
            Some((part, start)) => range.start - part.start + start..range.end - part.start + start,
            None => 0..self.text.value.len(),
        };
        let around = self.inside.last().map_or(source, |text| &text.value);
        outside(source, &self.inside, self.text.locate(around, &range))
    }

    /// Returns the styles of the text and of the texts that contain it, the innermost first.
    pub(super) fn styles(&self) -> impl Iterator<Item = ScalarStyle> {
        let around = self.inside.iter().rev();
        let around = around.map(|text| text.style);
        std::iter::once(self.text.style).chain(around)
    }

    /// Returns the alias that refers to the text, if it is written elsewhere.
    pub(super) fn alias(&self, source: &str) -> Option<Span> {
        let alias = self.text.alias.clone()?;
        Some(outside(source, &self.inside, alias))
    }
}

impl Spot {
    pub(super) fn locate(&self, source: &str) -> Span {
        outside(source, &self.inside, self.range.clone())
    }

    /// Returns the text that contains it.
    pub(super) fn text<'s>(&'s self, source: &'s str) -> &'s str {
        let around = self.inside.last().map_or(source, |text| &text.value);
        around.get(self.range.clone()).unwrap_or_default()
    }

    /// Returns its start in the file that contains it.
    pub(super) fn start(&self) -> usize {
        self.range.start
    }

    /// Returns another position in the same file.
    pub(super) fn at(&self, range: Range<usize>) -> Self {
        Self {
            inside: self.inside.clone(),
            range,
        }
    }
}

/// Maps a range of the innermost file to the outermost one.
fn outside(source: &str, inside: &[Arc<Text>], mut range: Range<usize>) -> Span {
    for (depth, text) in inside.iter().enumerate().rev() {
        let around = match depth.checked_sub(1) {
            Some(outer) => &inside[outer].value,
            None => source,
        };
        range = text.locate(around, &range);
    }
    Span::new(range.start, range.end)
}

/// Finds everything to check in the documents, in source order.
pub(super) fn find(documents: &tree::Documents) -> Found {
    let mut search = Search::default();
    search.documents(documents);
    search.found
}

#[derive(Default)]
struct Search {
    found: Found,
    /// The files that are being searched, the outermost first.
    inside: Vec<Arc<Text>>,
    /// Labels that the current group sets for all its rules.
    of_group: Labels,
    /// The data sources of the current document.
    sources: DataSources,
}

impl Search {
    fn documents(&mut self, documents: &tree::Documents) {
        for comment in &documents.comments {
            let spot = self.spot(comment.clone());
            self.found.comments.push(spot);
        }
        for document in &documents.nodes {
            let sources = std::mem::replace(&mut self.sources, DataSources::of(document));
            self.node(document, Language::PromQl, false);
            self.sources = sources;
        }
    }

    fn spot(&self, range: Range<usize>) -> Spot {
        Spot {
            inside: self.inside.clone(),
            range,
        }
    }

    /// `is_checked` is true if the keys of these rules were checked with their group.
    fn node(&mut self, node: &Node, language: Language, is_checked: bool) {
        match &node.value {
            Value::Map(entries) => {
                self.map(
                    node,
                    entries,
                    self.sources.language(entries).unwrap_or(language),
                    is_checked,
                );
            }
            Value::List(items) => {
                for item in items {
                    self.node(item, language, is_checked);
                }
            }
            Value::Text(text) => self.other(text, language),
            Value::Null => {}
        }
    }

    /// Adds a text that is not read as a query.
    fn other(&mut self, text: &Text, language: Language) {
        if language != Language::Other {
            let other = self.whole(text, language, text.value.clone());
            self.found.others.push(other);
        }
    }

    fn map(&mut self, node: &Node, entries: &[Entry], language: Language, is_checked: bool) {
        let mut problems = Vec::new();
        if language != Language::Other {
            problems = format::check(entries);
            if !is_checked && format::is_rule(entries) {
                problems.extend(format::check_rule(entries));
            }
        }
        for problem in problems {
            let spot = self.spot(problem.range.clone());
            self.found.problems.push((spot, problem));
        }
        let query = self.query(entries, language);
        if let (Some(query), Some(legend)) = (query, text(entries, "legendFormat")) {
            let legend = self.whole(legend, language, legend.value.clone());
            self.found.legends.push((query, legend));
        }
        self.rule(node, entries, query, language);
        for Entry { key, node } in entries {
            let Value::Text(text) = &node.value else {
                let around = (key.value == "rules")
                    .then(|| std::mem::replace(&mut self.of_group, labels_of(entries)));
                self.node(node, language, is_checked || key.value == "groups");
                self.of_group = around.unwrap_or_else(|| std::mem::take(&mut self.of_group));
                continue;
            };
            match key.value.as_str() {
                // A test of a missing alert passes if it expects no alert.
                "alertname" if get(entries, "eval_time").is_some() => {
                    let query = self.tested(text);
                    self.found.queries.extend(query);
                }
                // Grafana writes a variable's query twice.
                "definition" if get(entries, "query").is_some() && language != Language::Other => {
                    let query = self.variable(text, language);
                    self.found.copies.extend(query);
                }
                "series" if get(entries, "values").is_some() => {
                    let input = self.whole(text, language, text.value.clone());
                    self.found.inputs.push(input);
                    let query = self.name_of_input(text);
                    self.found.input_names.extend(query);
                }
                "query" | "definition" if language != Language::Other => {
                    let query = self.variable(text, language);
                    if query.is_none() {
                        self.other(text, language);
                    }
                    self.found.queries.extend(query);
                }
                // A ConfigMap contains whole files as strings, and the Grafana operator's resource a dashboard.
                key if is_file(key) && self.inside.len() < 2 => self.file(text),
                "expr" => {}
                _ => self.other(text, language),
            }
        }
    }

    /// Returns the index of a rule's, panel's or test's query, if it has one in PromQL.
    fn query(&mut self, entries: &[Entry], language: Language) -> Option<usize> {
        let expr = text(entries, "expr")?;
        // An empty query needs no check. A rule without a query is reported with its keys.
        if language == Language::Other || expr.value.trim().is_empty() {
            return None;
        }
        let is_heat_map = text(entries, "format").is_some_and(|text| text.value == "heatmap");
        let usage = if is_heat_map {
            Usage::HeatMap
        } else {
            Usage::Numbers
        };
        let query = self.whole(expr, language, Query::parse(&expr.value));
        self.found.queries.push(Placed { usage, ..query });
        Some(self.found.queries.len() - 1)
    }

    /// Adds a rule: its recorded series, or its alert's templates.
    fn rule(&mut self, node: &Node, entries: &[Entry], query: Option<usize>, language: Language) {
        if !format::is_rule(entries) {
            return;
        }
        let spot = self.spot(node.span.start..end(node));
        self.found.rules.push(spot);
        let mut labels = self.of_group.clone();
        labels.extend(labels_of(entries));
        let Some(name) = text(entries, "record").or_else(|| text(entries, "alert")) else {
            return;
        };
        let mut rule = Rule {
            name: self.whole(name, language, name.value.clone()),
            query,
            labels,
            templates: Vec::new(),
        };
        if language != Language::Other {
            for key in ["labels", "annotations"] {
                let texts = get(entries, key).map_or(&[][..], Node::entries).iter();
                let texts = texts.filter_map(|entry| entry.node.text());
                rule.templates
                    .extend(texts.map(|text| self.whole(text, language, text.value.clone())));
            }
        }
        if text(entries, "record").is_some() {
            rule.templates.clear();
            self.found.records.push(rule);
        } else {
            self.found.alerts.push(rule);
        }
    }

    /// Wraps a text whose parsed form covers the whole text.
    fn whole<T>(&self, text: &Text, language: Language, value: T) -> Placed<T> {
        let parts = vec![(0..text.value.len(), 0)];
        self.placed(text, language, value, parts)
    }

    fn placed<T>(
        &self,
        text: &Text,
        language: Language,
        value: T,
        parts: Vec<(Range<usize>, usize)>,
    ) -> Placed<T> {
        Placed {
            value,
            text: text.clone(),
            inside: self.inside.clone(),
            parts,
            language,
            usage: Usage::Numbers,
        }
    }

    fn file(&mut self, text: &Text) {
        // Text that is not YAML is not checked, such as a Helm template.
        let Ok(documents) = tree::parse(&text.value) else {
            self.other(text, Language::PromQl);
            return;
        };
        self.inside.push(Arc::new(text.clone()));
        self.documents(&documents);
        self.inside.pop();
    }

    /// Returns the alert that a promtool test is about.
    fn tested(&self, text: &Text) -> Option<Placed<Query>> {
        const BEFORE: &str = "ALERTS{alertname=\"";
        let name = &text.value;
        let is_plain = !name.contains(['"', '\\', '\n']);
        is_plain.then(|| {
            let parts = vec![(BEFORE.len()..BEFORE.len() + name.len(), 0)];
            let query = Query::parse(&format!("{BEFORE}{name}\"}}"));
            self.placed(text, Language::PromQl, query, parts)
        })
    }

    /// Returns a query of the name of a promtool test's series, which may have labels that scraping would not add.
    fn name_of_input(&self, text: &Text) -> Option<Placed<Query>> {
        let name = trimmed(
            &text.value,
            0..text.value.find('{').unwrap_or(text.value.len()),
        );
        let parts = vec![(0..name.len(), name.start)];
        let query = (!name.is_empty()).then(|| Query::parse(&text.value[name]))?;
        Some(self.listing(text, Language::PromQl, query, parts))
    }

    /// Returns the query of a Grafana variable: `label_values(series, label)` or `query_result(query)`.
    fn variable(&self, text: &Text, language: Language) -> Option<Placed<Query>> {
        const BY: &str = "group by (";
        let written = text.value.as_str();
        if let Some(query) = arguments(written, "query_result") {
            let parts = vec![(0..query.len(), query.start)];
            let query = Query::parse(&written[query]);
            return Some(self.placed(text, language, query, parts));
        }
        let arguments = arguments(written, "label_values")?;
        let inner = &written[arguments.clone()];
        let Some(comma) = last_comma(inner) else {
            // A single label is looked up in all series. Anything else is a selector without a label.
            if !inner.contains('{') {
                return None;
            }
            let parts = vec![(0..inner.len(), arguments.start)];
            return Some(self.listing(text, language, Query::parse(inner), parts));
        };
        let series = trimmed(written, arguments.start..arguments.start + comma);
        let label = trimmed(written, arguments.start + comma + 1..arguments.end);
        // The line break ends a comment in the selector.
        let promql = format!(
            "{BY}{}) ({}\n)",
            &written[label.clone()],
            &written[series.clone()]
        );
        let label_at = BY.len()..BY.len() + label.len();
        let series_at = label_at.end + 3..label_at.end + 3 + series.len();
        let parts = vec![(label_at, label.start), (series_at, series.start)];
        Some(self.listing(text, language, Query::parse(&promql), parts))
    }

    /// Wraps a query that lists series.
    fn listing(
        &self,
        text: &Text,
        language: Language,
        query: Query,
        parts: Vec<(Range<usize>, usize)>,
    ) -> Placed<Query> {
        Placed {
            usage: Usage::Series,
            ..self.placed(text, language, query, parts)
        }
    }
}

/// Returns the range of the arguments, if the whole text is a call of `name`.
fn arguments(written: &str, name: &str) -> Option<Range<usize>> {
    let start = written.len() - written.trim_start().len();
    let rest = written[start..].strip_prefix(name)?.trim_start();
    let open = written.len() - rest.len();
    let end = written.trim_end().len();
    let is_call = rest.starts_with('(') && written[..end].ends_with(')') && open + 1 < end;
    is_call.then(|| open + 1..end - 1)
}

/// Returns the last comma outside brackets, quotes and comments, because the selector before it may contain
/// commas.
fn last_comma(text: &str) -> Option<usize> {
    let (mut depth, mut last) = (0_usize, None);
    for (piece, range) in pieces(text) {
        match piece {
            Piece::Code('(' | '[' | '{') => depth += 1,
            Piece::Code(')' | ']' | '}') => depth = depth.saturating_sub(1),
            Piece::Code(',') if depth == 0 => last = Some(range.start),
            Piece::Code(_) | Piece::Quoted { .. } | Piece::Comment => {}
        }
    }
    last
}

/// Returns a part of a text without surrounding white space.
fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let part = &text[range.clone()];
    let start = range.start + (part.len() - part.trim_start().len());
    start..(start + part.trim().len())
}

/// Returns the labels that a rule or a group sets.
fn labels_of(entries: &[Entry]) -> Labels {
    let labels = get(entries, "labels").map_or(&[][..], Node::entries).iter();
    let value = |node: &Node| {
        let text = node
            .text()
            .filter(|text| !text.value.contains("{{") && !text.value.is_empty());
        text.map(|text| text.value.clone())
    };
    labels
        .map(|entry| (entry.key.value.clone(), value(&entry.node)))
        .collect()
}

/// Returns the end of the last value in a node, ignoring aliases.
fn end(node: &Node) -> usize {
    let here = |end: usize, part: &Node| {
        if part.alias.is_some() {
            end
        } else {
            end.max(self::end(part))
        }
    };
    match &node.value {
        Value::Map(entries) => entries.iter().fold(node.span.end, |end, entry| {
            let key = if entry.key.alias.is_some() {
                end
            } else {
                end.max(entry.key.span.end)
            };
            here(key, &entry.node)
        }),
        Value::List(items) => items.iter().fold(node.span.end, here),
        Value::Text(_) | Value::Null => node.span.end,
    }
}

fn is_file(key: &str) -> bool {
    let mut ends = [".yml", ".yaml", ".json"].iter();
    key == "json" || ends.any(|end| key.ends_with(end))
}

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
struct DataSources(HashMap<String, String>);

impl DataSources {
    /// Collects them from a document, wherever it lists variables.
    fn of(document: &Node) -> Self {
        let mut sources = Self::default();
        sources.collect(document);
        sources
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
    fn language(&self, entries: &[Entry]) -> Option<Language> {
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
