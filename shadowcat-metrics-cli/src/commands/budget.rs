//! `budget`: how many series each metric can have, how many it has, and which labels multiply them.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;

use serde::Serialize;
use shadowcat_metrics_authoring::series as causes;
use shadowcat_metrics_codegen::model::{Label, LabelId, LabelValues, Metric, Registry};
use shadowcat_metrics_codegen::name::{created_name, names_taken};
use shadowcat_metrics_codegen::series;

use shadowcat_metrics_conformance::Page;
use shadowcat_metrics_conformance::page::Family;

use crate::answer::{Answer, Verdict};
use crate::cli::{Format, long_help};
use crate::failure::{BOLD, Failure};
use crate::fetch::{read_page, shown};
use crate::report::count;
use crate::schema::{DEFAULT, Program, ProgramArgs, SchemaArg};
use crate::table::{Align, table};

/// Maximum number of a page's problems to show.
const MAX_SHOWN: usize = 5;

/// Show the number of series of each metric and label
#[derive(Debug, clap::Args)]
#[command(after_help = HELP_TEXT, after_long_help = long_help(HELP_TEXT, JSON))]
pub(crate) struct Args {
    /// The schema; `-` reads standard input
    #[arg(default_value = DEFAULT)]
    pub(crate) file: SchemaArg,
    /// The metrics page of a program with this schema, to count its series: a URL, a file, or `-` for standard input
    #[arg(long, value_name = "URL|FILE")]
    scrape: Option<OsString>,
    /// Include `_created` lines in the maximum, for a program that exposes them
    #[arg(long)]
    created_lines: bool,
    /// Show only this many metrics and labels, the largest first
    #[arg(long, value_name = "COUNT")]
    top: Option<usize>,
    #[command(flatten)]
    program: ProgramArgs,
    /// Format of the output
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

const HELP_TEXT: &str = "\
Examples:
  shadowcat-metrics budget --top 5
  shadowcat-metrics budget --scrape http://127.0.0.1:9464/metrics
  shadowcat-metrics budget --format json | jq '.labels[0]'";

const JSON: &str = "\
JSON, on standard output:
  version           version of this format: 1
  budget            `series_budget` of the schema
  created_lines     whether `_created` lines are included: with --created-lines, or if the page
                    has them
  worst_case, now   series of all metrics: the maximum, and the number on the page; `now` is
                    null without --scrape
  values_without_series
                    values of open labels that the program stores although no series has them
  metrics           every metric, the largest first:
    name            its exposed name
    worst_case, now its series: the maximum, and the number on the page
    lines           lines for each combination of label values
    part            the crate or file of its schema; null for the program's own
    native_cells    cells of all series of a native histogram; each takes 8 bytes for each
                    thread that records; null for other metrics
    product         the labels that multiply its series: label, values
  labels            every label, the most expensive first:
    name, part      its name, and the crate or file of its schema
    open            whether it is an open label
    values, now     its values: the maximum, and the number on the page
    series          maximum number of series of the metrics with this label
    costs           number of series that the schema would lose without the label";

/// The answer as JSON, which `JSON` describes.
#[derive(Debug, Serialize)]
struct Spending<'a> {
    version: u32,
    budget: u64,
    created_lines: bool,
    worst_case: u64,
    values_without_series: u64,
    now: Option<u64>,
    metrics: Vec<MetricRow<'a>>,
    labels: Vec<LabelRow<'a>>,
}

#[derive(Debug, Serialize)]
struct MetricRow<'a> {
    name: &'a str,
    part: Option<&'a str>,
    worst_case: u64,
    now: Option<u64>,
    lines: u64,
    native_cells: Option<u64>,
    product: Vec<Factor<'a>>,
}

#[derive(Debug, Serialize)]
struct Factor<'a> {
    label: &'a str,
    values: u64,
}

#[derive(Debug, Serialize)]
struct LabelRow<'a> {
    name: &'a str,
    part: Option<&'a str>,
    open: bool,
    values: u64,
    now: Option<u64>,
    series: u64,
    costs: u64,
}

impl Args {
    pub(crate) fn run(&self) -> Result<Answer, Failure> {
        let program = self.program.load(&self.file)?;
        let page = self.scrape.as_deref().map(read_metrics).transpose()?;
        let mut budget = budget(&program, page.as_ref(), self.created_lines);
        budget.metrics.truncate(self.top.unwrap_or(usize::MAX));
        budget.labels.truncate(self.top.unwrap_or(usize::MAX));
        // A program with this schema stays below its bound, so a page above it is from another program.
        let over = budget.now.is_some_and(|now| now > budget.worst_case);
        let verdict = Verdict::findings_if(over);
        let mut answer = match self.format {
            Format::Json => Answer::json(&budget, verdict)?,
            Format::Human => Answer::new(tables(&budget), verdict),
        };
        let problems = page.iter().flat_map(|page| &page.problems);
        for problem in problems.take(MAX_SHOWN) {
            answer.warn(problem);
        }
        if budget.now == Some(0) && budget.worst_case > 0 {
            answer.warn("the page has no series of this schema");
            answer.help("check that the program uses this schema");
        }
        if over {
            answer.error("the page has more series than the schema allows");
            answer.help("check that the page comes from a single program with this schema");
        }
        Ok(answer)
    }
}

/// Reads a page, which must have metrics: an error or login page has none.
fn read_metrics(from: &OsStr) -> Result<Page, Failure> {
    let page = read_page(from)?;
    let mut families = page.families.iter();
    match page.problems.first() {
        Some(problem) if !families.any(Family::has_values) => Err(Failure::new(format!(
            "`{}` is not a page of metrics: {problem}",
            shown(from)
        ))
        .help("use the complete address of the page, such as `http://127.0.0.1:9464/metrics`")),
        Some(_) | None => Ok(page),
    }
}

/// The series and values on a page.
#[derive(Debug, Default)]
struct Seen {
    /// Number of series for each metric, in the model's order.
    series: Vec<u64>,
    /// Values of each label, by its name.
    values: HashMap<String, BTreeSet<String>>,
    /// Whether it has `_created` lines.
    created_lines: bool,
}

impl Seen {
    fn on(page: &Page, registry: &Registry) -> Self {
        let mut owners: HashMap<String, usize> = HashMap::new();
        let mut created: HashSet<String> = HashSet::new();
        for (index, metric) in registry.metrics.iter().enumerate() {
            let former = metric.former.iter().map(|former| &former.name);
            for exposed in former.chain([&metric.exposed]) {
                created.extend(created_name(exposed, &metric.kind));
                for name in names_taken(exposed, &metric.kind) {
                    owners.insert(name, index);
                }
            }
        }
        let mut seen = Self {
            series: vec![0; registry.metrics.len()],
            values: HashMap::new(),
            created_lines: false,
        };
        for sample in page.families.iter().flat_map(|family| &family.samples) {
            let Some(owner) = owners.get(&sample.name) else {
                continue;
            };
            seen.series[*owner] += 1;
            seen.created_lines |= created.contains(&sample.name);
            for (label, value) in &sample.labels {
                seen.values
                    .entry(label.clone())
                    .or_default()
                    .insert(value.clone());
            }
        }
        seen
    }
}

/// Returns the series of all schemas of a program.
fn budget<'a>(program: &'a Program, page: Option<&Page>, created_lines: bool) -> Spending<'a> {
    let of_parts = program.registries().map(|(part, registry)| {
        let seen = page.map(|page| Seen::on(page, registry));
        budget_of(part, registry, seen.as_ref(), created_lines)
    });
    let spending = of_parts.reduce(|mut all, part| {
        all.created_lines |= part.created_lines;
        all.worst_case = all.worst_case.saturating_add(part.worst_case);
        all.values_without_series = all
            .values_without_series
            .saturating_add(part.values_without_series);
        all.now = all.now.zip(part.now).map(|(all, now)| all + now);
        all.metrics.extend(part.metrics);
        all.labels.extend(part.labels);
        all
    });
    let mut spending = spending.expect("a program has a schema of its own");
    let Spending {
        metrics, labels, ..
    } = &mut spending;
    // The sorts are stable, so equal metrics stay in the order of the file.
    metrics.sort_by_key(|metric| std::cmp::Reverse((metric.worst_case, metric.now)));
    labels.sort_by_key(|label| std::cmp::Reverse((label.costs, label.series)));
    spending
}

fn budget_of<'a>(
    part: Option<&'a str>,
    registry: &'a Registry,
    seen: Option<&Seen>,
    created_lines: bool,
) -> Spending<'a> {
    let created_lines = created_lines || seen.is_some_and(|seen| seen.created_lines);
    let row = |(index, metric): (usize, &'a Metric)| {
        let factors = series::factors(registry, metric).into_iter();
        let product: Vec<_> = factors
            .map(|factor| Factor {
                label: factor.name,
                values: factor.choices,
            })
            .collect();
        let created = if created_lines {
            causes::created_lines(metric)
        } else {
            0
        };
        let lines = series::lines(registry, metric) + created;
        let values = product.iter().map(|factor| factor.values);
        MetricRow {
            name: &metric.exposed,
            part,
            worst_case: values.fold(lines, u64::saturating_mul),
            now: seen.map(|seen| seen.series[index]),
            lines,
            native_cells: causes::native_cells(registry, metric),
            product,
        }
    };
    let metrics: Vec<_> = registry.metrics.iter().enumerate().map(row).collect();
    let lines: Vec<_> = metrics.iter().map(|metric| metric.lines).collect();
    let labels = label_rows(part, registry, &lines, seen);
    Spending {
        version: 1,
        budget: registry.series_budget,
        created_lines,
        worst_case: metrics
            .iter()
            .fold(0, |sum, metric| sum.saturating_add(metric.worst_case)),
        values_without_series: series::total_values_without_series(registry),
        now: seen.map(|seen| seen.series.iter().sum()),
        metrics,
        labels,
    }
}

fn label_rows<'a>(
    part: Option<&'a str>,
    registry: &'a Registry,
    lines: &[u64],
    seen: Option<&Seen>,
) -> Vec<LabelRow<'a>> {
    // The number of series with each label, and of those that would disappear if it had only one value.
    let mut shares = vec![(0_u64, 0_u64); registry.labels.len()];
    for (metric, lines) in registry.metrics.iter().zip(lines) {
        for (id, share) in causes::shares(registry, metric) {
            let (series, costs) = &mut shares[id.0];
            *series = series.saturating_add(share.having.saturating_mul(*lines));
            *costs = costs.saturating_add(share.caused.saturating_mul(*lines));
        }
    }
    let row = |(index, label): (usize, &'a Label)| {
        let values = series::values_without_series(registry, LabelId(index));
        let (series, costs) = shares[index];
        if series == 0 && values == 0 {
            return None;
        }
        Some(LabelRow {
            name: &label.name,
            part,
            open: match label.values {
                LabelValues::Open { .. } => true,
                LabelValues::Closed(_) => false,
            },
            values: series::cardinality(label),
            now: seen.map(|seen| seen.values.get(&label.name).map_or(0, BTreeSet::len) as u64),
            series,
            costs: costs.saturating_add(values),
        })
    };
    registry.labels.iter().enumerate().filter_map(row).collect()
}

/// Alignment in both tables: two columns of numbers, then two of text.
const ALIGNED: [Align; 4] = [Align::Right, Align::Right, Align::Left, Align::Left];

/// Renders both tables in descending order, and the sum.
fn tables(budget: &Spending<'_>) -> String {
    let now = |now: Option<u64>| now.map_or_else(|| "-".to_owned(), |now| now.to_string());
    let named = |name: &str, part: Option<&str>| match part {
        Some(part) => format!("{name} ({part})"),
        None => name.to_owned(),
    };
    let mut metrics = vec![["WORST", "NOW", "METRIC", "PRODUCT"].map(str::to_owned)];
    for metric in &budget.metrics {
        let factors = metric
            .product
            .iter()
            .map(|factor| format!("{} {}", factor.label, factor.values));
        let lines = (metric.lines > 1).then(|| format!("{} lines", metric.lines));
        let native = metric.native_cells;
        let native =
            native.map(|cells| format!("; native: {} KB per thread", (cells * 8).div_ceil(1000)));
        metrics.push([
            metric.worst_case.to_string(),
            now(metric.now),
            named(metric.name, metric.part),
            factors.chain(lines).collect::<Vec<_>>().join(" × ") + &native.unwrap_or_default(),
        ]);
    }
    let mut labels = vec![["COSTS", "NOW", "LABEL", "VALUES"].map(str::to_owned)];
    for label in &budget.labels {
        let open = if label.open { ", open" } else { "" };
        labels.push([
            label.costs.to_string(),
            now(label.now),
            named(label.name, label.part),
            format!("{}{open}", label.values),
        ]);
    }
    let mut text = table(&metrics, ALIGNED);
    text.push('\n');
    text.push_str(&table(&labels, ALIGNED));
    let _ = write!(
        text,
        "\n{BOLD}{}{BOLD:#} series in the worst case",
        budget.worst_case
    );
    if budget.values_without_series > 0 {
        let values = budget.values_without_series;
        let _ = write!(text, " and {} without series", count(values, "label value"));
    }
    if budget.created_lines {
        text.push_str(" with `_created` lines");
    }
    let _ = write!(text, ", of a budget of {}", budget.budget);
    if let Some(now) = budget.now {
        let _ = write!(text, "; {now} now");
    }
    text.push('\n');
    text
}
