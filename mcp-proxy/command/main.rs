//! The command `mcp-proxy`; the proxy itself is the library of the same name, and `demo/` drives both.

mod cli;
#[path = "../demo/mod.rs"]
mod demo;
mod run;
mod telemetry;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use cli::Cli;
use run::{Failure, report};

fn main() -> ExitCode {
    let cli = Cli::parse();
    telemetry::log_to_stderr(cli.mode.default_log());
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            report(&error);
            return ExitCode::from(Failure::Io(error).code());
        }
    };
    let ended = runtime.block_on(run::run(cli));
    // A thread may still be reading standard input, and nothing can wake it; the rest is done by now.
    runtime.shutdown_timeout(Duration::from_millis(100));
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            report(&failure);
            ExitCode::from(&failure)
        }
    }
}
