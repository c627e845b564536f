//! Simulates many cores that record into one cache line, such as that of a gauge.
//!
//! The model: one core has the line at a time. An access by the core that had the line last takes [`OWN`]; any other access takes
//! the time of a transfer. Accesses that arrive while the line is busy wait in the order of their arrival. The model leaves out
//! two things: a real core often accesses the line several times before another core gets it, which is faster, and transfers slow
//! each other down or are farther than others, which is slower.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::report::Report;

/// Time of an access to a line that the core had last, in nanoseconds.
const OWN: f64 = 5.0;

/// Number of records of each core.
const RECORDS: usize = 2_000;

/// Average time between two records of a core, in nanoseconds.
const PAUSES: [f64; 4] = [0.0, 1_000.0, 10_000.0, 100_000.0];

/// Simulates each number of cores. `transfer` is the time of a transfer of the line, in nanoseconds, and `accesses` the number of
/// accesses in one record.
#[must_use]
pub fn simulate(cores: &[usize], transfer: f64, accesses: usize) -> Report {
    let mut rows = Vec::new();
    for pause in PAUSES {
        for cores in cores {
            rows.push(row(*cores, pause, transfer, accesses));
        }
    }
    Report {
        columns: vec!["pause ns", "cores", "record ns", "million records a second"],
        rows,
    }
}

/// A point in time, in nanoseconds, and the core that then accesses the line.
#[derive(PartialEq)]
struct Access {
    time: f64,
    core: usize,
}

impl Eq for Access {}

impl Ord for Access {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.time
            .total_cmp(&other.time)
            .then(self.core.cmp(&other.core))
    }
}

impl PartialOrd for Access {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// A core's current record.
#[derive(Clone, Default)]
struct Record {
    start: f64,
    accesses: usize,
}

fn row(cores: usize, pause: f64, transfer: f64, accesses: usize) -> Vec<f64> {
    let mut random = Random(0x5EED_CA75);
    let mut records = vec![Record::default(); cores];
    let mut queue = BinaryHeap::new();
    for (core, record) in records.iter_mut().enumerate() {
        record.start = random.pause(pause);
        queue.push(Reverse(Access {
            time: record.start,
            core,
        }));
    }
    let (mut free, mut owner, mut done, mut recording) = (0.0_f64, usize::MAX, 0, 0.0);
    while done < RECORDS * cores
        && let Some(Reverse(Access { time, core })) = queue.pop()
    {
        let takes = if owner == core { OWN } else { transfer };
        free = free.max(time) + takes;
        owner = core;
        let record = &mut records[core];
        record.accesses += 1;
        let mut next = free;
        if record.accesses == accesses {
            done += 1;
            recording += free - record.start;
            next += random.pause(pause);
            *record = Record {
                start: next,
                accesses: 0,
            };
        }
        queue.push(Reverse(Access { time: next, core }));
    }
    vec![
        pause,
        cores as f64,
        recording / done as f64,
        done as f64 * 1e3 / free,
    ]
}

/// `xorshift64*`.
struct Random(u64);

impl Random {
    /// Returns an exponentially distributed time.
    fn pause(&mut self, mean: f64) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let random = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11;
        let share = (random as f64 + 0.5) / (1_u64 << 53) as f64;
        -mean * share.ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record_time(row: &[f64]) -> f64 {
        row[2]
    }

    #[test]
    fn a_single_core_keeps_the_line() {
        let row = row(1, 1_000.0, 100.0, 1);
        assert!((OWN..OWN + 1.0).contains(&record_time(&row)), "{row:?}");
    }

    #[test]
    fn without_pauses_every_core_waits_for_all_others() {
        let row = row(64, 0.0, 100.0, 1);
        assert!((record_time(&row) - 6_400.0).abs() < 64.0, "{row:?}");
        assert!((row[3] - 10.0).abs() < 0.1, "{row:?}");
    }

    #[test]
    fn a_rarely_used_line_takes_one_transfer() {
        let row = row(64, 1e6, 100.0, 1);
        assert!((95.0..105.0).contains(&record_time(&row)), "{row:?}");
    }
}
