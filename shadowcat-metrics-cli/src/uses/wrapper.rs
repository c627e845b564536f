//! Runs as cargo's workspace wrapper: calls rustc with the marks and additional flags. Cargo keeps these results separate from
//! those of ordinary builds and shares the dependencies.

use std::ffi::OsString;
use std::process::{Command, ExitCode};

use clap::CommandFactory as _;

use crate::cli::Cli;
use crate::failure::Failure;
use crate::report::Form;

/// Set if cargo calls this program as a wrapper; the value goes to the macro.
pub(super) const CALLED_BY_CARGO: &str = "SHADOWCAT_METRICS_WRAPS_RUSTC";
/// Set to the uses that the macro should mark.
const MARK_USES: &str = "SHADOWCAT_METRICS_MARK_USES";

/// Runs rustc if cargo calls this program as a wrapper.
pub(crate) fn run() -> Option<ExitCode> {
    let marks = std::env::var_os(CALLED_BY_CARGO)?;
    let mut arguments = std::env::args_os().skip(1);
    let rustc = arguments.next()?;
    // A build script may run this program as an ordinary command.
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
        // `allow(deprecated)` must not hide a use, and `deny(warnings)` must not stop the build.
        .args(["--force-warn", "deprecated", "--cap-lints", "warn"])
        .env(MARK_USES, marks)
        .status();
    match status {
        // A killed rustc has no exit code.
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
