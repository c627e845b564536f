//! Finds the uses of metrics and label values. cargo checks the project with marked recorders, so that rustc reports each use
//! as a warning.

mod cargo;
mod patterns;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display, Formatter};
use std::path::{Path, PathBuf};

use serde::Serialize;
use shadowcat_metrics_codegen::emit::recorders::uses::Use;
use shadowcat_metrics_codegen::model::{LabelId, MetricId, Origin, Registry};

use crate::failure::Failure;
pub(crate) use cargo::wrap_rustc;

/// Position of a use, or of the declaration of an unused item.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Place {
    pub(crate) file: PathBuf,
    /// From 1.
    pub(crate) line: usize,
    /// From 1, in characters.
    pub(crate) column: usize,
}

impl Display for Place {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file.display(), self.line, self.column)
    }
}

/// Everything in a schema that a project uses.
#[derive(Debug, Default)]
pub(crate) struct Uses {
    pub(crate) metrics: BTreeSet<MetricId>,
    /// Values by their index in the label.
    pub(crate) values: BTreeSet<(LabelId, usize)>,
    /// Labels whose values are all used at once, with the first such position.
    pub(crate) all_values: BTreeMap<LabelId, Place>,
}

/// The project to check.
#[derive(Debug)]
pub(crate) struct Project<'a> {
    /// The folder where cargo runs.
    pub(crate) folder: &'a Path,
    /// Arguments of `cargo check`.
    pub(crate) arguments: &'a [String],
    /// Files and folders whose uses are ignored, relative to the workspace.
    pub(crate) except: &'a [PathBuf],
}

impl Project<'_> {
    /// Checks the project with cargo and collects its uses.
    pub(crate) fn uses(&self, registry: &Registry, schema: &Path) -> Result<Uses, Failure> {
        let checked = cargo::check(self, registry)?;
        if !checked.iter().any(|sighting| sighting.used == Use::Schema) {
            return Err(
                Failure::new(format!(
                    "no checked crate uses the schema `{}`",
                    schema.display()
                ))
                .help("name the folder of the crate, or its schema with `--schema`; only members of the workspace are checked"),
            );
        }
        let workspace = cargo::workspace(self);
        let mut patterns = patterns::Patterns::default();
        let mut uses = Uses::default();
        for sighting in checked {
            let place = sighting.place;
            let mut ignored = self.except.iter();
            if sighting.generated || ignored.any(|folder| place.file.starts_with(folder)) {
                continue;
            }
            match sighting.used {
                Use::Schema => {}
                Use::Metric(metric) => {
                    uses.metrics.insert(metric);
                }
                // A pattern compares with a value but does not record it.
                Use::Value(label, value) => {
                    if !patterns.contain(&workspace.join(&place.file), &place) {
                        uses.values.insert((label, value));
                    }
                }
                Use::Values(label) => {
                    uses.all_values.entry(label).or_insert(place);
                }
            }
        }
        self.add_parsed(&mut uses, registry)?;
        Ok(uses)
    }

    /// Adds labels that are parsed from strings, if they have unused values: no mark shows such a use.
    fn add_parsed(&self, uses: &mut Uses, registry: &Registry) -> Result<(), Failure> {
        let labels = registry.labels.iter().enumerate();
        let mut in_question: BTreeSet<_> = labels
            .filter(|(_, label)| label.origin == Origin::Schema)
            .map(|(index, label)| (LabelId(index), label.closed_values().len()))
            .filter(|(id, _)| !uses.all_values.contains_key(id))
            .filter(|(id, count)| (0..*count).any(|value| !uses.values.contains(&(*id, value))))
            .map(|(id, _)| id)
            .collect();
        while !in_question.is_empty() {
            let parsed = cargo::parsed(self, registry, &in_question)?;
            if parsed.is_empty() {
                break;
            }
            for (label, place) in parsed {
                in_question.remove(&label);
                uses.all_values.insert(label, place);
            }
        }
        Ok(())
    }
}
