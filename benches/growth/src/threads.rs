//! Measures the cost of threads that have all recorded to every series and are all alive during a scrape.

use std::sync::mpsc::{Sender, channel};
use std::thread::{Builder, JoinHandle};
use std::time::Instant;

use shadowcat_metrics::{Format, Options};
use shadowcat_metrics_measure::allocator;
use shadowcat_metrics_measure::clock::Clock;
use shadowcat_metrics_measure::memory::resident;
use shadowcat_metrics_measure::statistics::Summary;

use crate::report::Report;
use schema::Metrics;
use schema::labels::{Lane, Shard};

mod schema {
    shadowcat_metrics::metrics!("schemas/ten_thousand.toml");
}

/// Number of timed scrapes.
const ROUNDS: usize = 11;

/// Size of a thread's stack, in bytes, so that 10,000 threads fit.
const STACK: usize = 64 * 1024;

/// Amount that each thread adds to each series.
const AMOUNT: u64 = 3;

/// Records from each number of threads to 10,000 series. With `own_cells`, all threads have their own cells; by default, only
/// the first 256.
///
/// # Errors
/// If a count was lost.
pub fn measure(threads: &[usize], own_cells: bool) -> Result<Report, String> {
    let mut rows = Vec::new();
    for threads in threads {
        let options = if own_cells {
            Options::default().max_thread_blocks(*threads)
        } else {
            Options::default()
        };
        rows.push(row(*threads, options)?);
    }
    Ok(Report {
        columns: vec![
            "threads",
            "heap KiB",
            "bytes a series and thread",
            "resident KiB",
            "scrape us",
            "start us a thread",
        ],
        rows,
    })
}

fn row(threads: usize, options: Options) -> Result<Vec<f64>, String> {
    let (team, idle) = allocator::count(|| start(threads, &Metrics::disabled()));
    stop(team);
    let before = resident().unwrap_or_default();
    let metrics = Metrics::with_options(options);
    let started = Instant::now();
    let (team, busy) = allocator::count(|| start(threads, &metrics));
    let started = started.elapsed();
    let resident = resident().unwrap_or_default().saturating_sub(before);
    let heap = (busy.live - idle.live) as f64;
    let mut page = Vec::new();
    let times = (0..ROUNDS)
        .map(|_| Clock::Cpu.time(|| metrics.encode_into(Format::PrometheusText, &mut page)));
    let seconds = Summary::new(times.map(|time| time.as_secs_f64()).collect()).median;
    check(&metrics, threads)?;
    stop(team);
    // Counts of ended threads are kept.
    check(&metrics, threads)?;
    let series = (Shard::ALL.len() * Lane::ALL.len()) as f64;
    Ok(vec![
        threads as f64,
        heap / 1024.0,
        heap / series / threads as f64,
        resident as f64 / 1024.0,
        seconds * 1e6,
        started.as_secs_f64() * 1e6 / threads as f64,
    ])
}

type Team = Vec<(Sender<()>, JoinHandle<()>)>;

/// Starts threads that record and then wait.
fn start(threads: usize, metrics: &Metrics) -> Team {
    let (ready, is_ready) = channel();
    let team = (0..threads)
        .map(|_| {
            let (metrics, ready) = (metrics.clone(), ready.clone());
            let (stay, stays) = channel::<()>();
            let thread = Builder::new().stack_size(STACK).spawn(move || {
                let requests = metrics.requests();
                for shard in Shard::ALL {
                    for lane in Lane::ALL {
                        requests.ended(shard, lane).add(AMOUNT);
                    }
                }
                drop(ready);
                // Waits until the sender is dropped.
                let _ = stays.recv();
            });
            (stay, thread.expect("the system has room for the thread"))
        })
        .collect();
    drop(ready);
    // An error means that all threads have dropped their senders.
    let _: Result<(), _> = is_ready.recv();
    team
}

fn stop(team: Team) {
    for (stay, thread) in team {
        drop(stay);
        thread.join().expect("recording does not panic");
    }
}

fn check(metrics: &Metrics, threads: usize) -> Result<(), String> {
    let snapshot = metrics.snapshot();
    let requests = snapshot.requests();
    let expected = AMOUNT * threads as u64;
    for shard in Shard::ALL {
        for lane in Lane::ALL {
            let found = requests.ended(shard, lane);
            if found != expected {
                return Err(format!(
                    "{threads} threads recorded {expected}, {found} counted"
                ));
            }
        }
    }
    Ok(())
}
