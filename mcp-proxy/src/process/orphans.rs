//! Processes that a child leaves behind: kills them when the child has ended, and reaps them.
//!
//! The proxy is a subreaper: a process whose parent exits becomes its child. Signals to the process group of a child do not reach a
//! process that has called `setsid`, as daemons do. Therefore the environment of each child has a mark, which its descendants
//! inherit.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use procfs::process::{ProcState, Process};
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitOptions, getpid, pidfd_open, pidfd_send_signal,
    set_child_subreaper, waitpid,
};
use tokio::process::Command;
use tokio::task::spawn_blocking;
use tokio::time::{interval, timeout};
use tracing::{debug, info, warn};

/// The environment variable with the marks of a process: one from each proxy above it, the outermost first.
const VARIABLE: &str = "MCP_PROXY_CHILD";

/// Separates the marks.
const SEPARATOR: u8 = b'/';

/// Interval between searches for orphans that have exited.
const PERIOD: Duration = Duration::from_secs(1);

/// Time limit for killing the descendants of a child, which may start further ones meanwhile.
const LIMIT: Duration = Duration::from_secs(2);

/// Pause before looking for processes that were started meanwhile.
const PAUSE: Duration = Duration::from_millis(2);

/// Children that are not orphans.
static KNOWN: Mutex<Known> = Mutex::new(Known {
    managed: Vec::new(),
    inherited: Vec::new(),
});

/// Held while looking for descendants, so that the ends of many children occupy only one thread.
pub(super) static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

#[derive(Debug)]
struct Known {
    /// Children that the proxy has started and waits for.
    managed: Vec<i32>,
    /// Children that the program had before it became the proxy, such as the background jobs of a shell script that ends with
    /// `exec mcp-proxy`. The proxy must not kill them.
    inherited: Vec<i32>,
}

/// Makes this process the parent of all descendants whose own parent exits.
pub fn adopt() {
    KNOWN.lock().inherited = children_of(own());
    if let Err(error) = set_child_subreaper(Some(getpid())) {
        warn!(%error, "processes that servers leave behind cannot be found");
    }
}

/// Reaps orphans forever. The proxy's own children are reaped as soon as they exit, so only a process that is found twice is an
/// orphan.
pub async fn reap() {
    let mut searches = interval(PERIOD);
    let mut before = HashSet::new();
    loop {
        searches.tick().await;
        let children = children_of(own()).into_iter();
        let exited = children.filter(|pid| started(*pid).is_none());
        let exited: HashSet<_> = exited.collect();
        for &pid in exited.intersection(&before) {
            let reaped = Pid::from_raw(pid).map(|pid| waitpid(Some(pid), WaitOptions::NOHANG));
            debug!(pid, ?reaped, "an orphan has exited");
        }
        before = exited;
    }
}

/// Kills every descendant of the proxy except those that it did not start. Call this last.
pub fn kill_all() {
    kill_until_none_is_left(|| {
        let inherited = KNOWN.lock().inherited.clone();
        let children = children_of(own()).into_iter();
        let children = children.filter(|pid| !inherited.contains(pid));
        trees(children, |_| true)
    });
}

/// The descendants of one child, including the child itself.
#[derive(Debug)]
pub struct Descendants {
    /// The child's marks, with which those of its descendants begin. Its last mark alone is not unique, because a proxy and the
    /// proxies above it may have the same id in different process namespaces.
    marks: OsString,
    child: Option<i32>,
    /// Descendants at the time of [`find`](Self::find), with or without the mark.
    found: Vec<Running>,
}

impl Descendants {
    /// Marks the child that `command` will start, and its descendants.
    #[must_use]
    pub fn mark(command: &mut Command) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let mut marks = std::env::var_os(VARIABLE).unwrap_or_default();
        if !marks.is_empty() {
            marks.push(OsStr::from_bytes(&[SEPARATOR]));
        }
        marks.push(format!("{}.{number}", own()));
        command.env(VARIABLE, &marks);
        Self {
            marks,
            child: None,
            found: Vec::new(),
        }
    }

    /// Notes the id of the child, which the proxy will wait for.
    pub fn started(&mut self, child: Option<u32>) {
        self.child = child.and_then(|pid| i32::try_from(pid).ok());
        KNOWN.lock().managed.extend(self.child);
    }

    /// Finds the descendants of the running child. Its end hides those that have cleared their environment.
    pub fn find(&mut self) {
        let children = self.child.map(children_of).unwrap_or_default();
        self.found = trees(children.into_iter(), |_| true);
    }

    /// Notes that the child was waited for, or that it will be by the runtime.
    pub fn release_child(&mut self) {
        if let Some(child) = self.child.take() {
            KNOWN.lock().managed.retain(|pid| *pid != child);
        }
    }

    /// Kills the descendants that still run. The child must have been released.
    pub async fn kill(&mut self) {
        let (marks, found) = (self.marks.clone(), std::mem::take(&mut self.found));
        let kill = move || {
            kill_until_none_is_left(|| {
                let managed = KNOWN.lock().managed.clone();
                let children = children_of(own()).into_iter();
                let orphans = children.filter(|pid| !managed.contains(pid));
                let mut left = trees(orphans, |process| has_marks(process, &marks));
                left.extend(found.iter().copied().filter(|process| process.runs()));
                left
            });
        };
        let killing = async {
            let _turn = TURN.lock().await;
            let _ = spawn_blocking(kill).await;
        };
        if timeout(2 * LIMIT, killing).await.is_err() {
            warn!("the search for processes that a server left behind is taking too long");
        }
    }
}

/// A process. Its start time distinguishes it from a later process with the same id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Running {
    pid: i32,
    started: u64,
}

impl Running {
    fn runs(self) -> bool {
        started(self.pid) == Some(self.started)
    }

    fn kill(self) -> rustix::io::Result<()> {
        let Some(pid) = Pid::from_raw(self.pid) else {
            return Ok(());
        };
        let process = pidfd_open(pid, PidfdFlags::empty())?;
        // The descriptor is opened first, so that it cannot be one of a later process.
        if self.runs() {
            pidfd_send_signal(process, Signal::KILL)?;
        }
        Ok(())
    }
}

/// Kills the processes that `find` returns, again and again, because they may start others until the signal has arrived.
fn kill_until_none_is_left(find: impl Fn() -> Vec<Running>) {
    let begun = Instant::now();
    let mut killed = HashSet::new();
    loop {
        let left = find();
        if left.is_empty() {
            break;
        }
        if begun.elapsed() >= LIMIT {
            let pids: Vec<_> = left.iter().map(|process| process.pid).collect();
            warn!(
                ?pids,
                "processes that a server left behind are still running"
            );
            break;
        }
        for process in left {
            match process.kill() {
                Ok(()) => {
                    killed.insert(process.pid);
                }
                // It has just exited.
                Err(rustix::io::Errno::SRCH) => {}
                Err(error) => debug!(pid = process.pid, %error, "SIGKILL failed"),
            }
        }
        thread::sleep(PAUSE);
    }
    if !killed.is_empty() {
        info!(pids = ?killed, "killed processes that a server left behind");
    }
}

/// Returns the running processes below and including `roots` that `belongs` accepts, or whose parent belongs.
fn trees(roots: impl Iterator<Item = i32>, belongs: impl Fn(&Process) -> bool) -> Vec<Running> {
    let mut found = Vec::new();
    let mut left: Vec<_> = roots.map(|pid| (pid, false)).collect();
    while let Some((pid, parent_belongs)) = left.pop() {
        let Ok(process) = Process::new(pid) else {
            continue;
        };
        let belongs = parent_belongs || belongs(&process);
        left.extend(children_of(pid).into_iter().map(|child| (child, belongs)));
        if belongs && let Some(started) = started(pid) {
            found.push(Running { pid, started });
        }
    }
    found
}

fn has_marks(process: &Process, marks: &OsStr) -> bool {
    let variables = process.environ().ok();
    let own = variables.and_then(|mut variables| variables.remove(OsStr::new(VARIABLE)));
    own.is_some_and(|own| begin_with(&own, marks))
}

/// Returns whether the marks of a process are `marks`, or begin with them.
fn begin_with(own: &OsStr, marks: &OsStr) -> bool {
    let rest = own.as_bytes().strip_prefix(marks.as_bytes());
    matches!(rest, Some([] | [SEPARATOR, ..]))
}

/// Returns the start time of a process that has not exited.
fn started(pid: i32) -> Option<u64> {
    let stat = Process::new(pid).and_then(|process| process.stat()).ok()?;
    let state = stat.state().ok()?;
    (!matches!(state, ProcState::Zombie | ProcState::Dead)).then_some(stat.starttime)
}

/// Returns the ids of the children of a process, including those that have exited.
fn children_of(parent: i32) -> Vec<i32> {
    let Ok(threads) = Process::new(parent).and_then(|process| process.tasks()) else {
        return Vec::new();
    };
    let children = threads.filter_map(|thread| thread.ok()?.children().ok());
    children.flatten().map(u32::cast_signed).collect()
}

fn own() -> i32 {
    getpid().as_raw_nonzero().get()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descendants_have_all_marks_of_their_child() {
        for (own, expected) in [
            ("1.0/1.0", true),
            ("1.0/1.0/7.3", true),
            // Another child of the same proxy, and a process above the proxy.
            ("1.0/1.1", false),
            ("1.0/1.01", false),
            ("1.0", false),
            ("", false),
        ] {
            assert_eq!(
                begin_with(own.as_ref(), "1.0/1.0".as_ref()),
                expected,
                "{own}"
            );
        }
    }
}
