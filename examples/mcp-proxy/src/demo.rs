//! The demo: the proxy, real child processes behind it, and clients in front of it that know what they have sent.
//! At the end the metrics are held against what the clients know.

pub mod answers;
pub mod checks;
pub mod client;
pub mod report;
pub mod table;
pub mod tally;
pub mod traffic;
pub mod watch;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

use shadowcat_metrics::Metrics;
use shadowcat_metrics::labels::{Pool, Server, Transport};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::error;

use crate::demo::client::{Client, ClientError};
use crate::demo::report::Report;
use crate::demo::tally::{Books, Tally};
use crate::demo::traffic::{PERSONAS, Persona, plan};
use crate::demo::watch::{Peaks, watch};
use crate::pool::Pools;
use crate::process::{Backoff, BackoffPolicy, Command, ProcessManager, ShutdownPolicy};
use crate::proxy::{Session, Settings};
use crate::transport::{Edge, stdio};
use crate::upstream::Upstream;

/// Size limit of one message in the demo, in bytes: small, so that going over it is cheap.
pub const MAX_MESSAGE: usize = 1024 * 1024;

/// Room in the pipe between a client and the proxy, in bytes.
const PIPE: usize = 64 * 1024;

/// The demo's own patience with children: little, so that there is much to see in a short time.
const BACKOFF: BackoffPolicy = BackoffPolicy {
    first: Duration::from_millis(50),
    longest: Duration::from_secs(1),
    stable_after: Duration::from_millis(500),
    most_restarts: 20,
};
const SHUTDOWN: ShutdownPolicy = ShutdownPolicy {
    after_end_of_input: Duration::from_millis(250),
    after_sigterm: Duration::from_millis(150),
};

/// Everything that the demo's clients share.
#[derive(Debug, Clone)]
struct Demo {
    metrics: Metrics,
    pools: Pools,
    /// Of the clients of each transport.
    tallies: BTreeMap<Transport, Arc<Tally>>,
    /// The program that is the servers: this one.
    program: OsString,
    seed: u64,
    stop: CancellationToken,
}

/// Runs traffic until `stop` is cancelled, and at least until every client has finished its first session.
///
/// # Errors
///
/// If this program's own path cannot be had, which the servers are started by.
pub async fn run(metrics: &Metrics, seed: u64, stop: CancellationToken) -> std::io::Result<Report> {
    let demo = Demo {
        metrics: metrics.clone(),
        pools: Pools::new(metrics),
        tallies: Transport::ALL
            .map(|transport| (transport, Arc::default()))
            .into(),
        program: std::env::current_exe()?.into_os_string(),
        seed,
        stop,
    };
    // A server's series live as long as something refers to its label value. The report is to find them.
    let servers: Vec<Server> = PERSONAS
        .iter()
        .map(|persona| metrics.server(persona.server))
        .collect();

    let watching = CancellationToken::new();
    let watcher = tokio::spawn(watch(metrics.clone(), watching.clone()));
    let mut clients = JoinSet::new();
    for (number, (persona, server)) in (0..).zip(PERSONAS.iter().zip(servers.clone())) {
        clients.spawn(demo.clone().run_client(number, persona, server));
    }
    let understood = clients
        .join_all()
        .await
        .into_iter()
        .all(|understood| understood);
    watching.cancel();
    let peaks: Peaks = watcher.await.unwrap_or_default();
    settle(metrics).await;

    Ok(Report::new(
        metrics,
        demo.books(),
        &peaks,
        understood,
        servers,
    ))
}

/// Waits until the last readers of pipes have given their buffers back, which they do when they see that the other end is
/// closed: soon after the session. One that never does is a leak, and the report will say so.
async fn settle(metrics: &Metrics) {
    const PATIENCE: Duration = Duration::from_secs(2);
    const PAUSE: Duration = Duration::from_millis(10);
    let returned = async {
        let in_use = |pool: &Pool| metrics.snapshot().buffer_pool(*pool).in_use() != 0;
        while Pool::ALL.iter().any(in_use) {
            sleep(PAUSE).await;
        }
    };
    let _ = timeout(PATIENCE, returned).await;
}

impl Demo {
    /// What the clients of those transports wrote down that had any.
    fn books(&self) -> Books {
        let used = |transport: &Transport| {
            PERSONAS
                .iter()
                .any(|persona| persona.transport == *transport)
        };
        let tallies = self.tallies.iter().filter(|(transport, _)| used(transport));
        tallies
            .map(|(&transport, tally)| (transport, tally.counts()))
            .collect()
    }

    /// One session after the other. False if client and proxy did not understand each other.
    async fn run_client(self, number: u64, persona: &'static Persona, server: Server) -> bool {
        for session in 0.. {
            if session > 0 && self.stop.is_cancelled() {
                break;
            }
            if let Err(error) = self
                .run_session(number, persona, server.clone(), session)
                .await
            {
                error!(server = persona.server, %error, "a client was let down");
                return false;
            }
        }
        true
    }

    async fn run_session(
        &self,
        number: u64,
        persona: &'static Persona,
        server: Server,
        session: u64,
    ) -> Result<(), ClientError> {
        let tally = &self.tallies[&persona.transport];
        let (near, far) = tokio::io::duplex(PIPE);
        let proxy = tokio::spawn(self.session(persona, server).run(self.front(far)));
        let client = Client::connect(near, Arc::clone(tally));

        client.initialize().await?;
        for step in plan(persona, self.seed, number, session) {
            if session > 0 && self.stop.is_cancelled() {
                break;
            }
            client.perform(step).await?;
            if step == traffic::Step::Crash {
                tally
                    .lock()
                    .servers
                    .entry(persona.server)
                    .or_default()
                    .crashes += 1;
            }
        }
        client.hang_up().await?;
        let ended = proxy
            .await
            .map_err(|panic| ClientError::HungUp(panic.into()))?;
        tracing::debug!(server = persona.server, ?ended, "session over");
        tally
            .lock()
            .servers
            .entry(persona.server)
            .or_default()
            .sessions += 1;
        Ok(())
    }

    /// The proxy's link to a client at the other end of `stream`.
    fn front(&self, stream: tokio::io::DuplexStream) -> crate::transport::Link {
        let (reader, writer) = tokio::io::split(stream);
        let edge = Edge::to_client(&self.metrics, Transport::Stdio, self.pools.clone());
        stdio::open(reader, writer, &edge.with_max_message(MAX_MESSAGE), None)
    }

    fn session(&self, persona: &Persona, server: Server) -> Session {
        let stubborn = persona.stubborn.then(|| OsString::from("--stubborn"));
        let args = std::iter::once(OsString::from("server"))
            .chain(stubborn)
            .collect();
        let command = Command {
            program: self.program.clone(),
            args,
        };
        let edge = Edge::to_server(&self.metrics, Transport::Stdio, self.pools.clone());
        let mut manager = ProcessManager::new(
            &self.metrics,
            server,
            command,
            edge.with_max_message(MAX_MESSAGE),
        );
        manager.backoff = Backoff::new(BACKOFF);
        manager.shutdown = SHUTDOWN;
        // A session ends with its client. The demo's own stop is for the clients, so that all their books are closed.
        Session::new(
            &self.metrics,
            Transport::Stdio,
            Upstream::Stdio(manager),
            Settings::default(),
            CancellationToken::new(),
        )
    }
}
