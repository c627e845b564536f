//! How costs grow: with the number of metrics in a schema, of threads, of series, and of cores. See `--help`.

mod cargo;
mod cores;
mod generate;
mod lines;
mod report;
mod schema;
mod series;
mod threads;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use shadowcat_metrics_measure::allocator;

use report::Report;

#[global_allocator]
static ALLOCATOR: allocator::Counting = allocator::Counting;

const EXAMPLES: &str = "\
Examples:
  growth series                        scrape time and memory for 100 to a million series
  growth threads                       memory and scrape time for 1 to 512 threads
  growth threads --own-cells --threads 10000
  growth lines                         time of cache lines that another core wrote last
  growth cores --transfer-ns 100       simulated records of up to 64 cores into one cache line
  growth schema                        compile times for 10 to 3,000 metrics (takes minutes)
  growth schema --metrics 10,100       the same, for fewer";

/// Measures how costs grow with the schema, the threads, the series and the cores.
#[derive(Debug, Parser)]
#[command(name = "growth", version, after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Prints JSON instead of a table
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Generated schemas: check, expansion, `cargo check`, release build, size of the program
    Schema {
        /// Number of metrics
        #[arg(long, value_name = "N,...", value_delimiter = ',', default_values_t = [10, 100, 1_000, 3_000])]
        metrics: Vec<usize>,
    },
    /// Threads that touch every series: memory, scrape time, and a check for lost counts
    Threads {
        /// Number of threads
        #[arg(long, value_name = "N,...", value_delimiter = ',', default_values_t = [1, 8, 64, 256, 512])]
        threads: Vec<usize>,
        /// Gives all threads their own cells, instead of at most 256
        #[arg(long)]
        own_cells: bool,
    },
    /// Series on one page: scrape time, size of the page, memory that a scrape needs in addition
    Series,
    /// Cache lines that another core wrote last: records of two threads at once, scrapes. Needs two idle cores
    Lines,
    /// Simulated cores that record into one cache line, such as that of a gauge
    Cores {
        /// Number of cores
        #[arg(long, value_name = "N,...", value_delimiter = ',', default_values_t = [1, 2, 8, 64])]
        cores: Vec<usize>,
        /// Time in which a core gets the line from another core, in nanoseconds
        #[arg(long, value_name = "NS", default_value_t = 100.0)]
        transfer_ns: f64,
        /// Accesses to the line in one record: 1 for a gauge, 2 for an open label given as text
        #[arg(long, value_name = "N", default_value_t = 1)]
        accesses: usize,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let report: Result<Report, String> = match arguments.command {
        Command::Schema { metrics } => schema::measure(&metrics),
        Command::Threads { threads, own_cells } => threads::measure(&threads, own_cells),
        Command::Series => Ok(series::measure()),
        Command::Lines => lines::measure(),
        Command::Cores {
            cores,
            transfer_ns,
            accesses,
        } => Ok(cores::simulate(&cores, transfer_ns, accesses.max(1))),
    };
    match report {
        Ok(report) => {
            print!(
                "{}",
                if arguments.json {
                    report.json()
                } else {
                    report.table()
                }
            );
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}
