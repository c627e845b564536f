//! The commands. Each file has a command's arguments, its help, and `run`, which returns an [`Answer`] and prints nothing.
//!
//! [`Answer`]: crate::answer::Answer

pub(crate) mod budget;
pub(crate) mod check;
pub(crate) mod check_rules;
pub(crate) mod completions;
pub(crate) mod diff;
pub(crate) mod explain;
pub(crate) mod fmt;
pub(crate) mod generate;
pub(crate) mod import;
pub(crate) mod infer;
pub(crate) mod init;
pub(crate) mod list;
pub(crate) mod live_check;
pub(crate) mod man;
pub(crate) mod migrate_histograms;
pub(crate) mod new;
pub(crate) mod unused;
