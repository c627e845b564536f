//! What is at the other end of a connection to a server, for as long as that one connection lasts.

use std::time::{Duration, Instant};

use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::{CancellationToken, DropGuard};
use tracing::warn;

use crate::process::ManagedChild;

/// A server that was reached.
#[derive(Debug)]
pub enum Peer {
    /// A process that the proxy has started, and must end.
    Child(Box<ManagedChild>),
    /// A server somewhere else, which lives on.
    Remote(Remote),
}

/// The proxy's end of a connection to a server that it has not started.
#[derive(Debug)]
pub struct Remote {
    opened: Instant,
    /// How long what was put into the link may take to be sent at the end.
    patience: Duration,
    /// Stops the tasks of the link when this is dropped.
    _tasks: DropGuard,
}

impl Remote {
    /// Reached just now. The tasks of its link stop when `tasks` is cancelled, which dropping this does.
    #[must_use]
    pub fn new(tasks: CancellationToken, patience: Duration) -> Self {
        Self {
            opened: Instant::now(),
            patience,
            _tasks: tasks.drop_guard(),
        }
    }
}

impl Peer {
    /// How long ago it was reached.
    #[must_use]
    pub fn age(&self) -> Duration {
        match self {
            Self::Child(child) => child.age(),
            Self::Remote(remote) => remote.opened.elapsed(),
        }
    }

    /// Waits until it is gone. Of a server that is somewhere else nothing tells but the end of the link.
    pub async fn gone(&mut self) {
        match self {
            Self::Child(child) => {
                child.exited().await;
            }
            Self::Remote(_) => std::future::pending().await,
        }
    }

    /// It is gone, or has hung up, unasked: leaves nothing of it behind.
    pub async fn bury(self) {
        match self {
            Self::Child(child) => child.bury().await,
            Self::Remote(remote) => drop(remote),
        }
    }

    /// Ends the connection, whose link's `outgoing` was dropped just now.
    pub async fn shut_down(self, writer: &mut JoinHandle<()>) {
        match self {
            Self::Child(child) => {
                child.shut_down().await;
            }
            Self::Remote(remote) => {
                if timeout(remote.patience, writer).await.is_err() {
                    warn!("the server does not take its last messages");
                }
            }
        }
    }
}
