//! Hand-written rule files and dashboards, checked against the schema.
//!
//! JSON is read as YAML, which is a superset. Everything under `expr` is a query, and so are the queries of
//! Grafana's variables. Legends, templates and the series of promtool tests are checked, too.

pub(crate) mod format;
mod migrate;
mod queries;
pub(crate) mod suppress;
pub(crate) mod tree;

use std::collections::BTreeMap;

use crate::codes;
use shadowcat_metrics_codegen::{Diagnostic, Report, Source, Span};

use crate::promql::{Analysis, Ceiling, Finding, Labels, Query, Samples, Usage, Vocabulary};
use crate::templates::{self, Context};
pub use migrate::Migrated;
use queries::{Found, Language, Placed, Rule};
use suppress::{Parts, Suppressions};
use tree::Unreadable;

shadowcat_metrics_codegen::codes! {
    table CODES;

    UNREADABLE_FILE = "SM0914" "unreadable-file": "neither YAML nor JSON",
    "`check-rules` reads Prometheus rule files (YAML) and Grafana dashboards (JSON). The file could not be parsed \
     beyond the position in the message.",
    wrong: r#"# "groups": [
"#,
    right: r#"# "groups": []
"#;

    RECORDED_METRIC = "SM0929" "recorded-metric": "a recording rule with the name of a metric",
    "The series that the rule records would have the same name as those that Prometheus scrapes, so a query for the \
     metric would return both. Prometheus' convention for recorded series is `level:metric:operations`.",
    example: "# groups:
# - name: shop
#   rules:
- #   - record: app_http_requests_total
+ #   - record: job:app_http_requests:sum
#     expr: sum by (job) (app_http_requests_total)
";
}

/// A rule file (YAML) or a dashboard (JSON).
#[derive(Debug)]
pub struct File<'s> {
    source: &'s Source,
    found: Found,
    unreadable: Option<Unreadable>,
}

impl<'s> File<'s> {
    /// Reads a file. An unreadable one has no queries, and [`check`](Self::check) reports it.
    #[must_use]
    pub fn read(source: &'s Source) -> Self {
        let documents = tree::parse(source.text());
        let found = documents.as_ref().map(queries::find);
        Self {
            source,
            found: found.unwrap_or_default(),
            unreadable: documents.err(),
        }
    }

    /// Returns the number of its queries.
    #[must_use]
    pub fn queries(&self) -> usize {
        self.found.queries.len()
    }

    /// Checks its rules and queries.
    #[must_use]
    pub fn check(&self, vocabulary: &Vocabulary) -> Report {
        let mut problems = self.unreadable();
        problems.extend(self.structure());
        let suppressions = Suppressions::read(self.source.text(), &self.found);
        // If an unknown series is accepted, it exists, and is no misspelling.
        let accepted = suppressions.parts(codes::UNKNOWN_SERIES);
        // The labels of each query's result.
        let mut labels = Vec::new();
        for query in &self.found.queries {
            let suggests = !self.starts_in(query, &accepted);
            let analysis = query.value.checked(vocabulary, suggests);
            problems.extend(self.problems(query, analysis.findings));
            labels.push(analysis.labels);
        }
        for name in &self.found.input_names {
            let suggests = !self.starts_in(name, &accepted);
            let analysis = name.value.checked(vocabulary, suggests);
            problems.extend(self.problems(name, analysis.findings));
        }
        for (at, legend) in &self.found.legends {
            let query = &self.found.queries[*at];
            // Grafana itself splits native histograms into buckets with `le`, and a variable may be any label.
            let is_certain = query.usage != Usage::HeatMap && !query.value.depends_on_variables();
            if let Some(labels) = labels[*at].as_ref().filter(|_| is_certain) {
                problems.extend(self.check_legend(labels, legend));
            }
        }
        for record in &self.found.records {
            problems.extend(self.check_record(vocabulary, record));
        }
        for alert in &self.found.alerts {
            let labels = alert.query.and_then(|at| labels[at].as_ref());
            problems.extend(self.check_templates(vocabulary, &accepted, labels, alert));
        }
        let problems = suppressions.apply(once(problems));
        let mut report = Report::default();
        report.extend(problems);
        report.sort();
        report
    }

    /// Returns whether a text starts in one of the parts.
    fn starts_in<T>(&self, text: &Placed<T>, parts: &Parts) -> bool {
        let start = text.locate(self.source.text(), &(0..0)).start;
        parts.contain(start)
    }

    fn unreadable(&self) -> Vec<Diagnostic> {
        let invalid = self.source.invalid_utf8().iter().map(|span| {
            Diagnostic::error(codes::UNREADABLE_FILE, *span, "the file is not valid UTF-8")
                .label("these bytes are not a character")
                .help("save the file as UTF-8, or convert it from Latin-1 with `iconv -f latin1 -t utf-8`")
        });
        let unreadable = self.unreadable.iter().map(|Unreadable { message, at }| {
            Diagnostic::error(codes::UNREADABLE_FILE, Span::new(*at, *at), message)
                .label("fix the syntax here: the rest of the file was not read")
        });
        invalid.chain(unreadable).collect()
    }

    fn structure(&self) -> Vec<Diagnostic> {
        let text = self.source.text();
        let problems = self.found.problems.iter().map(|(spot, problem)| {
            let found = codes::problem(problem.code, spot.locate(text), &problem.message)
                .label(&problem.label);
            let alias = problem
                .alias
                .clone()
                .map(|alias| spot.at(alias).locate(text));
            used_at(found, alias)
        });
        problems.collect()
    }

    /// Converts the findings in a query to problems in the file.
    fn problems(
        &self,
        query: &Placed<Query>,
        findings: Vec<Finding>,
    ) -> impl Iterator<Item = Diagnostic> {
        let is_promql = query.language != Language::MetricsQl;
        let findings = findings.into_iter();
        findings
            .filter(move |finding| is_promql || finding.code != codes::PROMQL_SYNTAX)
            .map(move |finding| self.problem(query, finding))
    }

    fn problem<T>(&self, of: &Placed<T>, finding: Finding) -> Diagnostic {
        let text = self.source.text();
        let span = of.locate(text, &finding.range);
        let found = if finding.in_doubt {
            Diagnostic::warning(finding.code, span, finding.message)
                .label(finding.label)
                .help("the query depends on Grafana variables and was not fully checked")
        } else {
            finding.at(span)
        };
        used_at(found, of.alias(text))
    }

    /// Checks the labels in a legend of Grafana.
    fn check_legend(&self, labels: &Labels, legend: &Placed<String>) -> Vec<Diagnostic> {
        let missing = templates::labels_of_legend(&legend.value)
            .filter(|(_, name)| *name != "__name__" && !labels.contains(name));
        let problem = |(start, name): (usize, &str)| {
            let (code, range) = (codes::TEMPLATE_WITHOUT_LABEL, start..start + name.len());
            let message = format!("the series of the query have no label `{name}`");
            let mut finding = Finding::new(code, range, message, labels.expected(name));
            finding.help = labels.help(name).map(str::to_owned);
            self.problem(legend, finding)
        };
        missing.map(problem).collect()
    }

    /// Checks that a rule does not record a series that targets expose.
    fn check_record(&self, vocabulary: &Vocabulary, record: &Rule) -> Option<Diagnostic> {
        let name = &record.name.value;
        vocabulary.is_scraped(name).then(|| {
            let message = format!("the rule records `{name}`, which is the name of a metric");
            let label = format!("expected another name, such as `job:{name}:sum`");
            let finding = Finding::new(RECORDED_METRIC, 0..name.len(), message, label);
            self.problem(&record.name, finding)
        })
    }

    /// Checks the templates of an alert. Unknown series are accepted in some parts of the file. `labels` are those of the alert's
    /// query, if they are known.
    fn check_templates(
        &self,
        vocabulary: &Vocabulary,
        accepted: &Parts,
        labels: Option<&Labels>,
        alert: &Rule,
    ) -> Vec<Diagnostic> {
        let query = alert.query.map(|at| &self.found.queries[at]);
        // In vmalert, the rule's own labels are available too.
        let is_set = |name: &str| {
            ["__name__", "alertname", "alertgroup"].contains(&name)
                || alert.labels.iter().any(|(label, _)| label == name)
        };
        let of_vmalert = query.is_some_and(|query| query.language == Language::MetricsQl);
        let mut problems = Vec::new();
        for template in &alert.templates {
            let context = Context {
                vocabulary,
                suggests: !self.starts_in(template, accepted),
                labels,
                is_set: &is_set,
                of_vmalert,
            };
            let findings = templates::check(&template.value, context);
            problems.extend(
                findings
                    .into_iter()
                    .map(|finding| self.problem(template, finding)),
            );
        }
        problems
    }
}

/// Adds the position of an alias that refers to the problem's text.
fn used_at(problem: Diagnostic, alias: Option<Span>) -> Diagnostic {
    match alias {
        Some(alias) => problem.secondary(alias, "used here"),
        None => problem,
    }
}

/// Removes duplicates: text that several aliases refer to is checked for each of them.
fn once(problems: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut once: Vec<Diagnostic> = Vec::new();
    let mut seen: BTreeMap<(usize, usize, String), usize> = BTreeMap::new();
    for problem in problems {
        let key = (
            problem.primary.start,
            problem.primary.end,
            format!("{}{}", problem.code, problem.message),
        );
        let Some(at) = seen.get(&key) else {
            seen.insert(key, once.len());
            once.push(problem);
            continue;
        };
        let known = &mut once[*at].secondary;
        for more in problem.secondary {
            if !known.contains(&more) {
                known.push(more);
            }
        }
    }
    once
}

/// Adds the recorded series and alerts of files to a vocabulary, so that queries in all of them may use them.
pub fn learn(files: &[File<'_>], vocabulary: &mut Vocabulary) {
    let records = || {
        files
            .iter()
            .flat_map(|file| file.found.records.iter().map(move |rule| (file, rule)))
    };
    for (_, record) in records() {
        vocabulary.allow(&record.name.value);
    }
    // The labels, ceilings and samples of each name, in Prometheus' order of evaluation. Labels are `None` if they are
    // unknown or differ; the ceiling is `None` if one of several rules has none.
    let mut known: BTreeMap<&str, (Option<Labels>, Option<Ceiling>, Samples)> = BTreeMap::new();
    for (file, record) in records() {
        let (labels, ceiling, samples) = match file.analysis(record, vocabulary) {
            Some(Analysis {
                labels,
                ceiling,
                samples,
                ..
            }) => (labels, ceiling, samples),
            None => (None, None, Samples::Unknown),
        };
        let labels =
            labels.map(|labels| labels.and_set(record.labels.iter().map(|(label, _)| label)));
        let (same, highest, stored) = known
            .entry(&record.name.value)
            .or_insert_with(|| (labels.clone(), ceiling, samples));
        if *same != labels {
            *same = None;
        }
        if *highest != ceiling {
            *highest = None;
        }
        if *stored != samples {
            *stored = Samples::Unknown;
        }
        vocabulary.forget(&record.name.value);
        if let Some(labels) = same {
            let labels = labels.clone().into_certain();
            vocabulary.record_by_hand(&record.name.value, labels, *highest, *stored);
        }
    }
    for file in files {
        for alert in &file.found.alerts {
            let labels = file
                .analysis(alert, vocabulary)
                .and_then(|analysis| analysis.labels);
            let labels = labels.map(Labels::into_certain);
            vocabulary.alert_by_hand(&alert.name.value, labels, alert.labels.iter().cloned());
        }
    }
}

impl File<'_> {
    fn analysis(&self, rule: &Rule, vocabulary: &Vocabulary) -> Option<Analysis<'_>> {
        let query = &self.found.queries[rule.query?];
        Some(query.value.result(vocabulary))
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use crate::testing::problems_in_rules;

    #[test]
    fn unsupported_files() {
        assert_eq!(problems_in_rules(""), [""; 0]);
        assert_eq!(problems_in_rules("groups: ["), ["SM0914 1:9 "]);
        assert_eq!(problems_in_rules("{\"a\": [1, 2").len(), 1);
    }

    #[test]
    fn recorded_series_with_the_name_of_a_metric() {
        let rules = "\
x: &name app_http_open
groups:
- name: a
  rules:
  - { record: app_http_requests_total, expr: sum(app_http_requests_total) }
  - { record: *name, expr: max(app_http_open) }
  - { record: up, expr: vector(1) }
  - { record: app_http_requests, expr: sum(app_http_requests_total) }
  - { record: 'job:app_http_open:max', expr: max by (job) (app_http_open) }
  # shadowcat-metrics allow(recorded-metric): until the program exposes it again
  - { record: app_http_open, expr: vector(0) }
";
        assert_eq!(
            problems_in_rules(rules),
            [
                "SM0929 1:10 app_http_open",
                "SM0929 5:15 app_http_requests_total",
                "SM0929 7:15 up",
            ]
        );
    }

    #[test]
    fn deeply_nested_files() {
        for (open, close) in [("[", "]"), ("{a: ", "}"), ("- ", ""), ("{\"a\": [", "]}")] {
            for count in [99, 5_000, 100_000] {
                let text = format!("{}x{}", open.repeat(count), close.repeat(count));
                let found = problems_in_rules(&text);
                let is_too_deep = count > 99 || open.len() > 4;
                assert_eq!(
                    found.len(),
                    usize::from(is_too_deep),
                    "{open} {count} {found:?}"
                );
            }
        }
        let mut bomb = "a0: &a0 x\n".to_owned();
        for n in 1..30 {
            let _ = writeln!(bomb, "a{n}: &a{n} [*a{0}, *a{0}]", n - 1);
        }
        assert_eq!(problems_in_rules(&bomb).len(), 1);
        assert_eq!(problems_in_rules("a: *b").len(), 1);
    }
}
