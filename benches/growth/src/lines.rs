//! Measures what cache lines cost that another core wrote last.

use std::hint::black_box;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use std::thread;
use std::time::{Duration, Instant};

use shadowcat_metrics::Format;
use shadowcat_metrics_measure::clock::Clock;
use shadowcat_metrics_measure::statistics::Summary;

use crate::report::Report;
use ten_thousand::labels::{Lane, Shard};

mod shared {
    shadowcat_metrics::metrics!("schemas/shared.toml");
}

mod ten_thousand {
    shadowcat_metrics::metrics!("schemas/ten_thousand.toml");
}

/// Number of samples of a measurement.
const SAMPLES: usize = 101;

/// Number of records in a sample.
const RECORDS: u64 = 5_000;

/// Number of records after which the other thread reports its progress.
const BATCH: u64 = 250;

/// Time to get the samples. On a busy machine, two threads rarely run at the same time.
const PATIENCE: Duration = Duration::from_secs(30);

/// A number in a cache line of its own.
#[derive(Default)]
#[repr(align(128))]
struct Line(AtomicU64);

impl Line {
    /// Waits until the line has this value, without the hint for spinning loops, which delays the next look.
    fn wait_for(&self, value: u64) {
        loop {
            if self.0.load(Acquire) == value {
                break;
            }
        }
    }
}

/// Measures a line that two cores write in turn, records of one and of two threads, and scrapes of the own and of another
/// core's records.
///
/// # Errors
/// If the machine was too busy to run two threads at the same time.
pub fn measure() -> Result<Report, String> {
    let metrics = shared::Metrics::new();
    let requests = metrics.requests();
    let counter = || requests.ended().inc();
    let gauge = || requests.busy().set(black_box(7));
    // Otherwise, each record would retire the value.
    let _kept = metrics.server("server-1");
    let open = || {
        let server = metrics.server(black_box("server-1"));
        requests.sent(&server).inc();
    };
    Ok(Report {
        columns: vec![
            "transfer ns",
            "counter ns",
            "counter by two ns",
            "gauge ns",
            "gauge by two ns",
            "open label ns",
            "open label by two ns",
            "scrape us",
            "scrape of other core us",
        ],
        rows: vec![vec![
            transfer(),
            alone(&counter),
            by_two(&counter)?,
            alone(&gauge),
            by_two(&gauge)?,
            alone(&open),
            by_two(&open)?,
            scrape(false),
            scrape(true),
        ]],
    })
}

/// Returns the time until a core sees what another core wrote, in nanoseconds of the fastest sample.
fn transfer() -> f64 {
    const TURNS: u64 = 2_000;
    const STOP: u64 = u64::MAX;
    let line = Line::default();
    thread::scope(|scope| {
        // Answers each odd number with the next even one.
        scope.spawn(|| {
            loop {
                match line.0.load(Acquire) {
                    STOP => break,
                    turn if turn % 2 == 1 => line.0.store(turn + 1, Release),
                    _ => {}
                }
            }
        });
        let sample = |_| {
            let start = Instant::now();
            for turn in 0..TURNS / 2 {
                line.0.store(2 * turn + 1, Release);
                line.wait_for(2 * turn + 2);
            }
            start.elapsed().as_secs_f64() * 1e9 / TURNS as f64
        };
        let fastest = (0..SAMPLES).map(sample).fold(f64::INFINITY, f64::min);
        line.0.store(STOP, Release);
        fastest
    })
}

/// Returns the CPU time of a record, in nanoseconds.
fn alone(record: &impl Fn()) -> f64 {
    record();
    let times = (0..SAMPLES).map(|_| sample(record));
    Summary::new(times.collect()).median
}

/// Returns the CPU time of a record while another thread makes the same record, in nanoseconds. A sample counts if this thread was
/// not interrupted, and the other thread made at least half as many records in the same time.
fn by_two(record: &(impl Fn() + Sync)) -> Result<f64, String> {
    let (progress, stop) = (Line::default(), Line::default());
    let times = thread::scope(|scope| {
        scope.spawn(|| {
            while stop.0.load(Relaxed) == 0 {
                for _ in 0..BATCH {
                    record();
                }
                progress.0.fetch_add(BATCH, AcqRel);
            }
        });
        record();
        let attempt = || {
            let (before, start) = (progress.0.load(Acquire), Instant::now());
            let time = sample(record);
            let elapsed = start.elapsed().as_secs_f64() * 1e9 / RECORDS as f64;
            let others = progress.0.load(Acquire) - before;
            (elapsed < 1.25 * time && others >= RECORDS / 2).then_some(time)
        };
        let deadline = Instant::now() + PATIENCE;
        let mut times = Vec::new();
        while times.len() < SAMPLES && Instant::now() < deadline {
            times.extend(attempt());
        }
        stop.0.store(1, Relaxed);
        times
    });
    if times.len() < SAMPLES {
        return Err("the machine is too busy to run two threads at the same time".to_owned());
    }
    Ok(Summary::new(times).median)
}

fn sample(record: &impl Fn()) -> f64 {
    let time = Clock::Cpu.time(|| {
        for _ in 0..RECORDS {
            record();
        }
    });
    time.as_secs_f64() * 1e9 / RECORDS as f64
}

/// Returns the CPU time of a scrape of 10,000 counters, in microseconds. This thread or, with `of_another`, a thread on another
/// core has just recorded all of them.
fn scrape(of_another: bool) -> f64 {
    const OURS: u64 = 0;
    const THEIRS: u64 = 1;
    const STOP: u64 = 2;
    let metrics = ten_thousand::Metrics::new();
    let record = || {
        let requests = metrics.requests();
        for shard in Shard::ALL {
            for lane in Lane::ALL {
                requests.ended(shard, lane).add(12_345);
            }
        }
    };
    let turn = Line::default();
    thread::scope(|scope| {
        if of_another {
            // It spins while it waits, so that it keeps its core.
            scope.spawn(|| {
                loop {
                    match turn.0.load(Acquire) {
                        THEIRS => {
                            record();
                            turn.0.store(OURS, Release);
                        }
                        STOP => break,
                        _ => {}
                    }
                }
            });
        }
        let mut page = Vec::new();
        let mut sample = |_| {
            if of_another {
                turn.0.store(THEIRS, Release);
                turn.wait_for(OURS);
            } else {
                record();
            }
            let time = Clock::Cpu.time(|| metrics.encode_into(Format::PrometheusText, &mut page));
            time.as_secs_f64() * 1e6
        };
        let times = (0..SAMPLES).map(&mut sample).collect();
        turn.0.store(STOP, Release);
        Summary::new(times).median
    })
}
