//! The modes, each from its options to its end.

use std::io::{self, Write};

use clap::CommandFactory;
use shadowcat_metrics::Metrics;
use shadowcat_metrics::labels::Transport;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing::info;

use crate::cli::{self, Cli, MetricsAddress, Mode};
use crate::exit::Failure;
use crate::pool::Pools;
use crate::process::{Backoff, BackoffPolicy, Command, ProcessManager, ShutdownPolicy};
use crate::proxy::{Ended, Session, Settings};
use crate::telemetry::Telemetry;
use crate::transport::{Edge, stdio};
use crate::upstream::Upstream;
use crate::{demo, server};

/// Does what the command line says.
///
/// # Errors
///
/// See [`Failure`].
pub async fn run(cli: Cli) -> Result<(), Failure> {
    match cli.mode {
        Mode::Stdio(options) => run_stdio(options).await,
        Mode::Demo(options) => run_demo(options).await,
        Mode::Server(options) => run_server(&options).await,
        Mode::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "mcp-proxy", &mut script);
            Ok(io::stdout().write_all(&script)?)
        }
    }
}

async fn run_stdio(options: cli::Stdio) -> Result<(), Failure> {
    let telemetry = Telemetry::start_lenient(options.metrics.metrics).await?;
    telemetry.announce();
    let metrics = telemetry.metrics();
    let pools = Pools::new(metrics);

    let mut words = options.command.into_iter();
    let program = words.next().expect("clap requires one");
    let command = Command {
        program,
        args: words.collect(),
    };
    let server = metrics.server(options.name.unwrap_or_else(|| command.default_name()));
    let edge = Edge::to_server(metrics, Transport::Stdio, pools.clone())
        .with_max_message(options.max_message);
    let mut manager = ProcessManager::new(metrics, server, command, edge);
    manager.backoff = Backoff::new(BackoffPolicy {
        most_restarts: options.max_restarts,
        ..BackoffPolicy::default()
    });
    manager.shutdown = ShutdownPolicy {
        after_end_of_input: options.end_grace,
        after_sigterm: options.term_grace,
    };

    let edge =
        Edge::to_client(metrics, Transport::Stdio, pools).with_max_message(options.max_message);
    let client = stdio::open(tokio::io::stdin(), tokio::io::stdout(), &edge, None);
    let stop = stop_on_signals()?;
    let ended = Session::new(
        metrics,
        Transport::Stdio,
        Upstream::Stdio(manager),
        Settings::default(),
        stop,
    )
    .run(client)
    .await;
    telemetry.stop().await;
    match ended {
        Ended::ByClient | Ended::Stopped => Ok(()),
        Ended::ServerNotStarted(error) => Err(error.into()),
        Ended::ServerGivenUp => Err(Failure::GivenUp),
    }
}

async fn run_demo(options: cli::Demo) -> Result<(), Failure> {
    let telemetry = Telemetry::start(options.metrics.metrics).await?;
    telemetry.announce();
    let stop = stop_on_signals()?;
    if let Some(duration) = options.duration {
        let stop = stop.clone();
        tokio::spawn(async move {
            tokio::time::sleep(duration).await;
            stop.cancel();
        });
    }
    let report = demo::run(telemetry.metrics(), options.seed, stop).await?;
    {
        let mut stdout = io::stdout().lock();
        stdout.write_all(report.render(options.format).as_bytes())?;
        stdout.flush()?;
    }
    linger(options.linger).await?;
    telemetry.stop().await;
    if report.passed() {
        Ok(())
    } else {
        Err(Failure::Verdict)
    }
}

/// Waits, but not against the user's will.
async fn linger(time: std::time::Duration) -> io::Result<()> {
    let stop = stop_on_signals()?;
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep(time) => {}
    }
    Ok(())
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
