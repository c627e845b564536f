//! What changed from one schema to another, field by field, and what that means for those who query the metrics and for
//! those who record them.
//!
//! Every struct of the model is taken apart without `..`, so that a new field does not compile until this module has an
//! opinion about it. `span`s and `origin`s are left out by name: where something is written is not what it says.

mod kind;
mod label;
mod metric;
mod operations;
mod renames;
mod schema;

pub(crate) use renames::likely_renames;
use serde::Serialize;
use shadowcat_metrics_codegen::model::{Former, Stability};
use shadowcat_metrics_operations::Schema;

/// What a change does to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Impact {
    /// Nothing that could be noticed but by reading.
    Cosmetic,
    /// There is something new, and what was there goes on working.
    Additive,
    /// What relies on it stops working, or means something else.
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

/// One field that is not what it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Change {
    /// `schema`, `label`, `group`, `metric`, `operations`, `slo` or `alert`.
    pub(crate) subject: &'static str,
    /// Its name: `method`, `request.duration`. Empty for the schema.
    pub(crate) name: String,
    /// The exposed name that a metric had, or has if it is new; otherwise null.
    pub(crate) exposed: Option<String>,
    /// How firmly it was promised: the most that any metric concerned was.
    #[serde(serialize_with = "stability_name")]
    pub(crate) stability: Stability,
    /// The key of the schema, or `metric`, `label`, `group`, `slo`, `alert` for one that came or went.
    pub(crate) field: &'static str,
    /// What it was; null if it was not there.
    pub(crate) old: Option<String>,
    /// What it is; null if it is gone.
    pub(crate) new: Option<String>,
    /// What it does to queries, alerts and dashboards.
    pub(crate) dashboards: Impact,
    /// What it does to programs that record.
    pub(crate) rust: Impact,
}

impl Change {
    /// The worse of the two.
    pub(crate) fn impact(&self) -> Impact {
        self.dashboards.max(self.rust)
    }

    /// Whether it breaks what was promised to stay.
    pub(crate) fn breaks_promise(&self) -> bool {
        let promised = match self.stability {
            Stability::Experimental => false,
            // It was relied on before it was deprecated, and `deprecated` announces the end without being it.
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

/// The release that changes ask for, by semantic versioning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Release {
    /// Nothing changed.
    None,
    /// Only what nobody can notice.
    Patch,
    /// Something new, or something experimental that broke.
    Minor,
    /// Something stable or deprecated that broke.
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

/// Every change from one schema to another: of the schema, its labels, its groups, its metrics, its objectives and alerts, in source
/// order.
pub(crate) fn diff(old_schema: &Schema, new_schema: &Schema) -> Vec<Change> {
    let (old, new) = (&old_schema.registry, &new_schema.registry);
    let mut changes = Changes::default();
    schema::compare(old, new, &mut changes);
    label::compare(old, new, &mut changes);
    schema::compare_groups(old, new, &mut changes);
    metric::compare(old, new, &mut changes);
    operations::compare(old_schema, new_schema, &mut changes);
    changes.found
}

/// Collects changes of one subject after another.
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

    /// Notes a field whose two texts differ.
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

    /// Notes a field that only readers of the documents see.
    fn cosmetic(&mut self, field: &'static str, old: Option<String>, new: Option<String>) {
        self.field(field, old, new, Impact::Cosmetic, Impact::Cosmetic);
    }
}

/// Notes a change of what is promised.
fn compare_stability(old: Stability, new: Stability, changes: &mut Changes) {
    let promise = match (old, new) {
        // It may now change, which nobody has been told before.
        (Stability::Stable | Stability::Deprecated, Stability::Experimental) => Impact::Breaking,
        (Stability::Experimental, _) | (_, Stability::Stable | Stability::Deprecated) => {
            Impact::Additive
        }
    };
    let name = |stability: Stability| Some(stability.name().to_owned());
    changes.field("stability", name(old), name(new), promise, promise);
}

/// Notes a change of the name that something is exposed under beside its own, `present`.
fn compare_former(
    old: Option<&Former>,
    new: Option<&Former>,
    present: &str,
    changes: &mut Changes,
) {
    let name = |former: Option<&Former>| former.map(|former| former.name.clone());
    // One that has become the name again is still there.
    let gone = old.is_some_and(|old| name(new).as_ref() != Some(&old.name) && old.name != present);
    let dashboards = if gone {
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

/// How firmly something is promised that several metrics depend on.
fn firmest(stabilities: impl Iterator<Item = Stability>) -> Stability {
    let firmness = |stability: &Stability| match stability {
        Stability::Experimental => 0,
        Stability::Deprecated => 1,
        Stability::Stable => 2,
    };
    stabilities.max_by_key(firmness).unwrap_or_default()
}

/// `a, b`; none for an empty list.
fn list<'a>(items: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let items: Vec<_> = items.into_iter().collect();
    (!items.is_empty()).then(|| items.join(", "))
}

#[cfg(test)]
mod tests;
