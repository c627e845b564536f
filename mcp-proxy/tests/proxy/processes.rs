//! Processes as Linux's `/proc` shows them: parents, children, and which are still alive.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

/// A process. Its start time distinguishes it from a later process with the same id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Process {
    id: u32,
    started: u64,
}

impl Process {
    /// Returns its process id.
    pub(crate) const fn id(self) -> u32 {
        self.id
    }
}

/// Returns the living child processes of `parent`, without threads.
pub(crate) fn children_of(parent: u32) -> Vec<Process> {
    all_living()
        .filter(|&(_, of)| of == parent)
        .map(|(process, _)| process)
        .collect()
}

/// Returns the living processes with this argument in their command line.
pub(crate) fn with_argument(argument: &str) -> Vec<Process> {
    let has_it = |process: &Process| {
        let line = fs::read_to_string(format!("/proc/{}/cmdline", process.id));
        line.is_ok_and(|line| line.split('\0').any(|one| one == argument))
    };
    all_living()
        .map(|(process, _)| process)
        .filter(has_it)
        .collect()
}

fn all_living() -> impl Iterator<Item = (Process, u32)> {
    let entries = fs::read_dir("/proc").expect("Linux has it");
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(living)
}

/// Returns the processes that are still alive after `wait`. Returns early if all have exited.
pub(crate) fn still_alive_after(mut processes: Vec<Process>, wait: Duration) -> Vec<Process> {
    let deadline = Instant::now() + wait;
    loop {
        processes.retain(|process| living(process.id).is_some_and(|(now, _)| now == *process));
        if processes.is_empty() || Instant::now() >= deadline {
            return processes;
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// Returns the process with this id and its parent's id, or `None` if it does not exist or is a zombie.
fn living(id: u32) -> Option<(Process, u32)> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The second field is the program's name in parentheses, which may contain any character.
    let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
    let (state, parent, started) = (fields.first()?, fields.get(1)?, fields.get(19)?);
    let process = Process {
        id,
        started: started.parse().ok()?,
    };
    (!matches!(*state, "Z" | "X")).then_some((process, parent.parse().ok()?))
}
