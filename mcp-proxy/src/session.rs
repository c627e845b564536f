//! A session: one client, one server, and the successive connections to that server.

pub mod forward;
pub mod handshake;
pub mod in_flight;
pub mod waiting;

use std::future::pending;
use std::pin::pin;
use std::time::Duration;

use shadowcat_metrics::shadowcat::labels::Transport;
use shadowcat_metrics::shadowcat::{Metrics, SessionRecorder};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::session::forward::{
    ClientGone, State, client_to_server, expire, fail_handed_on, refuse_all, server_to_client,
    take_in,
};
use crate::session::handshake::Handshake;
use crate::session::in_flight::InFlight;
use crate::session::waiting::Waiting;
use crate::spans::SessionSpan;
use crate::transport::{Link, Outgoing};
use crate::upstream::{Connection, StartError, Upstream};

/// Time limits of a session.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// For pending answers, after the client has sent its last message.
    pub drain: Duration,
    /// For the client to read its last answers.
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
    /// The client has closed or lost its connection.
    ByClient,
    /// The proxy was asked to stop.
    Stopped,
    /// The first start of the server failed.
    ServerNotStarted(StartError),
    /// The server kept exiting, and the proxy gave up.
    ServerGivenUp,
}

impl Ended {
    /// Returns the reason in spans.
    const fn reason(&self) -> &'static str {
        match self {
            Self::ByClient => "client",
            Self::Stopped => "stopped",
            Self::ServerNotStarted(_) => "server_not_started",
            Self::ServerGivenUp => "server_given_up",
        }
    }
}

/// One client's session.
#[derive(Debug)]
pub struct Session {
    settings: Settings,
    upstream: Upstream,
    state: State,
    recorder: SessionRecorder,
    stop: CancellationToken,
    span: SessionSpan,
}

/// Time to read the rest of an exited child's pipe, in case another process keeps the pipe open.
const PIPE_DRAIN: Duration = Duration::from_millis(200);

impl Session {
    /// Creates a session between a client on `transport` and the server `upstream`. Cancelling `stop` ends it
    /// early.
    #[must_use]
    pub fn new(
        metrics: &Metrics,
        transport: Transport,
        upstream: Upstream,
        settings: Settings,
        stop: CancellationToken,
    ) -> Self {
        let state = State {
            to_server: InFlight::default(),
            to_client: InFlight::default(),
            waiting: Waiting::default(),
            handshake: Handshake::default(),
        };
        Self {
            settings,
            upstream,
            state,
            recorder: metrics.session(transport),
            stop,
            span: SessionSpan::default(),
        }
    }

    /// Sets the span of the session.
    #[must_use]
    pub fn with_span(mut self, span: SessionSpan) -> Self {
        self.upstream.set_session(span.clone());
        Self { span, ..self }
    }

    /// Forwards messages until one side ends, and releases everything.
    pub async fn run(self, client: Link) -> Ended {
        let Self {
            settings,
            upstream,
            state,
            recorder,
            stop,
            span,
        } = self;
        // Decremented on every path out of this function.
        let _active = recorder.active().track();
        let Link {
            incoming: mut inbox,
            outgoing,
            mut writer,
        } = client;
        let gone = CancellationToken::new();
        let mut carrying = RunningSession {
            settings,
            upstream,
            state: &state,
            client: &outgoing,
            stop,
            gone: gone.clone(),
        };
        let ended = {
            let mut carrying = pin!(carrying.run());
            let attending = async {
                tokio::select! {
                    Err(ClientGone) = take_in(&mut inbox, &outgoing, &state) => {}
                    Err(ClientGone) = expire(settings.answer, &outgoing, &state) => {}
                    () = outgoing.closed() => {}
                }
            };
            tokio::select! {
                ended = &mut carrying => ended,
                () = attending => {
                    gone.cancel();
                    carrying.await
                }
            }
        };
        state.to_client.cancel_all();
        if matches!(ended, Ended::ByClient) {
            state.to_server.cancel_subscriptions();
        }
        if !gone.is_cancelled() {
            let farewell = refuse_all(&mut inbox, &outgoing, &state);
            if timeout(settings.flush, farewell).await.is_err() {
                warn!("the client is not reading its answers");
            }
        }
        // The senders are gone, or no longer read.
        state.to_server.cancel_all();
        span.end(ended.reason());
        drop(outgoing);
        if timeout(settings.flush, &mut writer).await.is_err() {
            warn!("the client did not read its last messages");
            writer.abort();
        }
        ended
    }
}

/// The state of a running session.
struct RunningSession<'a> {
    settings: Settings,
    upstream: Upstream,
    state: &'a State,
    client: &'a Outgoing,
    stop: CancellationToken,
    /// Cancelled when the client no longer reads.
    gone: CancellationToken,
}

impl RunningSession<'_> {
    /// Runs the server, and restarts it as needed.
    async fn run(&mut self) -> Ended {
        let mut connection = tokio::select! {
            ended = self.interrupted() => return ended,
            started = self.upstream.start() => match started {
                Ok(connection) => connection,
                Err(error) => return Ended::ServerNotStarted(error),
            },
        };
        loop {
            let ended = self.exchange(&mut connection).await;
            let ran = connection.peer.age();
            if let Some(ended) = ended {
                self.close(connection).await;
                return ended;
            }
            connection.reap().await;
            self.state.to_client.cancel_all();
            let reason = "the server went away before it answered";
            tokio::select! {
                ended = self.interrupted() => return ended,
                _ = fail_handed_on(reason, &self.state.to_server, self.client) => {}
            }
            connection = match self.reconnect(ran).await {
                Ok(connection) => connection,
                Err(ended) => return ended,
            };
        }
    }

    /// Waits until the proxy is asked to stop, or the client no longer reads.
    async fn interrupted(&self) -> Ended {
        tokio::select! {
            () = self.stop.cancelled() => Ended::Stopped,
            () = self.gone.cancelled() => Ended::ByClient,
        }
    }

    /// Forwards messages in both directions. Returns why the session has ended, or `None` if only the server is gone.
    async fn exchange(&self, connection: &mut Connection) -> Option<Ended> {
        let Connection { link, peer } = connection;
        let server = &link.outgoing;
        let mut downwards = pin!(server_to_client(
            &mut link.incoming,
            self.client,
            server,
            self.state
        ));
        tokio::select! {
            ended = self.interrupted() => return Some(ended),
            () = self.finished() => return Some(Ended::ByClient),
            over = &mut downwards => return over.err().map(|ClientGone| Ended::ByClient),
            () = client_to_server(server, self.state) => {}
            // A crash counts as one even if the client has closed its side and only waits for answers.
            () = peer.gone() => {}
        }
        // Messages that an exited child left in its pipe still count.
        let _ = timeout(PIPE_DRAIN, downwards).await;
        None
    }

    /// Waits, for a limited time, until the client is finished and has its answers, and the server its
    /// messages.
    async fn finished(&self) {
        let State {
            waiting, to_server, ..
        } = self.state;
        waiting.ended().await;
        let answered = async {
            to_server.empty().await;
            // A server that does not read may miss the rest.
            let _ = timeout(self.settings.flush, waiting.over()).await;
        };
        let _ = timeout(self.settings.drain, answered).await;
    }

    /// Restarts the server after an increasing delay, and repeats the handshake.
    async fn reconnect(&mut self, mut ran: Duration) -> Result<Connection, Ended> {
        loop {
            let backoff = self.upstream.backoff();
            backoff.lasted(ran);
            let Some(wait) = backoff.next_wait() else {
                return Err(Ended::ServerGivenUp);
            };
            info!(?wait, "waiting before the restart");
            tokio::select! {
                ended = self.interrupted() => return Err(ended),
                () = self.finished() => return Err(Ended::ByClient),
                () = sleep(wait) => {}
            }
            let restarted = tokio::select! {
                ended = self.interrupted() => return Err(ended),
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
            let opened = tokio::select! {
                ended = self.interrupted() => Err(ended),
                opened = self.state.handshake.replay(&mut connection.link) => Ok(opened),
            };
            match opened {
                Ok(true) => return Ok(connection),
                Ok(false) => {
                    ran = connection.peer.age();
                    connection.reap().await;
                }
                Err(ended) => {
                    self.close(connection).await;
                    return Err(ended);
                }
            }
        }
    }

    /// Closes a connection in order.
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
        // The end of its input is the first request to exit.
        drop(outgoing);
        let discard = async {
            // A child whose output is not read might never exit.
            while incoming.next().await.is_some() {}
            pending::<()>().await;
        };
        tokio::select! {
            () = peer.shut_down(&mut writer) => {}
            () = discard => {}
        }
        writer.abort();
    }
}
