//! `list`: the metrics of a schema, as a table or as entries of the catalogue.

use serde::Serialize;
use shadowcat_metrics_codegen::emit::catalogue::{self, Catalogue};
use shadowcat_metrics_codegen::model::Registry;

use super::new::known_groups;
use super::report;
use super::table::{Align, table};
use crate::answer::{Answer, Verdict};
use crate::args::{Format, Kind, ListArgs};
use crate::failure::Failure;
use crate::input::compile_schema;

pub(super) fn run(args: &ListArgs) -> Result<Answer, Failure> {
    let outcome = compile_schema(&args.file, None)?;
    let Some(registry) = outcome.registry() else {
        return Ok(Answer::problems(report::human(&outcome)));
    };
    let metrics = chosen(args, registry)?;
    match args.format {
        Format::Json => Answer::json(
            &List {
                version: 1,
                metrics,
            },
            Verdict::Fine,
        ),
        Format::Human => Ok(Answer::fine(rows(&metrics))),
    }
}

/// The chosen metrics as JSON; each is an entry of the catalogue.
#[derive(Debug, Serialize)]
struct List<'a> {
    /// Version of the catalogue's format: 1.
    version: u32,
    metrics: Vec<catalogue::Metric<'a>>,
}

fn chosen<'a>(
    args: &ListArgs,
    registry: &'a Registry,
) -> Result<Vec<catalogue::Metric<'a>>, Failure> {
    for group in &args.groups {
        if !registry.groups.iter().any(|known| known.name == *group) {
            return Err(Failure::new(format!("the schema has no group `{group}`"))
                .help(known_groups(registry)));
        }
    }
    let catalogue = Catalogue::new(registry);
    // The catalogue has the metrics in the model's order.
    let metrics = registry
        .metrics
        .iter()
        .zip(catalogue.metrics)
        .filter(|(metric, entry)| {
            let group =
                args.groups.is_empty() || args.groups.iter().any(|group| group == entry.group);
            let kind = args.kinds.is_empty() || args.kinds.contains(&Kind::from(&metric.kind));
            group && kind
        });
    Ok(metrics.map(|(_, entry)| entry).collect())
}

fn rows(metrics: &[catalogue::Metric<'_>]) -> String {
    let head = ["NAME", "TYPE", "UNIT", "SERIES", "LABELS"].map(str::to_owned);
    let rows = metrics.iter().map(|metric| {
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
    let aligned = [
        Align::Left,
        Align::Left,
        Align::Left,
        Align::Right,
        Align::Left,
    ];
    table(&rows, aligned)
}
