//! Measures one record of each kind, on one of the proxy's own recorders.

use std::hint::black_box;
use std::time::{Duration, Instant};

use shadowcat_metrics::shadowcat::Metrics;
use shadowcat_metrics::shadowcat::labels::{Operation, Phase, Pool, Side, Status, Transport};

/// Time per record, in nanoseconds.
#[derive(Debug, Clone, Copy)]
pub struct Kinds {
    /// Incrementing a counter.
    pub counter: f64,
    /// Observing a size.
    pub observation: f64,
    /// Starting and stopping a timer.
    pub timer: f64,
    /// Changing an up-down counter.
    pub movement: f64,
}

const TIMES: u32 = 1_000_000;
const ROUNDS: usize = 9;

/// Measures all kinds. The fastest of several rounds counts, because it was disturbed least by other work on the machine.
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
