//! `unused`: what the schema declares and no code uses.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::Serialize;
use shadowcat_metrics_codegen::model::{
    Kind, Label, LabelId, LabelValues, Metric, MetricId, Origin, Registry,
};
use shadowcat_metrics_codegen::suggest::nearest;
use shadowcat_metrics_codegen::{Source, Span};

use super::report;
use super::table::{Align, table};
use crate::answer::{Answer, Verdict};
use crate::args::{Format, UnusedArgs};
use crate::failure::{BOLD, Failure, GOOD, WARNING};
use crate::input::compile_schema;
use crate::uses::{Project, Uses};

/// The answer, for programs.
#[derive(Debug, Serialize)]
struct Findings {
    /// Version of this format: 1.
    version: u32,
    file: String,
    /// How many metrics and values were looked for.
    metrics: usize,
    values: usize,
    unused: Vec<Finding>,
    /// Labels of which all values count as passed.
    all_passed: Vec<AllPassed>,
}

#[derive(Debug, Serialize)]
struct Finding {
    what: What,
    /// As `--allow` takes it: `cart.open`, or `shelf.tools` for a value.
    name: String,
    file: String,
    line: usize,
    column: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum What {
    Metric,
    Value,
}

#[derive(Debug, Serialize)]
struct AllPassed {
    label: String,
    file: String,
    line: usize,
    column: usize,
}

pub(super) fn run(args: &UnusedArgs) -> Result<Answer, Failure> {
    let schema = args.schema.clone().unwrap_or_else(|| {
        if args.dir == Path::new(".") {
            PathBuf::from("metrics.toml")
        } else {
            args.dir.join("metrics.toml")
        }
    });
    let outcome = compile_schema(&schema, None)?;
    let Some(registry) = outcome.registry() else {
        return Ok(Answer::problems(report::human(&outcome)));
    };
    let project = Project {
        folder: &args.dir,
        arguments: &args.cargo,
        except: &args.except_in,
    };
    let uses = project.uses(registry, &schema)?;
    let mut findings = findings(registry, &outcome.source, &uses);
    let needless = allow(&mut findings, &args.allow, registry)?;
    let verdict = if findings.unused.is_empty() {
        Verdict::Fine
    } else {
        Verdict::Problems
    };
    let mut answer = match args.format {
        Format::Json => Answer::json(&findings, verdict)?,
        Format::Human => Answer {
            stdout: human(&findings, args.allow.len() - needless.len()),
            stderr: String::new(),
            verdict,
        },
    };
    for name in needless {
        let _ = writeln!(
            answer.stderr,
            "{WARNING}warning{WARNING:#}: `--allow {name}` is not needed: it is used"
        );
    }
    Ok(answer)
}

fn findings(registry: &Registry, source: &Source, uses: &Uses) -> Findings {
    let mut unused: Vec<(Span, What, String)> = Vec::new();
    let metrics: Vec<_> = recorded(registry).collect();
    for (id, metric) in &metrics {
        if !uses.metrics.contains(id) {
            unused.push((
                metric.spans.key,
                What::Metric,
                metric_name(registry, metric),
            ));
        }
    }
    let mut values_asked = 0;
    for (id, label) in passed_labels(registry, uses) {
        let LabelValues::Closed(values) = &label.values else {
            continue;
        };
        values_asked += values.len();
        if uses.all_values.contains_key(&id) {
            continue;
        }
        for (index, value) in values.iter().enumerate() {
            if !uses.values.contains(&(id, index)) {
                unused.push((value.span, What::Value, value_name(label, &value.value)));
            }
        }
    }
    unused.sort_by_key(|(span, ..)| span.start);
    let unused = unused.into_iter().map(|(span, what, name)| {
        let position = source.position(span.start);
        Finding {
            what,
            name,
            file: source.file_at(span.start).0.to_owned(),
            line: position.line,
            column: position.column,
        }
    });
    let all_passed = uses.all_values.iter().map(|(id, place)| AllPassed {
        label: registry.labels[id.0].name.clone(),
        file: place.file.display().to_string(),
        line: place.line,
        column: place.column,
    });
    Findings {
        version: 1,
        file: source.name().to_owned(),
        metrics: metrics.len(),
        values: values_asked,
        unused: unused.collect(),
        all_passed: all_passed.collect(),
    }
}

/// The metrics that code is to record: the library's own are not, and ratios are derived.
fn recorded(registry: &Registry) -> impl Iterator<Item = (MetricId, &Metric)> {
    let metrics = registry.metrics.iter().enumerate();
    metrics
        .filter(|(_, metric)| {
            metric.origin == Origin::Schema && !matches!(metric.kind, Kind::Ratio { .. })
        })
        .map(|(index, metric)| (MetricId(index), metric))
}

/// The labels that recorded metrics take values of by their type. Facts of info metrics are strings; and where no metric
/// with the label is recorded, that is said already.
fn passed_labels<'a>(
    registry: &'a Registry,
    uses: &Uses,
) -> impl Iterator<Item = (LabelId, &'a Label)> {
    let takes =
        |metric: &Metric, id: LabelId| metric.depends_on(id) && !metric.facts().contains(&id);
    let found: Vec<_> = (0..registry.labels.len())
        .map(LabelId)
        .filter(|label| {
            recorded(registry)
                .any(|(id, metric)| uses.metrics.contains(&id) && takes(metric, *label))
        })
        .collect();
    found.into_iter().map(|id| (id, &registry.labels[id.0]))
}

fn metric_name(registry: &Registry, metric: &Metric) -> String {
    format!("{}.{}", registry.groups[metric.group.0].name, metric.key)
}

fn value_name(label: &Label, value: &str) -> String {
    format!("{}.{value}", label.name)
}

/// Takes out what is allowed to be unused; gives back what was allowed for nothing.
fn allow<'a>(
    findings: &mut Findings,
    allowed: &'a [String],
    registry: &Registry,
) -> Result<Vec<&'a str>, Failure> {
    let names = recorded(registry).map(|(_, metric)| metric_name(registry, metric));
    let values = registry
        .labels
        .iter()
        .flat_map(|label| match &label.values {
            LabelValues::Closed(values) => values
                .iter()
                .map(|value| value_name(label, &value.value))
                .collect(),
            LabelValues::Open { .. } => Vec::new(),
        });
    let known: Vec<_> = names.chain(values).collect();
    let mut needless = Vec::new();
    for name in allowed {
        if !known.contains(name) {
            let near = nearest(name, known.iter().map(String::as_str));
            return Err(Failure::new(format!(
                "`--allow {name}`: the schema declares no such metric or value"
            ))
            .help(near.map_or_else(
                || {
                    "name a metric as `group.metric`, or a value of a closed label as `label.value`"
                        .to_owned()
                },
                |near| format!("did you mean `{near}`?"),
            )));
        }
        let before = findings.unused.len();
        findings.unused.retain(|finding| finding.name != *name);
        if findings.unused.len() == before {
            needless.push(name.as_str());
        }
    }
    Ok(needless)
}

/// The findings, and how many there would be more if they were not allowed.
fn human(findings: &Findings, allowed: usize) -> String {
    let mut text = String::new();
    let but = match allowed {
        0 => String::new(),
        allowed => format!(", but for {allowed} that `--allow` names"),
    };
    if findings.unused.is_empty() {
        let _ = writeln!(
            text,
            "{GOOD}ok{GOOD:#}: code records all of {}, and passes all of {}{but}",
            report::count(findings.metrics, "metric"),
            report::count(findings.values, "label value"),
        );
    } else {
        let them = if findings.unused.len() == 1 {
            "it"
        } else {
            "them"
        };
        let mut rows = vec![["WHERE", "UNUSED", "WHY"].map(str::to_owned)];
        rows.extend(findings.unused.iter().map(|finding| {
            [
                format!("{}:{}:{}", finding.file, finding.line, finding.column),
                finding.name.clone(),
                match finding.what {
                    What::Metric => "no code records this metric",
                    What::Value => "no code passes this label value",
                }
                .to_owned(),
            ]
        }));
        text.push_str(&table(&rows, [Align::Left, Align::Left, Align::Left]));
        let _ = writeln!(
            text,
            "\n{BOLD}{}{BOLD:#} unused: record {them}, or take {them} out of the schema; `--allow NAME` keeps one that is still to come",
            findings.unused.len(),
        );
    }
    for label in &findings.all_passed {
        let _ = writeln!(
            text,
            "note: all values of `{}` count as passed, because {}:{}:{} takes them all",
            label.label, label.file, label.line, label.column,
        );
    }
    text
}
