//! Reaps orphans. In a container, the proxy may be process 1, which inherits the processes that its children leave behind.

use std::collections::HashSet;
use std::time::Duration;

use procfs::process::{ProcState, all_processes};
use rustix::process::{Pid, WaitOptions, waitpid};
use tokio::time::interval;
use tracing::debug;

/// Interval between looks for orphans.
const PERIOD: Duration = Duration::from_secs(1);

/// Reaps orphans forever, if this is process 1. The proxy's own children are reaped as soon as they exit, so only a process
/// that is found twice is an orphan.
pub async fn reap() {
    let own = std::process::id();
    if own != 1 {
        return;
    }
    let mut looks = interval(PERIOD);
    let mut before = HashSet::new();
    loop {
        looks.tick().await;
        let exited = exited_children(own.cast_signed());
        for &pid in exited.intersection(&before) {
            let reaped = Pid::from_raw(pid).map(|pid| waitpid(Some(pid), WaitOptions::NOHANG));
            debug!(pid, ?reaped, "an orphan has exited");
        }
        before = exited;
    }
}

/// Returns the ids of the children of a process that have exited and were not waited for.
fn exited_children(parent: i32) -> HashSet<i32> {
    let Ok(processes) = all_processes() else {
        return HashSet::new();
    };
    let stats = processes.filter_map(|process| process.ok()?.stat().ok());
    stats
        .filter(|stat| stat.ppid == parent && matches!(stat.state(), Ok(ProcState::Zombie)))
        .map(|stat| stat.pid)
        .collect()
}
