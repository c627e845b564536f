//! One child process, from its spawn to its exit.

use std::process::ExitStatus;
use std::sync::Arc;
use std::time::{Duration, Instant};

use shadowcat_metrics::labels::Health;
use shadowcat_metrics::{OwnedTimer, OwnedTrackGuard, ProcessRecorder};
use tokio::process::Child;
use tokio::time::timeout;
use tracing::{debug, info, warn};

use crate::process::health::HealthState;
use crate::process::signals::Group;
use crate::resources::ServerChildren;
use crate::resources::children::CountedChild;

/// How long each step of a shutdown may take before the next, harder one.
#[derive(Debug, Clone, Copy)]
pub struct ShutdownPolicy {
    /// From the end of the child's input until SIGTERM.
    pub after_end_of_input: Duration,
    /// From SIGTERM until SIGKILL.
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

/// How a shutdown went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shutdown {
    /// The child exited by itself.
    Graceful,
    /// It had to be killed.
    Forced,
}

/// A child that is alive, or that nobody has waited for yet. Dropping it kills it.
#[derive(Debug)]
pub struct ManagedChild {
    child: Child,
    group: Option<Group>,
    started: Instant,
    health: Arc<HealthState>,
    recorder: ProcessRecorder,
    lifetime: Option<OwnedTimer>,
    policy: ShutdownPolicy,
    /// Has its resources read until it is gone.
    counted: Option<CountedChild>,
    /// Counts the child as active until it is gone.
    active: Option<OwnedTrackGuard>,
}

impl ManagedChild {
    /// Takes charge of `child`, which was spawned just now, with `kill_on_drop` and as leader of a process group.
    #[must_use]
    pub fn new(
        child: Child,
        health: Arc<HealthState>,
        recorder: ProcessRecorder,
        policy: ShutdownPolicy,
        children: &ServerChildren,
    ) -> Self {
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
        }
    }

    /// How long ago it was started.
    #[must_use]
    pub fn age(&self) -> Duration {
        self.started.elapsed()
    }

    /// Waits until the child has exited, by whatever cause.
    pub async fn exited(&mut self) -> Option<ExitStatus> {
        let status = self.child.wait().await;
        self.gone();
        status
            .inspect_err(|error| warn!(%error, "waiting for the child failed"))
            .ok()
    }

    /// The child has exited, or hung up, unasked: makes sure that it is gone.
    pub async fn bury(mut self) {
        // Closing its output is most often the last thing that a process does.
        let status = timeout(Duration::from_secs(1), self.exited()).await;
        if let Ok(status) = status {
            warn!(status = ?status.map(|status| status.to_string()), "the child exited unasked");
        } else {
            warn!("the child closed its output, and lives on: killing it");
        }
        self.health.advance(Health::Failed);
        self.kill().await;
    }

    /// Ends the child, whose input was closed just now: waits, then SIGTERM, then SIGKILL.
    pub async fn shut_down(mut self) -> Shutdown {
        self.health.advance(Health::Stopping);
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
        debug!("the child outlives its input: SIGTERM");
        let handling = self.recorder.sigterm_duration().start_timer_owned();
        if let Some(Err(error)) = self.group.map(Group::terminate) {
            warn!(%error, "SIGTERM failed");
        }
        let in_time = timeout(policy.after_sigterm, self.exited()).await.is_ok();
        if !in_time {
            warn!("the child ignores SIGTERM: SIGKILL");
        }
        self.kill().await;
        handling.stop();
        if in_time {
            Shutdown::Graceful
        } else {
            Shutdown::Forced
        }
    }

    /// Kills what is left of the child's group, and waits for the child.
    async fn kill(&mut self) {
        if let Some(Err(error)) = self.group.map(Group::kill) {
            warn!(%error, "SIGKILL failed");
        }
        self.exited().await;
    }

    /// Records the end, once.
    fn gone(&mut self) {
        if let Some(lifetime) = self.lifetime.take() {
            lifetime.stop();
        }
        self.active = None;
        self.counted = None;
    }
}

impl Drop for ManagedChild {
    fn drop(&mut self) {
        // Reached with a living child only when its session was dropped in the middle. `kill_on_drop` ends the child
        // itself and the runtime waits for it; this ends what it has started.
        if let (Some(group), Some(_)) = (self.group, self.child.id()) {
            let _ = group.kill();
            self.health.advance(Health::Failed);
        }
    }
}
