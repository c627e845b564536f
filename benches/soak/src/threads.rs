//! Short-lived threads that record in both registries alternately. Each ended thread is replaced by a new one.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use crate::books::{Books, Sheet};
use crate::soaked::Metrics;
use crate::soaked::labels::{Lane, State};

/// Number of turns of a thread.
const TURNS: usize = 2_000;

/// Starts one thread after another until `stop` is set.
pub fn keep_starting(number: usize, registries: &[Metrics; 2], books: &Books, stop: &AtomicBool) {
    let mut generation = 0;
    while !stop.load(Relaxed) {
        generation += 1;
        thread::scope(|scope| {
            scope.spawn(|| record(number + generation, registries, books));
        });
    }
}

/// Runs one thread.
fn record(seed: usize, registries: &[Metrics; 2], books: &Books) {
    let mut sheets = [[Sheet::default(); 3]; 2];
    for turn in 0..TURNS {
        let choice = seed.wrapping_mul(31).wrapping_add(turn.wrapping_mul(7));
        let (registry, sheet) = match choice % 5 {
            // Several turns with one registry, then some with the other.
            0..3 => (&registries[0], &mut sheets[0]),
            _ => (&registries[1], &mut sheets[1]),
        };
        let lane = choice % 3;
        one_turn(registry, Lane::ALL[lane], &mut sheet[lane], choice as u64);
    }
    books.enter(&sheets);
}

fn one_turn(registry: &Metrics, lane: Lane, sheet: &mut Sheet, choice: u64) {
    let work = registry.work(lane);
    work.done().inc();
    sheet.done += 1;
    work.read().add(choice);
    sheet.read += choice;
    let moved = (choice % 7).cast_signed() - 3;
    work.in_hand().add(moved);
    sheet.in_hand += moved;
    drop(work.in_hand().track());
    work.level().set(choice);
    work.phase().set(State::Busy);
    let nanos = choice % 1_000_003;
    work.duration().observe(Duration::from_nanos(nanos));
    sheet.observed += 1;
    sheet.nanos += nanos;
}
