//! Clashes between exposed names: two families of one name, or one whose lines look like another's.

use std::collections::{BTreeMap, BTreeSet};

use super::Checker;
use crate::codes::errors;
use crate::diagnostic::Diagnostic;
use crate::model::{Metric, MetricId, Origin};
use crate::name;
use crate::sentence::with_article;
use crate::source::Span;

impl Checker<'_> {
    /// Reports every pair of families that claim one name, once, at the later of the two.
    pub(super) fn check_exposed_names(&mut self) {
        let mut claims: BTreeMap<String, MetricId> = BTreeMap::new();
        let mut reported = BTreeSet::new();
        let mut problems = Vec::new();
        for (index, metric) in self.registry.metrics.iter().enumerate() {
            let taken: BTreeSet<_> = names(metric)
                .flat_map(|name| name::names_taken(name, &metric.kind))
                .collect();
            for claimed in taken {
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
        let diagnostic = if names(one).any(|name| names(other).any(|other| name == other)) {
            Diagnostic::error(
                errors::DUPLICATE_EXPOSED_NAME,
                place(at, claimed),
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
                place(at, claimed),
                format!(
                    "`{}` and `{}` cannot both be exposed: `{claimed}` would be part of either",
                    at.exposed, counterpart.exposed
                ),
            )
            .label(claim(at, claimed))
        };
        let diagnostic = match counterpart.origin {
            Origin::Schema => {
                diagnostic.secondary(place(counterpart, claimed), claim(counterpart, claimed))
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

/// The names that a metric is exposed under: its own, and the one it had before.
fn names(metric: &Metric) -> impl Iterator<Item = &str> + Clone {
    let former = metric.former.as_ref().map(|former| &*former.name);
    std::iter::once(&*metric.exposed).chain(former)
}

/// Where a metric gets the name that claims another.
fn place(metric: &Metric, claimed: &str) -> Span {
    let by_former = metric.former.as_ref().filter(|former| {
        name::names_taken(&former.name, &metric.kind).contains(&claimed.to_owned())
    });
    by_former.map_or(metric.spans.name, |former| former.span)
}

fn claim(metric: &Metric, claimed: &str) -> String {
    if names(metric).any(|name| name == claimed) {
        format!("exposed as `{claimed}`")
    } else {
        format!(
            "{}, which takes `{claimed}` as well",
            with_article(&format!("`{}`", metric.kind.name()))
        )
    }
}
