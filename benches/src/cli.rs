//! The command line.

use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

use crate::build_cost;
use crate::compare;
use crate::harness::rounds::Plan;
use crate::heap;
use crate::history::{self, History};
use crate::peers::{Kind, PEERS, Peer};
use crate::report;
use crate::rows::{Job, ROWS, Row};
use crate::run;
use shadowcat_metrics_measure::clock::Clock;

const EXAMPLES: &str = "\
Examples:
  bench                                     everything, in a few minutes
  bench --quick                             everything, roughly
  bench --rows counter,histogram            two rows
  bench --rows 'scrape*' --peers prometheus,shadowcat-metrics
  bench --format json > figures.json
  bench --save before                       keeps this build, then, after a change:
  bench --compare before --rows counter     which of the two is better, and how sure that is
  bench history 0.2.0                       one row more in benches/history.csv, and the plot
  bench build-cost                          time and crates of a clean build, for each (longer)
  bench list                                names of the rows and contestants";

/// Measures shadowcat-metrics and its peers in one process, in rotated rounds, and checks every total.
#[derive(Debug, Parser)]
#[command(name = "bench", version, after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    measure: Measure,
}

#[derive(Debug, clap::Args)]
struct Measure {
    /// Only these rows; a `*` at the end matches anything
    #[arg(long, value_name = "ROW,...", value_delimiter = ',')]
    rows: Vec<String>,
    /// Only these contestants; a `*` at the end matches anything
    #[arg(long, value_name = "PEER,...", value_delimiter = ',')]
    peers: Vec<String>,
    /// Number of rounds [default: 21, or 5 with --quick]
    #[arg(long, value_name = "N")]
    rounds: Option<usize>,
    /// Runs fewer and shorter rounds
    #[arg(long)]
    quick: bool,
    /// Clock
    #[arg(long, value_enum, default_value = "cpu")]
    clock: Clock,
    /// Output format
    #[arg(long, value_enum, default_value = "table")]
    format: Output,
    /// Saves a copy of this program, to compare with a later build; measures nothing
    #[arg(long, value_name = "NAME", conflicts_with = "compare")]
    save: Option<String>,
    /// Runs the saved program and this one alternately, and reports where this one is better or worse
    #[arg(long, value_name = "NAME")]
    compare: Option<String>,
    /// Number of runs of each program with --compare
    #[arg(long, value_name = "N", default_value_t = 15)]
    pairs: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    /// Row by row, as measured, and the goals
    Table,
    /// Everything, including every round
    Json,
    /// One table of medians
    Markdown,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lists the rows and the contestants
    List,
    /// Builds a crate that depends only on one contestant, for each contestant: time and number of crates
    BuildCost {
        /// Only these contestants; a `*` at the end matches anything
        #[arg(long, value_name = "PEER,...", value_delimiter = ',')]
        peers: Vec<String>,
        /// Number of rounds
        #[arg(long, value_name = "N", default_value_t = 3)]
        rounds: usize,
        /// Compiles this project incrementally, as in a program that depends on a checkout
        #[arg(long)]
        incremental: bool,
        /// Output format
        #[arg(long, value_enum, default_value = "table")]
        format: Output,
    },
    /// Measures a release with the current peers, adds it to benches/history.csv, and draws docs/performance.svg again
    History {
        /// Name of the release
        release: String,
    },
    /// Counts the heap bytes of one contestant's series in this process
    #[command(name = heap::ARGUMENT, hide = true)]
    HeapProbe { peer: String, row: String },
}

/// Runs the command.
#[must_use]
pub fn run(arguments: Arguments) -> ExitCode {
    let result = match arguments.command {
        None => measure(&arguments.measure),
        Some(Command::List) => {
            list();
            Ok(())
        }
        Some(Command::BuildCost {
            peers,
            rounds,
            incremental,
            format,
        }) => build_cost(&peers, rounds, incremental, format),
        Some(Command::History { release }) => add_to_history(&release),
        Some(Command::HeapProbe { peer, row }) => heap_probe(&peer, &row),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

impl Measure {
    /// Returns the arguments for both compared programs: by default, a short run of this project alone.
    fn for_comparison(&self) -> Vec<String> {
        let own = PEERS.iter().find(|peer| peer.kind == Kind::Own);
        let peers = if self.peers.is_empty() {
            own.map(|own| own.name.to_owned()).into_iter().collect()
        } else {
            self.peers.clone()
        };
        let mut arguments = vec![
            format!("--peers={}", peers.join(",")),
            format!("--rounds={}", self.rounds.unwrap_or(5)),
            "--quick".to_owned(),
        ];
        if !self.rows.is_empty() {
            arguments.push(format!("--rows={}", self.rows.join(",")));
        }
        arguments
    }
}

fn measure(arguments: &Measure) -> Result<(), String> {
    if let Some(name) = &arguments.save {
        print!("{}", compare::save(name)?);
        return Ok(());
    }
    if let Some(name) = &arguments.compare {
        let text = compare::compare(name, &arguments.for_comparison(), arguments.pairs)?;
        print!("{text}");
        return Ok(());
    }
    let rows = chosen(ROWS, |row| row.name, &arguments.rows, "row")?;
    let peers = chosen(PEERS, |peer| peer.name, &arguments.peers, "contestant")?;
    let plan = Plan::new(arguments.quick, arguments.rounds, arguments.clock);
    let mut results = Vec::new();
    for row in rows {
        let result = run::row(row, &peers, plan);
        if arguments.format == Output::Table {
            print!("{}", report::table::row(&result));
        }
        results.push(result);
    }
    match arguments.format {
        Output::Table => print!("{}", report::goals::table(&results)),
        Output::Json => println!("{}", report::json::all(&results, plan)),
        Output::Markdown => print!("{}", report::markdown::table(&results, &peers)),
    }
    // A peer that loses counts is marked in its row. If this project loses counts, the run fails.
    let void: Vec<_> = results
        .iter()
        .filter(|row| row.is_void(Kind::Own))
        .collect();
    match &void[..] {
        [] => Ok(()),
        [first, ..] => Err(format!(
            "{} rows of this project are void, the first of them `{}`",
            void.len(),
            first.row.name
        )),
    }
}

fn build_cost(
    peers: &[String],
    rounds: usize,
    incremental: bool,
    format: Output,
) -> Result<(), String> {
    let peers = chosen(PEERS, |peer| peer.name, peers, "contestant")?;
    let costs = build_cost::measure(&peers, rounds.max(1), incremental)?;
    match format {
        Output::Table | Output::Markdown => print!("{}", build_cost::table(costs)),
        Output::Json => println!("{}", report::json::pretty(&costs)),
    }
    Ok(())
}

/// Returns the items whose names match a pattern; all items without patterns.
fn chosen<T>(
    all: &'static [T],
    name: impl Fn(&T) -> &'static str,
    patterns: &[String],
    what: &str,
) -> Result<Vec<&'static T>, String> {
    for pattern in patterns {
        if !all.iter().any(|item| matches(pattern, name(item))) {
            return Err(format!(
                "there is no {what} `{pattern}`; `bench list` names them all"
            ));
        }
    }
    let wanted = |item: &&T| {
        patterns.is_empty() || patterns.iter().any(|pattern| matches(pattern, name(item)))
    };
    Ok(all.iter().filter(wanted).collect())
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    }
}

fn list() {
    println!("rows:");
    for Row { name, title, .. } in ROWS {
        println!("  {name:18} {title}");
    }
    println!("contestants:");
    for Peer { name, usage, .. } in PEERS {
        println!("  {name:26} {usage}");
    }
}

fn add_to_history(release: &str) -> Result<(), String> {
    let valid = |c: char| c.is_ascii_alphanumeric() || "-+.".contains(c);
    if release.is_empty() || !release.chars().all(valid) {
        return Err(format!(
            "`{release}` is not a release: use letters, digits, `-`, `+` and `.`"
        ));
    }
    let plan = Plan::new(false, None, Clock::Cpu);
    let mut history = History::read()?;
    let peers: Vec<_> = PEERS.iter().collect();
    let rows = ROWS.iter().filter(|row| history::ROWS.contains(&row.name));
    let results: Vec<_> = rows.map(|row| run::row(row, &peers, plan)).collect();
    history.add(release, &results);
    for path in history.write()? {
        println!("wrote {}", path.display());
    }
    Ok(())
}

fn heap_probe(peer: &str, row: &str) -> Result<(), String> {
    let peer = PEERS
        .iter()
        .find(|known| known.name == peer)
        .ok_or("no such contestant")?;
    let row = ROWS
        .iter()
        .find(|known| known.name == row)
        .ok_or("no such row")?;
    let Job::Heap {
        series,
        threads,
        scraped,
    } = row.job
    else {
        return Err("the row does not take heap".to_owned());
    };
    if let Some(bytes) = heap::probe(peer, series, threads, scraped) {
        println!("{bytes}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_well_formed() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_pattern_is_a_name_or_a_prefix_with_a_star() {
        assert!(matches("scrape*", "scrape-1k"));
        assert!(!matches("scrape", "scrape-1k"));
    }
}
