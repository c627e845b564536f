//! Checks of the groups `proxy`, `child` and `tokio`.

use shadowcat_metrics::Snapshot;

use crate::demo::checks::{Checks, whole};
use crate::demo::watch::Peaks;

/// Other kernels do not tell, and then there is nothing to see.
const TOLD: u64 = if cfg!(target_os = "linux") { 1 } else { 0 };

impl Checks {
    pub(super) fn resources(&mut self, snapshot: &Snapshot, peaks: &Peaks) {
        let proxy = snapshot.proxy();
        let milliseconds = proxy.cpu().map_or(0, |cpu| cpu.as_millis());
        let milliseconds = milliseconds.try_into().unwrap_or(u64::MAX);
        self.at_least(
            "process_cpu_seconds_total",
            &[("unit", "ms")],
            milliseconds,
            TOLD,
        );
        self.at_least(
            "process_resident_memory_bytes",
            &[],
            proxy.resident_memory().unwrap_or(0),
            TOLD,
        );
        self.at_least(
            "process_open_fds",
            &[],
            whole(proxy.open_fds().unwrap_or(0.0)),
            TOLD,
        );
        self.at_least(
            "process_threads",
            &[],
            whole(proxy.threads().unwrap_or(0.0)),
            TOLD,
        );
        let seen = [("seen", "peak")];
        self.at_least("shadowcat_child_threads", &seen, peaks.read_children, TOLD);

        let tokio = snapshot.tokio();
        self.at_least(
            "shadowcat_tokio_workers",
            &[],
            whole(tokio.workers().unwrap_or(0.0)),
            1,
        );
        let busy = tokio.busy().unwrap_or_default().as_millis();
        let busy = busy.try_into().unwrap_or(u64::MAX);
        self.at_least(
            "shadowcat_tokio_busy_seconds_total",
            &[("unit", "ms")],
            busy,
            1,
        );
        self.at_least(
            "shadowcat_tokio_polls_total",
            &[],
            tokio.polls().unwrap_or(0),
            1,
        );
    }
}
