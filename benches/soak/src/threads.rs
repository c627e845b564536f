//! Short-lived threads that record in both registries alternately. Each ended thread is replaced by a new one.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use crate::expected::{Expected, LaneCounts};
use crate::soaked::Metrics;
use crate::soaked::labels::{Lane, State};

/// Number of turns of a thread.
const TURNS: usize = 2_000;

/// Starts one thread after another until `stop` is set.
pub fn start_threads(
    number: usize,
    registries: &[Metrics; 2],
    expected: &Expected,
    stop: &AtomicBool,
) {
    let mut generation = 0;
    while !stop.load(Relaxed) {
        generation += 1;
        thread::scope(|scope| {
            scope.spawn(|| record(number + generation, registries, expected));
        });
    }
}

/// Runs one thread.
fn record(seed: usize, registries: &[Metrics; 2], expected: &Expected) {
    let mut counts = [[LaneCounts::default(); 3]; 2];
    for turn in 0..TURNS {
        let choice = seed.wrapping_mul(31).wrapping_add(turn.wrapping_mul(7));
        let (registry, lane_counts) = match choice % 5 {
            // Several turns with one registry, then some with the other.
            0..3 => (&registries[0], &mut counts[0]),
            _ => (&registries[1], &mut counts[1]),
        };
        let lane = choice % 3;
        record_once(
            registry,
            Lane::ALL[lane],
            &mut lane_counts[lane],
            choice as u64,
        );
    }
    expected.add_thread(&counts);
}

fn record_once(registry: &Metrics, lane: Lane, lane_counts: &mut LaneCounts, choice: u64) {
    let work = registry.work(lane);
    work.done().inc();
    lane_counts.done += 1;
    work.read().add(choice);
    lane_counts.read += choice;
    let moved = (choice % 7).cast_signed() - 3;
    work.in_hand().add(moved);
    lane_counts.in_hand += moved;
    drop(work.in_hand().track());
    work.level().set(choice);
    work.phase().set(State::Busy);
    let nanos = choice % 1_000_003;
    work.duration().observe(Duration::from_nanos(nanos));
    lane_counts.observed += 1;
    lane_counts.nanos += nanos;
}
