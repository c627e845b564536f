//! Checks of the groups `stdio` and `process`.

use shadowcat_metrics::Snapshot;
use shadowcat_metrics::labels::{Health, Stream, Transport};

use crate::demo::checks::Checks;
use crate::demo::tally::Books;
use crate::demo::traffic::Persona;
use crate::demo::watch::Peaks;

impl Checks {
    pub(super) fn process(&mut self, snapshot: &Snapshot, books: &Books, persona: &Persona) {
        let Persona {
            server,
            stubborn,
            transport: Transport::Stdio,
            ..
        } = *persona
        else {
            return;
        };
        let Some(sent) = books.get(&Transport::Stdio) else {
            return;
        };
        let counts = sent.servers.get(server).copied().unwrap_or_default();
        let starts = sent.starts(server);
        let labels = [("server", server)];
        let spawns = snapshot.stdio(server).spawn_duration().count();
        self.exactly(
            "shadowcat_stdio_spawn_duration_seconds_count",
            &labels,
            spawns,
            starts,
        );

        let process = snapshot.process(server);
        self.exactly(
            "shadowcat_process_active",
            &labels,
            process.active().unsigned_abs(),
            0,
        );
        let health = [
            ("server", server),
            ("shadowcat_process_health", Health::Terminated.as_str()),
        ];
        self.exactly(
            "shadowcat_process_health",
            &health,
            (process.health() == Some(Health::Terminated)).into(),
            1,
        );
        self.exactly(
            "shadowcat_process_restarts_total",
            &labels,
            process.restarts(),
            counts.crashes,
        );
        self.exactly(
            "shadowcat_process_lifetime_seconds_count",
            &labels,
            process.lifetime().count(),
            starts,
        );
        let (graceful, forced) = if stubborn {
            (0, counts.sessions)
        } else {
            (counts.sessions, 0)
        };
        self.exactly(
            "shadowcat_process_shutdowns_graceful_total",
            &labels,
            process.shutdowns_graceful(),
            graceful,
        );
        self.exactly(
            "shadowcat_process_shutdowns_forced_total",
            &labels,
            process.shutdowns_forced(),
            forced,
        );
        let sigterms = process.sigterm_duration().count();
        // A busy machine may make a good server outlast its patience, and then SIGTERM is right.
        self.at_least(
            "shadowcat_process_sigterm_duration_seconds_count",
            &labels,
            sigterms,
            forced,
        );
    }

    pub(super) fn gauges_over_all_servers(&mut self, peaks: &Peaks) {
        let seen = [("seen", "peak")];
        self.at_least(
            "shadowcat_process_active",
            &seen,
            peaks.processes.try_into().unwrap_or(0),
            1,
        );
        // Other kernels do not tell, and then there is nothing to see.
        let least = if cfg!(target_os = "linux") {
            Stream::ALL.len() as u64
        } else {
            0
        };
        self.at_least(
            "shadowcat_stdio_pipe_utilization_ratio",
            &seen,
            peaks.pipes,
            least,
        );
    }
}
