//! A schema proposed from an exposition page: what it measures as the page tells it, names such that the same ones are
//! exposed again.
//!
//! [`gather`] makes a draft of each family, [`names`] finds namespace, groups and keys, [`labels`] and [`buckets`] what
//! they share, [`write`] makes TOML of it, and [`settle`] has it compiled until nothing is wrong with it any more.

mod buckets;
mod gather;
mod labels;
mod names;
mod settle;
mod write;

use std::collections::BTreeSet;

use shadowcat_metrics_codegen::model::Unit;

use crate::format::format_schema;
use shadowcat_metrics_conformance::Page;

/// A proposal.
#[derive(Debug)]
pub(crate) struct Proposal {
    /// A schema without errors or warnings.
    pub(crate) schema: String,
    /// How many metrics it has.
    pub(crate) metrics: usize,
    /// What of the page it does not have, or has another way.
    pub(crate) notes: Vec<String>,
}

/// A schema in the making.
#[derive(Debug, Default)]
struct Draft {
    namespace: String,
    budget: u64,
    labels: Vec<DraftLabel>,
    sets: Vec<buckets::Set>,
    groups: Vec<DraftGroup>,
    metrics: Vec<DraftMetric>,
    notes: Vec<String>,
}

#[derive(Debug)]
struct DraftLabel {
    name: String,
    /// What it was called on the page, if that cannot be said in a schema.
    called: String,
    seen: BTreeSet<String>,
    closed: bool,
    allow: BTreeSet<&'static str>,
}

#[derive(Debug)]
struct DraftGroup {
    name: String,
    labels: Vec<String>,
    allow: BTreeSet<&'static str>,
}

#[derive(Debug)]
struct DraftMetric {
    /// The name it is to be exposed under.
    exposed: String,
    group: String,
    key: String,
    kind: &'static str,
    unit: Unit,
    /// By their names on the page; the group's among them.
    labels: Vec<String>,
    bounds: Vec<f64>,
    /// The name in `labels` of the one whose values are the states.
    states: Option<String>,
    help: String,
    /// What its author should know.
    remark: Option<&'static str>,
    allow: BTreeSet<&'static str>,
}

/// Proposes a schema for a page. Without a namespace, the first word that most names have is taken.
pub(crate) fn infer(page: &Page, namespace: Option<&str>, from: &str) -> Result<Proposal, String> {
    let mut draft = Draft {
        notes: page.problems.iter().map(ToString::to_string).collect(),
        ..Draft::default()
    };
    let mut metrics = gather::gather(page, &mut draft.notes);
    if metrics.is_empty() {
        return Err("there is no metric on the page".to_owned());
    }
    draft.namespace = namespace.map_or_else(|| names::namespace(&metrics), str::to_owned);
    gather::leave_out_own(&mut metrics, &draft.namespace);
    draft.metrics = metrics;
    labels::gather_labels(&mut draft, page);
    names::name(&mut draft);
    labels::share_labels(&mut draft);
    draft.sets = buckets::share(&draft.metrics);
    settle::settle(&mut draft)?;
    let schema = write::write(&draft, from).text;
    Ok(Proposal {
        schema: format_schema(&schema).map_err(|error| error.to_string())?,
        metrics: draft.metrics.len(),
        notes: draft.notes,
    })
}

#[cfg(test)]
mod tests;
