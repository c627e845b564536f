//! `ProcessManager`: starts and restarts a server's child process, and returns the link to it.

pub mod child;
#[cfg_attr(not(target_os = "linux"), path = "process/orphans_unknown.rs")]
pub mod orphans;
pub mod pipes;

use std::ffi::OsString;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use shadowcat_metrics::shadowcat::labels::{Health, Server, Stream};
use shadowcat_metrics::shadowcat::{Metrics, ProcessRecorder, StdioRecorder};
use tokio::process::Child;
use tracing::{info, warn};

use crate::backoff::{Backoff, BackoffPolicy};
use crate::descriptors;
use crate::process::child::{HealthState, ManagedChild, ShutdownPolicy};
use crate::process::orphans::Descendants;
use crate::process::pipes::Gauged;
use crate::resources::{Children, ServerChildren};
use crate::spans::SessionSpan;
use crate::transport::{Connecting, Edge, stdio};
use crate::upstream::{Connection, Peer, StartError};

/// A command to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The program, looked up in `PATH` unless it is a path.
    pub program: OsString,
    /// Its arguments.
    pub args: Vec<OsString>,
}

impl Command {
    /// Returns the default name of the server: the program's file name without extension.
    #[must_use]
    pub fn default_name(&self) -> OsString {
        Path::new(&self.program)
            .file_stem()
            .unwrap_or(&self.program)
            .to_owned()
    }
}

/// Starts and stops the child processes of one server, one at a time.
#[derive(Debug)]
pub struct ProcessManager {
    /// When to restart, and when to give up.
    pub backoff: Backoff,
    /// How to stop a child.
    pub shutdown: ShutdownPolicy,
    /// The span of the session that the children belong to.
    pub(crate) session: SessionSpan,
    command: Command,
    server: Server,
    edge: Edge,
    children: ServerChildren,
    stdio: StdioRecorder,
    process: ProcessRecorder,
}

impl ProcessManager {
    /// Creates the manager of `server`, which `command` starts.
    ///
    /// It keeps the server's recorders. Their series are exposed while anything holds the server's label
    /// value.
    #[must_use]
    pub fn new(
        metrics: &Metrics,
        server: Server,
        command: Command,
        edge: Edge,
        children: &Children,
    ) -> Self {
        Self {
            backoff: Backoff::new(BackoffPolicy::SERVERS),
            shutdown: ShutdownPolicy::default(),
            session: SessionSpan::default(),
            command,
            edge,
            children: children.of(&server),
            stdio: metrics.stdio(&server),
            process: metrics.process(&server),
            server,
        }
    }

    /// Starts the child.
    ///
    /// # Errors
    ///
    /// If the system cannot start the program.
    ///
    /// # Panics
    ///
    /// Never: the pipes that it takes were requested.
    pub fn start(&self) -> Result<Connection, StartError> {
        let health = Arc::new(HealthState::new(self.children.health()));
        health.advance(Health::Starting);
        // If no child starts, dropping this records a failure.
        let connecting = Connecting::begin(&self.edge, Arc::clone(&health));
        let (mut child, descendants) = self
            .spawn()
            .inspect_err(|_| health.advance(Health::Failed))?;
        info!(server = %self.server, pid = child.id(), "started");
        let span = self.session.process(child.id());

        let stdin = child.stdin.take().expect("it was asked for");
        let stdout = child.stdout.take().expect("it was asked for");
        let stderr = child.stderr.take().expect("it was asked for");
        let gauged_stderr = Gauged::new(stderr, Stream::Stderr, self.children.pipes());
        tokio::spawn(pipes::forward_stderr(
            gauged_stderr,
            self.server.to_string(),
            self.edge.pools.stdio.clone(),
        ));
        let link = stdio::open(
            Gauged::new(stdout, Stream::Stdout, self.children.pipes()),
            Gauged::new(stdin, Stream::Stdin, self.children.pipes()),
            &self.edge,
            Some(connecting),
        );
        let child = ManagedChild::new(
            child,
            health,
            self.process.clone(),
            self.shutdown,
            &self.children,
            descendants,
            span,
        );
        Ok(Connection {
            link,
            peer: Peer::Child(Box::new(child)),
        })
    }

    /// Restarts the child after an unexpected exit.
    ///
    /// # Errors
    ///
    /// If the system cannot start the program.
    pub fn restart(&self) -> Result<Connection, StartError> {
        warn!(server = %self.server, "restarting");
        let connection = self.start()?;
        self.process.restarts().inc();
        Ok(connection)
    }

    fn spawn(&self) -> Result<(Child, Descendants), StartError> {
        let mut command = tokio::process::Command::new(&self.command.program);
        command
            .args(&self.command.args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // A separate process group: Ctrl-C in the terminal then reaches only the proxy, which stops the
            // child in order.
            .process_group(0)
            .kill_on_drop(true);
        #[cfg(target_os = "linux")]
        die_with_parent(&mut command);
        let descendants = Descendants::mark(&mut command);
        let spawning = self.stdio.spawn_duration().start_timer();
        let child = command.spawn();
        spawning.stop();
        match child {
            Ok(child) => Ok((child, descendants)),
            Err(error) => Err(StartError::Spawn {
                program: self.command.program.clone(),
                error,
            }),
        }
    }
}

/// Asks the kernel to kill the child if the proxy dies without stopping it.
#[cfg(target_os = "linux")]
#[expect(
    unsafe_code,
    reason = "there is no other way to act between fork and exec"
)]
fn die_with_parent(command: &mut tokio::process::Command) {
    use rustix::process::{Signal, getpid, getppid, set_parent_process_death_signal};

    let proxy = getpid();
    let limit = descriptors::limit_at_start();
    let ask = move || {
        limit.map_or(Ok(()), descriptors::restore_limit)?;
        set_parent_process_death_signal(Some(Signal::KILL))?;
        if getppid() == Some(proxy) {
            Ok(())
        } else {
            // The parent has died already, so no signal would come.
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
    };
    // SAFETY: between fork and exec, only async-signal-safe functions may be called. These are three system
    // calls; neither they nor the conversion of their errors allocate, lock or panic.
    unsafe { command.pre_exec(ask) };
}
