//! Imports a registry as a schema: compiles and changes the draft until the compiler only reports decisions of the author.

use std::collections::BTreeMap;

use glob::Pattern;
use shadowcat_metrics_authoring::series::{budgeted, proposed_budget};
use shadowcat_metrics_authoring::{compile, lint};
use shadowcat_metrics_codegen::language::SERIES_BUDGET_LIMIT;
use shadowcat_metrics_codegen::model::{Annotation, Registry};
use shadowcat_metrics_codegen::{Diagnostic, Report, Source, Span, series};

use super::draft::{Draft, Section, Table, as_text, draft, find};
use super::read::Reader;

shadowcat_metrics_codegen::codes! {
    UNREADABLE_REGISTRY = "SM0922" "unreadable-registry": "a file that is not a registry",
    "`import` reads OpenTelemetry registries in YAML or JSON: the output of `weaver registry resolve`, `weaver \
     registry package` or `generate --format weaver`, or the YAML files of semantic conventions, with all files that \
     they refer to.",
    wrong: r"# rules: []
",
    right: r#"# groups:
# - id: metric.shop.opened
#   type: metric
#   metric_name: shop.cart.opened
#   instrument: counter
#   unit: "{cart}"
#   brief: Carts that were opened.
"#;
}

shadowcat_metrics_codegen::codes! {
    NOT_IMPORTED = "SM0923" "not-imported": "a part of a registry that an import leaves out or changes",
    "The value of a label is one string, so attributes that are arrays, templates or of the type `any` are left out. So are \
     opt-in attributes without `--opt-in`, attributes that would exceed the series budget, and deprecated metrics that \
     `generate --format weaver` did not write. Units become base units.",
    example: r#"# groups:
# - id: metric.shop.opened
#   type: metric
#   metric_name: shop.cart.opened
#   instrument: counter
#   unit: "{cart}"
#   brief: Carts that were opened.
#   attributes:
- #   - id: shop.tags
- #     type: string[]
- #     brief: Tags of the cart.
+ #   - id: shop.kind
+ #     type: boolean
+ #     brief: Whether the cart is shared.
#     requirement_level: required
"#;
}

shadowcat_metrics_codegen::codes! {
    IMPORT_GAP = "SM0924" "import-gap": "a gap that an import leaves",
    "A registry has no key for histogram buckets. In the imported schema, a comment that begins with `GAP` takes the place of \
     `buckets`, and `check` reports the missing key until you add it. Each histogram leaves a gap, unless \
     `generate --format weaver` wrote its buckets as an annotation. Other types leave none.",
    example: r#"# groups:
- # - id: metric.shop.wait
+ # - id: metric.shop.opened
#   type: metric
- #   metric_name: shop.cart.wait
- #   instrument: histogram
- #   unit: s
- #   brief: Time in the queue.
+ #   metric_name: shop.cart.opened
+ #   instrument: counter
+ #   unit: "{cart}"
+ #   brief: Carts that were opened.
"#;
}

/// Maximum number of times that a draft is compiled.
const MAX_TURNS: usize = 1000;

/// Maximum number of series in a proposal, unless closed labels alone exceed it.
const MAX_SERIES: u64 = 1_000_000;

/// Options of an import.
#[derive(Debug, Default)]
pub struct Import {
    /// First part of exposed names; `None` for the common first word of all metrics.
    pub namespace: Option<String>,
    /// Patterns of OpenTelemetry names of metrics. Empty for all metrics.
    pub only: Vec<Pattern>,
    /// Whether opt-in attributes become labels.
    pub opt_in: bool,
}

/// The result of an import.
#[derive(Debug)]
pub struct Imported {
    /// The proposed schema as TOML, not formatted; `None` if there are errors.
    pub schema: Option<String>,
    /// Number of its metrics.
    pub metrics: usize,
    /// The problems of each file, in the order of the files.
    pub reports: Vec<Report>,
}

/// Proposes a schema for a registry that consists of these files.
#[must_use]
pub fn import(files: &[Source], options: &Import) -> Imported {
    let mut reports = vec![Report::default(); files.len()];
    let mut reader = Reader::default();
    for (file, report) in files.iter().zip(&mut reports) {
        report.extend(reader.file(file.text()));
    }
    let failed = |reports| Imported {
        schema: None,
        metrics: 0,
        reports,
    };
    if reports.iter().any(Report::has_errors) || files.is_empty() {
        return failed(reports);
    }
    let registry = reader.finish();
    let nothing = |message: &str, help: &str| {
        Diagnostic::error(UNREADABLE_REGISTRY, Span::default(), message).help(help)
    };
    let mut draft = draft(&registry, options);
    if !draft.metrics.is_empty() {
        settle(&mut draft);
    }
    for (file, problem) in draft.problems.drain(..) {
        reports[file].push(problem);
    }
    if draft.metrics.is_empty() && !reports.iter().any(Report::has_errors) {
        reports[0].push(if registry.metrics.is_empty() {
            nothing(
                "the registry has no metrics",
                "name all files of the registry",
            )
        } else {
            nothing(
                "no metric of the registry can be imported",
                "see the warnings, or change `--only`",
            )
        });
    }
    for report in &mut reports {
        report.sort();
    }
    if reports.iter().any(Report::has_errors) {
        return failed(reports);
    }
    let is_own = draft.metrics.iter().all(|metric| metric.is_own);
    let head = if is_own { "" } else { HEAD };
    Imported {
        schema: Some(draft.write(head, false).0),
        metrics: draft.metrics.len(),
        reports,
    }
}

const HEAD: &str = "\
# Imported by `shadowcat-metrics import` from a registry of OpenTelemetry.
# Review everything: a registry does not say how many values a label has at a time, and which labels your program needs. Labels
# of stable attributes are stable. Metrics are experimental, because a stable one needs the version of your program that
# introduced it.

";

/// Compiles the draft and fixes problems until none can be fixed here.
fn settle(draft: &mut Draft) {
    let has_budget = draft.budget.is_some();
    if !has_budget {
        draft.budget = i64::try_from(SERIES_BUDGET_LIMIT).ok();
    }
    for _ in 0..MAX_TURNS {
        let (text, parts) = draft.write("", true);
        let outcome = compile(Source::new("proposal", text));
        if !has_budget && shrink(draft, outcome.skeleton()) {
            continue;
        }
        let mut is_changed = false;
        let mut gone = BTreeMap::new();
        for problem in outcome.report.diagnostics() {
            let at = problem.primary.start;
            let Some((_, section, place)) = parts.iter().find(|(range, ..)| range.contains(&at))
            else {
                continue;
            };
            let table = match section {
                Section::Labels => &mut draft.labels[*place],
                Section::Groups => &mut draft.groups[*place],
                Section::Metrics => &mut draft.metrics[*place],
            };
            // The author decided everything in an exported schema.
            if table.is_own {
                continue;
            }
            let code = problem.code;
            if lint::all().any(|lint| lint.code == code) {
                // The bounds are an example.
                let is_about_bounds = table.gap.is_some() && code.name().contains("buckets");
                let name = code.name().to_owned();
                if !is_about_bounds && !table.allow.contains(&name) {
                    table.allow.push(name);
                    is_changed = true;
                }
            } else {
                let place = (*section, *place);
                gone.entry(place).or_insert_with(|| problem.message.clone());
            }
        }
        is_changed |= !gone.is_empty();
        for ((section, place), message) in gone.into_iter().rev() {
            leave_out(draft, section, place, &message);
        }
        if !is_changed {
            if !has_budget {
                draft.budget = i64::try_from(proposed_budget(outcome.skeleton())).ok();
            }
            return;
        }
    }
}

/// Removes a table with a problem: a label from its metrics, or a group with its metrics. Groups of metrics that are left are
/// kept.
fn leave_out(draft: &mut Draft, section: Section, place: usize, problem: &str) {
    match section {
        Section::Labels => {
            let label = draft.labels.remove(place);
            let name = label.otel_name();
            draft.note(
                &label.common,
                format!("the attribute `{name}` is left out: {problem}"),
            );
            for metric in &mut draft.metrics {
                remove_label(metric, &label.name);
                metric.spare.retain(|spare| *spare != label.name);
            }
        }
        Section::Groups => {
            let group = draft.groups.remove(place);
            let is_of = |metric: &Table| {
                let path = metric.name.split_once('.');
                path.is_some_and(|(of, _)| of == group.name)
            };
            let (gone, left) = std::mem::take(&mut draft.metrics)
                .into_iter()
                .partition(is_of);
            draft.metrics = left;
            for metric in gone {
                without_metric(draft, &metric, problem);
            }
        }
        Section::Metrics => {
            let metric = draft.metrics.remove(place);
            without_metric(draft, &metric, problem);
        }
    }
}

fn without_metric(draft: &mut Draft, metric: &Table, problem: &str) {
    let name = metric.otel_name();
    draft.note(
        &metric.common,
        format!("the metric `{name}` is left out: {problem}"),
    );
}

fn remove_label(metric: &mut Table, label: &str) {
    for (key, labels) in &mut metric.keys {
        if let ("labels", Annotation::List(labels)) = (*key, labels) {
            labels.retain(|one| !is_label(one, label));
        }
    }
    metric
        .keys
        .retain(|(_, value)| *value != Annotation::List(Vec::new()));
}

/// Fits the draft into the budget: first open labels of the largest metric get lower limits, then the metric loses labels that
/// it does not require. Returns whether anything changed.
fn shrink(draft: &mut Draft, registry: &Registry) -> bool {
    if budgeted(registry) <= MAX_SERIES {
        return false;
    }
    let metrics = registry.metrics.iter();
    let Some(largest) = metrics.max_by_key(|metric| series::worst_case(registry, metric)) else {
        return false;
    };
    let group = &registry.groups[largest.group.0].name;
    let path = format!("{group}.{}", largest.key);
    let of_largest = largest
        .labels
        .iter()
        .map(|id| registry.labels[id.0].key.as_str());
    let of_largest: Vec<_> = of_largest.collect();
    let mut rooms = draft
        .labels
        .iter_mut()
        .filter(|label| of_largest.contains(&label.name.as_str()));
    let widest = rooms
        .by_ref()
        .filter_map(|label| room(&mut label.keys))
        .max_by_key(|room| **room);
    if let Some(room) = widest.filter(|room| **room > 4) {
        *room /= 2;
        return true;
    }
    let Some(metric) = draft.metrics.iter_mut().find(|metric| metric.name == path) else {
        return false;
    };
    let Some(label) = metric.spare.pop() else {
        return false;
    };
    remove_label(metric, &label);
    let message = format!(
        "the label `{label}` of `{}` is left out: with it, the metric has too many series",
        metric.name
    );
    let common = metric.common.clone();
    let problem = Diagnostic::warning(NOT_IMPORTED, common.span, message)
        .help("give its open labels fewer values, and add it by hand");
    draft.problems.push((common.file, problem));
    draft.labels.retain(|label| {
        draft
            .metrics
            .iter()
            .any(|metric| match metric.get("labels") {
                Some(Annotation::List(labels)) => {
                    labels.iter().any(|one| is_label(one, &label.name))
                }
                Some(_) | None => false,
            })
    });
    true
}

/// Returns the number of values of an open label.
fn room<'k>(keys: &'k mut [(&'static str, Annotation)]) -> Option<&'k mut i64> {
    let (_, open) = keys.iter_mut().find(|(key, _)| *key == "open")?;
    let Annotation::Table(open) = open else {
        return None;
    };
    open.0
        .iter_mut()
        .find_map(|(key, value)| match (key.as_str(), value) {
            ("max", Annotation::Integer(max)) => Some(max),
            _ => None,
        })
}

/// Returns whether an entry of `labels` is this label.
fn is_label(entry: &Annotation, label: &str) -> bool {
    let name = if let Annotation::Table(keys) = entry {
        find(keys, "name")
    } else {
        Some(entry)
    };
    name.and_then(as_text) == Some(label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{imported, rows};

    /// Imports registries with faults, and compares the problems: code, text at the position, message.
    #[test]
    fn every_fault_of_a_registry_has_a_code_and_a_position() {
        let metric =
            "{ type: metric, metric_name: shop.x, instrument: counter, unit: \"1\", brief: X., ";
        for (registry, expected) in [
            (
                format!("groups:\n- {metric} id: m, extends: m }}\n"),
                vec!["not-imported shop.x: the attribute group `m` of `shop.x` contains itself"],
            ),
            (
                format!("groups:\n- {metric} id: m, extends: gone }}\n"),
                vec!["not-imported shop.x: the attribute group `gone` of `shop.x` is left out: no file defines it"],
            ),
            (
                format!("groups:\n- {metric} id: m }}\n- {metric} id: n }}\n"),
                vec!["not-imported shop.x: the metric `shop.x` is defined twice; this definition is left out"],
            ),
            (
                format!("groups:\n- {{ id: a, type: attribute_group, attributes: [{{ id: shop.a, type: string, brief: A. }}] }}\n\
                         - {{ id: b, type: attribute_group, attributes: [{{ id: shop.a, type: int, brief: B. }}] }}\n- {metric} id: m }}\n"),
                vec!["not-imported shop.a: the attribute `shop.a` is declared twice; this declaration is left out"],
            ),
            (
                format!("groups: [5, {{ type: metric, id: m }}, {metric} id: n, attributes: {{ ref: a }} }}]\n"),
                vec![
                    "unreadable-registry 5: an item of `groups` is not a table",
                    "unreadable-registry {: the item has no `metric_name`",
                    "unreadable-registry {: `attributes` is not a list",
                ],
            ),
            (
                format!("groups:\n- {metric} id: m, attributes: [{{ brief: A. }}, {{ ref: [] }}, x] }}\n"),
                vec![
                    "unreadable-registry {: the item has no `ref`, `id`, `name`",
                    "unreadable-registry {: the item has no `ref`, `id`, `name`",
                    "unreadable-registry x: an item of `attributes` is not a table",
                ],
            ),
            // All names that have the same letters get labels of their own. The one that is a name of the schema keeps it.
            (
                format!("groups:\n- {metric} id: m, attributes: [{{ id: a.b, type: boolean, brief: A. }}, {{ id: a_b, type: boolean, brief: B. }}, \
                         {{ id: A.B, type: boolean, brief: C. }}] }}\n"),
                vec![
                    "not-imported a.b: the attribute `a.b` becomes the label `a_b_x2`, because `a_b` is the name of another one",
                    "not-imported A.B: the attribute `A.B` becomes the label `a_b_x3`, because `a_b` is the name of another one",
                ],
            ),
            // Values that cannot be those of an enum.
            (
                format!("groups:\n- {metric} id: m, attributes: [{{ id: a.b, brief: A., type: {{ members: [{{ id: a, value: 1 }}, {{ id: b, value: -1 }}, \
                         {{ id: c, value: \"+\" }}, {{ id: d, value: [1] }}, {{ id: e, value: 2.5 }}, {{ id: f, value: größe }}, 5] }} }}] }}\n"),
                vec![
                    "not-imported a.b: the value `-1` of `a.b` is left out: another value has the same letters and digits",
                    "not-imported a.b: the value `+` of `a.b` is left out: it has no ASCII letter or digit",
                    "not-imported a.b: the value `` of `a.b` is left out: it has no ASCII letter or digit",
                    "not-imported a.b: the value `` of `a.b` is left out: it has no ASCII letter or digit",
                ],
            ),
            // An attribute that no label can be.
            (
                format!("groups:\n- {metric} id: m, attributes: [{{ id: größe, brief: A., type: boolean }}] }}\n"),
                vec!["not-imported größe: the attribute `größe` is left out: `größe` is not a valid OpenTelemetry name"],
            ),
            (
                "groups:\n- { id: m, type: metric, metric_name: größe, instrument: counter, unit: \"1\", brief: X. }\n".to_owned(),
                vec![
                    "not-imported größe: the metric `größe` is left out: `größe` is not a valid OpenTelemetry name",
                    "unreadable-registry : no metric of the registry can be imported",
                ],
            ),
            (
                format!("groups:\n- {metric} id: m }}\n- {{ id: n, type: metric, metric_name: other.x, instrument: dial, unit: \"1\", brief: X. }}\n"),
                vec![
                    "not-imported other.x: the metric `other.x` is left out: the instrument `dial` is unknown",
                    "unreadable-registry other.x: the names `shop.x` and `other.x` do not begin with the same word",
                ],
            ),
            // Groups of version 2 that refer to each other.
            (
                "file_format: definition/2\nattributes: [{ key: shop.a, type: boolean, brief: A. }]\n\
                 attribute_groups:\n- { id: g, attributes: [{ ref: shop.a }, { ref_group: h }] }\n- { id: h, attributes: [{ ref_group: g }] }\n\
                 metrics:\n- { name: shop.x, instrument: counter, unit: \"1\", brief: X., attributes: [{ ref_group: h }, { ref_group: gone }] }\n"
                    .to_owned(),
                vec![
                    "not-imported shop.x: the attribute group `h` of `shop.x` contains itself",
                    "not-imported shop.x: the attribute group `gone` of `shop.x` is left out: no file defines it",
                ],
            ),
        ] {
            let (schema, problems) = imported(&registry, &Import::default());
            let mut expected = expected;
            expected.sort_unstable();
            assert_eq!(problems, expected, "{registry}");
            let is_refused = problems.iter().any(|problem| problem.starts_with("unreadable-registry"));
            assert_eq!(schema.is_none(), is_refused);
            if let Some(schema) = schema {
                let outcome = crate::compile(Source::new("metrics.toml", schema.as_str()));
                assert!(outcome.report.diagnostics().is_empty(), "{schema}");
            }
        }
    }

    #[test]
    fn a_registry_of_deprecated_metrics_says_what_is_left_out() {
        let registry = "groups:
- { id: m, type: metric, metric_name: shop.x, instrument: counter, unit: '1', brief: X., deprecated: { reason: obsoleted, note: Gone. } }
";
        let (schema, problems) = imported(registry, &Import::default());
        assert_eq!(schema, None);
        let expected = [
            "not-imported shop.x: the deprecated metric `shop.x` is left out",
            "unreadable-registry : no metric of the registry can be imported",
        ];
        assert_eq!(problems, expected);
    }

    #[test]
    fn invalid_registries_are_refused() {
        for (text, message) in rows(
            "
            { => the file is neither YAML nor JSON
            a: 1 => the file is not a registry of OpenTelemetry
            groups: [] => the registry has no metrics
            file_format: definition/3 => the file is not a registry of OpenTelemetry
            groups: [{ type: metric, metric_name: a.b, instrument: counter }, { type: metric, metric_name: b.b, instrument: counter }] => the names `a.b` and `b.b` do not begin with the same word
            groups: [{ type: metric }] => the item has no `metric_name`
        ",
        ) {
            let (schema, problems) = imported(text, &Import::default());
            assert!(schema.is_none(), "{text}");
            let mut problems = problems.iter();
            assert!(problems.any(|found| found.contains(message)), "{text}: {problems:?}");
        }
    }
}
