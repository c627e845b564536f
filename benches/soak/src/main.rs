//! Soak test: threads and open label values come and go during scrapes, and every count is compared exactly at the end. Memory
//! must not grow after the first part of the run.

mod books;
mod churn;
mod scrape;
mod watch;
mod worker;

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use clap::Parser;
use shadowcat_metrics::Options;

use books::Books;

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
    let books = Books::default();
    let stop = AtomicBool::new(false);
    let end = Instant::now() + Duration::from_secs(arguments.seconds);
    let mut memory = watch::Memory::new(Duration::from_secs(arguments.seconds));

    let (scrapes, fault) = thread::scope(|scope| {
        for number in 0..arguments.threads.max(1) {
            let (registries, books, stop) = (&registries, &books, &stop);
            scope.spawn(move || worker::keep_starting(number, registries, books, stop));
        }
        for number in 0..2 {
            let (registries, books, stop) = (&registries, &books, &stop);
            scope.spawn(move || churn::come_and_go(number, registries, books, stop));
        }
        let readers = registries.each_ref().map(|registry| {
            let stop = &stop;
            scope.spawn(move || scrape::keep_scraping(registry, stop))
        });
        while Instant::now() < end {
            thread::sleep(Duration::from_millis(100));
            memory.look();
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
    for (registry, book) in registries.iter().zip(books.closed()) {
        book.compare(registry)?;
    }
    let (threads, records) = books.totals();
    let memory = memory.verdict()?;
    Ok(format!(
        "{records} records by {threads} threads, {} open label values, {scrapes} scrapes: every count is exact; {memory}",
        books.values(),
    ))
}
