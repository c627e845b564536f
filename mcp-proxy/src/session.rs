//! A session: one client, one server, and the connections to that server one after the other.

pub mod forward;
pub mod handshake;
pub mod in_flight;

use std::pin::pin;
use std::time::Duration;

use shadowcat_metrics::labels::Transport;
use shadowcat_metrics::{Metrics, SessionRecorder};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::session::forward::{
    State, Stopped, client_to_server, expire, fail_all, refuse_all, server_to_client,
};
use crate::session::handshake::Handshake;
use crate::session::in_flight::InFlight;
use crate::transport::{Inbox, Link, Outgoing};
use crate::upstream::{Connection, StartError, Upstream};

/// How long a session waits for others.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// For answers, after the client has no more to say.
    pub drain: Duration,
    /// For the client to take what was answered, at the end.
    pub flush: Duration,
    /// For the answer to one request.
    pub answer: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            drain: Duration::from_secs(30),
            flush: Duration::from_secs(2),
            answer: Duration::from_secs(300),
        }
    }
}

/// Why a session ended.
#[derive(Debug)]
pub enum Ended {
    /// The client had no more to say, or was gone.
    ByClient,
    /// The proxy was asked to stop.
    Stopped,
    /// The server could not be started at all.
    ServerNotStarted(StartError),
    /// The server kept exiting, and was given up.
    ServerGivenUp,
}

/// One client's session.
#[derive(Debug)]
pub struct Session {
    settings: Settings,
    upstream: Upstream,
    state: State,
    recorder: SessionRecorder,
    stop: CancellationToken,
}

/// What a child that has exited may leave in its pipe is read in this time, unless an heir keeps the pipe open.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// Why a connection to a child is over.
enum Over {
    Client,
    Server,
    Stop,
}

impl From<Stopped> for Over {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::ClientAtEnd | Stopped::ClientGone => Self::Client,
            Stopped::ServerAtEnd | Stopped::ServerGone => Self::Server,
        }
    }
}

impl Session {
    /// A session of a client on `transport` with the server `upstream`. It ends early when `stop` is cancelled.
    #[must_use]
    pub fn new(
        metrics: &Metrics,
        transport: Transport,
        upstream: Upstream,
        settings: Settings,
        stop: CancellationToken,
    ) -> Self {
        let state = State {
            to_server: InFlight::new(metrics, transport),
            to_client: InFlight::new(metrics, transport),
            handshake: Handshake::default(),
        };
        Self {
            settings,
            upstream,
            state,
            recorder: metrics.session(transport),
            stop,
        }
    }

    /// Carries messages until one side or the other has had enough, and leaves nothing behind.
    pub async fn run(mut self, client: Link) -> Ended {
        // Up now, down when this function is left, by whatever way.
        let recorder = self.recorder.clone();
        let _active = recorder.active().track();

        let Link {
            incoming: mut inbox,
            outgoing,
            mut writer,
        } = client;
        let ended = self.serve(&mut inbox, &outgoing).await;

        let farewell = async {
            fail_all("the session has ended", &self.state.to_server, &outgoing).await;
            refuse_all("there is no server", &mut inbox, &outgoing, &self.state).await;
        };
        let farewell_taken = timeout(self.settings.flush, farewell).await.is_ok();
        self.state.to_server.abandon_all();
        self.state.to_client.abandon_all();
        drop(outgoing);
        if !farewell_taken || timeout(self.settings.flush, &mut writer).await.is_err() {
            warn!("the client does not take its answers");
            writer.abort();
        }
        ended
    }

    /// Runs the server, again and again if need be.
    async fn serve(&mut self, from_client: &mut Inbox, client: &Outgoing) -> Ended {
        let mut connection = tokio::select! {
            () = self.stop.cancelled() => return Ended::Stopped,
            started = self.upstream.start() => match started {
                Ok(connection) => connection,
                Err(error) => return Ended::ServerNotStarted(error),
            },
        };
        loop {
            let over = self.exchange(from_client, client, &mut connection).await;
            let ran = connection.peer.age();
            match over {
                Over::Client => {
                    self.close(connection).await;
                    return Ended::ByClient;
                }
                Over::Stop => {
                    self.close(connection).await;
                    return Ended::Stopped;
                }
                Over::Server => {
                    connection.link.writer.abort();
                    connection.peer.bury().await;
                }
            }
            self.state.to_client.abandon_all();
            tokio::select! {
                () = self.stop.cancelled() => return Ended::Stopped,
                _ = fail_all("the server went away before it answered", &self.state.to_server, client) => {}
            }
            connection = match self.reconnect(ran, from_client).await {
                Ok(connection) => connection,
                Err(ended) => return ended,
            };
        }
    }

    /// Carries messages both ways until there is a reason to stop.
    async fn exchange(
        &self,
        from_client: &mut Inbox,
        client: &Outgoing,
        connection: &mut Connection,
    ) -> Over {
        let Connection { link, peer } = connection;
        let server = &link.outgoing;
        let mut upwards = pin!(client_to_server(from_client, server, client, &self.state));
        let mut downwards = pin!(server_to_client(
            &mut link.incoming,
            client,
            server,
            &self.state
        ));
        let mut deadlines = pin!(expire(self.settings.answer, server, client, &self.state));
        let stopped = tokio::select! {
            () = self.stop.cancelled() => return Over::Stop,
            stopped = &mut deadlines => return stopped.into(),
            stopped = &mut downwards => return stopped.into(),
            stopped = &mut upwards => stopped,
            () = peer.gone() => Stopped::ServerGone,
        };
        let stopped = match stopped {
            Stopped::ClientAtEnd => tokio::select! {
                () = self.stop.cancelled() => return Over::Stop,
                () = self.state.to_server.empty() => return Over::Client,
                () = sleep(self.settings.drain) => return Over::Client,
                stopped = &mut deadlines => return stopped.into(),
                stopped = &mut downwards => return stopped.into(),
                // A crash is a crash, also when the client has hung up and waits for nothing but the answer.
                () = peer.gone() => Stopped::ServerGone,
            },
            Stopped::ClientGone | Stopped::ServerAtEnd | Stopped::ServerGone => stopped,
        };
        if stopped == Stopped::ServerGone {
            // What a child that has exited left in its pipe still counts.
            let _ = timeout(LAST_WORDS, downwards).await;
        }
        stopped.into()
    }

    /// Starts the server again, after a wait that grows, and opens the session with it anew.
    async fn reconnect(
        &mut self,
        mut ran: Duration,
        from_client: &mut Inbox,
    ) -> Result<Connection, Ended> {
        loop {
            let backoff = self.upstream.backoff();
            backoff.lasted(ran);
            let Some(wait) = backoff.next_wait() else {
                return Err(Ended::ServerGivenUp);
            };
            info!(?wait, "waiting before the restart");
            tokio::select! {
                () = self.stop.cancelled() => return Err(Ended::Stopped),
                () = from_client.ended() => return Err(Ended::ByClient),
                () = sleep(wait) => {}
            }
            let restarted = tokio::select! {
                () = self.stop.cancelled() => return Err(Ended::Stopped),
                restarted = self.upstream.restart() => restarted,
            };
            let mut connection = match restarted {
                Ok(connection) => connection,
                Err(error) => {
                    warn!(%error, "the restart failed");
                    ran = Duration::ZERO;
                    continue;
                }
            };
            tokio::select! {
                () = self.stop.cancelled() => {
                    self.close(connection).await;
                    return Err(Ended::Stopped);
                }
                opened = self.state.handshake.replay(&mut connection.link) => if opened {
                    return Ok(connection);
                }
            }
            ran = connection.peer.age();
            connection.link.writer.abort();
            connection.peer.bury().await;
        }
    }

    /// Ends a connection in order.
    async fn close(&self, connection: Connection) {
        let Connection {
            link:
                Link {
                    mut incoming,
                    outgoing,
                    mut writer,
                },
            peer,
        } = connection;
        // The end of its input is the first thing that tells a server to exit.
        drop(outgoing);
        let discard = async {
            // A child that cannot get rid of its output might never come to its end.
            while incoming.next().await.is_some() {}
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = peer.shut_down(&mut writer) => {}
            () = discard => {}
        }
        writer.abort();
    }
}
