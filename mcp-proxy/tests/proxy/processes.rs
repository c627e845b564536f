//! Processes as Linux's `/proc` shows them: who has started whom, and who is still there.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

/// A process; its start tells it from a later one with its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Process {
    id: u32,
    started: u64,
}

impl Process {
    /// Its number.
    pub(crate) const fn id(self) -> u32 {
        self.id
    }
}

/// The living processes that this one has started, and not its threads.
pub(crate) fn children_of(parent: u32) -> Vec<Process> {
    let entries = fs::read_dir("/proc").expect("Linux has it");
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(living)
        .filter(|&(_, of)| of == parent)
        .map(|(process, _)| process)
        .collect()
}

/// Which of these are alive after so long at most; does not wait for longer than they live.
pub(crate) fn outlived(mut processes: Vec<Process>, patience: Duration) -> Vec<Process> {
    let deadline = Instant::now() + patience;
    loop {
        processes.retain(|process| living(process.id).is_some_and(|(now, _)| now == *process));
        if processes.is_empty() || Instant::now() >= deadline {
            return processes;
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// The process with this number and its parent's number; none if there is no such process, or only its remains.
fn living(id: u32) -> Option<(Process, u32)> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The second field is the program's name, in brackets, and may hold anything.
    let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
    let (state, parent, started) = (fields.first()?, fields.get(1)?, fields.get(19)?);
    let process = Process {
        id,
        started: started.parse().ok()?,
    };
    (!matches!(*state, "Z" | "X")).then_some((process, parent.parse().ok()?))
}
