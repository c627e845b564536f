//! The modes, each from its options to its end.

mod serve;
mod stdio;

use std::io::{self, Write};
use std::time::Duration;

use clap::CommandFactory;
use shadowcat_metrics::Metrics;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing::info;

use crate::cli::{self, Cli, MetricsAddress, Mode};
use crate::exit::Failure;
use crate::telemetry::Telemetry;
use crate::{demo, server};

/// Does what the command line says.
///
/// # Errors
///
/// See [`Failure`].
pub async fn run(cli: Cli) -> Result<(), Failure> {
    match cli.mode {
        Mode::Stdio(options) => stdio::run(options).await,
        Mode::Serve(options) => serve::run(options).await,
        Mode::Demo(options) => run_demo(options).await,
        Mode::Server(options) => run_server(&options).await,
        Mode::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "mcp-proxy", &mut script);
            Ok(io::stdout().write_all(&script)?)
        }
    }
}

async fn run_demo(options: cli::Demo) -> Result<(), Failure> {
    let telemetry = Telemetry::start(options.metrics.metrics).await?;
    telemetry.announce();
    let stop = stop_on_signals()?;
    pause(options.lead, &stop).await;
    if let Some(duration) = options.duration {
        let stop = stop.clone();
        tokio::spawn(async move {
            tokio::time::sleep(duration).await;
            stop.cancel();
        });
    }
    let report = demo::run(telemetry.metrics(), telemetry.runtime(), options.seed, stop).await?;
    {
        let mut stdout = io::stdout().lock();
        stdout.write_all(report.render(options.format).as_bytes())?;
        stdout.flush()?;
    }
    pause(options.linger, &stop_on_signals()?).await;
    telemetry.stop().await;
    if report.passed() {
        Ok(())
    } else {
        Err(Failure::Verdict)
    }
}

/// Waits, but not against the user's will.
async fn pause(time: Duration, stop: &CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep(time) => {}
    }
}

async fn run_server(options: &cli::Server) -> Result<(), Failure> {
    match options.metrics {
        MetricsAddress::Off => server::run(&Metrics::disabled(), options.stubborn).await?,
        MetricsAddress::At(_) => {
            let telemetry = Telemetry::start(Some(options.metrics)).await?;
            server::run(telemetry.metrics(), options.stubborn).await?;
            telemetry.stop().await;
        }
    }
    Ok(())
}

/// Cancelled by SIGINT (Ctrl-C) and SIGTERM.
fn stop_on_signals() -> io::Result<CancellationToken> {
    let stop = CancellationToken::new();
    for kind in [SignalKind::interrupt(), SignalKind::terminate()] {
        let mut signals = signal(kind)?;
        let stop = stop.clone();
        tokio::spawn(async move {
            if signals.recv().await.is_some() {
                info!("stopping");
                stop.cancel();
            }
        });
    }
    Ok(stop)
}
