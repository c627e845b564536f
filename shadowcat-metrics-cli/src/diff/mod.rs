//! Compares two schemas field by field, with the impact of each change on queries and on programs that record.
//!
//! Every struct of the model is destructured without `..`, so that a new field does not compile until its changes are handled
//! here. `span` and `origin` fields are ignored by name: they do not affect meaning.

mod label;
mod metric;
mod operations;
mod schema;
mod sums;

use std::collections::HashMap;

pub(crate) use metric::likely_renames;
use serde::Serialize;
use shadowcat_metrics_codegen::model::{
    Annotations, Deprecation, Former, LabelId, Notes, OtelName, Stability, SumUse,
};
use shadowcat_metrics_operations::Schema;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Impact {
    /// Only the documents change.
    Cosmetic,
    /// Something is added; everything that exists keeps working.
    Additive,
    /// Existing uses stop working or change their meaning.
    Breaking,
}

impl Impact {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Cosmetic => "cosmetic",
            Self::Additive => "additive",
            Self::Breaking => "breaking",
        }
    }
}

/// One changed field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Change {
    /// `schema`, `label`, `group`, `metric`, `operations`, `slo` or `alert`.
    pub(crate) subject: &'static str,
    /// The subject's name: `method`, `request.duration`. Empty for the schema.
    pub(crate) name: String,
    /// The metric's old exposed name, or the new one for a new metric; null for other subjects.
    pub(crate) exposed: Option<String>,
    /// The subject's stability before the change: the strictest of all metrics that depend on it.
    #[serde(serialize_with = "stability_name")]
    pub(crate) stability: Stability,
    /// The key in the schema, or `metric`, `label`, `group`, `slo`, `alert` for a subject that was added or removed.
    pub(crate) field: &'static str,
    /// The value before; null if there was none.
    pub(crate) old: Option<String>,
    /// The value after; null if there is none.
    pub(crate) new: Option<String>,
    /// The impact on queries, alerts and dashboards.
    pub(crate) dashboards: Impact,
    /// The impact on programs that record.
    pub(crate) rust: Impact,
}

impl Change {
    /// Returns the worse of both impacts.
    pub(crate) fn impact(&self) -> Impact {
        self.dashboards.max(self.rust)
    }

    /// Returns whether the change breaks something stable or deprecated.
    pub(crate) fn breaks_promise(&self) -> bool {
        let promised = match self.stability {
            Stability::Experimental => false,
            // A deprecated metric was stable before, and must work until it is removed.
            Stability::Stable | Stability::Deprecated => true,
        };
        promised && self.impact() == Impact::Breaking
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn stability_name<S: serde::Serializer>(
    stability: &Stability,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(stability.name())
}

/// The release that the changes require under semantic versioning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Release {
    /// Nothing changed.
    None,
    /// Only cosmetic changes.
    Patch,
    /// Something was added, or something experimental breaks.
    Minor,
    /// Something stable or deprecated breaks.
    Major,
}

impl Release {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        }
    }

    pub(crate) fn of(changes: &[Change]) -> Self {
        let one = |change: &Change| match change.impact() {
            Impact::Breaking if change.breaks_promise() => Self::Major,
            Impact::Breaking | Impact::Additive => Self::Minor,
            Impact::Cosmetic => Self::Patch,
        };
        changes.iter().map(one).max().unwrap_or(Self::None)
    }
}

/// Returns every change from one schema to another, in source order: schema, labels, groups, metrics, objectives, alerts.
pub(crate) fn diff(old_schema: &Schema, new_schema: &Schema) -> Vec<Change> {
    let (old, new) = (&old_schema.registry, &new_schema.registry);
    let mut changes = Changes::default();
    schema::compare(old, new, &mut changes);
    label::compare(old, new, &mut changes);
    sums::compare(old, new, &mut changes);
    schema::compare_groups(old, new, &mut changes);
    metric::compare(old, new, &mut changes);
    operations::compare(old_schema, new_schema, &mut changes);
    changes.found
}

/// Collects changes, one subject after another.
#[derive(Debug, Default)]
struct Changes {
    found: Vec<Change>,
    subject: &'static str,
    name: String,
    exposed: Option<String>,
    stability: Stability,
}

impl Changes {
    fn about(&mut self, subject: &'static str, name: &str, stability: Stability) {
        self.subject = subject;
        name.clone_into(&mut self.name);
        self.exposed = None;
        self.stability = stability;
    }

    /// Adds a change if the two texts differ.
    fn field(
        &mut self,
        field: &'static str,
        old: Option<String>,
        new: Option<String>,
        dashboards: Impact,
        rust: Impact,
    ) {
        if old != new {
            self.found.push(Change {
                subject: self.subject,
                name: self.name.clone(),
                exposed: self.exposed.clone(),
                stability: self.stability,
                field,
                old,
                new,
                dashboards,
                rust,
            });
        }
    }

    /// Adds a change that only affects the documents.
    fn cosmetic(&mut self, field: &'static str, old: Option<String>, new: Option<String>) {
        self.field(field, old, new, Impact::Cosmetic, Impact::Cosmetic);
    }
}

/// Compares stabilities.
fn compare_stability(old: Stability, new: Stability, changes: &mut Changes) {
    let promise = match (old, new) {
        // A promise is withdrawn without a deprecation.
        (Stability::Stable | Stability::Deprecated, Stability::Experimental) => Impact::Breaking,
        (Stability::Experimental, _) | (_, Stability::Stable | Stability::Deprecated) => {
            Impact::Additive
        }
    };
    let name = |stability: Stability| Some(stability.name().to_owned());
    changes.field("stability", name(old), name(new), promise, promise);
}

/// Compares former names that are exposed in addition to the `present` name.
fn compare_former(
    old: Option<&Former>,
    new: Option<&Former>,
    present: &str,
    changes: &mut Changes,
) {
    let name = |former: Option<&Former>| former.map(|former| former.name.clone());
    // A former name that is the metric's name again is still exposed.
    let removed =
        old.is_some_and(|old| name(new).as_ref() != Some(&old.name) && old.name != present);
    let dashboards = if removed {
        Impact::Breaking
    } else {
        Impact::Additive
    };
    changes.field(
        "renamed_from",
        name(old),
        name(new),
        dashboards,
        Impact::Cosmetic,
    );
    if name(old) == name(new) {
        let until =
            |former: Option<&Former>| former.map(|former| format!("until {}", former.until));
        changes.cosmetic("renamed_from", until(old), until(new));
    }
}

/// Formats a deprecation; `name` returns the name of its replacement.
fn deprecation<R>(deprecated: &Deprecation<R>, name: impl Fn(&R) -> String) -> String {
    let Deprecation {
        since,
        replacement,
        note,
        remove_in,
    } = deprecated;
    let parts = [
        since.as_ref().map(|since| format!("since {since}")),
        replacement
            .as_ref()
            .map(|replacement| format!("use {}", name(replacement))),
        note.clone(),
        remove_in
            .as_ref()
            .map(|version| format!("removed in {version}")),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// Compares deprecations as text.
fn compare_deprecation(old: Option<String>, new: Option<String>, changes: &mut Changes) {
    // Call sites gain or lose rustc's deprecation warning.
    let rust = if old.is_some() == new.is_some() {
        Impact::Cosmetic
    } else {
        Impact::Additive
    };
    changes.field("deprecated", old, new, Impact::Cosmetic, rust);
}

/// Compares an item's documentation keys other than its help.
fn compare_notes(old: &Notes, new: &Notes, changes: &mut Changes) {
    let Notes { note, annotations } = old;
    changes.cosmetic("note", note.clone(), new.note.clone());
    let annotations_of = |notes: &Annotations| (!notes.0.is_empty()).then(|| notes.to_string());
    changes.cosmetic(
        "annotations",
        annotations_of(annotations),
        annotations_of(&new.annotations),
    );
}

/// Compares an item's OpenTelemetry name. Changing it breaks receivers.
fn compare_otel(old: Option<&OtelName>, new: Option<&OtelName>, changes: &mut Changes) {
    let name = |otel: Option<&OtelName>| otel.map(|otel| otel.name.clone());
    let impact = if old.is_none() {
        Impact::Additive
    } else {
        Impact::Breaking
    };
    changes.field("otel", name(old), name(new), impact, Impact::Cosmetic);
}

/// Returns the labels that series may lack whatever the values of other labels.
fn plainly_optional<'l>(
    labels: &'l [LabelId],
    optional: &'l [LabelId],
    sums: &'l [SumUse],
) -> impl Iterator<Item = &'l LabelId> {
    let of_sums = |id: &&LabelId| {
        let mut sums = sums.iter();
        sums.any(|sum| labels[sum.first..sum.first + sum.count].contains(id))
    };
    optional.iter().filter(move |id| !of_sums(id))
}

/// Returns the strictest stability of several metrics.
fn firmest(stabilities: impl Iterator<Item = Stability>) -> Stability {
    let firmness = |stability: &Stability| match stability {
        Stability::Experimental => 0,
        Stability::Deprecated => 1,
        Stability::Stable => 2,
    };
    stabilities.max_by_key(firmness).unwrap_or_default()
}

/// Indexes a list by name.
fn by_name<'i, T>(items: &'i [T], name: impl Fn(&'i T) -> &'i str) -> HashMap<&'i str, &'i T> {
    items.iter().map(|item| (name(item), item)).collect()
}

/// Formats names as `a, b`; `None` for an empty list.
fn list<'a>(items: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let items: Vec<_> = items.into_iter().collect();
    (!items.is_empty()).then(|| items.join(", "))
}

#[cfg(test)]
mod tests;
