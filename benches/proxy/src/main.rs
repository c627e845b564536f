//! Measures the cost of metrics in a real proxy: the same traffic through a proxy that records and one that does not,
//! alternating in one run, for each transport.

mod client;
#[path = "../../../mcp-proxy/demo/server.rs"]
mod demo_server;
mod instructions;
mod kinds;
mod records;
mod report;
mod rounds;
mod route;

use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use mcp_proxy::pool::Pools;
use mcp_proxy::transport::{Edge, stdio};
use shadowcat_metrics::shadowcat::Metrics;
use shadowcat_metrics::shadowcat::labels::Transport;

use crate::report::{Report, Row};
use crate::route::Route;

const EXAMPLES: &str = "\
Examples:
  proxy-cost                                a few minutes
  proxy-cost --quick                        some seconds, too few for a verdict
  proxy-cost --rounds 200 --format json";

/// Compares a proxy that records with one that does not.
#[derive(Debug, Parser)]
#[command(name = "proxy-cost", version, after_help = EXAMPLES)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of the command line"
)]
struct Arguments {
    /// Only this transport: stdio, http or sse
    #[arg(long, value_name = "NAME", value_parser = instructions::transport)]
    transport: Option<Transport>,
    /// Rounds for each transport; in each round, both proxies carry the same traffic twice
    #[arg(long, value_name = "N", default_value_t = 60)]
    rounds: usize,
    /// Requests in each part of a round
    #[arg(long, value_name = "N", default_value_t = 400)]
    exchanges: usize,
    /// Concurrent requests; 1 measures latency, more measure throughput
    #[arg(long, value_name = "N", default_value_t = 1)]
    in_flight: usize,
    /// Runs a few short rounds
    #[arg(long)]
    quick: bool,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Counts instructions under valgrind and compares them with the baseline
    #[arg(long)]
    instructions: bool,
    /// Updates the baseline of the instructions
    #[arg(long, requires = "instructions")]
    renew: bool,
    /// Carries exchanges for valgrind to count
    #[arg(long, hide = true, value_parser = instructions::transport)]
    carry: Option<Transport>,
    /// Whether the proxy that carries them records
    #[arg(long, hide = true)]
    with_metrics: bool,
    /// Runs the server behind the proxy, on standard input and output
    #[arg(long, hide = true)]
    serve: bool,
}

/// Output format.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table.
    #[default]
    Table,
    /// JSON.
    Json,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = if let Some(transport) = arguments.carry {
        instructions::carry(transport, arguments.with_metrics).map(|()| 0)
    } else if arguments.instructions {
        instructions::compare(arguments.renew)
    } else {
        return run(&arguments);
    };
    done.map_or_else(
        |fault| {
            eprintln!("error: {fault}");
            ExitCode::FAILURE
        },
        ExitCode::from,
    )
}

#[tokio::main]
async fn run(arguments: &Arguments) -> ExitCode {
    let done = if arguments.serve {
        serve_stdio().await;
        Ok(())
    } else {
        measure(arguments)
            .await
            .map(|report| match arguments.format {
                Format::Table => print!("{report}"),
                Format::Json => println!("{}", report.to_json()),
            })
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("error: {fault}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the server behind the proxy until its input ends.
async fn serve_stdio() {
    let silent = Metrics::disabled();
    let name = silent.server("server");
    let edge = Edge::to_client(&silent, Transport::Stdio, &name, Pools::new(&silent));
    let (stdin, stdout) = (tokio::io::stdin(), tokio::io::stdout());
    demo_server::serve(stdio::open(stdin, stdout, &edge, None)).await;
}

async fn measure(arguments: &Arguments) -> Result<Report, String> {
    let (rounds, exchanges) = if arguments.quick {
        (12, 100)
    } else {
        (arguments.rounds, arguments.exchanges)
    };
    let kinds = kinds::measure();
    let mut rows = Vec::new();
    let all = Transport::ALL.iter().copied();
    for transport in
        all.filter(|&transport| arguments.transport.is_none_or(|only| only == transport))
    {
        let in_flight = arguments.in_flight.max(1);
        let compared = rounds::run(transport, rounds, exchanges, in_flight).await?;
        let metrics = Metrics::new();
        let route = Route::open(transport, &metrics).await?;
        let records = records::count(&route, &metrics, exchanges).await?;
        route.close().await?;
        rows.push(Row {
            transport,
            compared,
            records,
        });
    }
    Ok(Report { kinds, rows })
}
