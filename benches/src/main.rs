//! Compares this project with its peers: see `--help`.

mod build_cost;
mod cli;
mod compare;
mod harness;
mod heap;
mod history;
mod peers;
mod plot;
mod report;
mod rows;
mod run;

use std::process::ExitCode;

use clap::Parser;
use shadowcat_metrics_measure::allocator;

#[global_allocator]
static ALLOCATOR: allocator::Counting = allocator::Counting;

fn main() -> ExitCode {
    cli::run(cli::Arguments::parse())
}
