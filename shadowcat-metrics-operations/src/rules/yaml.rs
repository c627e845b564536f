//! The YAML format of rules and promtool tests.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use crate::duration::Scale;

/// A note for readers who open a file to edit it.
const GENERATED: &str = "# Generated from metrics.toml by `shadowcat-metrics generate`. Do not edit: change metrics.toml.\n";

/// A rule file.
#[derive(Debug, Serialize)]
pub(super) struct RuleFile {
    pub(super) groups: Vec<Group>,
}

/// Rules that are evaluated in order.
#[derive(Debug, Serialize)]
pub(super) struct Group {
    name: String,
    /// Evaluation interval, or `None` for Prometheus' default.
    #[serde(skip_serializing_if = "Option::is_none")]
    interval: Option<String>,
    rules: Vec<Rule>,
}

impl Group {
    pub(super) fn new(name: String, scale: Scale, rules: Vec<Rule>) -> Self {
        // Scaled windows may be shorter than the default interval.
        let interval = (scale != Scale::ONE)
            .then(|| scale.window(Duration::from_secs(60)))
            .map(|scaled| {
                if scaled.ends_with("ms") {
                    "1s".to_owned()
                } else {
                    scaled
                }
            });
        Self {
            name,
            interval,
            rules,
        }
    }
}

/// One rule.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Rule {
    /// A recording rule.
    Record { record: String, expr: String },
    /// An alert.
    Alert(AlertRule),
}

/// An alert.
#[derive(Debug, Default, Serialize)]
pub(crate) struct AlertRule {
    pub(crate) alert: String,
    pub(crate) expr: String,
    #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
    pub(crate) hold: Option<String>,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) annotations: BTreeMap<String, String>,
}

impl AlertRule {
    pub(super) fn annotate(&mut self, name: &str, text: String) {
        self.annotations.insert(name.to_owned(), text);
    }
}

/// Unit tests for promtool.
#[derive(Debug, Serialize)]
pub(super) struct TestFile {
    pub(super) rule_files: Vec<String>,
    pub(super) evaluation_interval: String,
    pub(super) tests: Vec<TestGroup>,
}

/// Input series, and the expected results.
#[derive(Debug, Serialize)]
pub(super) struct TestGroup {
    pub(super) name: String,
    pub(super) interval: String,
    pub(super) input_series: Vec<InputSeries>,
    pub(super) promql_expr_test: Vec<Expectation>,
}

/// A series and its values.
#[derive(Debug, Clone, Serialize)]
pub(super) struct InputSeries {
    pub(super) series: String,
    pub(super) values: String,
}

/// The expected result of a query at a time.
#[derive(Debug, Serialize)]
pub(super) struct Expectation {
    pub(super) expr: String,
    pub(super) eval_time: String,
    pub(super) exp_samples: Vec<ExpectedSample>,
}

/// One series in the result of a query.
#[derive(Debug, Serialize)]
pub(super) struct ExpectedSample {
    pub(super) labels: String,
    pub(super) value: f64,
}

/// Serializes a file.
pub(super) fn emit(file: &impl Serialize) -> String {
    // A query stays on one line, unless its author wrote line breaks.
    let options =
        serde_saphyr::ser_options! { folded_wrap_chars: 100_000, min_fold_chars: 100_000 };
    let text = serde_saphyr::to_string_with_options(file, options)
        .expect("strings, numbers, maps and lists are YAML");
    format!("{GENERATED}{}\n", text.trim_end())
}
