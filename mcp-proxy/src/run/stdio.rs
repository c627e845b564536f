//! `mcp-proxy stdio`: one session, whose client is whoever has started the program.

use shadowcat_metrics::labels::Transport;

use crate::cli;
use crate::exit::Failure;
use crate::pool::Pools;
use crate::process::Command;
use crate::proxy::{Ended, Session, Settings};
use crate::run::stop_on_signals;
use crate::telemetry::Telemetry;
use crate::transport::{Edge, stdio};
use crate::upstream::{Opener, Spec, Target};

pub(super) async fn run(options: cli::Stdio) -> Result<(), Failure> {
    let telemetry = Telemetry::start_lenient(options.metrics.metrics).await?;
    telemetry.announce();
    let metrics = telemetry.metrics();
    let pools = Pools::new(metrics);
    let limits = options.limits;
    let upstream = Opener::new(metrics.clone(), pools.clone(), limits).open(&server(options));

    let edge =
        Edge::to_client(metrics, Transport::Stdio, pools).with_max_message(limits.max_message);
    let client = stdio::open(tokio::io::stdin(), tokio::io::stdout(), &edge, None);
    let settings = Settings {
        answer: limits.answer_timeout,
        ..Settings::default()
    };
    let stop = stop_on_signals()?;
    let session = Session::new(metrics, Transport::Stdio, upstream, settings, stop);
    let ended = telemetry.runtime().watch(session.run(client)).await;
    telemetry.stop().await;
    match ended {
        Ended::ByClient | Ended::Stopped => Ok(()),
        Ended::ServerNotStarted(error) => Err(error.into()),
        Ended::ServerGivenUp => Err(Failure::GivenUp),
    }
}

/// The server that the user has named, in one of the two ways.
fn server(options: cli::Stdio) -> Spec {
    if let Some(spec) = options.upstream {
        return spec;
    }
    let mut words = options.command.into_iter();
    let program = words.next().expect("clap requires a command or --upstream");
    let command = Command {
        program,
        args: words.collect(),
    };
    let name = options.name.unwrap_or_else(|| command.default_name());
    Spec {
        // In no path, so that any name will do.
        name: name.to_string_lossy().into_owned(),
        target: Target::Stdio(command),
    }
}
