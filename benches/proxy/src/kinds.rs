//! What one record of each kind costs, on one of the proxy's own recorders.

use std::hint::black_box;
use std::time::{Duration, Instant};

use shadowcat_metrics::shadowcat::Metrics;
use shadowcat_metrics::shadowcat::labels::{Operation, Phase, Pool, Side, Status, Transport};

/// Nanoseconds a record.
#[derive(Debug, Clone, Copy)]
pub struct Kinds {
    /// A counter goes up by one.
    pub counter: f64,
    /// A size is observed.
    pub observation: f64,
    /// A timer is started and stopped.
    pub timer: f64,
    /// An up-down counter is moved.
    pub movement: f64,
    /// A gauge is set.
    pub set: f64,
}

const TIMES: u32 = 1_000_000;
const ROUNDS: usize = 9;

/// Measures all kinds; of several rounds the fastest counts, which the machine's other work has disturbed least.
pub fn measure() -> Kinds {
    let metrics = Metrics::new();
    let transport = metrics.transport(Transport::Http);
    let pool = metrics.buffer_pool(Pool::Http);
    Kinds {
        counter: time(|| {
            let status = black_box(Status::Ok);
            transport
                .operations(Side::Client, Operation::Receive, status)
                .inc();
        }),
        observation: time(|| {
            transport
                .message_size(black_box(Side::Client))
                .observe(black_box(300_usize));
        }),
        timer: time(|| {
            transport
                .phase_duration(black_box(Phase::Serialize))
                .start_timer()
                .stop();
        }),
        movement: time(|| pool.in_use().inc()),
        set: time(|| pool.idle().set(black_box(3_usize))),
    }
}

fn time(mut record: impl FnMut()) -> f64 {
    let rounds = (0..ROUNDS).map(|_| {
        let began = Instant::now();
        for _ in 0..TIMES {
            record();
        }
        began.elapsed()
    });
    let best = rounds.min().unwrap_or(Duration::ZERO);
    best.as_secs_f64() * 1e9 / f64::from(TIMES)
}
