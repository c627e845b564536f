//! The lints that are warnings, one file per subject. [`all`] lists them after the compiler's own lints, which are errors.
//!
//! A lint has a code with explanation and examples, next to its rule, and a row in the table below. The
//! examples are tests.

pub mod allows;
pub mod buckets;
pub mod help;
pub mod labels;
pub mod likeness;
pub mod meaning;
pub mod names;
pub mod otel;
pub mod sums;
pub mod unused;
mod words;

use shadowcat_metrics_codegen::lint::{Item, Linter, has_word, metric_path, promtool, shop, split};
use shadowcat_metrics_codegen::model::{
    Group, GroupId, Label, LabelId, Metric, MetricId, Origin, Registry, Stability, Sum, SumId,
};
use shadowcat_metrics_codegen::name::{
    exposed_name, is_keyword, is_recorder_method, is_snake_case,
};
use shadowcat_metrics_codegen::{Code, Diagnostic, Fix, Severity};

/// A lint.
#[derive(Debug, Clone, Copy)]
pub struct Lint {
    /// Its code, whose name is used in `allow` lists.
    pub code: Code,
    /// Whether its findings stop the build.
    pub severity: Severity,
}

/// Returns every lint, sorted by code.
pub fn all() -> impl Iterator<Item = Lint> + Clone {
    let errors = promtool::LINTS.iter().map(|(code, _)| Lint {
        code: *code,
        severity: Severity::Error,
    });
    let warnings = WARNINGS.iter().map(|warning| Lint {
        code: warning.code,
        severity: Severity::Warning,
    });
    errors.chain(warnings)
}

/// Returns every code of the schema language, sorted by id: errors, then lints.
pub fn all_codes() -> impl Iterator<Item = Code> {
    crate::codes::errors().chain(all().map(|lint| lint.code))
}

/// A lint that is a warning: a row of a table.
struct Warning {
    code: Code,
    rule: Rule,
    /// Whether it needs a complete schema.
    needs_all: bool,
}

/// The subject of a lint's rule.
enum Rule {
    /// Each metric.
    Metric(fn(&Registry, &Metric) -> Option<Diagnostic>),
    /// Each label.
    Label(fn(&Label) -> Option<Diagnostic>),
    /// Several items at once.
    Schema(fn(&Registry, &mut Findings)),
    /// The `allow` entries that no other lint needed.
    Allows(fn(&Linter<'_>, &mut Findings)),
}

/// The findings of a rule, with their items.
type Findings = Vec<(Item, Diagnostic)>;

/// Creates a table of lints from rows of a file, a code and its rule. Those in `of_all` need a complete schema.
macro_rules! warnings {
    ($($file:ident $code:ident $rule:ident $check:ident $($of_all:ident)?;)*) => {
        &[$(Warning {
            code: $file::$code,
            rule: Rule::$rule($file::$check),
            needs_all: warnings!(@ $($of_all)?),
        }),*]
    };
    (@ of_all) => { true };
    (@) => { false };
}

/// The lints that are warnings, sorted by code.
const WARNINGS: &[Warning] = warnings! {
    names UNIT_IN_NAME Metric unit_in_name;
    names GROUP_IN_NAME Metric group_in_name;
    names MISSING_SUFFIX Metric missing_suffix;
    unused UNUSED_LABEL Schema unused_label of_all;
    unused UNUSED_BUCKETS Schema unused_buckets of_all;
    unused EMPTY_GROUP Schema empty_group of_all;
    allows UNKNOWN_ALLOW Schema unknown_allow;
    allows NEEDLESS_ALLOW Allows needless_allow of_all;
    likeness NEAR_DUPLICATE_NAME Schema near_duplicate_name of_all;
    likeness UNLIKE_BUCKETS Schema unlike_buckets of_all;
    likeness LABEL_SYNONYM Schema label_synonym of_all;
    likeness VALUE_SYNONYM Schema value_synonym of_all;
    help HELP_REPEATS_NAME Schema help_repeats_name of_all;
    help FILLER_HELP Schema filler_help of_all;
    labels DOMINATING_LABEL Schema dominating_label of_all;
    labels PRELUDE_LABEL Schema prelude_label of_all;
    labels IDENTIFIER_LABEL Label identifier_label of_all;
    labels BOOLEAN_LABEL Label boolean_label of_all;
    labels LABEL_IN_VALUE Label label_in_value of_all;
    labels LABEL_IN_NAME Metric label_in_name of_all;
    meaning GAUGE_WORD_IN_COUNTER Metric gauge_word_in_counter of_all;
    meaning COUNTER_WORD_IN_GAUGE Metric counter_word_in_gauge of_all;
    names COMMON_PREFIX Schema common_prefix of_all;
    names GENERIC_GROUP Schema generic_group of_all;
    meaning STABLE_WITHOUT_OWNER Metric stable_without_owner of_all;
    buckets COARSE_BUCKETS Metric coarse_buckets of_all;
    buckets MILLISECOND_BOUNDS Metric millisecond_bounds of_all;
    names NUMBER_IN_NAME Metric number_in_name of_all;
    help DUPLICATE_HELP Schema duplicate_help of_all;
    meaning MISSING_UNIT Metric missing_unit of_all;
    labels ONLY_BAD_VALUES Label only_bad_values of_all;
    otel OTEL_NAME_DIFFERS Schema otel_name_differs of_all;
    buckets NATIVE_MEMORY Metric native_memory of_all;
    sums NEEDLESS_SUM Schema needless_sum of_all;
    labels TARGET_LABEL Schema target_label;
};

/// Runs the lints that are warnings. Unused `allow` entries are known only after all other lints have run.
pub fn run(linter: &mut Linter<'_>) {
    let is_last = |warning: &Warning| matches!(warning.rule, Rule::Allows(_));
    for last in [false, true] {
        for warning in WARNINGS {
            if is_last(warning) == last && (linter.is_complete || !warning.needs_all) {
                for (item, problem) in findings(&warning.rule, linter) {
                    linter.report(item, problem);
                }
            }
        }
    }
}

fn findings(rule: &Rule, linter: &Linter<'_>) -> Findings {
    let registry = linter.registry;
    let mut findings = Findings::new();
    match rule {
        Rule::Metric(check) => {
            for (id, metric) in metrics(registry) {
                let problem = check(registry, metric);
                findings.extend(problem.map(|problem| (Item::Metric(id), problem)));
            }
        }
        Rule::Label(check) => {
            for (id, label) in labels(registry) {
                let problem = check(label);
                findings.extend(problem.map(|problem| (Item::Label(id), problem)));
            }
        }
        Rule::Schema(check) => check(registry, &mut findings),
        Rule::Allows(check) => check(linter, &mut findings),
    }
    findings
}

/// Returns the fix for a metric's key if it changes no exposed name. The method of a stable metric must not
/// change either.
fn other_key(registry: &Registry, metric: &Metric, key: &str) -> Option<Fix> {
    let group = &registry.groups[metric.group.0].name;
    let same_name = metric.name_is_exact
        || exposed_name(&registry.namespace, group, key, &metric.kind, metric.unit)
            == metric.exposed;
    let usable = is_snake_case(key) && !is_keyword(key) && !is_recorder_method(key);
    (same_name && usable && metric.stability != Stability::Stable)
        .then(|| Fix::replace(metric.spans.key, key))
}

/// Returns the metrics of the schema's author, with their ids.
fn metrics(registry: &Registry) -> impl Iterator<Item = (MetricId, &Metric)> {
    let all = registry.metrics.iter().enumerate();
    let own = all.filter(|(_, metric)| metric.origin == Origin::Schema);
    own.map(|(index, metric)| (MetricId(index), metric))
}

/// Returns the labels of the schema's author, with their ids.
fn labels(registry: &Registry) -> impl Iterator<Item = (LabelId, &Label)> {
    let all = registry.labels.iter().enumerate();
    let own = all.filter(|(_, label)| label.origin == Origin::Schema);
    own.map(|(index, label)| (LabelId(index), label))
}

/// Returns the groups of the schema's author, with their ids.
fn groups(registry: &Registry) -> impl Iterator<Item = (GroupId, &Group)> {
    let all = registry.groups.iter().enumerate();
    let own = all.filter(|(_, group)| group.origin == Origin::Schema);
    own.map(|(index, group)| (GroupId(index), group))
}

/// Returns the sum labels, with their ids.
fn sums(registry: &Registry) -> impl Iterator<Item = (SumId, &Sum)> {
    let all = registry.sums.iter().enumerate();
    all.map(|(index, sum)| (SumId(index), sum))
}
