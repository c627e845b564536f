//! Why a command could not do what it was asked to, and what its user can do about it.

use std::fmt::Write as _;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};

use crate::answer;

pub(crate) const ERROR: Style = AnsiColor::Red.on_default().bold();
pub(crate) const WARNING: Style = AnsiColor::Yellow.on_default().bold();
pub(crate) const HELP: Style = AnsiColor::Cyan.on_default().bold();
pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
pub(crate) const BOLD: Style = Style::new().bold();

/// A usage or I/O error: exit code 2.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    help: Option<String>,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: None,
        }
    }

    /// What went wrong.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// Says what to do next.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// An operation on a file that the system refused.
    pub(crate) fn io(what: &str, path: &Path, error: &io::Error) -> Self {
        Self::new(format!("cannot {what} `{}`: {error}", path.display()))
    }

    pub(crate) fn print(&self) -> ExitCode {
        let mut text = format!("{ERROR}error{ERROR:#}: {}\n", self.message);
        if let Some(help) = &self.help {
            let _ = writeln!(text, "{HELP}help{HELP:#}: {help}");
        }
        // If standard error cannot be written to, there is nowhere left to say so; the exit code remains.
        let _ = answer::write(anstream::stderr().lock(), &text);
        ExitCode::from(2)
    }
}
