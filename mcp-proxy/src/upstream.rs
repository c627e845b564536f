//! Servers behind the proxy, whatever transport reaches them: how to get a connection to one, and how to end it.

pub mod backoff;
pub mod open;
pub mod peer;
pub mod remote;
pub mod spec;

use std::ffi::OsString;

use shadowcat_metrics::labels::Transport;

use crate::process::ProcessManager;
use crate::transport::Link;

pub use backoff::{Backoff, BackoffPolicy};
pub use open::Opener;
pub use peer::{Peer, Remote};
pub use remote::RemoteServer;
pub use spec::{Spec, Target};

/// A server, and all that is needed to reach it again and again.
#[derive(Debug)]
pub enum Upstream {
    /// Reached by starting it.
    Stdio(ProcessManager),
    /// Reached over streamable HTTP.
    Http(RemoteServer),
    /// Reached over the older HTTP with server-sent events.
    Sse(RemoteServer),
}

/// A server that was reached, and the link to it.
#[derive(Debug)]
pub struct Connection {
    /// Messages from and to the server.
    pub link: Link,
    /// What is at the other end.
    pub peer: Peer,
}

/// Why a server could not be reached.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// There is no connection to be had, or no valid answer over it.
    #[error("cannot reach {url}: {reason}")]
    Connect {
        /// Where the server should be.
        url: String,
        /// What went wrong.
        reason: String,
    },
    /// The system did not start the program.
    #[error("cannot start {program:?}: {error}")]
    Spawn {
        /// What was to be started.
        program: OsString,
        /// What the system said.
        error: std::io::Error,
    },
}

impl Upstream {
    /// The transport that reaches it.
    #[must_use]
    pub const fn transport(&self) -> Transport {
        match self {
            Self::Stdio(_) => Transport::Stdio,
            Self::Http(_) => Transport::Http,
            Self::Sse(_) => Transport::Sse,
        }
    }

    /// Reaches the server.
    ///
    /// # Errors
    ///
    /// If it cannot be reached.
    pub async fn start(&self) -> Result<Connection, StartError> {
        match self {
            Self::Stdio(manager) => manager.start(),
            Self::Http(server) => server.connect(),
            Self::Sse(server) => server.connect_older().await,
        }
    }

    /// Reaches the server anew, after a connection has ended unasked.
    ///
    /// # Errors
    ///
    /// If it cannot be reached.
    pub async fn restart(&self) -> Result<Connection, StartError> {
        match self {
            Self::Stdio(manager) => manager.restart(),
            Self::Http(_) | Self::Sse(_) => self.start().await,
        }
    }

    /// When to reach it anew, and when to give up.
    pub const fn backoff(&mut self) -> &mut Backoff {
        match self {
            Self::Stdio(manager) => &mut manager.backoff,
            Self::Http(server) | Self::Sse(server) => &mut server.backoff,
        }
    }
}
