//! What is promised of metrics and labels, and for how long.

use std::fmt;

use semver::Version;

use super::MetricId;
use crate::source::Span;

/// How firmly a name and its labels are promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Stability {
    /// May change in any release.
    #[default]
    Experimental,
    /// Changes only with a major release.
    Stable,
    /// On its way out.
    Deprecated,
}

impl Stability {
    /// Those that can be promised of what is to stay.
    pub const PROMISES: [Self; 2] = [Self::Experimental, Self::Stable];

    /// All of them.
    pub const ALL: [Self; 3] = [Self::Experimental, Self::Stable, Self::Deprecated];

    /// The word for it in the schema.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Experimental => "experimental",
            Self::Stable => "stable",
            Self::Deprecated => "deprecated",
        }
    }
}

impl fmt::Display for Stability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why a metric should no longer be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deprecation {
    /// Version that deprecated it.
    pub since: Option<Version>,
    /// The metric to use instead.
    pub replacement: Option<MetricId>,
    /// Why, and what to do.
    pub note: Option<String>,
    /// Version of the package that is without it.
    pub remove_in: Option<Version>,
}

/// A name that something had before, and is exposed under as well until a release of the package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Former {
    /// The name as exposed: a metric's whole name, or a label's value.
    pub name: String,
    /// Version of the package that no longer exposes it.
    pub until: Version,
    /// The key `renamed_from` with its value, in the schema.
    pub span: Span,
}
