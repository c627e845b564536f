//! Signals to a child and to whatever it has started: each child leads a process group of its own.

use std::io;

use rustix::process::{Pid, Signal, kill_process_group};

/// The process group of a child that is alive, or whose exit was seen just now.
#[derive(Debug, Clone, Copy)]
pub struct Group(Pid);

impl Group {
    /// The group that the child with this id leads; none if it has been waited for.
    #[must_use]
    pub fn of(child: &tokio::process::Child) -> Option<Self> {
        let id = i32::try_from(child.id()?).ok()?;
        Pid::from_raw(id).map(Self)
    }

    /// Asks all of the group to exit.
    ///
    /// # Errors
    ///
    /// If the system refuses. That the group is empty is no error.
    pub fn terminate(self) -> io::Result<()> {
        self.signal(Signal::TERM)
    }

    /// Ends all of the group.
    ///
    /// # Errors
    ///
    /// If the system refuses. That the group is empty is no error.
    pub fn kill(self) -> io::Result<()> {
        self.signal(Signal::KILL)
    }

    fn signal(self, signal: Signal) -> io::Result<()> {
        match kill_process_group(self.0, signal) {
            Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
