//! The limit on file descriptors: raised at the start, and divided so that one use cannot starve another.

use std::fs::File;
use std::os::fd::AsRawFd;
use std::sync::OnceLock;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Descriptors that sessions and connections of clients leave free: for `/metrics`, for the kernel's statistics, and for the
/// pipes of a server that is being started.
const RESERVE: u64 = 48;

/// The limits that the program was started with.
static AT_START: OnceLock<Rlimit> = OnceLock::new();

/// Raises the soft limit to the hard limit. Children get the limit that the program was started with.
pub fn raise_limit() {
    let at_start = *AT_START.get_or_init(|| getrlimit(Resource::Nofile));
    let raised = Rlimit {
        current: at_start.maximum,
        ..at_start
    };
    // If it cannot be raised, the lower limit applies, which `process_max_fds` shows.
    let _ = setrlimit(Resource::Nofile, raised);
}

/// Restores the limits that the program was started with, in a child between fork and exec.
///
/// # Errors
///
/// If the system refuses it.
pub(crate) fn restore_limit(at_start: Rlimit) -> std::io::Result<()> {
    Ok(setrlimit(Resource::Nofile, at_start)?)
}

/// Returns the limits that the program was started with, if they were changed.
pub(crate) fn limit_at_start() -> Option<Rlimit> {
    AT_START.get().copied()
}

/// Returns how many of `wanted` connections there may be: at most a quarter of all descriptors.
#[must_use]
pub fn connections(wanted: usize) -> usize {
    let quarter = limit() / 4;
    wanted.min(quarter.try_into().unwrap_or(usize::MAX))
}

/// Returns whether enough descriptors are left for a session, the given number of connections, and the reserve.
#[must_use]
pub fn has_room_for_session(connections: usize) -> bool {
    // A new descriptor has the lowest free number, so all below it are in use.
    let Ok(probe) = File::open("/dev/null") else {
        return false;
    };
    let used = u64::try_from(probe.as_raw_fd()).unwrap_or(u64::MAX);
    used + RESERVE + connections as u64 <= limit()
}

/// Returns the current limit.
fn limit() -> u64 {
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}
