//! Checks of the PromQL in a schema, with positions in `metrics.toml`.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::codes;
use shadowcat_metrics_codegen::lint::metric_path;
use shadowcat_metrics_codegen::model::Registry;
use shadowcat_metrics_codegen::{Diagnostic, Source, suggest};

use crate::model::{Alert, Expression, Schema, TestSeries};
use crate::promql::text::{Piece, pieces};
use crate::promql::{Analysis, Finding, Labels, Query, Vocabulary};
use crate::rules::AlertQuery;
use crate::runbooks::NOTES;
use crate::{Options, templates, toml_string};

shadowcat_metrics_codegen::codes! {
    table CODES;

    UNTESTED_ALERT = "SM0912" "untested-alert": "an alert without a test",
    "Without a test, nobody knows whether the alert can fire. `test` lists series that make the alert fire and \
     series that do not, and promtool checks both. Tests for objectives are generated.",
    example: r#"[alerts.example]
summary = "The machine is busy."
expr = "ALERTS{alertname='Busy'} == 1"
severity = "info"
runbook = "https://example.org/runbooks/busy"
+
+ [alerts.example.test]
+ fires = { "ALERTS{alertname='Busy'}" = "1x10" }
+ silent = {}
"#;

    RUNBOOK_WITHOUT_NOTES = "SM0913" "runbook-without-notes": "a runbook without notes",
    "A generated runbook lacks the advice of a person who knows the system. Write that advice into \
     `docs/operations/runbooks/notes/NAME.md` next to the schema, and it becomes part of the runbook. An alert with a \
     `runbook` URL needs no notes.",
    example: r#"[alerts.example]
summary = "The machine is busy."
expr = "ALERTS{alertname='Busy'} == 1"
severity = "info"
+ runbook = "https://example.org/runbooks/busy"
test = { fires = { "ALERTS{alertname='Busy'}" = "1x10" }, silent = {} }
"#;
}

/// Returns every problem with the expressions of a schema's alerts, and missing parts of objectives and
/// alerts, in source order. It does not repeat the compiler's checks.
#[must_use]
pub fn check(schema: &Schema, source: &Source, options: &Options) -> Vec<Diagnostic> {
    let registry = &schema.registry;
    let vocabulary = Vocabulary::of_program(schema, &options.parts);
    let each_form = vocabulary.clone().with_each_form();
    let mut problems = Vec::new();
    for alert in &schema.alerts {
        let AlertQuery {
            in_schema,
            rewritten,
            left,
        } = &alert.query;
        let names = match rewritten {
            Some(_) => &each_form,
            None => &vocabulary,
        };
        let Analysis {
            mut findings,
            labels,
            ..
        } = in_schema.analyze(names);
        findings.extend(left.iter().cloned());
        problems.extend(located(registry, source, &alert.expr, in_schema, findings));
        let labels = match rewritten {
            Some(rewritten) => rewritten.result(&vocabulary).labels,
            None => labels,
        };
        problems.extend(check_templates(source, &vocabulary, alert, labels.as_ref()));
        let test = alert.test.iter();
        for TestSeries { series, .. } in test.flat_map(|test| test.fires.iter().chain(&test.silent))
        {
            let query = Query::parse(&series.promql(registry));
            let findings = query.analyze(&vocabulary).findings;
            let found = located(registry, source, series, &query, findings);
            problems.extend(found.into_iter().map(|problem| {
                if problem.code == codes::CLASSIC_HISTOGRAM {
                    problem.help(
                        "test with native histograms, such as `{{}}+{{count:600 sum:60 buckets:[600]}}x30`",
                    )
                } else {
                    problem
                }
            }));
        }
    }
    problems.extend(schema.alerts.iter().filter_map(untested));
    problems.extend(without_notes(schema, options));
    problems.sort_by_key(|problem| problem.primary);
    problems
}

/// Checks the templates of an alert, including their labels against those of the expression.
fn check_templates(
    source: &Source,
    vocabulary: &Vocabulary,
    alert: &Alert,
    labels: Option<&Labels>,
) -> Vec<Diagnostic> {
    let context = templates::Context {
        vocabulary,
        suggests: true,
        labels,
        is_set: &|_| false,
        of_vmalert: false,
    };
    let description = alert.description.as_deref().unwrap_or_default();
    let texts = [
        (alert.summary.as_str(), alert.spans.summary),
        (description, alert.spans.description),
    ];
    let mut problems = Vec::new();
    for (text, string) in texts {
        for finding in templates::check(text, context) {
            let span = toml_string::inside(source, string, finding.range.clone());
            let is_label = finding.code == codes::TEMPLATE_WITHOUT_LABEL;
            let problem = finding.at(span);
            problems.push(if is_label {
                problem.secondary(alert.expr.span, "this expression determines the labels")
            } else {
                problem
            });
        }
    }
    problems
}

fn untested(alert: &Alert) -> Option<Diagnostic> {
    alert.test.is_none().then(|| {
        Diagnostic::warning(
            codes::UNTESTED_ALERT,
            alert.spans.key,
            format!("the alert `{}` has no test", alert.name),
        )
        .label("expected `test = { fires = { ... }, silent = { ... } }`, with series for both")
    })
}

fn without_notes<'r>(
    schema: &'r Schema,
    options: &'r Options,
) -> impl Iterator<Item = Diagnostic> + 'r {
    let slos = schema
        .slos
        .iter()
        .map(|slo| (&slo.name, &slo.runbook, slo.span));
    let alerts = schema.alerts.iter();
    let alerts = alerts.map(|alert| (&alert.name, &alert.runbook, alert.spans.key));
    let lacking = slos.chain(alerts).filter(|(name, elsewhere, _)| {
        let notes = options
            .notes
            .get(*name)
            .is_some_and(|notes| !notes.trim().is_empty());
        elsewhere.is_none() && !notes
    });
    lacking.map(|(name, _, span)| {
        Diagnostic::warning(
            codes::RUNBOOK_WITHOUT_NOTES,
            span,
            format!("the runbook of `{name}` has no notes"),
        )
        .label(format!(
            "expected the file `docs/{NOTES}/{name}.md` next to the schema"
        ))
        .help(missing_notes_help(schema, options, name))
    })
}

/// Returns help for a runbook without notes: unused notes with a similar name may have belonged to it.
fn missing_notes_help(schema: &Schema, options: &Options, name: &str) -> String {
    let slos = schema.slos.iter().map(|slo| &slo.name);
    let alerts = schema.alerts.iter().map(|alert| &alert.name);
    let known: BTreeSet<_> = slos.chain(alerts).collect();
    let others = options.notes.keys().filter(|notes| !known.contains(notes));
    match suggest::nearest(name, others.map(String::as_str)) {
        Some(near) => {
            format!("`docs/{NOTES}/{near}.md` matches no objective or alert; was one renamed?")
        }
        None => {
            "write down what to look at first, or set `runbook` to the URL of a page".to_owned()
        }
    }
}

/// Converts findings in the query of an expression to problems in the schema.
fn located(
    registry: &Registry,
    source: &Source,
    expression: &Expression,
    query: &Query,
    findings: Vec<Finding>,
) -> Vec<Diagnostic> {
    let problem = |mut finding: Finding| {
        if finding.code == codes::PROMQL_SYNTAX
            && let Some((range, name)) = without_braces(query.written(), registry)
        {
            finding.range = range;
            finding.label = format!("expected `{{{name}}}`");
            finding.help = Some("write metrics of the schema in braces".to_owned());
        }
        let span = expression.locate(registry, source, finding.range.clone());
        finding.at(span)
    };
    findings.into_iter().map(problem).collect()
}

/// Returns the first `group.metric` in a query without braces, which makes it invalid PromQL.
fn without_braces(query: &str, registry: &Registry) -> Option<(Range<usize>, String)> {
    let names: Vec<_> = registry
        .metrics
        .iter()
        .map(|metric| metric_path(registry, metric))
        .collect();
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    let mut word = 0..0;
    let end = (Piece::Comment, query.len()..query.len());
    for (piece, range) in pieces(query).chain([end]) {
        match piece {
            Piece::Code(letter) if is_part(letter) && word.end == range.start => {
                word.end = range.end;
            }
            Piece::Code(letter) if is_part(letter) => word = range,
            Piece::Code(_) | Piece::Quoted { .. } | Piece::Comment => {
                let found = query[word.clone()].to_owned();
                if names.contains(&found) && piece != Piece::Code('}') {
                    return Some((word, found));
                }
                word = range.end..range.end;
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use shadowcat_metrics_codegen::Severity;

    use super::*;
    use crate::testing::compiled;

    /// Returns the problems of an alert on the metric `app.ended`.
    fn problems(alert: &str, options: &Options) -> (Source, Vec<Diagnostic>) {
        let alert =
            format!("[alerts.jobs] | summary = \"Jobs end.\" | severity = \"info\" | {alert}");
        let (outcome, _) = compiled(&format!("ended: counter | {alert}"));
        let schema = outcome.schema().expect("it compiles");
        let problems = check(schema, &outcome.source, options);
        (outcome.source, problems)
    }

    #[test]
    fn alerts_have_a_test_and_notes() {
        let codes_of = |alert: &str, notes: &str| {
            let notes = ("jobs".to_owned(), notes.to_owned());
            let options = Options {
                notes: BTreeMap::from([notes]),
                ..Options::default()
            };
            let (_, problems) = problems(alert, &options);
            let codes = problems.iter().map(|problem| problem.code.name());
            codes.collect::<Vec<_>>().join(" ")
        };
        let alert = "expr = \"rate({app.ended}[5m]) > 1\"";
        let test = "test = { fires = { \"{app.ended}\" = \"0+600x10\" }, silent = {} }";
        let url = "runbook = \"https://example.org/runbooks/jobs\"";
        let [untested, no_notes] = ["untested-alert", "runbook-without-notes"];
        assert_eq!(codes_of(alert, " \n"), format!("{untested} {no_notes}"));
        assert_eq!(codes_of(alert, "Look at the queue."), untested);
        assert_eq!(codes_of(&format!("{alert} | {url}"), ""), untested);
        assert_eq!(codes_of(&format!("{alert} | {test}"), ""), no_notes);
        assert_eq!(codes_of(&format!("{alert} | {test} | {url}"), ""), "");
    }

    #[test]
    fn a_metric_without_braces_has_a_position() {
        let errors_of = |metric: &str| {
            let alert = format!("expr = \"rate({metric}[5m]) > 1\"");
            let (source, problems) = problems(&alert, &Options::default());
            let errors = problems
                .iter()
                .filter(|problem| problem.severity == Severity::Error);
            let shown = errors.map(|problem| {
                let at = source.slice(problem.primary);
                format!("{} {at}: {}", problem.code, problem.label)
            });
            shown.collect::<Vec<_>>()
        };
        assert_eq!(errors_of("{app.ended}"), [""; 0]);
        assert_eq!(
            errors_of("app.ended"),
            ["SM0901 app.ended: expected `{app.ended}`"]
        );
        assert_eq!(
            errors_of("app.begun"),
            ["SM0901 app.begun: expected letters, digits, `_` and `:`"]
        );
    }

    #[test]
    fn long_expressions_of_a_schema_are_refused() {
        for end in ["up", "é", "up é", "\u{1f600}"] {
            let expr = format!("expr = '{}{end}'", "up or ".repeat(5_000));
            let (source, problems) = problems(&expr, &Options::default());
            let found = problems
                .iter()
                .find(|problem| problem.code == codes::PROMQL_SYNTAX)
                .expect("a problem");
            let text = source.slice(found.primary).trim_end_matches('\'');
            assert!(text.ends_with(end), "{end}");
        }
    }
}
