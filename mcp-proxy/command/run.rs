//! The modes, from options to shutdown, and the exit codes.

use std::collections::HashSet;
use std::io;
use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::CommandFactory;
use rustix::process::{Pid, getppid};
use shadowcat_metrics::shadowcat::Metrics;
use shadowcat_metrics::shadowcat::labels::Transport;
use tokio::net::{TcpListener, TcpSocket};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::cli::{Cli, MetricsAddress, Mode};
use crate::telemetry::{BindError, Log, Telemetry};
use crate::{cli, demo};
use mcp_proxy::front::{self, Accept, FrontSettings, NewSession};
use mcp_proxy::pool::Pools;
use mcp_proxy::process::{Command, orphans};
use mcp_proxy::resources::Runtime;
use mcp_proxy::session::{Ended, Session, Settings};
use mcp_proxy::spans::SessionSpan;
use mcp_proxy::transport::{Edge, stdio};
use mcp_proxy::upstream::{HeaderError, Headers, Opener, Spec, StartError, Target};

/// Time limit of a stubborn server, so that it does not outlive its parent for long.
const MAX_STUBBORNNESS: Duration = Duration::from_secs(60);

/// Runs the chosen mode.
///
/// # Errors
///
/// See [`Failure`].
pub(crate) async fn run(cli: Cli, log: &Log) -> Result<(), Failure> {
    tokio::spawn(orphans::reap());
    match cli.mode {
        Mode::Stdio(options) => run_stdio(options, log).await,
        Mode::Serve(options) => run_serve(options, log).await,
        Mode::Demo(options) => run_demo(options, log).await,
        Mode::Server(options) => run_server(&options, log).await,
        Mode::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "mcp-proxy", &mut script);
            let script = String::from_utf8_lossy(&script);
            // Bash completes no option of a command without this, because of the hyphen in the program's name: clap-rs/clap#6421.
            let script = script.replace("mcp__subcmd__proxy", "mcp__proxy");
            Ok(io::stdout().write_all(script.as_bytes())?)
        }
    }
}

async fn run_demo(options: cli::Demo, log: &Log) -> Result<(), Failure> {
    let telemetry = Telemetry::start(options.metrics, log).await?;
    let values = demo::LabelValues::new(&telemetry.metrics);
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
    let report = demo::run(
        &telemetry.metrics,
        &telemetry.runtime,
        values,
        options.seed,
        stop,
    )
    .await?;
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

/// Waits for `time`, or until the user stops the program.
async fn pause(time: Duration, stop: &CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep(time) => {}
    }
}

async fn run_server(options: &cli::Server, log: &Log) -> Result<(), Failure> {
    match options.metrics {
        MetricsAddress::Off => serve_stdio(&Metrics::disabled(), options.stubborn).await?,
        MetricsAddress::At(_) => {
            let metrics = cli::Metrics {
                address: Some(options.metrics),
                created_lines: false,
                #[cfg(all(feature = "heap-profile", target_os = "linux"))]
                heap_profile: None,
            };
            let telemetry = Telemetry::start(metrics, log).await?;
            serve_stdio(&telemetry.metrics, options.stubborn).await?;
            telemetry.stop().await;
        }
    }
    Ok(())
}

/// Runs the demo's server on standard input and output until the input ends.
async fn serve_stdio(metrics: &Metrics, stubborn: bool) -> io::Result<()> {
    // Read now: when the input ends, the parent may be gone and its id may belong to another process.
    let parent = getppid();
    // An installed handler keeps SIGTERM from ending the process.
    let _sigterm = stubborn
        .then(|| signal(SignalKind::terminate()))
        .transpose()?;
    let server = metrics.server("server");
    let edge = Edge::to_client(metrics, Transport::Stdio, &server, Pools::new(metrics));
    let (stdin, stdout) = (tokio::io::stdin(), tokio::io::stdout());
    demo::server::serve(stdio::open(stdin, stdout, &edge, None)).await;
    if stubborn {
        outlive_the_input(parent).await;
    }
    Ok(())
}

async fn outlive_the_input(parent: Option<Pid>) {
    let started = tokio::time::Instant::now();
    while getppid() == parent && started.elapsed() < MAX_STUBBORNNESS {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Returns a token that the first terminating signal cancels.
fn stop_on_signals() -> io::Result<CancellationToken> {
    let stop = CancellationToken::new();
    for kind in ENDING {
        if is_ignored(kind) {
            continue;
        }
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

/// Waits for one signal more than an orderly end takes: the user wants to exit immediately.
pub(crate) async fn wait_for_signal_beyond(orderly: usize) {
    let (seen, mut all) = tokio::sync::mpsc::unbounded_channel();
    for kind in ENDING {
        if is_ignored(kind) {
            continue;
        }
        // Without a handler, the first signal still ends the program in order.
        let Ok(mut signals) = signal(kind) else {
            continue;
        };
        let seen = seen.clone();
        tokio::spawn(
            async move { while signals.recv().await.is_some() && seen.send(()).is_ok() {} },
        );
    }
    drop(seen);
    for _ in 0..=orderly {
        if all.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    }
}

/// Ctrl-C, a service manager's stop, a closed terminal, and Ctrl-\\.
const ENDING: [SignalKind; 4] = [
    SignalKind::interrupt(),
    SignalKind::terminate(),
    SignalKind::hangup(),
    SignalKind::quit(),
];

/// Returns whether the parent process had this signal ignored, as `nohup` does.
#[cfg(target_os = "linux")]
fn is_ignored(kind: SignalKind) -> bool {
    static IGNORED: std::sync::OnceLock<u64> = std::sync::OnceLock::new();
    let ignored = IGNORED.get_or_init(|| {
        let status = procfs::process::Process::myself().and_then(|process| process.status());
        status.map_or(0, |status| status.sigign)
    });
    u32::try_from(kind.as_raw_value() - 1).is_ok_and(|bit| ignored >> bit & 1 == 1)
}

#[cfg(not(target_os = "linux"))]
fn is_ignored(_: SignalKind) -> bool {
    false
}

/// Maximum number of clients that wait to be accepted. The kernel makes further ones try again later, after pauses of seconds.
const BACKLOG: u32 = 1024;

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    // The address of an earlier proxy can be used again at once.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

async fn run_serve(options: cli::Serve, log: &Log) -> Result<(), Failure> {
    check_names(&options.upstreams)?;
    let names: Vec<_> = options
        .upstreams
        .iter()
        .map(|spec| spec.name.as_str())
        .collect();
    let headers = Headers::read(&options.headers, &names)?;
    let listener = listen(options.listen).map_err(|error| BindError {
        what: "clients",
        address: options.listen,
        error,
        advice: "use --listen 127.0.0.1:0 for a free port",
    })?;
    let telemetry = Telemetry::start(options.metrics, log).await?;
    telemetry.announce();
    let metrics = &telemetry.metrics;
    let pools = Pools::new(metrics);
    let stop = stop_on_signals()?;

    let routes = options.upstreams.iter().map(|spec| spec.name.clone());
    let settings = FrontSettings {
        routes: routes.collect(),
        allowed_origins: options.origins,
        allowed_hosts: options.hosts,
        max_message: options.limits.max_message,
        max_sessions: options.max_sessions,
        max_connections: options.max_connections,
        max_requests: options.max_requests,
        idle: options.idle,
        // A session first drains, then stops its server.
        drain: options.limits.drain + DRAIN_MARGIN,
        ..FrontSettings::default()
    };
    let sessions = Sessions {
        metrics: metrics.clone(),
        opener: Opener::new(metrics.clone(), pools.clone(), options.limits).with_headers(headers),
        servers: options.upstreams.into(),
        settings: Settings {
            answer: options.limits.answer_timeout,
            drain: options.limits.drain,
            ..Settings::default()
        },
        runtime: telemetry.runtime.clone(),
    };
    // A server's series exist as long as something refers to its name. Keep the names, so that series that
    // end with a session can still be scraped.
    let _names: Vec<_> = sessions
        .servers
        .iter()
        .map(|spec| metrics.server(&spec.name))
        .collect();
    announce(&listener, &sessions.servers)?;
    let front = front::serve(
        listener,
        settings,
        metrics,
        &pools,
        sessions.accept(),
        &stop,
    )?;
    stop.cancelled().await;
    front.shutdown().await;
    telemetry.stop().await;
    Ok(())
}

/// Checks that the servers have different names, because the name is part of a server's path.
fn check_names(servers: &[Spec]) -> Result<(), Failure> {
    let mut names = HashSet::new();
    let again = servers.iter().find(|spec| !names.insert(&spec.name));
    again.map_or(Ok(()), |spec| {
        Err(Failure::Usage(format!(
            "two servers are called {0:?}: write --upstream NAME=... with another name for one of them",
            spec.name
        )))
    })
}

/// Prints the servers' addresses on standard error.
fn announce(listener: &TcpListener, servers: &[Spec]) -> std::io::Result<()> {
    let address = listener.local_addr()?;
    eprintln!("serving: http://{address}/mcp and /sse");
    for spec in servers {
        eprintln!("serving: http://{address}/{0}/mcp and /{0}/sse", spec.name);
    }
    Ok(())
}

/// Time for sessions to end after their answers.
const DRAIN_MARGIN: Duration = Duration::from_secs(10);

/// Everything that a session is created from.
#[derive(Debug)]
struct Sessions {
    metrics: Metrics,
    opener: Opener,
    servers: Arc<[Spec]>,
    settings: Settings,
    runtime: Runtime,
}

impl Sessions {
    fn accept(self) -> Accept {
        let sessions = Arc::new(self);
        Arc::new(move |new| {
            let runtime = sessions.runtime.clone();
            Box::pin(runtime.watch(Arc::clone(&sessions).carry(new)))
        })
    }

    async fn carry(self: Arc<Self>, new: NewSession) {
        let Some(spec) = self.servers.iter().find(|spec| *spec.name == *new.route) else {
            return;
        };
        let upstream = self.opener.open(spec);
        // The front ends its sessions itself when it is stopped: it tells each one that its client is
        // finished.
        let never = CancellationToken::new();
        let session = Session::new(&self.metrics, new.transport, upstream, self.settings, never)
            .with_span(new.span);
        let server = &spec.name;
        match session.run(new.link).await {
            Ended::ByClient | Ended::Stopped => info!(server, "a session is over"),
            Ended::ServerNotStarted(error) => warn!(server, %error, "a session has no server"),
            Ended::ServerGivenUp => warn!(
                server,
                "the server kept disconnecting; gave up reconnecting"
            ),
        }
    }
}

async fn run_stdio(options: cli::Stdio, log: &Log) -> Result<(), Failure> {
    let (limits, metrics_options) = (options.limits, options.metrics);
    let header_specs = options.headers.clone();
    let server = server(options)?;
    let telemetry = Telemetry::start_lenient(metrics_options, log).await?;
    telemetry.announce();
    let metrics = &telemetry.metrics;
    let pools = Pools::new(metrics);
    let headers = Headers::read(&header_specs, &[&server.name])?;
    let opener = Opener::new(metrics.clone(), pools.clone(), limits).with_headers(headers);
    let upstream = opener.open(&server);

    let span = SessionSpan::begin(&server.name, None);
    let edge = Edge::to_client(
        metrics,
        Transport::Stdio,
        &metrics.server(&server.name),
        pools,
    )
    .with_max_message(limits.max_message)
    .with_session(span.clone());
    let client = stdio::open(tokio::io::stdin(), tokio::io::stdout(), &edge, None);
    let settings = Settings {
        answer: limits.answer_timeout,
        drain: limits.drain,
        ..Settings::default()
    };
    let stop = stop_on_signals()?;
    let session = Session::new(metrics, Transport::Stdio, upstream, settings, stop).with_span(span);
    let ended = telemetry.runtime.watch(session.run(client)).await;
    telemetry.stop().await;
    match ended {
        Ended::ByClient | Ended::Stopped => Ok(()),
        Ended::ServerNotStarted(error) => Err(error.into()),
        Ended::ServerGivenUp => Err(Failure::GivenUp),
    }
}

/// Returns the server, from either way of naming it.
fn server(options: cli::Stdio) -> Result<Spec, Failure> {
    if let Some(spec) = options.upstream {
        return Ok(spec);
    }
    let mut words = options.command.into_iter();
    let program = words.next().expect("clap requires a command or --upstream");
    let command = Command {
        program,
        args: words.collect(),
    };
    let name = options.name.unwrap_or_else(|| command.default_name());
    let name = name.to_string_lossy().into_owned();
    Spec::without_path(name, Target::Stdio(command))
        .map_err(|error| Failure::Usage(error.to_string()))
}

/// Every cause of an exit code other than zero, except for usage errors that clap finds (also 2).
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// 1: the demo's metrics do not match its traffic, or one of its clients failed.
    #[error("the metrics do not match the traffic, or a client failed")]
    Verdict,
    /// 2: the options are valid one by one, but not together.
    #[error("{0}")]
    Usage(String),
    /// 2: a header for a server cannot be read.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// 3: there is no server to proxy.
    #[error(transparent)]
    NotStarted(#[from] StartError),
    /// 3: the server kept exiting.
    #[error("the server kept exiting; gave up restarting it")]
    GivenUp,
    /// 4: the listener for metrics or clients cannot be bound.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// 5: a system resource is not available.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// 130: a second signal arrived before the orderly end.
    #[error("shutdown interrupted by a second signal")]
    CutShort,
}

/// The table of exit codes for `--help`.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0  success; Ctrl-C and a client that disconnects count as success
  1  demo: the metrics do not match the traffic, or a client failed
  2  wrong usage
  3  the server could not be started, or kept exiting
  4  the address for metrics, or for clients, could not be bound
  5  input or output failed
  130  a second signal cut the orderly end short";

impl From<&Failure> for ExitCode {
    fn from(failure: &Failure) -> Self {
        let code: u8 = match failure {
            Failure::Verdict => 1,
            Failure::Usage(_) | Failure::Header(_) => 2,
            Failure::NotStarted(_) | Failure::GivenUp => 3,
            Failure::Bind(_) => 4,
            Failure::Io(_) => 5,
            Failure::CutShort => 130,
        };
        code.into()
    }
}
