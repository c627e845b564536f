//! Checks of the groups `proxy`, `child` and `tokio`.

use shadowcat_metrics::Snapshot;

use crate::demo::checks::{Checks, whole};
use crate::demo::watch::Peaks;

/// Other kernels do not tell, and then there is nothing to see.
const TOLD: u64 = if cfg!(target_os = "linux") { 1 } else { 0 };

impl Checks {
    pub(super) fn resources(&mut self, snapshot: &Snapshot, peaks: &Peaks) {
        // These go on moving, so a later scrape has other values.
        let at_the_end = [("seen", "end")];
        let proxy = snapshot.proxy();
        let milliseconds = proxy.cpu().map_or(0, |cpu| cpu.as_millis());
        let milliseconds = milliseconds.try_into().unwrap_or(u64::MAX);
        self.at_least("process_cpu_seconds_total", &at_the_end, milliseconds, TOLD);
        self.at_least(
            "process_resident_memory_bytes",
            &at_the_end,
            proxy.resident_memory().unwrap_or(0),
            TOLD,
        );
        self.at_least(
            "process_open_fds",
            &at_the_end,
            whole(proxy.open_fds().unwrap_or(0.0)),
            TOLD,
        );
        self.at_least(
            "process_threads",
            &at_the_end,
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
        self.at_least("shadowcat_tokio_busy_seconds_total", &at_the_end, busy, 1);
        self.at_least(
            "shadowcat_tokio_polls_total",
            &at_the_end,
            tokio.polls().unwrap_or(0),
            1,
        );
    }
}
