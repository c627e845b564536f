//! `unused`: finds metrics and label values that no code uses.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::Serialize;
use shadowcat_metrics_codegen::lint::metric_path;
use shadowcat_metrics_codegen::model::{
    Label, LabelId, Metric, MetricId, Origin, Registry, Storage,
};
use shadowcat_metrics_codegen::suggest::nearest;
use shadowcat_metrics_codegen::{Source, Span};

use crate::answer::{Answer, Verdict};
use crate::cli::{Format, long_help};
use crate::failure::{BOLD, Failure, GOOD};
use crate::report;
use crate::schema::{DEFAULT, SchemaArg};
use crate::table::{Align, table};
use crate::uses::{Place, Project, Uses};

/// The answer as JSON, which `JSON` describes.
#[derive(Debug, Serialize)]
struct Findings {
    version: u32,
    file: String,
    metrics: usize,
    values: usize,
    unused: Vec<Finding>,
    all_passed: Vec<AllPassed>,
}

#[derive(Debug, Serialize)]
struct Finding {
    what: What,
    name: String,
    #[serde(flatten)]
    place: Place,
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
    #[serde(flatten)]
    place: Place,
}

/// Find metrics and label values that no code uses
#[derive(Debug, clap::Args)]
#[command(after_help = HELP, after_long_help = long_help(HELP, JSON))]
pub(crate) struct Args {
    /// Folder of the crate or workspace that records the metrics
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// The schema [default: `metrics.toml` in DIR]
    #[arg(long, value_name = "FILE")]
    pub(crate) schema: Option<SchemaArg>,
    /// A metric or value that may be unused, as GROUP.METRIC or LABEL.VALUE; can be repeated
    #[arg(long, value_name = "NAME")]
    allow: Vec<String>,
    /// Ignore uses in this file or folder, whose path is relative to the workspace; can be repeated
    #[arg(long, value_name = "PATH")]
    except_in: Vec<PathBuf>,
    /// Format of the output
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    /// Additional arguments for `cargo check`; `--workspace` is omitted if they select packages
    #[arg(last = true)]
    cargo: Vec<String>,
}

const HELP: &str = "\
Runs `cargo check` with recorders that make rustc warn at each use. This finds uses in every crate of the workspace, and under any \
alias. Ordinary \
builds in `target` are not affected. Uses in code that is not compiled, such as tests, do not count. Neither do label values in \
`match` patterns. If a program uses all values of a label at once, with `ALL` or by parsing strings, all of them count as \
used, and a note says so.

Examples:
  shadowcat-metrics unused
  shadowcat-metrics unused services/shop --allow cart.abandoned
  shadowcat-metrics unused --format json -- --all-features --all-targets
  shadowcat-metrics unused --except-in src/demo -- --package shop";

const JSON: &str = "\
JSON, on standard output:
  version           version of this format: 1
  file              the schema
  metrics, values   number of each that were checked; without ratios and the library's own metrics
  unused            unused items, in the order of the file:
    what            metric or value
    name            cart.open; a value with its label: shelf.tools
    file, line, column
                    where it is declared; both count from 1
  all_passed        labels whose values the program uses all at once: label, and the place
                    of the use: file, line, column";

impl Args {
    pub(crate) fn run(&self) -> Result<Answer, Failure> {
        let schema_arg = self.schema.clone().unwrap_or_else(|| {
            if self.dir == Path::new(".") {
                OsString::from(DEFAULT).into()
            } else {
                self.dir.join(DEFAULT).into_os_string().into()
            }
        });
        let schema = schema_arg.load(None)?;
        let registry = schema.registry();
        let project = Project {
            folder: &self.dir,
            arguments: &self.cargo,
            except: &self.except_in,
        };
        let uses = project.uses(registry, schema_arg.path())?;
        let mut findings = findings(registry, schema.source(), &uses);
        let found = findings.unused.len();
        let needless = allow(&mut findings, &self.allow, registry)?;
        let allowed = found - findings.unused.len();
        let verdict = Verdict::findings_if(!findings.unused.is_empty());
        let mut answer = match self.format {
            Format::Json => Answer::json(&findings, verdict)?,
            Format::Human => Answer::new(human(&findings, allowed), verdict),
        };
        for name in needless {
            answer.warn(format!("`--allow {name}` is unnecessary: the code uses it"));
        }
        Ok(answer)
    }
}

fn findings(registry: &Registry, source: &Source, uses: &Uses) -> Findings {
    let mut unused: Vec<(Span, What, String)> = Vec::new();
    let metrics: Vec<_> = recorded(registry).collect();
    for (id, metric) in &metrics {
        if !uses.metrics.contains(id) {
            unused.push((
                metric.spans.key,
                What::Metric,
                metric_path(registry, metric),
            ));
        }
    }
    let mut values_asked = 0;
    for (id, label) in passed_labels(registry, uses) {
        let values = label.closed_values();
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
        let place = Place {
            file: source.file_at(span.start).0.into(),
            line: position.line,
            column: position.column,
        };
        Finding { what, name, place }
    });
    let all_passed = uses.all_values.iter().map(|(id, place)| AllPassed {
        label: registry.labels[id.0].key.clone(),
        place: place.clone(),
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

/// Returns the metrics that code must record: not the library's own metrics, and not ratios, which are computed.
fn recorded(registry: &Registry) -> impl Iterator<Item = (MetricId, &Metric)> {
    let metrics = registry.metrics.iter().enumerate();
    metrics
        .filter(|(_, metric)| {
            metric.origin == Origin::Schema && metric.kind.spec().storage != Storage::Derived
        })
        .map(|(index, metric)| (MetricId(index), metric))
}

/// Returns the labels whose values code passes to a recorded metric. Facts of info metrics are strings, so they are not
/// included.
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

fn value_name(label: &Label, value: &str) -> String {
    format!("{}.{value}", label.key)
}

/// Removes allowed findings. Returns the `--allow` names that match no finding.
fn allow<'a>(
    findings: &mut Findings,
    allowed: &'a [String],
    registry: &Registry,
) -> Result<Vec<&'a str>, Failure> {
    let names = recorded(registry).map(|(_, metric)| metric_path(registry, metric));
    let values = registry.labels.iter().flat_map(|label| {
        let values = label.closed_values().iter();
        values.map(|value| value_name(label, &value.value))
    });
    let known: Vec<_> = names.chain(values).collect();
    let mut needless = Vec::new();
    let allowed: BTreeSet<_> = allowed.iter().collect();
    for name in allowed {
        if !known.contains(name) {
            let near = nearest(name, known.iter().map(String::as_str));
            return Err(Failure::new(format!(
                "`--allow {name}`: the schema has no such metric or value"
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

/// Formats the findings as text, with the number of allowed ones.
fn human(findings: &Findings, allowed: usize) -> String {
    let mut text = String::new();
    let except = match allowed {
        0 => String::new(),
        allowed => format!(", except {allowed} that `--allow` names"),
    };
    if findings.unused.is_empty() {
        let _ = writeln!(
            text,
            "{GOOD}ok{GOOD:#}: the code uses all of {} and {}{except}",
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
                finding.place.to_string(),
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
            "\n{BOLD}{}{BOLD:#} unused: record {them} or remove {them} from the schema; add `--allow NAME` for one that code will use later",
            findings.unused.len(),
        );
    }
    for label in &findings.all_passed {
        let _ = writeln!(
            text,
            "note: all values of `{}` count as used, because {} takes them all",
            label.label, label.place,
        );
    }
    text
}
