//! One child process: its health, the signals sent to it, and its end.

use std::io;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rustix::process::{Pid, Signal, kill_process_group};
use shadowcat_metrics::shadowcat::ProcessRecorder;
use shadowcat_metrics::shadowcat::labels::Health;
use shadowcat_metrics::{OwnedTimer, OwnedTrackGuard};
use tokio::process::Child;
use tokio::runtime::Handle;
use tokio::time::timeout;
use tracing::{debug, info, warn};

use crate::process::orphans::Descendants;
use crate::resources::CountedChild;
use crate::resources::ServerChildren;
use crate::spans::ProcessSpan;

/// Time limits for the steps of a shutdown. Each step is harder than the one before.
#[derive(Debug, Clone, Copy)]
pub struct ShutdownPolicy {
    /// From closing the child's input to SIGTERM.
    pub after_end_of_input: Duration,
    /// From SIGTERM to SIGKILL.
    pub after_sigterm: Duration,
}

impl Default for ShutdownPolicy {
    fn default() -> Self {
        Self {
            after_end_of_input: Duration::from_secs(2),
            after_sigterm: Duration::from_secs(3),
        }
    }
}

/// The result of a shutdown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shutdown {
    /// The child exited without being killed.
    Graceful,
    /// The child was killed.
    Forced,
}

/// A child that is alive or has not been waited for. Dropping it kills it.
#[derive(Debug)]
pub struct ManagedChild {
    child: Child,
    group: Option<Group>,
    started: Instant,
    health: Arc<HealthState>,
    recorder: ProcessRecorder,
    lifetime: Option<OwnedTimer>,
    policy: ShutdownPolicy,
    /// Reads the child's resource usage until it is gone.
    counted: Option<CountedChild>,
    /// Counts the child as active until it is gone.
    active: Option<OwnedTrackGuard>,
    span: ProcessSpan,
    descendants: Option<Descendants>,
}

impl ManagedChild {
    /// Takes over `child`, which was just spawned with `kill_on_drop` and as the leader of a process group. When it is gone, its
    /// `descendants` are killed and its span ends.
    #[must_use]
    pub(crate) fn new(
        child: Child,
        health: Arc<HealthState>,
        recorder: ProcessRecorder,
        policy: ShutdownPolicy,
        children: &ServerChildren,
        mut descendants: Descendants,
        span: ProcessSpan,
    ) -> Self {
        descendants.started(child.id());
        Self {
            group: Group::of(&child),
            started: Instant::now(),
            health,
            lifetime: Some(recorder.lifetime().start_timer_owned()),
            policy,
            counted: child.id().map(|pid| children.count(pid)),
            child,
            active: Some(recorder.active().track_owned()),
            recorder,
            span,
            descendants: Some(descendants),
        }
    }

    /// Returns the time since it was started.
    #[must_use]
    pub fn age(&self) -> Duration {
        self.started.elapsed()
    }

    /// Waits until the child has exited.
    pub async fn exited(&mut self) -> Option<ExitStatus> {
        let status = self.child.wait().await;
        self.gone();
        let status = status
            .inspect_err(|error| warn!(%error, "waiting for the child failed"))
            .ok();
        self.span.exited(status);
        status
    }

    /// Cleans up after a child that exited, or closed its pipes, unexpectedly.
    pub async fn reap(mut self) {
        // Closing its output is usually the last thing that a process does.
        let status = timeout(Duration::from_secs(1), self.exited()).await;
        if let Ok(status) = status {
            warn!(status = ?status.map(|status| status.to_string()), "the child exited unexpectedly");
        } else {
            warn!("the child closed its output but is still running: killing it");
        }
        self.health.advance(Health::Failed);
        self.kill().await;
    }

    /// Stops the child, whose input was just closed: waits, sends SIGTERM, then SIGKILL.
    pub async fn shut_down(mut self) -> Shutdown {
        self.health.advance(Health::Stopping);
        if let Some(descendants) = &mut self.descendants {
            descendants.find();
        }
        let shutdown = self.stop().await;
        match shutdown {
            Shutdown::Graceful => self.recorder.shutdowns_graceful().inc(),
            Shutdown::Forced => self.recorder.shutdowns_forced().inc(),
        }
        self.health.advance(Health::Terminated);
        info!(?shutdown, lived = ?self.age(), "the child is gone");
        shutdown
    }

    async fn stop(&mut self) -> Shutdown {
        let policy = self.policy;
        if timeout(policy.after_end_of_input, self.exited())
            .await
            .is_ok()
        {
            self.kill().await;
            return Shutdown::Graceful;
        }
        debug!("the child is still running after its input was closed: sending SIGTERM");
        let handling = self.recorder.sigterm_duration().start_timer_owned();
        if let Some(Err(error)) = self.group.map(|group| group.signal(Signal::TERM)) {
            warn!(%error, "SIGTERM failed");
        }
        let in_time = timeout(policy.after_sigterm, self.exited()).await.is_ok();
        if in_time {
            handling.stop();
            self.kill().await;
            return Shutdown::Graceful;
        }
        warn!("the child ignores SIGTERM: sending SIGKILL");
        self.kill_group().await;
        handling.stop();
        self.kill_descendants().await;
        Shutdown::Forced
    }

    /// Kills the rest of the child's group, waits for the child, and kills its descendants in other groups.
    async fn kill(&mut self) {
        self.kill_group().await;
        self.kill_descendants().await;
    }

    /// Kills the rest of the child's group, and waits for the child.
    async fn kill_group(&mut self) {
        if let Some(Err(error)) = self.group.map(|group| group.signal(Signal::KILL)) {
            warn!(%error, "SIGKILL failed");
        }
        self.exited().await;
    }

    /// Kills the child's descendants in other groups.
    async fn kill_descendants(&mut self) {
        if let Some(descendants) = &mut self.descendants {
            descendants.kill().await;
        }
    }

    /// Kills the descendants of a child that nobody will wait for. Without a runtime, the program is about to exit, and kills
    /// them itself.
    fn abandon_descendants(&mut self) {
        let descendants = self.descendants.take();
        if let (Some(mut descendants), Ok(runtime)) = (descendants, Handle::try_current()) {
            descendants.find();
            descendants.release_child();
            runtime.spawn(async move { descendants.kill().await });
        }
    }

    /// Records the end, once.
    fn gone(&mut self) {
        if let Some(lifetime) = self.lifetime.take() {
            lifetime.stop();
        }
        self.active = None;
        self.counted = None;
        if let Some(descendants) = &mut self.descendants {
            descendants.release_child();
        }
    }
}

impl Drop for ManagedChild {
    fn drop(&mut self) {
        // The child is still alive here only if its session was dropped while running. `kill_on_drop` kills
        // the child itself and the runtime waits for it; this kills the processes that it has started.
        if let (Some(group), Some(_)) = (self.group, self.child.id()) {
            let _ = group.signal(Signal::KILL);
            self.health.advance(Health::Failed);
            self.abandon_descendants();
        }
    }
}

/// The combined health of all children of one server.
#[derive(Debug)]
pub struct ServerHealth {
    recorder: ProcessRecorder,
    alive: Mutex<Vec<(Health, usize)>>,
}

impl ServerHealth {
    /// Creates the health of a server without children.
    #[must_use]
    pub fn new(recorder: ProcessRecorder) -> Self {
        let alive = [Health::Running, Health::Starting, Health::Stopping];
        Self {
            recorder,
            alive: Mutex::new(alive.map(|state| (state, 0)).into()),
        }
    }

    /// Records that a child has changed its state. A server has the best state of its children or, without
    /// children, the last state of the last one.
    fn moved(&self, from: Option<Health>, to: Health) {
        // Locked while recording, so that the last recorded state is the current one.
        let mut alive = self.alive.lock();
        for (state, children) in alive.iter_mut() {
            if from == Some(*state) {
                *children -= 1;
            }
            if to == *state {
                *children += 1;
            }
        }
        let best = alive.iter().find(|(_, children)| *children > 0);
        self.recorder
            .health()
            .set(best.map_or(to, |(state, _)| *state));
    }
}

/// The state of a child. The schema's label values are this enum, so the two cannot differ.
#[derive(Debug)]
pub struct HealthState {
    server: Arc<ServerHealth>,
    now: Mutex<Option<Health>>,
}

impl HealthState {
    /// Creates the state of a child that is about to be spawned.
    #[must_use]
    pub fn new(server: Arc<ServerHealth>) -> Self {
        Self {
            server,
            now: Mutex::new(None),
        }
    }

    /// Changes to `next`, unless later events rule that out: a late reply does not make a stopping child
    /// running again.
    pub fn advance(&self, next: Health) {
        let mut now = self.now.lock();
        if follows(*now, next) {
            debug!(from = ?*now, to = %next, "health");
            self.server.moved(*now, next);
            *now = Some(next);
        }
    }
}

impl Drop for HealthState {
    fn drop(&mut self) {
        let now = *self.now.lock();
        if matches!(
            now,
            Some(Health::Starting | Health::Running | Health::Stopping)
        ) {
            self.advance(Health::Failed);
        }
    }
}

/// Returns whether `next` may follow `now`.
const fn follows(now: Option<Health>, next: Health) -> bool {
    match next {
        Health::Starting => now.is_none(),
        Health::Running => matches!(now, Some(Health::Starting)),
        Health::Stopping => matches!(now, Some(Health::Starting | Health::Running)),
        Health::Terminated => matches!(now, Some(Health::Stopping)),
        Health::Failed => !matches!(now, Some(Health::Terminated | Health::Failed)),
    }
}

/// The process group of a child that is alive or has just exited.
#[derive(Debug, Clone, Copy)]
pub struct Group(Pid);

impl Group {
    /// Returns the group that the child leads, or `None` if the child was waited for.
    #[must_use]
    pub fn of(child: &tokio::process::Child) -> Option<Self> {
        let id = i32::try_from(child.id()?).ok()?;
        Pid::from_raw(id).map(Self)
    }

    /// Sends a signal to the group.
    ///
    /// # Errors
    ///
    /// If the system refuses. An empty group is not an error.
    pub fn signal(self, signal: Signal) -> io::Result<()> {
        match kill_process_group(self.0, signal) {
            Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use shadowcat_metrics::shadowcat::Metrics;

    use super::*;

    #[test]
    fn states_follow_in_order_and_are_recorded() {
        let metrics = Metrics::new();
        let server = metrics.server("files");
        let of_server = Arc::new(ServerHealth::new(metrics.process(&server)));
        let health = HealthState::new(Arc::clone(&of_server));
        let recorded = || metrics.snapshot().process("files").health();
        assert_eq!(recorded(), None);

        for state in [Health::Starting, Health::Running, Health::Stopping] {
            health.advance(state);
            assert_eq!(recorded(), Some(state));
        }
        health.advance(Health::Running);
        assert_eq!(
            recorded(),
            Some(Health::Stopping),
            "a late reply changes nothing"
        );
        health.advance(Health::Terminated);
        health.advance(Health::Failed);
        assert_eq!(recorded(), Some(Health::Terminated), "an end is final");

        let [one, other] = [0, 1].map(|_| HealthState::new(Arc::clone(&of_server)));
        one.advance(Health::Starting);
        one.advance(Health::Running);
        other.advance(Health::Starting);
        assert_eq!(recorded(), Some(Health::Running), "one of them runs");
        one.advance(Health::Failed);
        assert_eq!(recorded(), Some(Health::Starting), "the other does not yet");
        drop(other);
        assert_eq!(recorded(), Some(Health::Failed), "none is left");
    }

    /// The search for descendants takes long when many children end at once.
    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn the_search_for_descendants_is_not_part_of_the_handling_of_sigterm() {
        use tokio::io::AsyncReadExt;
        use tokio::time::sleep;

        const SEARCH: Duration = Duration::from_millis(500);
        for (trap, after_sigterm, ends) in [
            ("exit 0", Duration::from_secs(1), (1, 0)),
            ("", Duration::from_millis(100), (0, 1)),
        ] {
            let metrics = Metrics::new();
            let server = metrics.server("files");
            let mut command = tokio::process::Command::new("sh");
            let script = format!("trap '{trap}' TERM; echo; while :; do sleep 0.01; done");
            command.args(["-c", &script]).process_group(0);
            command.stdout(std::process::Stdio::piped());
            let descendants = Descendants::mark(&mut command);
            let mut child = command.spawn().expect("sh");
            let mut trapped = child.stdout.take().expect("it is piped");
            trapped.read_u8().await.expect("a byte");
            let children = crate::resources::Children::new(&metrics).of(&server);
            let policy = ShutdownPolicy {
                after_end_of_input: Duration::ZERO,
                after_sigterm,
            };
            let health = Arc::new(HealthState::new(children.health()));
            let recorder = metrics.process(&server);
            let span = ProcessSpan::default();
            let child = ManagedChild::new(
                child,
                health,
                recorder,
                policy,
                &children,
                descendants,
                span,
            );
            let turn = crate::process::orphans::TURN.lock().await;
            let (_, ()) = tokio::join!(child.shut_down(), async {
                sleep(SEARCH).await;
                drop(turn);
            });
            let snapshot = metrics.snapshot();
            let process = snapshot.process("files");
            let shutdowns = (process.shutdowns_graceful(), process.shutdowns_forced());
            assert_eq!(shutdowns, ends);
            let handling = process.sigterm_duration();
            assert_eq!(handling.count(), 1);
            assert!(handling.sum() < SEARCH / 2, "{:?}", handling.sum());
        }
    }
}
