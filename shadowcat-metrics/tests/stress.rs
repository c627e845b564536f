//! Threads start and end during scrapes: no count is lost, and no reader sees a counter decrease.
#![cfg(not(loom))]

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

shadowcat_metrics::metrics!("tests/metrics.toml");

use labels::{Color, Side};
use shadowcat_metrics::Options;

const RECORDS: u64 = 500;

/// Records the values of one thread.
fn record(metrics: &Metrics) {
    let plain = metrics.plain();
    let closed = metrics.closed(Side::Left);
    let open = metrics.open(&metrics.tenant("busy"));
    for round in 0..RECORDS {
        plain.events().inc();
        plain.energy().add(0.5);
        closed
            .hits(Color::ALL[usize::try_from(round % 3).unwrap_or(0)])
            .inc();
        closed
            .wait(Color::Red)
            .observe(Duration::from_millis(round));
        open.requests().inc();
        plain.tasks().inc();
        plain.tasks().dec();
    }
}

/// Returns values that must never decrease.
fn counts(metrics: &Metrics) -> [u64; 6] {
    let snapshot = metrics.snapshot();
    let wait = snapshot.closed(Side::Left).wait(Color::Red);
    [
        snapshot.plain().events(),
        snapshot.plain().energy().to_bits(),
        Color::ALL
            .iter()
            .map(|color| snapshot.closed(Side::Left).hits(*color))
            .sum(),
        wait.count(),
        u64::try_from(wait.sum().as_nanos()).unwrap_or(u64::MAX),
        snapshot.open("busy").requests(),
    ]
}

fn stress(metrics: &Metrics, threads: u64, generations: u64) {
    let _kept = metrics.tenant("busy");
    let before = counts(metrics)[0];
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut last = counts(metrics);
                while !done.load(Relaxed) {
                    let now = counts(metrics);
                    assert!(
                        last.iter().zip(&now).all(|(last, now)| last <= now),
                        "{last:?} {now:?}"
                    );
                    last = now;
                }
            });
        }
        for _ in 0..generations {
            thread::scope(|scope| {
                for _ in 0..threads {
                    scope.spawn(|| record(metrics));
                }
            });
        }
        done.store(true, Relaxed);
    });
    let total = threads * generations * RECORDS;
    let sum: u64 = (0..RECORDS).sum::<u64>() * threads * generations;
    let counts = counts(metrics);
    assert_eq!(counts[0] - before, total);
    assert_eq!(counts[2], counts[0]);
    assert_eq!(counts[3], counts[0]);
    assert_eq!(counts[5], total, "the value is new each time");
    if before == 0 {
        assert_eq!(counts[1], (total as f64 / 2.0).to_bits());
        assert_eq!(counts[4], sum * 1_000_000);
    }
    assert_eq!(metrics.snapshot().plain().tasks(), 0);
}

#[test]
fn no_count_is_lost_with_a_block_for_each_thread() {
    let metrics = Metrics::new();
    for threads in [2, 8, 64] {
        stress(&metrics, threads, 8);
    }
}

#[test]
fn no_count_is_lost_with_fewer_blocks_than_threads() {
    for blocks in [0, 1, 5] {
        let options = Options::default().max_thread_blocks(blocks);
        stress(&Metrics::with_options(options), 16, 6);
    }
}

#[test]
fn no_count_is_lost_over_many_generations_of_threads() {
    stress(&Metrics::new(), 2, 200);
}
