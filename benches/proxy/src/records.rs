//! Counts the records of each kind per message, from the metrics themselves.

use shadowcat_metrics::shadowcat::labels::{
    Direction, Discard, Method, Operation, Outcome, Phase, Pool, Side, Status, Transport,
};
use shadowcat_metrics::shadowcat::{Metrics, Snapshot};

use crate::kinds::Kinds;
use crate::route::Route;

/// Records of one exchange: a request and its response.
#[derive(Debug, Clone, Copy, Default)]
pub struct Records {
    /// Increments of counters.
    pub counters: f64,
    /// Sizes observed.
    pub observations: f64,
    /// Durations observed. Most need two readings of the clock; some share a reading with another duration.
    pub timers: f64,
    /// Changes of up-down counters.
    pub movements: f64,
}

impl Records {
    /// Returns the total number of records.
    pub fn total(&self) -> f64 {
        self.counters + self.observations + self.timers + self.movements
    }

    /// Returns the cost of the records, in nanoseconds.
    pub fn cost(&self, kinds: &Kinds) -> f64 {
        self.counters * kinds.counter
            + self.observations * kinds.observation
            + self.timers * kinds.timer
            + self.movements * kinds.movement
    }
}

/// Counts the records of `exchanges` exchanges through a proxy that records into `metrics`.
pub async fn count(route: &Route, metrics: &Metrics, exchanges: usize) -> Result<Records, String> {
    let before = Counts::read(&metrics.snapshot());
    route.client.ask(exchanges, 1).await?;
    let after = Counts::read(&metrics.snapshot());
    let each = |of: fn(&Counts) -> u64| (of(&after) - of(&before)) as f64 / exchanges as f64;
    let (buffers, events) = (each(|counts| counts.buffers), each(|counts| counts.events));
    Ok(Records {
        counters: each(|counts| counts.counters),
        observations: each(|counts| counts.observations),
        timers: each(|counts| counts.timers),
        // A buffer is taken and returned, a request starts and ends, an event's bytes are held and released.
        movements: 2.0 * (buffers + each(|counts| counts.requests) + events),
    })
}

#[derive(Debug, Default)]
struct Counts {
    counters: u64,
    observations: u64,
    timers: u64,
    buffers: u64,
    requests: u64,
    events: u64,
}

impl Counts {
    fn read(snapshot: &Snapshot) -> Self {
        let mut counts = Self::default();
        for transport in Transport::ALL {
            counts.add_transport(snapshot, transport);
        }
        for pool in Pool::ALL {
            let pool = snapshot.buffer_pool(pool);
            counts.buffers += pool.hits() + pool.misses();
            counts.counters += pool.hits() + pool.misses() + pool.allocations();
            counts.counters += Discard::ALL
                .map(|why| pool.discards(why))
                .iter()
                .sum::<u64>();
        }
        for side in Side::ALL {
            let http = snapshot.http(side);
            counts.counters += http.connections_opened() + http.connections_reused();
            counts.timers += http.header_duration().count();
            for direction in Direction::ALL {
                // Each piece increments a counter of pieces and one of bytes.
                counts.counters += 2 * http.body_chunks(direction);
                counts.timers += http.body_duration(direction).count();
            }
        }
        let requests = snapshot.request("server");
        for &method in Method::ALL {
            let ended = Outcome::ALL.map(|outcome| requests.completed(method, outcome));
            let ended = ended.iter().sum::<u64>();
            counts.requests += ended;
            counts.counters += ended;
        }
        let sse = snapshot.sse("server");
        counts.events += sse.events();
        counts.counters += sse.events() + sse.duplicates();
        counts.timers += sse.idle_duration().count();
        counts
    }

    fn add_transport(&mut self, snapshot: &Snapshot, transport: Transport) {
        let recorded = snapshot.transport(transport);
        for side in Side::ALL {
            self.observations += recorded.message_size(side).count();
            for operation in Operation::ALL {
                let operations =
                    Status::ALL.map(|status| recorded.operations(side, operation, status));
                self.counters += operations.iter().sum::<u64>();
            }
        }
        let phases = Phase::ALL.map(|phase| recorded.phase_duration(phase).count());
        self.timers += phases.iter().sum::<u64>();
    }
}
