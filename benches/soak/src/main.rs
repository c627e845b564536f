//! Soak test: threads and open label values come and go during scrapes, and every count is compared exactly at the end. Memory
//! must not grow after the first part of the run.

mod expected;
mod label_values;
mod memory;
mod scrape;
mod threads;

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use clap::Parser;
use shadowcat_metrics::Options;

use expected::Expected;

/// The soak's own metrics.
mod soaked {
    shadowcat_metrics::metrics!("metrics.toml");
}

const EXAMPLES: &str = "\
Examples:
  soak                             half a minute
  soak --for 300 --threads 64      five minutes, with more threads than cores by far
  soak --blocks 2                  nearly all threads share one block";

/// Stresses two registries at once, then compares every count.
#[derive(Debug, Parser)]
#[command(name = "soak", version, after_help = EXAMPLES)]
struct Arguments {
    /// Duration in seconds
    #[arg(long = "for", value_name = "SECONDS", default_value_t = 30)]
    seconds: u64,
    /// Number of recording threads
    #[arg(long, value_name = "N", default_value_t = 16)]
    threads: usize,
    /// Number of threads with their own cells; the others share
    #[arg(long, value_name = "N", default_value_t = 8)]
    blocks: usize,
}

fn main() -> ExitCode {
    match soak(&Arguments::parse()) {
        Ok(summary) => {
            println!("{summary}");
            ExitCode::SUCCESS
        }
        Err(fault) => {
            eprintln!("error: {fault}");
            ExitCode::FAILURE
        }
    }
}

fn soak(arguments: &Arguments) -> Result<String, String> {
    // Every thread alternates between the two registries.
    let options = || Options::default().max_thread_blocks(arguments.blocks);
    let registries = [
        soaked::Metrics::with_options(options()),
        soaked::Metrics::with_options(options()),
    ];
    let expected = Expected::default();
    let stop = AtomicBool::new(false);
    let end = Instant::now() + Duration::from_secs(arguments.seconds);
    let mut memory = memory::Memory::new(Duration::from_secs(arguments.seconds));

    let (scrapes, fault) = thread::scope(|scope| {
        for number in 0..arguments.threads.max(1) {
            let (registries, expected, stop) = (&registries, &expected, &stop);
            scope.spawn(move || threads::start_threads(number, registries, expected, stop));
        }
        for number in 0..2 {
            let (registries, expected, stop) = (&registries, &expected, &stop);
            scope.spawn(move || label_values::churn(number, registries, expected, stop));
        }
        let readers = registries.each_ref().map(|registry| {
            let stop = &stop;
            scope.spawn(move || scrape::scrape_until_stopped(registry, stop))
        });
        while Instant::now() < end {
            thread::sleep(Duration::from_millis(100));
            memory.sample();
        }
        stop.store(true, Relaxed);
        let mut scrapes = 0;
        let mut fault = None;
        for reader in readers {
            match reader.join() {
                Ok(Ok(count)) => scrapes += count,
                Ok(Err(found)) => fault = Some(found),
                Err(_) => fault = Some("a scrape panicked".to_owned()),
            }
        }
        (scrapes, fault)
    });
    if let Some(fault) = fault {
        return Err(fault);
    }
    for (registry, counts) in registries.iter().zip(expected.registries()) {
        counts.compare(registry)?;
    }
    let (threads, records) = expected.totals();
    let memory = memory.check()?;
    Ok(format!(
        "{records} records by {threads} threads, {} open label values, {scrapes} scrapes: every count is exact; {memory}",
        expected.values(),
    ))
}
