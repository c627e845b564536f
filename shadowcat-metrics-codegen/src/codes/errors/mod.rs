//! The codes of errors: what a schema may not be. One file a hundred.

mod buckets;
mod file;
mod kinds;
mod labels;
mod lifecycle;
mod names;
mod ratios;
mod references;

pub use buckets::*;
pub use file::*;
pub use kinds::*;
pub use labels::*;
pub use lifecycle::*;
pub use names::*;
pub use ratios::*;
pub use references::*;

use super::Code;

/// Every error, in the order of their ids.
pub fn all() -> impl Iterator<Item = Code> {
    [
        FILE, REFERENCES, NAMES, LABELS, KINDS, BUCKETS, RATIOS, LIFECYCLE, QUANTILES,
    ]
    .into_iter()
    .flatten()
    .copied()
}
