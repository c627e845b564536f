//! This program in place of rustc, for the crates of a workspace: it runs rustc with two things more. Cargo keeps what
//! comes out apart from ordinary builds, and shares the dependencies with them.

use std::ffi::OsString;
use std::process::{Command, ExitCode};

use clap::CommandFactory as _;

use crate::cli::Cli;
use crate::failure::Failure;
use crate::report::Form;

/// Set for cargo, so that this program knows that cargo calls it, to what the macro is to be told.
pub(super) const CALLED_BY_CARGO: &str = "SHADOWCAT_METRICS_WRAPS_RUSTC";
/// Set for rustc, for the macro to read.
const MARK_USES: &str = "SHADOWCAT_METRICS_MARK_USES";

/// Runs rustc, if that is what this program is called for.
pub(crate) fn run() -> Option<ExitCode> {
    let marks = std::env::var_os(CALLED_BY_CARGO)?;
    let mut arguments = std::env::args_os().skip(1);
    let rustc = arguments.next()?;
    // A build script may call this program for what it is.
    let is_command = rustc
        .to_str()
        .is_some_and(|name| Cli::command().find_subcommand(name).is_some());
    if is_command {
        return None;
    }
    Some(rustc_with_marks(&rustc, arguments, &marks))
}

fn rustc_with_marks(
    rustc: &OsString,
    arguments: impl Iterator<Item = OsString>,
    marks: &OsString,
) -> ExitCode {
    let status = Command::new(rustc)
        .args(arguments)
        // Nobody's `allow(deprecated)` hides a use, and nobody's `deny(warnings)` stops the build.
        .args(["--force-warn", "deprecated", "--cap-lints", "warn"])
        .env(MARK_USES, marks)
        .status();
    match status {
        // A rustc that was killed has no code.
        Ok(status) => ExitCode::from(
            status
                .code()
                .and_then(|code| u8::try_from(code).ok())
                .unwrap_or(1),
        ),
        Err(error) => {
            Failure::new(format!("cannot run `{}`: {error}", rustc.display())).print(Form::Human)
        }
    }
}
