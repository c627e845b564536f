//! `[operations]`: settings for all objectives, alerts and dashboards.

use shadowcat_metrics_authoring::language::{TEXTS, Value};
use shadowcat_metrics_codegen::model::{Label, Origin};
use shadowcat_metrics_codegen::name::{TARGET_LABELS, is_label_name, is_metric_name};
use shadowcat_metrics_codegen::section::{
    Checker, Entry, Field, Hint, Reader, Spanned, Texts, table,
};
use shadowcat_metrics_codegen::{Diagnostic, Report};

use crate::model::Settings;
use crate::promql::write::Histograms;

section_tables! {
    /// `[operations]`.
    OPERATIONS = "operations": "Settings of all objectives, alerts and dashboards.";
    Written {
        external: Texts, texts => TEXTS, "Metrics of other programs that queries may use; a `*` at the end matches any suffix.";
        target_labels: Texts, texts => TEXTS, "Labels that scraping adds in addition to `job` and `instance`, such as `cluster`.";
        runbook_url: String, text => Value::Words, "URL of runbooks; `{alert}` stands for the name of the objective or alert.";
        dashboard_url: String, text => Value::Words, "URL of the overview dashboard.";
        reference_url: String, text => Value::Words, "URL of the reference, `metrics.md`; panels link to the metrics in it.";
        prometheus_url: String, text => Value::Words, "URL of Prometheus; queries in runbooks become links to its graphs.";
        histograms: String, text => Value::OneOf(|| Histograms::ALL.map(Histograms::name).to_vec()),
            "Form in which rules and dashboards read histograms: `classic` by default, `native`, or `both`.";
    }
}

shadowcat_metrics_codegen::codes! {
    table CODES;

    INVALID_EXTERNAL_NAME = "SM0813" "invalid-external-name": "an invalid metric or label name",
    "`external` lists names of metrics of other programs; a name may end with `*`, which matches any suffix. \
     `target_labels` lists names of labels.",
    example: r#"[operations]
- external = ["node.*"]
+ external = ["node_*"]
"#;

    TARGET_LABEL_CLASH = "SM0820" "target-label-clash": "a target label that series already have",
    "`target_labels` lists labels that scraping adds to every series of the program. Scraping always adds `job` and `instance`, \
     so do not list them. `le` and `quantile` cannot be listed either, because histograms and summaries use them. If the program \
     exposes a label with the name of a target label, Prometheus renames the program's label to `exported_NAME`, so queries for \
     `NAME` read the target's label. Rename one of the two.",
    example: r#"[labels.cluster]
help = "Cluster that a request was for."
values = ["eu", "us"]

[metrics.http.requests]
type = "counter"
labels = ["cluster"]
help = "Requests answered."

[operations]
- target_labels = ["cluster"]
+ target_labels = ["kubernetes_cluster"]
"#;

    UNKNOWN_HISTOGRAMS = "SM0819" "unknown-histograms": "unknown value of `histograms`",
    "With `classic`, queries read the series `_bucket`, `_sum` and `_count`. With `native`, queries read native histograms, \
     including classic histograms that Prometheus converts while scraping. The series `_bucket`, `_sum` and `_count` then do not \
     exist. With `both`, queries work in either case.",
    example: r#"[operations]
- histograms = "sparse"
+ histograms = "native"
"#;
}

pub(super) fn parse(entry: &Entry, report: &mut Report) -> Option<Written> {
    let entries = table(&entry.value, "operations", "a table", report)?;
    let mut operations = Reader::new(entries, "`[operations]`", Written::KEYS, report);
    Some(Written::read(&mut operations))
}

pub(super) fn check(operations: &Written, checker: &mut Checker<'_>) -> Settings {
    let external = check_names(checker, &operations.external, |name| {
        is_metric_name(name.strip_suffix('*').unwrap_or(name))
    });
    let target_labels = check_names(checker, &operations.target_labels, |name| {
        is_label_name(name) && !name.starts_with("__")
    });
    check_target_labels(checker, &operations.target_labels);
    Settings {
        external,
        target_labels,
        runbook_url: checker.check_text(&operations.runbook_url, "runbook_url"),
        dashboard_url: checker.check_text(&operations.dashboard_url, "dashboard_url"),
        reference_url: checker.check_text(&operations.reference_url, "reference_url"),
        prometheus_url: checker.check_text(&operations.prometheus_url, "prometheus_url"),
        histograms: check_histograms(checker, &operations.histograms),
    }
}

/// Reports labels in `target_labels` that series already have.
fn check_target_labels(checker: &mut Checker<'_>, names: &Field<Texts>) {
    let mut earlier: Vec<&Spanned<String>> = Vec::new();
    for name in names.given().iter().flat_map(|given| &given.value) {
        let written = name.value.as_str();
        let same = |label: &&Label| label.origin == Origin::Schema && label.name == written;
        let own = checker.registry().labels.iter().find(same);
        let problem = |message: String| Diagnostic::error(TARGET_LABEL_CLASH, name.span, message);
        let problem = if TARGET_LABELS.contains(&written) {
            let message = format!("scraping always adds the label `{written}`");
            problem(message).label("remove this one")
        } else if ["le", "quantile"].contains(&written) {
            let message = format!("scraping cannot add the label `{written}`");
            problem(message).label("remove it: Prometheus uses it for histograms and summaries")
        } else if let Some(other) = earlier.iter().find(|other| other.value == written) {
            let problem = problem(format!("`target_labels` lists `{written}` twice"));
            let problem = problem.label("remove this one");
            problem.secondary(other.span, "the first one")
        } else if let Some(own) = own {
            problem(format!("the program and scraping both add the label `{written}`"))
                .label("expected a label that the schema does not have")
                .secondary(own.name_span, "the label of the program")
                .help(format!(
                    "Prometheus renames the program's label to `exported_{written}`; expose it under another name"
                ))
        } else {
            earlier.push(name);
            continue;
        };
        checker.report(problem);
    }
}

fn check_histograms(checker: &mut Checker<'_>, field: &Field<String>) -> Histograms {
    let words = Histograms::ALL.map(Histograms::name);
    let word = field.given().and_then(|given| {
        let what = "value of `histograms`:";
        checker.check_word(given, what, UNKNOWN_HISTOGRAMS, &words, hint)
    });
    let mut all = Histograms::ALL.into_iter();
    let found = word.and_then(|word| all.find(|one| one.name() == word));
    found.unwrap_or_default()
}

/// Returns the setting that another word for it corresponds to.
fn hint(word: &str) -> Hint {
    match word {
        "sparse" | "exponential" | "nhcb" => (Some("native"), None),
        "buckets" | "float" | "le" => (Some("classic"), None),
        "any" | "either" | "all" => (Some("both"), None),
        _ => (None, None),
    }
}

fn check_names(
    checker: &mut Checker<'_>,
    names: &Field<Texts>,
    valid: impl Fn(&str) -> bool,
) -> Vec<String> {
    let mut kept = Vec::new();
    for name in names.given().iter().flat_map(|given| &given.value) {
        if valid(&name.value) {
            kept.push(name.value.clone());
            continue;
        }
        let message = format!("`{}` is not a valid name in Prometheus", name.value);
        checker
            .error(INVALID_EXTERNAL_NAME, name.span, message)
            .label("expected letters, digits and `_`, not beginning with a digit; a metric name may have `:` and end with `*`");
    }
    kept
}

#[test]
fn rules_of_settings() {
    crate::testing::rules(
        r#"
        [operations] | external = [^"a*b", "ok_*"] => invalid-external-name
        [operations] | target_labels = [^"a:b"] => invalid-external-name
        [operations] | target_labels = [^"job", ^"instance", "cluster"] => target-label-clash target-label-clash
        [operations] | target_labels = [^"le", ^"quantile"] => target-label-clash target-label-clash
        [operations] | target_labels = ["cluster", ^"cluster"] => target-label-clash
        [operations] | target_labels = [^"host"] => target-label-clash
        // The key of a label is not exposed.
        labels.place = { help = "P.", values = ["a", "b"], name = "region" } | done: counter, labels = ["place"] | [operations] | target_labels = ["place", ^"region"] => target-label-clash
        [operations] | histograms = ^"sparse" => unknown-histograms
        [operations] | histograms = ^true => wrong-type
        "#,
    );
}
