//! Clashes between exposed names: two families of one name, or one whose lines look like another's.

use std::collections::{BTreeMap, BTreeSet};

use super::Checker;
use crate::codes::errors;
use crate::diagnostic::Diagnostic;
use crate::model::{Metric, MetricId, Origin};
use crate::name;

impl Checker<'_> {
    /// Reports every pair of families that claim one name, once, at the later of the two.
    pub(super) fn check_exposed_names(&mut self) {
        let mut claims: BTreeMap<String, MetricId> = BTreeMap::new();
        let mut reported = BTreeSet::new();
        let mut problems = Vec::new();
        for (index, metric) in self.registry.metrics.iter().enumerate() {
            for claimed in name::names_taken(&metric.exposed, &metric.kind) {
                let Some(other) = claims.get(&claimed).copied() else {
                    claims.insert(claimed, MetricId(index));
                    continue;
                };
                if other.0 != index && reported.insert((other, index)) {
                    problems.push(self.clash(&self.registry.metrics[other.0], metric, &claimed));
                }
            }
        }
        self.report.extend(problems);
    }

    fn clash(&self, one: &Metric, other: &Metric, claimed: &str) -> Diagnostic {
        // The library's own metrics come last and have no place in the file.
        let (at, counterpart) = if other.origin == Origin::Library {
            (one, other)
        } else {
            (other, one)
        };
        let diagnostic = if one.exposed == other.exposed {
            Diagnostic::error(
                errors::DUPLICATE_EXPOSED_NAME,
                at.spans.name,
                format!(
                    "{} and {} are both exposed as `{claimed}`",
                    self.path(at),
                    self.path(counterpart)
                ),
            )
            .label("expected a name that no other metric has")
        } else {
            Diagnostic::error(
                errors::COLLIDING_SUFFIX,
                at.spans.name,
                format!(
                    "`{}` and `{}` cannot both be exposed: `{claimed}` would be part of either",
                    at.exposed, counterpart.exposed
                ),
            )
            .label(claim(at, claimed))
        };
        let diagnostic = match counterpart.origin {
            Origin::Schema => {
                diagnostic.secondary(counterpart.spans.name, claim(counterpart, claimed))
            }
            Origin::Library => diagnostic,
        };
        diagnostic.help("names are made of namespace, group, metric, unit and the suffix of the type; rename one, or set `name`")
    }

    fn path(&self, metric: &Metric) -> String {
        match metric.origin {
            Origin::Schema => format!(
                "`{}.{}`",
                self.registry.groups[metric.group.0].name, metric.key
            ),
            Origin::Library => "a metric of the library's own".to_owned(),
        }
    }
}

fn claim(metric: &Metric, claimed: &str) -> String {
    if metric.exposed == claimed {
        format!("exposed as `{claimed}`")
    } else {
        format!(
            "a `{}`, which takes `{claimed}` as well",
            metric.kind.name()
        )
    }
}
