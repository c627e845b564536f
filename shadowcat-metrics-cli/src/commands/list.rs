//! `list`: the metrics of a schema, as a table or as entries of the catalog.

use serde::Serialize;
use shadowcat_metrics_authoring::catalog::{self, Catalog};
use shadowcat_metrics_codegen::model::{Kind, Registry};

use super::new::known_groups;
use crate::answer::{Answer, Verdict};
use crate::cli::{Format, kind_parser, long_help};
use crate::failure::Failure;
use crate::schema::{DEFAULT, Program, ProgramArgs, SchemaArg};
use crate::table::{Align, table};

/// List the metrics of a schema
#[derive(Debug, clap::Args)]
#[command(after_help = HELP, after_long_help = long_help(HELP, JSON))]
pub(crate) struct Args {
    /// The schema; `-` reads standard input
    #[arg(default_value = DEFAULT)]
    pub(crate) file: SchemaArg,
    /// Only the metrics of this group; can be repeated
    #[arg(long = "group", value_name = "GROUP")]
    groups: Vec<String>,
    /// Only the metrics of this type; can be repeated
    #[arg(long = "type", alias = "kind", value_parser = kind_parser(), value_name = "TYPE")]
    kinds: Vec<&'static Kind>,
    #[command(flatten)]
    program: ProgramArgs,
    /// Format of the output
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

const HELP: &str = "\
Examples:
  shadowcat-metrics list
  shadowcat-metrics list --group process --type counter
  shadowcat-metrics list --format json | jq -r '.metrics[].name'";

const JSON: &str = "\
JSON: `version` (1) and `metrics`, an array of metrics as in the catalog, docs/metrics.json:
  name              the exposed name; `open_metrics_name` is the name of its family in OpenMetrics
  group, key        its place in the schema
  type              its type in the schema; `exposed_type` is its Prometheus type
  unit              its base unit, or null
  help              what it measures
  origin            schema, or library for the metrics of the library itself
  labels            names of its labels
  facts, buckets, states, numerator, denominator
                    for the types that have them, otherwise null
  callback          whether it is read at each scrape
  series            maximum number of series
  part              the crate or file of its schema, only for schemas other than the program's own
  stability         experimental, stable or deprecated
  since, owner      as in the schema, or null
  deprecated        null, or since, use, note and remove_in";

impl Args {
    pub(crate) fn run(&self) -> Result<Answer, Failure> {
        let program = self.program.load(&self.file)?;
        let metrics = self.chosen(&program)?;
        match self.format {
            Format::Json => Answer::json(
                &List {
                    version: 1,
                    metrics,
                },
                Verdict::Ok,
            ),
            Format::Human => Ok(Answer::ok(rows(&metrics, !program.parts.is_empty()))),
        }
    }

    fn chosen<'a>(&self, program: &'a Program) -> Result<Vec<Entry<'a>>, Failure> {
        for group in &self.groups {
            let has_group = |registry: &Registry| {
                let mut groups = registry.groups.iter();
                groups.any(|known| known.name == *group)
            };
            if !program
                .registries()
                .any(|(_, registry)| has_group(registry))
            {
                let groups = program.schema.registry().groups.iter();
                let names: Vec<_> = groups.map(|group| group.name.as_str()).collect();
                return Err(Failure::new(format!("the schema has no group `{group}`"))
                    .help(known_groups(&names)));
            }
        }
        let entries = program.registries().flat_map(|(part, registry)| {
            let metrics = Catalog::new(registry, ()).metrics.into_iter();
            metrics.map(move |metric| Entry { metric, part })
        });
        let entries = entries.filter(|Entry { metric, .. }| {
            let mut groups = self.groups.iter();
            let mut kinds = self.kinds.iter();
            let group = self.groups.is_empty() || groups.any(|group| group == metric.group);
            group && (self.kinds.is_empty() || kinds.any(|kind| kind.name() == metric.kind))
        });
        Ok(entries.collect())
    }
}

/// A metric, as in the catalog.
#[derive(Debug, Serialize)]
struct Entry<'a> {
    #[serde(flatten)]
    metric: catalog::Metric<'a>,
    /// The crate or file of its schema; `None` for the program's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    part: Option<&'a str>,
}

/// The selected metrics as JSON; each is an entry of the catalog.
#[derive(Debug, Serialize)]
struct List<'a> {
    version: u32,
    metrics: Vec<Entry<'a>>,
}

/// Returns the table; with a column for the parts of a program if it has several.
fn rows(metrics: &[Entry<'_>], has_parts: bool) -> String {
    let head = ["NAME", "TYPE", "UNIT", "SERIES", "LABELS"].map(str::to_owned);
    let rows = metrics.iter().map(|Entry { metric, .. }| {
        let labels = metric.labels.iter().chain(metric.facts.iter().flatten());
        [
            metric.name.to_owned(),
            metric.kind.to_owned(),
            metric.unit.unwrap_or("-").to_owned(),
            metric.series.to_string(),
            labels.copied().collect::<Vec<_>>().join(","),
        ]
    });
    let rows: Vec<_> = std::iter::once(head).chain(rows).collect();
    let [name, kind, unit, series, labels] = [
        Align::Left,
        Align::Left,
        Align::Left,
        Align::Right,
        Align::Left,
    ];
    if !has_parts {
        return table(&rows, [name, kind, unit, series, labels]);
    }
    let parts = metrics.iter().map(|entry| entry.part.unwrap_or("-"));
    let parts = std::iter::once("PART").chain(parts);
    let rows = rows.into_iter().zip(parts);
    let rows: Vec<_> = rows
        .map(|([name, kind, unit, series, labels], part)| {
            [name, part.to_owned(), kind, unit, series, labels]
        })
        .collect();
    table(&rows, [name, Align::Left, kind, unit, series, labels])
}
