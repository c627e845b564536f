//! Watches the metrics while the traffic runs: what moves up and down again is only seen now. On a terminal it also
//! shows a summary.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use shadowcat_metrics::labels::{Method, Outcome, Pool, Stream, Transport};
use shadowcat_metrics::{Metrics, Snapshot};
use tokio_util::sync::CancellationToken;

use crate::demo::traffic::PERSONAS;

/// Between two looks.
const PERIOD: Duration = Duration::from_millis(40);

/// Looks between two summaries.
const LOOKS_PER_SUMMARY: u32 = 10;

/// The highest values seen of what goes up and down.
#[derive(Debug, Clone, Copy, Default)]
pub struct Peaks {
    /// Of what belongs to one transport.
    transports: [TransportPeaks; Transport::ALL.len()],
    /// Children that were alive.
    pub processes: i64,
    /// Buffers in use, of the pool for reading.
    pub stdio_buffers: i64,
    /// Servers with children whose resources the kernel told.
    pub read_children: u64,
    /// Pipes that the kernel reported a utilisation of.
    pub pipes: u64,
}

/// The highest values seen for one transport.
#[derive(Debug, Clone, Copy, Default)]
pub struct TransportPeaks {
    /// Sessions that were open.
    pub sessions: i64,
    /// Requests in flight.
    pub in_flight: i64,
}

/// Looks at the metrics until told to stop.
pub async fn watch(metrics: Metrics, stop: CancellationToken) -> Peaks {
    let mut peaks = Peaks::default();
    let summary = Summary::begin();
    let mut clock = tokio::time::interval(PERIOD);
    for look in 0_u32.. {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = clock.tick() => {}
        }
        let snapshot = metrics.snapshot();
        peaks.look(&snapshot);
        if look.is_multiple_of(LOOKS_PER_SUMMARY) {
            summary.show(&snapshot);
        }
    }
    summary.end();
    peaks
}

impl Peaks {
    /// Those of one transport.
    #[must_use]
    pub const fn of(&self, transport: Transport) -> TransportPeaks {
        self.transports[transport as usize]
    }

    fn look(&mut self, snapshot: &Snapshot) {
        for transport in Transport::ALL {
            let peaks = &mut self.transports[transport as usize];
            peaks.sessions = peaks.sessions.max(snapshot.session(transport).active());
            peaks.in_flight = peaks.in_flight.max(snapshot.request(transport).in_flight());
        }
        self.processes = self.processes.max(alive(snapshot));
        self.stdio_buffers = self
            .stdio_buffers
            .max(snapshot.buffer_pool(Pool::Stdio).in_use());
        let read = PERSONAS
            .iter()
            .filter(|persona| snapshot.child(persona.server).threads().is_some());
        self.read_children = self.read_children.max(read.count() as u64);
        let reported = PERSONAS.iter().flat_map(|persona| {
            let stdio = snapshot.stdio(persona.server);
            Stream::ALL
                .into_iter()
                .filter_map(move |stream| stdio.pipe_utilization(stream))
        });
        self.pipes = self.pipes.max(reported.count() as u64);
    }
}

fn alive(snapshot: &Snapshot) -> i64 {
    PERSONAS
        .iter()
        .map(|persona| snapshot.process(persona.server).active())
        .sum()
}

/// One line on the terminal, written over and over.
struct Summary {
    began: Instant,
    shown: bool,
}

impl Summary {
    fn begin() -> Self {
        Self {
            began: Instant::now(),
            shown: std::io::stderr().is_terminal(),
        }
    }

    fn show(&self, snapshot: &Snapshot) {
        if !self.shown {
            return;
        }
        let ended = |outcome| -> u64 {
            let completed = |transport| {
                let requests = snapshot.request(transport);
                let counts = Method::ALL.map(|method| requests.completed(method, outcome));
                counts.iter().sum::<u64>()
            };
            Transport::ALL.map(completed).iter().sum()
        };
        let sessions: i64 = Transport::ALL
            .map(|transport| snapshot.session(transport).active())
            .iter()
            .sum();
        let in_flight: i64 = Transport::ALL
            .map(|transport| snapshot.request(transport).in_flight())
            .iter()
            .sum();
        let restarts: u64 = PERSONAS
            .iter()
            .map(|persona| snapshot.process(persona.server).restarts())
            .sum();
        let hit_ratio = snapshot.buffer_pool(Pool::Stdio).hit_ratio().unwrap_or(0.0);
        let line = format!(
            "{:6.1} s   sessions {}   children {}   in flight {:2}   ok {}   errors {}   lost {}   restarts {}   hits {:.1} %",
            self.began.elapsed().as_secs_f64(),
            sessions,
            alive(snapshot),
            in_flight,
            ended(Outcome::Ok),
            ended(Outcome::Error),
            ended(Outcome::Lost),
            restarts,
            hit_ratio * 100.0,
        );
        // A terminal that is gone needs no summary.
        let _ = write!(std::io::stderr(), "\r\x1b[2K{line}");
    }

    fn end(&self) {
        if self.shown {
            let _ = write!(std::io::stderr(), "\r\x1b[2K");
        }
    }
}
