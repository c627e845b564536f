//! Stands in for `orphans` on systems other than Linux. It finds no descendants of a child, so only the child's process group is
//! killed there.

use tokio::process::Command;

/// The descendants of one child, which are not known.
#[derive(Debug)]
pub struct Descendants;

impl Descendants {
    /// Returns the descendants of the child that `command` will start.
    #[must_use]
    pub fn mark(_command: &mut Command) -> Self {
        Self
    }

    /// Does nothing.
    pub fn started(&mut self, _child: Option<u32>) {}

    /// Does nothing.
    pub fn find(&mut self) {}

    /// Does nothing.
    pub fn release_child(&mut self) {}

    /// Does nothing.
    pub async fn kill(&mut self) {}
}

/// Does nothing.
pub fn adopt() {}

/// Waits forever.
pub async fn reap() {
    std::future::pending().await
}

/// Does nothing.
pub fn kill_all() {}
