//! The command `mcp-proxy`; the proxy itself is the library of the same name, and `demo/` drives both.

mod cli;
#[path = "../demo/mod.rs"]
mod demo;
#[cfg(all(feature = "heap-profile", target_os = "linux"))]
mod heap_profile;
mod run;
mod telemetry;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use cli::Cli;
use mcp_proxy::descriptors;
use mcp_proxy::process::orphans;
use run::Failure;
use telemetry::Log;

fn main() -> ExitCode {
    let cli = Cli::parse();
    descriptors::raise_limit();
    let log = Log::start(cli.mode.default_log());
    orphans::adopt();
    let failure = run(cli, &log).err();
    let last = failure
        .as_ref()
        .map(|failure| format!("mcp-proxy: {failure}"));
    log.finish(last.as_deref(), Duration::from_secs(1));
    failure.as_ref().map_or(ExitCode::SUCCESS, ExitCode::from)
}

fn run(cli: Cli, log: &Log) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let orderly = cli.mode.orderly_signals();
    let ended = runtime.block_on(async {
        tokio::select! {
            ended = run::run(cli, log) => ended,
            () = run::wait_for_signal_beyond(orderly) => Err(Failure::CutShort),
        }
    });
    // A thread may still be blocked on standard input. Everything else has finished by now.
    runtime.shutdown_timeout(Duration::from_millis(100));
    orphans::kill_all();
    ended
}
