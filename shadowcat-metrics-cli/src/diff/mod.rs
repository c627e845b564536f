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
use std::time::Duration;

pub(crate) use metric::likely_renames;
use serde::Serialize;
use shadowcat_metrics_authoring::annotations::inline_table;
use shadowcat_metrics_codegen::model::{
    Annotations, Deprecation, Former, LabelId, Notes, Registry, Stability, SumUse,
};
use shadowcat_metrics_codegen::{Spanned, Version};
use shadowcat_metrics_operations::model::AlertSeverity;
use shadowcat_metrics_operations::{Histograms, Schema, duration};

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

    /// Adds a change if the two values are shown differently. It affects only the documents, unless an impact is set.
    fn field<T: Shown + ?Sized>(&mut self, field: &'static str, old: &T, new: &T) -> Added<'_> {
        let (old, new) = (old.shown(), new.shown());
        if old == new {
            return Added(None);
        }
        self.found.push(Change {
            subject: self.subject,
            name: self.name.clone(),
            exposed: self.exposed.clone(),
            stability: self.stability,
            field,
            old,
            new,
            dashboards: Impact::Cosmetic,
            rust: Impact::Cosmetic,
        });
        Added(self.found.last_mut())
    }

    /// Adds the removal of the subject.
    fn removed(&mut self, name: &str) -> Added<'_> {
        self.field(self.subject, &Some(name), &None)
    }

    /// Adds the addition of the subject.
    fn added(&mut self, name: &str) -> Added<'_> {
        self.field(self.subject, &None, &Some(name))
    }
}

/// A change, if there is one.
struct Added<'c>(Option<&'c mut Change>);

impl Added<'_> {
    /// Sets the impact on queries, alerts and dashboards, and on programs that record.
    fn impact(self, dashboards: Impact, rust: Impact) {
        if let Some(change) = self.0 {
            (change.dashboards, change.rust) = (dashboards, rust);
        }
    }
}

/// A value that a change can show.
trait Shown {
    /// Returns the value as text; `None` if there is no value.
    fn shown(&self) -> Option<String>;
}

impl<T: Shown + ?Sized> Shown for &T {
    fn shown(&self) -> Option<String> {
        (**self).shown()
    }
}

impl<T: Shown> Shown for Option<T> {
    fn shown(&self) -> Option<String> {
        self.as_ref()?.shown()
    }
}

/// A list is shown as `a, b`, and an empty one not at all.
impl<T: Shown> Shown for [T] {
    fn shown(&self) -> Option<String> {
        let items: Vec<_> = self.iter().filter_map(Shown::shown).collect();
        (!items.is_empty()).then(|| items.join(", "))
    }
}

impl<T: Shown> Shown for Vec<T> {
    fn shown(&self) -> Option<String> {
        self.as_slice().shown()
    }
}

macro_rules! shown {
    ($($type:ty: $text:expr;)*) => {
        $(impl Shown for $type {
            fn shown(&self) -> Option<String> {
                let text: fn(&Self) -> String = $text;
                Some(text(self))
            }
        })*
    };
}

shown! {
    str: str::to_owned;
    String: String::clone;
    bool: ToString::to_string;
    f64: ToString::to_string;
    u32: ToString::to_string;
    u64: ToString::to_string;
    Version: ToString::to_string;
    Duration: |time| duration::format(*time);
    AlertSeverity: |severity| severity.name().to_owned();
    Histograms: |histograms| histograms.name().to_owned();
    Stability: |stability| stability.name().to_owned();
    Spanned<String>: |text| text.value.clone();
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
    let change = changes.field("stability", &old, &new);
    change.impact(promise, promise);
}

/// Compares former names that are exposed in addition to the `present` name.
fn compare_former(
    old: Option<&Former>,
    new: Option<&Former>,
    present: &str,
    changes: &mut Changes,
) {
    let [before, after] = [old, new].map(|former| former.map(|former| &former.name));
    // A former name that is the metric's name again is still exposed.
    let is_kept = old.is_none_or(|old| after == Some(&old.name) || old.name == present);
    let change = changes.field("renamed_from", &before, &after);
    change.impact(breaking_unless(is_kept), Impact::Cosmetic);
    if before == after {
        let until = [old, new].map(|it| it.map(|former| format!("until {}", former.until)));
        changes.field("renamed_from", &until[0], &until[1]);
    }
}

/// Returns the impact of a change that is an addition under a condition.
const fn breaking_unless(is_additive: bool) -> Impact {
    if is_additive {
        Impact::Additive
    } else {
        Impact::Breaking
    }
}

/// Returns the impact of a change that is breaking under a condition, and otherwise cosmetic.
const fn breaking_if(is_breaking: bool) -> Impact {
    if is_breaking {
        Impact::Breaking
    } else {
        Impact::Cosmetic
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
    let since = since.as_ref().map(|since| format!("since {since}"));
    let replacement = replacement.as_ref().map(|it| format!("use {}", name(it)));
    let removed = remove_in.as_ref().map(|it| format!("removed in {it}"));
    let parts = [since, replacement, note.clone(), removed];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// Compares deprecations as text.
fn compare_deprecation(old: Option<&str>, new: Option<&str>, changes: &mut Changes) {
    // Call sites gain or lose rustc's deprecation warning.
    let rust = if old.is_some() == new.is_some() {
        Impact::Cosmetic
    } else {
        Impact::Additive
    };
    let change = changes.field("deprecated", &old, &new);
    change.impact(Impact::Cosmetic, rust);
}

/// Compares an item's documentation keys other than its help.
fn compare_notes(old: &Notes, new: &Notes, changes: &mut Changes) {
    let Notes { note, annotations } = old;
    changes.field("note", note, &new.note);
    let written = |notes: &Annotations| (!notes.0.is_empty()).then(|| inline_table(notes));
    let (before, after) = (written(annotations), written(&new.annotations));
    changes.field("annotations", &before, &after);
}

/// Compares an item's OpenTelemetry name. Changing it breaks receivers.
fn compare_otel(
    old: Option<&Spanned<String>>,
    new: Option<&Spanned<String>>,
    changes: &mut Changes,
) {
    let [before, after] = [old, new].map(|otel| otel.map(|otel| &otel.value));
    let change = changes.field("otel", &before, &after);
    change.impact(breaking_unless(old.is_none()), Impact::Cosmetic);
}

/// Returns the exposed names of labels.
fn label_names<'r>(registry: &'r Registry, ids: &[LabelId]) -> Vec<&'r str> {
    let names = ids.iter().map(|id| &*registry.labels[id.0].name);
    names.collect()
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

#[cfg(test)]
mod tests;
