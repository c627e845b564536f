//! `[policy]`: a team's requirements for its metrics, and severities of lints.

use std::collections::BTreeSet;

use glob::Pattern;
use shadowcat_metrics_authoring::language::{TEXTS, Value};
use shadowcat_metrics_authoring::lint;
use shadowcat_metrics_codegen::model::{
    Kind, Label, LabelId, LabelValues, Metric, Origin, Registry, Stability, Unit,
};
use shadowcat_metrics_codegen::section::{
    Checker, Entry, Field, Given, Node, Reader, Spanned, Texts, table,
};
use shadowcat_metrics_codegen::sentence;
use shadowcat_metrics_codegen::{Code, Diagnostic, Report, Severity, Span, series};

/// A key of metrics, and whether a metric has it.
type Key = (&'static str, fn(&Metric) -> bool);

/// The keys that a policy may require.
const KEYS: [Key; 8] = [
    ("owner", |metric| metric.owner.is_some()),
    ("since", |metric| metric.since.is_some()),
    ("note", |metric| metric.notes.note.is_some()),
    ("unit", |metric| metric.unit != Unit::None),
    ("labels", |metric| !metric.labels.is_empty()),
    ("otel", |metric| metric.otel.is_some()),
    ("deprecated.note", |metric| {
        let deprecated = metric.deprecated.as_ref();
        deprecated.is_none_or(|why| why.note.is_some())
    }),
    ("deprecated.remove_in", |metric| {
        let deprecated = metric.deprecated.as_ref();
        deprecated.is_none_or(|why| why.remove_in.is_some())
    }),
];

/// The largest limit that a policy may set: more than any schema needs.
const MAX_LIMIT: i64 = 10_000_000;

use super::{NamedTexts, named_texts};

section_tables! {
    /// `[policy.NAME]`.
    POLICY = "policy": "A team's requirements for its metrics.";
    Written,
    name: Spanned<String> {
        help: String, text => Value::Sentence, required, "Reason for the requirements, in one sentence; shown with every finding.";
        types: Texts, texts => Value::List(&Value::OneOf(Kind::names)), "Only for metrics of these types.";
        stability: Texts, texts => Value::List(&Value::OneOf(|| Stability::ALL.map(Stability::name).to_vec())),
            "Only for metrics of these stabilities.";
        groups: Texts, texts => TEXTS, "Only for metrics of groups whose names match one of these patterns.";
        except: Texts, texts => TEXTS, "Not for metrics that match one of these patterns, as `group.metric`.";
        require: Texts, texts => Value::List(&Value::OneOf(|| KEYS.map(|(key, _)| key).to_vec())), "Keys that a metric must have.";
        names: Texts, texts => TEXTS, "Patterns, one of which the exposed name must match.";
        forbidden_labels: Texts, texts => TEXTS, "Patterns of labels that a metric must not have.";
        reserved_labels: Texts, texts => TEXTS, "Patterns of labels that no other metric may have.";
        max_labels: i64, integer => Value::Integer(0, MAX_LIMIT), "Maximum number of labels of a series.";
        max_values: i64, integer => Value::Integer(0, MAX_LIMIT),
            "Maximum number of values of a label, including the overflow value.";
        max_buckets: i64, integer => Value::Integer(0, MAX_LIMIT), "Maximum number of bounds of a histogram.";
        max_series: i64, integer => Value::Integer(0, MAX_LIMIT), "Maximum number of series of a metric.";
        lints: NamedTexts, read(parse_lints) => Value::Named(&Value::OneOf(|| LEVELS.to_vec())),
            "Severities of lints: `error`, `warning` or `allow`.";
        severity: String, text => Value::OneOf(|| SEVERITIES.to_vec()), "Severity of violations: `error` by default, or `warning`.";
    }
}

const SEVERITIES: [&str; 2] = ["error", "warning"];
const LEVELS: [&str; 3] = ["error", "warning", "allow"];

/// A policy, and a metric without the line that violates or satisfies it.
macro_rules! policy {
    ($policy:literal, $metric:literal) => {
        concat!(
            "[policy.house]\nhelp = \"Dashboards of all teams rely on these rules.\"\n",
            $policy,
            "\n\n[labels.customer_id]\nhelp = \"Customer.\"\nopen = { max = 100 }\n\n[labels.plan]\nhelp = \"Plan.\"\n",
            "values = [\"free\", \"gold\"]\n\n[metrics.http.requests]\ntype = \"counter\"\nhelp = \"Requests answered.\"\n",
            $metric,
            "\n",
        )
    };
}

shadowcat_metrics_codegen::codes! {
    table CODES;

    INVALID_POLICY = "SM0814" "invalid-policy": "a policy that cannot be applied",
    "The types, stabilities, keys and lints in a policy must exist. Patterns have the same syntax as in `include`. A policy \
     without any requirement or lint is also an error. The build ignores policies, so a policy cannot lower the severity of a \
     lint that fails the build. To silence such a lint, list its name in the `allow` of a metric, a label, a group or \
     `[defaults]`.",
    wrong: policy!(r#"require = ["team"]"#, r#"owner = "web""#),
    right: policy!(r#"require = ["owner"]"#, r#"owner = "web""#);

    POLICY_KEY = "SM0815" "policy-key": "a key that the policy requires",
    "`require` in a policy lists keys that its metrics must have. A default, such as `owner` in `[defaults]`, also counts.",
    wrong: policy!(r#"require = ["owner"]"#, r#"labels = ["plan"]"#),
    right: policy!(r#"require = ["owner"]"#, r#"owner = "web""#);

    POLICY_NAME = "SM0816" "policy-name": "a name that the policy does not allow",
    "`names` in a policy lists patterns. The exposed name of each metric under the policy must match one of them.",
    wrong: policy!(r#"names = ["web_*"]"#, r#"labels = ["plan"]"#),
    right: policy!(r#"names = ["web_*"]"#, r#"name = "web_requests_total""#);

    POLICY_LABEL = "SM0817" "policy-label": "a label that the policy does not allow",
    "`forbidden_labels` in a policy lists labels that its metrics must not have; `reserved_labels` lists labels that only \
     its metrics may have.",
    wrong: policy!(r#"forbidden_labels = ["*_id"]"#, r#"labels = ["customer_id"]"#),
    right: policy!(r#"forbidden_labels = ["*_id"]"#, r#"labels = ["plan"]"#);

    POLICY_LIMIT = "SM0818" "policy-limit": "more than the policy allows",
    "`max_labels`, `max_values`, `max_buckets` and `max_series` in a policy limit each metric separately. `series_budget` in \
     `[defaults]` limits all metrics together.",
    wrong: policy!("max_values = 50", r#"labels = ["customer_id"]"#),
    right: policy!("max_values = 50", r#"labels = ["plan"]"#);
}

pub(super) fn parse(entry: &Entry, report: &mut Report) -> Option<Written> {
    let name = &entry.key.value;
    let expected = "a table with `help` and what is required";
    let entries = table(&entry.value, name, expected, report)?;
    let place = format!("`[policy.{name}]`");
    let mut policy = Reader::new(entries, &place, Written::KEYS, report);
    Some(Written {
        name: entry.key.clone(),
        ..Written::read(&mut policy)
    })
}

fn parse_lints(value: &Node, key: &str, report: &mut Report) -> Option<NamedTexts> {
    let expected = "a table of lints with their severities, such as `{ missing-unit = \"error\" }`";
    named_texts(value, key, expected, report)
}

/// A checked policy.
#[derive(Debug)]
pub(crate) struct Policy {
    name: Spanned<String>,
    help: String,
    severity: Severity,
    selection: Selection,
    require: Vec<String>,
    names: Vec<Pattern>,
    forbidden_labels: Vec<Pattern>,
    reserved_labels: Vec<Pattern>,
    limits: Limits,
    lints: Vec<(String, Level)>,
}

/// A metric's limits.
#[derive(Debug)]
struct Limits {
    labels: Option<u64>,
    values: Option<u64>,
    buckets: Option<u64>,
    series: Option<u64>,
}

/// The severity of a lint's findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Report(Severity),
    Allow,
}

/// The metrics that a policy applies to.
#[derive(Debug, Default)]
struct Selection {
    types: Option<Vec<String>>,
    stability: Option<Vec<String>>,
    groups: Option<Vec<Pattern>>,
    except: Vec<Pattern>,
}

impl Selection {
    /// Returns whether it selects everything.
    fn is_all(&self) -> bool {
        self.types.is_none()
            && self.stability.is_none()
            && self.groups.is_none()
            && self.except.is_empty()
    }

    fn has(&self, registry: &Registry, metric: &Metric) -> bool {
        let group = &registry.groups[metric.group.0].name;
        let is_listed = |list: &Option<Vec<String>>, word: &str| {
            list.as_ref()
                .is_none_or(|list| list.iter().any(|listed| listed == word))
        };
        metric.origin == Origin::Schema
            && is_listed(&self.types, metric.kind.name())
            && is_listed(&self.stability, metric.stability.name())
            && self
                .groups
                .as_ref()
                .is_none_or(|groups| matches(groups, group))
            && !matches(&self.except, &format!("{group}.{}", metric.key))
    }
}

fn matches(patterns: &[Pattern], name: &str) -> bool {
    patterns.iter().any(|pattern| pattern.matches(name))
}

/// Checks a policy itself.
pub(super) fn check(policy: &Written, checker: &mut Checker<'_>) -> Policy {
    let name = &policy.name.value;
    let what = format!("the policy `{name}`");
    let help = checker.check_help(&policy.help, &what, policy.name.span);
    let lists = [
        &policy.require,
        &policy.names,
        &policy.forbidden_labels,
        &policy.reserved_labels,
    ];
    let limits = [
        &policy.max_labels,
        &policy.max_values,
        &policy.max_buckets,
        &policy.max_series,
    ];
    if lists.iter().all(|list| list.is_absent())
        && limits.iter().all(|limit| limit.is_absent())
        && policy.lints.is_absent()
    {
        let message = format!("the policy `{name}` requires nothing");
        checker
            .error(INVALID_POLICY, policy.name.span, message)
            .label("expected a key such as `require`, `names`, `max_series` or `lints`");
    }
    let severity = policy.severity.given().map(|given| Spanned {
        value: given.value.clone(),
        span: given.span,
    });
    let severity = severity.and_then(|word| self::word(checker, &word, "severity", &SEVERITIES));
    let kinds = Kind::names();
    let stabilities = Stability::ALL.map(Stability::name);
    let keys = KEYS.map(|(key, _)| key);
    let [labels, values, buckets, series] = limits.map(|limit| check_limit(checker, limit));
    let some_patterns =
        |checker: &mut Checker<'_>, list| patterns(checker, list).unwrap_or_default();
    Policy {
        name: policy.name.clone(),
        help,
        severity: match severity.as_deref() {
            Some("warning") => Severity::Warning,
            Some(_) | None => Severity::Error,
        },
        selection: Selection {
            types: words(checker, &policy.types, "type", &kinds),
            stability: words(checker, &policy.stability, "stability", &stabilities),
            groups: patterns(checker, &policy.groups),
            except: some_patterns(checker, &policy.except),
        },
        require: words(checker, &policy.require, "key", &keys).unwrap_or_default(),
        names: some_patterns(checker, &policy.names),
        forbidden_labels: some_patterns(checker, &policy.forbidden_labels),
        reserved_labels: some_patterns(checker, &policy.reserved_labels),
        limits: Limits {
            labels,
            values,
            buckets,
            series,
        },
        lints: check_lints(policy, checker),
    }
}

/// Parses a word from a list.
fn word(
    checker: &mut Checker<'_>,
    written: &Spanned<String>,
    what: &str,
    words: &[&'static str],
) -> Option<String> {
    let given = Given {
        key: written.span,
        value: written.value.clone(),
        span: written.span,
    };
    let hint = |word: &str| (lint_of(word), None);
    let found = checker.check_word(&given, what, INVALID_POLICY, words, hint);
    found.map(str::to_owned)
}

/// Returns the name of the lint with a code, for authors who use the code in a schema.
fn lint_of(code: &str) -> Option<&'static str> {
    let mut lints = lint::all();
    let found = lints.find(|lint| lint.code.id() == code)?;
    Some(found.code.name())
}

/// Parses a list of words. Returns `None` if there is no list.
fn words(
    checker: &mut Checker<'_>,
    list: &Field<Texts>,
    what: &str,
    words: &[&'static str],
) -> Option<Vec<String>> {
    let given = list.given()?;
    let found = given.value.iter();
    let found = found.filter_map(|item| word(checker, item, what, words));
    Some(found.collect())
}

/// Parses a list of patterns. Returns `None` if there is no list.
fn patterns(checker: &mut Checker<'_>, list: &Field<Texts>) -> Option<Vec<Pattern>> {
    let given = list.given()?;
    let mut found = Vec::new();
    for item in &given.value {
        match Pattern::new(&item.value) {
            Ok(pattern) => found.push(pattern),
            Err(error) => {
                let message = format!("`{}` is not a pattern: {}", item.value, error.msg);
                checker
                    .error(INVALID_POLICY, item.span, message)
                    .label("expected a name, or a pattern with `*`, `?` or `[...]`");
            }
        }
    }
    Some(found)
}

fn check_limit(checker: &mut Checker<'_>, limit: &Field<i64>) -> Option<u64> {
    let given = limit.given()?;
    let limit = u64::try_from(given.value).ok();
    let limit = limit.filter(|_| given.value <= MAX_LIMIT);
    if limit.is_none() {
        let message = format!("a limit of {} is out of range", given.value);
        checker
            .error(INVALID_POLICY, given.span, message)
            .label(format!("expected 0 to {MAX_LIMIT}"));
    }
    limit
}

fn check_lints(policy: &Written, checker: &mut Checker<'_>) -> Vec<(String, Level)> {
    let known: Vec<_> = lint::all().map(|lint| lint.code.name()).collect();
    let mut lints = Vec::new();
    let written = policy.lints.given().map(|given| given.value.as_slice());
    for (name, level) in written.unwrap_or_default() {
        let found = word(checker, name, "lint", &known);
        let level_word = word(checker, level, "severity", &LEVELS);
        let (Some(found), Some(level_word)) = (found, level_word) else {
            continue;
        };
        let denied =
            lint::all().any(|lint| lint.code.name() == found && lint.severity == Severity::Error);
        let level = match level_word.as_str() {
            "error" => Level::Report(Severity::Error),
            _ if denied => {
                let message = format!("a policy cannot lower the severity of the lint `{found}`");
                checker
                    .error(INVALID_POLICY, level.span, message)
                    .label("expected `error`")
                    .help("the lint stops the build, and the macro does not read policies; to silence the lint, list its name in \
                         the `allow` of a metric, a label, a group or `[defaults]`");
                continue;
            }
            "warning" => Level::Report(Severity::Warning),
            _ => Level::Allow,
        };
        lints.push((found, level));
    }
    lints
}

/// The metrics of one policy, and their violations.
struct Audit<'p> {
    registry: &'p Registry,
    policy: &'p Policy,
    found: Vec<Diagnostic>,
    /// Violations reported about a group or label, which several metrics may share.
    seen: BTreeSet<(Span, String)>,
}

impl Audit<'_> {
    fn find(&mut self, code: Code, span: Span, message: String, label: String) {
        if !self.seen.insert((span, message.clone())) {
            return;
        }
        let problem = match self.policy.severity {
            Severity::Error => Diagnostic::error(code, span, message),
            Severity::Warning => Diagnostic::warning(code, span, message),
        };
        let name = &self.policy.name;
        let policy = format!("because of the policy `{}`", name.value);
        let problem = problem.label(label).secondary(name.span, policy);
        self.found.push(problem.help(&self.policy.help));
    }

    fn metric(&mut self, metric: &Metric) {
        let policy = self.policy;
        if policy.selection.has(self.registry, metric) {
            self.keys(metric);
            self.exposed_name(metric);
            self.labels(metric, &policy.forbidden_labels, "forbidden");
            self.limits(metric);
        } else if metric.origin == Origin::Schema {
            let why = "reserved for other metrics";
            self.labels(metric, &policy.reserved_labels, why);
        }
    }

    fn keys(&mut self, metric: &Metric) {
        for key in &self.policy.require {
            let lacks = |(known, has): &Key| known == key && !has(metric);
            if KEYS.iter().any(lacks) {
                let message = format!("the metric `{}` has no `{key}`", metric.key);
                let label = format!("expected `{key}`");
                self.find(POLICY_KEY, metric.spans.key, message, label);
            }
        }
    }

    fn exposed_name(&mut self, metric: &Metric) {
        let patterns = &self.policy.names;
        if patterns.is_empty() || matches(patterns, &metric.exposed) {
            return;
        }
        let message = format!("the name `{}` is not allowed by the policy", metric.exposed);
        let patterns: Vec<_> = patterns.iter().map(|it| format!("`{it}`")).collect();
        let label = format!("expected a name that matches {}", patterns.join(" or "));
        self.find(POLICY_NAME, metric.spans.name, message, label);
    }

    fn labels(&mut self, metric: &Metric, patterns: &[Pattern], why: &str) {
        let registry = self.registry;
        let states = metric.kind.spec().states;
        let labels = metric.labels.iter().enumerate();
        let labels = labels.map(|(place, id)| (*id, place < metric.group_labels));
        for (id, of_group) in labels.chain(states.map(|id| (id, false))) {
            let Label { key, name, .. } = &registry.labels[id.0];
            if !matches(patterns, name) {
                continue;
            }
            let group = &registry.groups[metric.group.0];
            let (span, owner) = if of_group {
                (group.span, format!("the group `{}`", group.name))
            } else {
                (metric.spans.labels, format!("the metric `{}`", metric.key))
            };
            let message = format!("{owner} has the label `{name}`, which is {why}");
            self.find(POLICY_LABEL, span, message, format!("remove `{key}`"));
        }
    }

    fn limits(&mut self, metric: &Metric) {
        let registry = self.registry;
        let limits = &self.policy.limits;
        let spans = &metric.spans;
        let states = metric.kind.spec().states;
        // Prometheus limits the labels of a series, too, so a sum label counts as the most labels that a value has.
        let parts = registry.parts(metric);
        let of_series = parts.iter().map(|part| part.labels.len()).max();
        let further = metric.facts().len() + usize::from(states.is_some());
        let labels = of_series.unwrap_or_default() + further;
        let buckets = registry.bounds(metric).map_or(0, <[f64]>::len);
        let series = series::worst_case(registry, metric);
        let owner = format!("the metric `{}`", metric.key);
        self.limit(limits.labels, labels as u64, &owner, "label", spans.labels);
        self.limit(
            limits.buckets,
            buckets as u64,
            &owner,
            "bucket",
            spans.buckets,
        );
        self.limit(limits.series, series, &owner, "series", spans.key);
        for id in metric.labels.iter().copied().chain(states) {
            let label = &registry.labels[id.0];
            let owner = format!("the label `{}`", label.name);
            self.limit(
                limits.values,
                count(registry, id),
                &owner,
                "value",
                label.span,
            );
        }
    }

    fn limit(&mut self, limit: Option<u64>, found: u64, owner: &str, noun: &str, span: Span) {
        if let Some(most) = limit.filter(|most| found > *most) {
            let message = format!("{owner} has {}", sentence::count(found, noun));
            self.find(
                POLICY_LIMIT,
                span,
                message,
                format!("expected at most {most}"),
            );
        }
    }
}

/// Returns a label's number of values, including the overflow value.
fn count(registry: &Registry, label: LabelId) -> u64 {
    match &registry.labels[label.0].values {
        LabelValues::Closed(values) => values.len() as u64,
        LabelValues::Open { max, .. } => u64::from(*max) + 1,
    }
}

/// Adds every violation of the policies to a report, and applies their severities to the findings of lints.
/// As with lints, violations are not reported while there are errors, because the metrics of a schema with
/// errors are guesses.
pub(crate) fn apply(policies: &[Policy], registry: &Registry, report: Report) -> Report {
    if policies.is_empty() {
        return report;
    }
    let mut errors = report.errors();
    let is_whole = errors.all(|error| lint::all().any(|lint| lint.code == error.code));
    let mut report = with_severities(policies, registry, &report);
    for policy in policies.iter().filter(|_| is_whole) {
        let mut audit = Audit {
            registry,
            policy,
            found: Vec::new(),
            seen: BTreeSet::new(),
        };
        for metric in &registry.metrics {
            audit.metric(metric);
        }
        report.extend(audit.found);
    }
    report.sort();
    report
}

/// Returns the report with the severities that the policies set. The first policy that names a lint decides, so a schema
/// overrides the policies that it includes.
fn with_severities(policies: &[Policy], registry: &Registry, report: &Report) -> Report {
    let mut applied = Report::default();
    for problem in report.diagnostics() {
        let mut problem = problem.clone();
        let level = policies.iter().find_map(|policy| {
            let mut lints = policy.lints.iter();
            let (_, level) = lints.find(|(lint, _)| lint == problem.code.name())?;
            let is_about = policy.selection.is_all()
                || registry.metrics.iter().any(|metric| {
                    is_at(metric, problem.primary) && policy.selection.has(registry, metric)
                });
            is_about.then_some((policy, *level))
        });
        match level {
            Some((_, Level::Allow)) => continue,
            Some((policy, Level::Report(severity))) if severity != problem.severity => {
                problem.severity = severity;
                let word = match severity {
                    Severity::Error => "an error",
                    Severity::Warning => "a warning",
                };
                let why = format!(
                    "the policy `{}` makes it {word}: {}",
                    policy.name.value, policy.help
                );
                let help = problem.help.into_iter().chain([why]);
                problem.help = Some(help.collect::<Vec<_>>().join("\n"));
            }
            Some((_, Level::Report(_))) | None => {}
        }
        applied.push(problem);
    }
    applied
}

/// Returns whether a position belongs to a metric.
fn is_at(metric: &Metric, place: Span) -> bool {
    let spans = &metric.spans;
    [
        spans.key,
        spans.help,
        spans.kind,
        spans.unit,
        spans.name,
        spans.labels,
        spans.buckets,
        spans.native,
    ]
    .contains(&place)
        || metric.otel.as_ref().is_some_and(|otel| otel.span == place)
}

#[cfg(test)]
mod tests {
    use shadowcat_metrics_codegen::{Severity, Source};

    use crate::{Outcome, testing};

    #[test]
    fn rules_of_policies() {
        testing::rules(
            r#"
            web.done: counter, labels = ["host"] | [policy.^p] | help = "P." => invalid-policy
            web.done: counter, labels = ["host"] | [policy.^p] | max_labels = 9 => missing-help
            web.done: counter, labels = ["host"] | [policy.p] | help = "P." | types = [^"countr"] | require = [^"team"] | severity = ^"fatal" | lints = { ^no-lint = "error", missing-unit = ^"deny" } | names = [^"[a"] | max_series = ^-1 => invalid-policy invalid-policy invalid-policy invalid-policy invalid-policy invalid-policy invalid-policy
            // The lint stops the build, which does not read policies.
            web.done: counter, labels = ["host"] | [policy.p] | help = "P." | lints = { counter-without-total = ^"warning" } => invalid-policy
            web.^done: counter, labels = ["host"] | [policy.p] | help = "P." | require = ["owner", "labels", "deprecated.note"] => policy-key
            web.^done: counter | web.again: counter, note = "More." | [policy.p] | help = "P." | types = ["counter"] | require = ["note"] => policy-key
            web.^done: counter, labels = ["host"] | [policy.p] | help = "P." | names = ["x_*", "t_app_*"] => policy-name
            web.done: counter, labels = ^["host"] | [policy.p] | help = "P." | forbidden_labels = ["ho?t"] => policy-label
            // Series that are exactly at their limits.
            web.done: counter, labels = ["host"] | [policy.p] | help = "P." | max_labels = 2 | max_values = 9 | max_series = 18 | max_buckets = 0 =>
            groups.^own = { help = "O.", labels = ["mode"] } | own.a: counter | b: counter, labels = ["mode"] | [policy.p] | help = "P." | groups = ["app"] | reserved_labels = ["mode"] => policy-label
            // A series has at most the labels of one value of the sum label.
            labels.near = { help = "N.", open = { max = 2 } } | labels.place = { help = "P.", of = "mode", with = { on = ["host"], off = ["near"] } } | done: counter, labels = ["place"] | [policy.p] | help = "P." | max_labels = 2 | max_series = 12 =>
            labels.near = { help = "N.", open = { max = 2 } } | labels.place = { help = "P.", of = "mode", with = { on = ["host", "near"] } } | ^done: counter, labels = ^["place"] | [policy.p] | help = "P." | max_labels = 2 | max_series = 27 => policy-limit policy-limit
            labels.^near = { help = "N.", open = { max = 9 } } | labels.place = { help = "P.", of = "mode", with = { on = ["near"] } } | done: counter, labels = ["place"] | [policy.p] | help = "P." | max_values = 9 => policy-limit
            labels.place = { help = "P.", of = "mode", with = { on = ["host"] } } | done: counter, labels = ^["place"] | [policy.p] | help = "P." | forbidden_labels = ["host"] => policy-label
            labels.place = { help = "P.", of = "mode", with = { on = ["host"] } } | groups.^own = { help = "O.", labels = ["place"] } | own.done: counter | [policy.p] | help = "P." | groups = ["web"] | reserved_labels = ["host"] => policy-label
            labels.^far = { help = "F.", open = { max = 8 } } | web.^done: counter, labels = ^["far"] | [policy.p] | help = "P." | max_labels = 1 | max_values = 8 | max_series = 17 => policy-limit policy-limit policy-limit
            "#,
        );
    }

    /// `labels` lists labels by their keys, which are not exposed.
    #[test]
    fn a_forbidden_label_is_removed_by_its_key() {
        let privacy = r#"labels.customer = { help = "C.", open = { max = 3 }, name = "customer_id" } | done: counter, labels = ["customer"] | [policy.privacy] | help = "P." | forbidden_labels = ["customer*"]"#;
        let error = testing::compiled(privacy).0.report.errors().next().cloned();
        let message = error.expect("an error").message;
        assert!(message.contains("the label `customer_id`"), "{message}");
        let policy = "because of the policy `privacy`";
        testing::labels(&format!("{privacy} => remove `customer`; {policy}"));
    }

    const SHOP: &str = r#"
        format = 1
        namespace = "shop"

        [groups.cart]
        help = "Shopping carts before they are paid."

        [groups.parcel]
        help = "Parcels on their way."

        [metrics.cart.opened]
        type = "counter"
        help = "Carts opened by customers who are signed in."
        stability = "stable"
        since = "1.0.0"
        owner = "@shop/carts"

        [metrics.cart.age]
        type = "gauge"
        help = "Time since the oldest open cart was changed."

        [metrics.parcel.lost]
        type = "counter"
        help = "Parcels that never arrived."
        stability = "stable"
        since = "1.0.0"

        [policy.house]
        help = "Somebody must answer for it."
    "#;

    fn compiled(schema: &str) -> Outcome {
        crate::compile(Source::new("metrics.toml", schema))
    }

    /// Returns every problem as its severity, code name and source text.
    fn problems(policy: &str) -> Vec<String> {
        shown(&compiled(&format!("{SHOP}{policy}\n")))
    }

    fn shown(outcome: &Outcome) -> Vec<String> {
        let problems = outcome.report.diagnostics().iter();
        problems
            .map(|problem| {
                let severity = match problem.severity {
                    Severity::Error => "error",
                    Severity::Warning => "warning",
                };
                let at = outcome.source.slice(problem.primary);
                format!("{severity} {} {at}", problem.code.name())
            })
            .collect()
    }

    /// The problems without a policy.
    const OWN: [&str; 2] = [
        "warning missing-unit age",
        "warning stable-without-owner lost",
    ];

    #[test]
    fn policies_choose_metrics() {
        let owner = |metric: &str| format!("error policy-key {metric}");
        for (policy, found) in [
            ("", vec!["age", "lost"]),
            ("types = [\"counter\"]", vec!["lost"]),
            ("stability = [\"experimental\"]", vec!["age"]),
            ("groups = [\"c*\"]", vec!["age"]),
            ("groups = [\"c*\"]\ntypes = [\"counter\"]", vec![]),
            ("types = []", vec![]),
            ("except = [\"cart.a?e\", \"parcel.none\"]", vec!["lost"]),
        ] {
            let problems = problems(&format!("require = [\"owner\"]\n{policy}"));
            let errors = problems.into_iter().filter(|it| it.starts_with("error"));
            let found: Vec<_> = found.into_iter().map(owner).collect();
            assert_eq!(errors.collect::<Vec<_>>(), found, "{policy}");
        }
        let warnings = problems("require = [\"owner\"]\nseverity = \"warning\"");
        let expected = "warning policy-key age".to_owned();
        assert!(warnings.contains(&expected), "{warnings:?}");
        assert!(warnings.iter().all(|it| it.starts_with("warning")));
    }

    #[test]
    fn policies_raise_and_drop_lints() {
        assert_eq!(problems("max_labels = 9"), OWN);
        assert_eq!(
            problems("lints = { missing-unit = \"error\", stable-without-owner = \"allow\" }"),
            ["error missing-unit age"]
        );
        let chosen = "groups = [\"parcel\"]\nlints = { missing-unit = \"error\", stable-without-owner = \"error\" }";
        assert_eq!(
            problems(chosen),
            [OWN[0], "error stable-without-owner lost"]
        );
        // The first policy that names a lint decides.
        let two = "lints = { missing-unit = \"warning\" }\n[policy.other]\nhelp = \"Other.\"\nlints = { missing-unit = \"error\" }";
        assert_eq!(problems(two), OWN);
    }

    #[test]
    fn every_finding_about_a_metric_belongs_to_it() {
        let metric = r#"
            [labels.shop]
            help = "Where the customer pays."
            open = { max = 900 }

            [metrics.parcel.delay]
            type = "histogram"
            unit = "seconds"
            buckets = [0.01, 0.1, 1]
            native = { factor = 1.05, from = "1ms", to = "10s" }
            labels = ["shop"]
            help = "Time that a parcel is late."
            otel = "shop.parcel.lateness"
        "#;
        let lints = "groups = [\"parcel\"]\nlints = { native-memory = \"error\", otel-name-differs = \"error\" }";
        let found = problems(&format!("{lints}{metric}"));
        let errors = found.iter().filter(|found| found.starts_with("error"));
        let native = r#"error native-memory { factor = 1.05, from = "1ms", to = "10s" }"#;
        assert_eq!(
            errors.collect::<Vec<_>>(),
            [native, "error otel-name-differs \"shop.parcel.lateness\""]
        );
    }

    #[test]
    fn findings_name_the_policy_and_its_reason() {
        let policy = "require = [\"owner\"]\nlints = { missing-unit = \"error\" }";
        let outcome = compiled(&format!("{SHOP}{policy}\n"));
        let errors: Vec<_> = outcome.report.errors().collect();
        assert!(
            outcome.schema().is_none() && errors.len() == 3,
            "{errors:?}"
        );
        for error in errors {
            let help = error.help.as_deref().unwrap_or_default();
            assert!(help.contains("Somebody must answer for it."), "{help}");
            let names = help.contains("`house`")
                || error
                    .secondary
                    .iter()
                    .any(|(_, label)| label.contains("`house`"));
            assert!(names, "{error:?}");
        }
    }

    #[test]
    fn policies_wait_for_errors_but_not_for_lints() {
        let broken = |from: &str, to: &str| {
            let schema = format!("{}require = [\"owner\"]\n", SHOP.replace(from, to));
            shown(&compiled(&schema))
                .into_iter()
                .filter(|problem| problem.starts_with("error"))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            broken("\"gauge\"", "\"gague\""),
            ["error unknown-kind \"gague\""]
        );
        assert_eq!(
            broken("cart.age", "cart.count"),
            [
                "error policy-key count",
                "error reserved-suffix count",
                "error policy-key lost"
            ]
        );
    }
}
