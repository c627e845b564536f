//! The command line.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::run::EXIT_CODES;
use mcp_proxy::upstream::{HeaderSpec, Limits, Spec, time};

/// Default address of the metrics page.
pub(crate) const DEFAULT_METRICS: &str = "127.0.0.1:9464";

/// A small MCP proxy that measures what it does.
#[derive(Debug, Parser)]
#[command(version, about, after_help = EXIT_CODES, max_term_width = 100)]
pub(crate) struct Cli {
    /// The mode to run.
    #[command(subcommand)]
    pub(crate) mode: Mode,
}

/// The modes.
#[derive(Debug, Subcommand)]
pub(crate) enum Mode {
    /// Proxy an MCP server to the one client on standard input and output
    #[command(after_help = STDIO_EXAMPLES)]
    Stdio(Stdio),
    /// Serve MCP servers to clients over HTTP
    #[command(after_help = SERVE_EXAMPLES)]
    Serve(Serve),
    /// Drive realistic traffic through the proxy, and check what was recorded
    #[command(after_help = DEMO_EXAMPLES)]
    Demo(Demo),
    /// Run a test MCP server on standard input and output
    #[command(after_help = SERVER_EXAMPLES)]
    Server(Server),
    /// Print completions for a shell
    #[command(
        after_help = "Example:\n  mcp-proxy completions bash > ~/.local/share/bash-completion/completions/mcp-proxy"
    )]
    Completions {
        /// Shell to print completions for
        shell: Shell,
    },
}

impl Mode {
    /// Returns how many signals an orderly end takes. A demo that lingers takes one for its traffic and one
    /// for itself.
    pub(crate) const fn orderly_signals(&self) -> usize {
        match self {
            Self::Demo(demo) if !demo.linger.is_zero() => 2,
            Self::Demo(_)
            | Self::Stdio(_)
            | Self::Serve(_)
            | Self::Server(_)
            | Self::Completions { .. } => 1,
        }
    }

    /// Returns the log filter if `RUST_LOG` is not set.
    pub(crate) const fn default_log(&self) -> &'static str {
        match self {
            Self::Stdio(_) | Self::Serve(_) | Self::Completions { .. } => "info",
            // The demo provokes failures on purpose, and a server logs only what its user asks for.
            Self::Demo(_) | Self::Server(_) => "error",
        }
    }
}

const STDIO_EXAMPLES: &str = "\
Examples:
  mcp-proxy stdio -- npx -y @modelcontextprotocol/server-everything stdio
  mcp-proxy stdio --name files --metrics 127.0.0.1:0 -- ./my-server --root /srv
  mcp-proxy stdio --upstream http://127.0.0.1:3001/mcp
  RUST_LOG=debug mcp-proxy stdio --metrics off -- mcp-proxy server

Standard output carries only protocol messages. The log goes to standard error, filtered by RUST_LOG.

If OTEL_EXPORTER_OTLP_ENDPOINT names a receiver, metrics are also pushed to it; see docs/guide/opentelemetry.md.

If the default metrics address is taken, as when a client starts several proxies, a free port is used instead and \
logged. If an address given with --metrics is taken, the proxy exits with code 4 before it starts the server.";

const DEMO_EXAMPLES: &str = "\
Examples:
  mcp-proxy demo                            until Ctrl-C
  mcp-proxy demo --for 10s --seed 7
  mcp-proxy demo --for 3s --metrics 127.0.0.1:0 --format json

While it runs:
  curl http://127.0.0.1:9464/metrics";

const SERVER_EXAMPLES: &str = "\
Example:
  echo '{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}' | mcp-proxy server";

/// Options of `stdio`.
#[derive(Debug, Args)]
pub(crate) struct Stdio {
    /// Where to serve metrics.
    #[command(flatten)]
    pub(crate) metrics: Metrics,
    /// Name of the server in metrics and logs [default: the command's name]
    #[arg(long)]
    pub(crate) name: Option<OsString>,
    /// Server to use instead of a command, in the format of `serve`
    #[arg(long, value_name = "SERVER", conflicts_with_all = ["command", "name"], required_unless_present = "command")]
    pub(crate) upstream: Option<Spec>,
    /// Header for a server over HTTP, `[SERVER:]NAME=env:VARIABLE` or `[SERVER:]NAME=file:PATH`; can be repeated
    #[arg(long = "header", value_name = "HEADER")]
    pub(crate) headers: Vec<HeaderSpec>,
    /// Limits on the server.
    #[command(flatten)]
    pub(crate) limits: Limits,
    /// The server's command and its arguments
    #[arg(last = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}

/// Options of `demo`.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Where to serve metrics.
    #[command(flatten)]
    pub(crate) metrics: Metrics,
    /// Time for which new traffic is started; each client's first session is always finished [default: until Ctrl-C]
    #[arg(long = "for", value_name = "TIME", value_parser = time)]
    pub(crate) duration: Option<Duration>,
    /// Time for which metrics are served before the traffic begins, so that a scraper sees all counts at zero
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = time)]
    pub(crate) lead: Duration,
    /// Time for which metrics are still served after the final table, for a last scrape
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = time)]
    pub(crate) linger: Duration,
    /// Seed of the random traffic; the same seed gives the same traffic
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Format of the final report
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// Options of `server`.
#[derive(Debug, Args)]
pub(crate) struct Server {
    /// Address to serve /metrics on, or `off`; this mode records no metrics of its own
    #[arg(long, value_name = "ADDR", default_value = "off")]
    pub(crate) metrics: MetricsAddress,
    /// Keep running after the input ends, and ignore SIGTERM
    #[arg(long)]
    pub(crate) stubborn: bool,
}

/// The options that all modes share.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Metrics {
    /// Address to serve /metrics on, or `off`; port 0 takes a free one [default: 127.0.0.1:9464]
    #[arg(long = "metrics", value_name = "ADDR")]
    pub(crate) address: Option<MetricsAddress>,
    /// Add the creation time of each counter and histogram series to OpenMetrics pages; Prometheus stores each as a series
    #[arg(long)]
    pub(crate) created_lines: bool,
    /// Address to serve heap profiles for `pprof` on, at /debug/pprof/heap; only this machine may reach it
    #[cfg(all(feature = "heap-profile", target_os = "linux"))]
    #[arg(long, value_name = "ADDR")]
    pub(crate) heap_profile: Option<SocketAddr>,
}

/// Where to serve metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MetricsAddress {
    /// Do not serve them.
    Off,
    /// Serve them at this address.
    At(SocketAddr),
}

impl FromStr for MetricsAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "off" {
            return Ok(Self::Off);
        }
        let address = text
            .parse()
            .map_err(|_| format!("expected an address such as {DEFAULT_METRICS}, or `off`"))?;
        Ok(Self::At(address))
    }
}

/// Format of a report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A table for people.
    #[default]
    Table,
    /// JSON for programs.
    Json,
}

const SERVE_EXAMPLES: &str = "\
A SERVER is stdio:COMMAND, http:URL or sse:URL, optionally preceded by NAME=.

Examples:
  mcp-proxy serve --upstream 'stdio:npx -y @modelcontextprotocol/server-everything stdio'
  mcp-proxy serve --upstream files=stdio:./files-server --upstream web=http://127.0.0.1:3001/mcp
  mcp-proxy serve --listen 127.0.0.1:0 --upstream http://127.0.0.1:3001/mcp
  mcp-proxy serve --upstream old=sse:http://127.0.0.1:3002/sse --metrics off

Clients reach a server at /NAME/mcp over streamable HTTP, and at /NAME/sse over the older transport; the first \
server is at /mcp and /sse as well. A server without NAME= is named after its program or host. A name has up to 64 \
letters, digits, `.`, `-` and `_`. It cannot be mcp, sse or messages, or begin with `__`.";

/// Options of `serve`.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Where to serve metrics.
    #[command(flatten)]
    pub(crate) metrics: Metrics,
    /// Address that MCP clients connect to; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8750")]
    pub(crate) listen: SocketAddr,
    /// Server to proxy, in the format below; can be repeated
    #[arg(long = "upstream", value_name = "SERVER", required = true)]
    pub(crate) upstreams: Vec<Spec>,
    /// Header for a server over HTTP, `[SERVER:]NAME=env:VARIABLE` or `[SERVER:]NAME=file:PATH`; can be repeated
    #[arg(long = "header", value_name = "HEADER")]
    pub(crate) headers: Vec<HeaderSpec>,
    /// Web origin that may connect, in addition to those of this machine; can be repeated
    #[arg(long = "allow-origin", value_name = "ORIGIN")]
    pub(crate) origins: Vec<String>,
    /// Public host name of a reverse proxy, for a front that only this machine can reach; can be repeated
    #[arg(long = "allow-host", value_name = "HOST")]
    pub(crate) hosts: Vec<String>,
    /// Maximum number of open sessions; when it is reached, a new session replaces an unused one, or gets status 503
    #[arg(long, value_name = "COUNT", default_value_t = 256)]
    pub(crate) max_sessions: usize,
    /// Maximum number of open client connections; when it is reached, a new one replaces the one that has waited longest for a
    /// request, or waits
    #[arg(long, value_name = "COUNT", default_value_t = 1024)]
    pub(crate) max_connections: usize,
    /// Maximum number of unanswered requests per session; the proxy rejects more with status 503
    #[arg(long, value_name = "COUNT", default_value_t = 64)]
    pub(crate) max_requests: usize,
    /// Time after which a session without an open request or stream ends
    #[arg(long, value_name = "TIME", default_value = "30m", value_parser = time)]
    pub(crate) idle: Duration,
    /// Limits on each server.
    #[command(flatten)]
    pub(crate) limits: Limits,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_metrics_address_is_an_address_or_off() {
        assert_eq!("off".parse(), Ok(MetricsAddress::Off));
        assert!(matches!("127.0.0.1:0".parse(), Ok(MetricsAddress::At(_))));
        assert!("localhost".parse::<MetricsAddress>().is_err());
    }

    #[test]
    fn times_can_be_added_to_the_current_time() {
        let times = [
            "--drain",
            "--answer-timeout",
            "--end-grace",
            "--term-grace",
            "--idle",
        ];
        let longest = times
            .iter()
            .flat_map(|time| [*time, "18446744073709551615s"]);
        let args = ["mcp-proxy", "serve", "--upstream", "stdio:server"];
        let cli = Cli::try_parse_from(args.into_iter().chain(longest));
        let Mode::Serve(serve) = cli.expect("valid").mode else {
            panic!("serve")
        };
        let limits = serve.limits;
        let graces = [limits.end_grace, limits.term_grace];
        for time in [limits.answer_timeout, limits.drain, serve.idle]
            .into_iter()
            .chain(graces)
        {
            let end = std::time::Instant::now().checked_add(time + time);
            assert!(end.is_some(), "{time:?}");
        }
    }

    #[test]
    fn a_command_may_look_like_options() {
        let cli = Cli::try_parse_from([
            "mcp-proxy",
            "stdio",
            "--metrics",
            "off",
            "--",
            "server",
            "--metrics",
            "x",
        ]);
        let Mode::Stdio(stdio) = cli.expect("valid").mode else {
            panic!("stdio")
        };
        assert_eq!(stdio.command, ["server", "--metrics", "x"]);
    }
}
