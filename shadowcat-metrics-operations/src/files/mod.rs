//! Rules files and dashboards that people wrote by hand, checked against the schema.
//!
//! YAML and JSON are read alike, since the one contains the other: whatever stands under `expr` is a query, and so is what
//! Grafana's variables ask for. `tree` is the document with its places, `queries` what is found in it, `tables` what a table of
//! it says, `place` the way into a scalar.

mod place;
mod queries;
mod tables;
mod tree;

use std::collections::{BTreeMap, BTreeSet};

use shadowcat_metrics_codegen::codes::promql as codes;
use shadowcat_metrics_codegen::{Diagnostic, Report, Source, Span};

use crate::promql::{self, Ceiling, Finding, Vocabulary};
use crate::templates;
use queries::{Alert, Found, Query};

/// A rules file (YAML) or a dashboard (JSON).
#[derive(Debug)]
pub struct File<'s> {
    source: &'s Source,
    found: Found,
    /// Why it cannot be read, and the offset where that shows.
    unreadable: Option<(String, usize)>,
}

impl<'s> File<'s> {
    /// Reads a file. One that cannot be read has no queries, and is told by [`check`](Self::check).
    #[must_use]
    pub fn read(source: &'s Source) -> Self {
        let documents = tree::parse(source.text());
        let found = documents.as_deref().map(queries::find);
        Self {
            source,
            found: found.unwrap_or_default(),
            unreadable: documents.err(),
        }
    }

    /// How many queries it has.
    #[must_use]
    pub fn queries(&self) -> usize {
        self.found.queries.len()
    }

    /// Everything wrong with its queries.
    #[must_use]
    pub fn check(&self, vocabulary: &Vocabulary) -> Report {
        let mut report = Report::default();
        for span in self.source.invalid_utf8() {
            report.push(
                Diagnostic::error(codes::UNREADABLE_FILE, *span, "the file is not valid UTF-8")
                    .label("these bytes are no character"),
            );
        }
        if let Some((message, at)) = &self.unreadable {
            report.push(
                Diagnostic::error(codes::UNREADABLE_FILE, Span::new(*at, *at), message.clone())
                    .label("cannot be read from here on"),
            );
        }
        for query in &self.found.queries {
            report.extend(self.check_query(vocabulary, query));
        }
        for alert in &self.found.alerts {
            report.extend(self.check_texts(vocabulary, alert));
        }
        report.sort();
        report
    }

    fn check_query(&self, vocabulary: &Vocabulary, query: &Query) -> Vec<Diagnostic> {
        let problem = |finding: Finding| {
            let span = query.locate(self.source.text(), &finding.range);
            if !finding.in_doubt {
                return finding.at(span);
            }
            Diagnostic::warning(finding.code, span, finding.message)
                .label(finding.label)
                .help("with what Grafana puts in for its variables it may be right; nothing in it was checked")
        };
        promql::check(&query.text, vocabulary)
            .into_iter()
            .map(problem)
            .collect()
    }

    /// Checks that the labels which an alert's texts name are there.
    fn check_texts(&self, vocabulary: &Vocabulary, alert: &Alert) -> Vec<Diagnostic> {
        let Some(labels) = promql::labels(&alert.promql, vocabulary) else {
            return Vec::new();
        };
        // Those of the rule itself are there in vmalert.
        let is_of_rule = |name: &str| {
            ["__name__", "alertname", "alertgroup"].contains(&name)
                || alert.labels.iter().any(|(label, _)| label == name)
        };
        let mut problems = Vec::new();
        for annotation in &alert.annotations {
            let missing = templates::missing(&annotation.text, &labels);
            for missing in missing.into_iter().filter(|label| !is_of_rule(label.name)) {
                let span = annotation.locate(self.source.text(), &missing.range);
                let message = format!("the alert has no label `{}`", missing.name);
                problems.push(
                    Diagnostic::error(codes::TEMPLATE_WITHOUT_LABEL, span, message)
                        .label(missing.expected),
                );
            }
        }
        problems
    }
}

/// Adds to a vocabulary what the rules of files record and their alerts, so that all of them may name it.
pub fn learn(files: &[File<'_>], vocabulary: &mut Vocabulary) {
    let records = || files.iter().flat_map(|file| &file.found.records);
    for record in records() {
        vocabulary.allow(&record.name);
    }
    // What each has, in the order in which Prometheus evaluates them; no labels where they cannot be told, or differ, and no
    // ceiling where one of several has none.
    let mut known: BTreeMap<&str, (Option<BTreeSet<String>>, Option<Ceiling>)> = BTreeMap::new();
    for record in records() {
        let analysis = promql::Query::parse(&record.promql).analyze(vocabulary);
        let mut labels = analysis.labels.map(promql::Labels::into_certain);
        let ceiling = analysis.ceiling;
        if let Some(labels) = &mut labels {
            labels.extend(record.labels.iter().map(|(label, _)| label.clone()));
        }
        let (same, highest) = known
            .entry(&record.name)
            .or_insert_with(|| (labels.clone(), ceiling));
        if *same != labels {
            *same = None;
        }
        if *highest != ceiling {
            *highest = None;
        }
        vocabulary.forget(&record.name);
        if let Some(labels) = same {
            vocabulary.record_by_hand(&record.name, labels.iter().cloned(), *highest);
        }
    }
    for alert in files.iter().flat_map(|file| &file.found.alerts) {
        let labels = promql::labels(&alert.promql, vocabulary);
        vocabulary.alert_by_hand(&alert.name, labels, alert.labels.iter().cloned());
    }
}
