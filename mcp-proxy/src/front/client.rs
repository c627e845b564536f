//! The client's end of a session: takes messages from the client, and delivers those for it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use shadowcat_metrics::shadowcat::labels::{Limit, Operation, Status, StreamEnd, Transport};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use crate::front::request::Refusal;
use crate::front::streams::{Asker, Destination, Event, EventId, History, Streams};
use crate::front::{Route, Shared};
use crate::jsonrpc::{Id, Message, Request, Response, code};
use crate::spans::SessionSpan;
use crate::transport::{Edge, Inbox, Incoming, Link, QUEUE};

/// Longest time that a slowly read standing stream delays its session. Later messages for it wait in the history.
const MAX_STALL: Duration = Duration::from_millis(500);

/// Minimum time between two such delays.
const BETWEEN_STALLS: Duration = Duration::from_secs(10);

/// How long a server's request waits for a client that has not opened its standing stream yet. Clients open it right after
/// the handshake.
const BEFORE_LISTENING: Duration = Duration::from_secs(2);

/// The kind of client that a session has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A client of streamable HTTP.
    Streamable,
    /// A client of the older transport.
    Older,
    /// A series of requests that belong to no session, one at a time.
    Stateless,
}

/// A session's client.
#[derive(Debug)]
pub(super) struct Client {
    id: String,
    route: Arc<Route>,
    edge: Edge,
    write_timeout: Duration,
    body_timeout: Duration,
    /// `None` once the client has sent its last message.
    to_session: Mutex<Option<mpsc::Sender<Incoming>>>,
    streams: Mutex<Streams>,
    last_used: Mutex<Instant>,
    closed: CancellationToken,
}

impl Client {
    /// Creates the client of a new session with the server of `route`, and the link for that session.
    pub(super) fn open(
        id: String,
        kind: Kind,
        route: &Arc<Route>,
        shared: &Shared,
    ) -> (Arc<Self>, Link) {
        let settings = &shared.settings;
        let (edge, resumable) = match kind {
            Kind::Older => (&route.older, false),
            Kind::Streamable => (&route.streamable, true),
            Kind::Stateless => (&route.streamable, false),
        };
        let (to_session, incoming) = mpsc::channel(QUEUE);
        let (outgoing, from_session) = mpsc::channel(QUEUE);
        let history = History::new(settings.history_events, settings.history_bytes);
        // The id of a series of requests without a session is not known to its clients.
        let shown_id = Some(&*id).filter(|_| kind != Kind::Stateless);
        let span = SessionSpan::begin(&route.name, shown_id);
        let client = Arc::new(Self {
            id,
            route: Arc::clone(route),
            edge: edge.clone().with_session(span),
            write_timeout: settings.write_timeout,
            body_timeout: settings.body_timeout,
            to_session: Mutex::new(Some(to_session)),
            streams: Mutex::new(Streams::new(history, resumable)),
            last_used: Mutex::new(Instant::now()),
            closed: CancellationToken::new(),
        });
        let ending = Ending(Arc::clone(&client));
        let link = Link {
            incoming: Inbox::new(incoming),
            outgoing,
            writer: tokio::spawn(deliver_all(from_session, ending)),
        };
        (client, link)
    }

    /// Returns the session's id.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Returns the client's transport.
    pub(super) const fn transport(&self) -> Transport {
        self.edge.transport
    }

    /// Returns whether the session is with the server of `route`.
    pub(super) fn is_for(&self, route: &Arc<Route>) -> bool {
        Arc::ptr_eq(&self.route, route)
    }

    /// Returns the edge that the client is on.
    pub(super) const fn edge(&self) -> &Edge {
        &self.edge
    }

    /// Marks the session as used.
    pub(super) fn touch(&self) {
        *self.last_used.lock() = Instant::now();
    }

    /// Returns when the session was last used.
    pub(super) fn last_used(&self) -> Instant {
        *self.last_used.lock()
    }

    /// Returns whether a request is unanswered or the standing stream is open.
    pub(super) fn is_busy(&self) -> bool {
        let streams = self.streams.lock();
        streams.waiting() > 0 || streams.has_standing()
    }

    /// Passes a message to the session as soon as it has room.
    pub(super) async fn pass_to_session(&self, message: Message) -> Result<(), Refusal> {
        let to_session = self.to_session.lock().clone();
        let Some(to_session) = to_session else {
            return Err(Refusal::no_session());
        };
        let passing = to_session.send(Incoming::Message(message));
        match timeout(self.body_timeout, passing).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Refusal::no_session()),
            Err(_) => Err(Refusal::busy("the server is not accepting messages")),
        }
    }

    /// Registers `request` as waiting for its answer.
    pub(super) fn begin(
        self: &Arc<Self>,
        shared: &Shared,
        request: &Request,
        to: Asker,
    ) -> Result<Waiter, Refusal> {
        if let Some(arrival) = &request.arrival {
            arrival.join(&self.edge.session);
        }
        let mut streams = self.open_streams()?;
        if streams.waiting() >= shared.settings.max_requests {
            shared.limits.reached(Limit::Requests);
            let reason = "too many requests are waiting for answers";
            return Err(Refusal::busy(reason).about([request.id.clone()]));
        }
        let Some(begin) = streams.begin(request, to) else {
            let reason = "a request with this id is already in flight";
            let refusal = Refusal::new(hyper::StatusCode::BAD_REQUEST, reason);
            return Err(refusal.about([request.id.clone()]));
        };
        Ok(Waiter {
            client: Arc::clone(self),
            id: request.id.clone(),
            begin,
            armed: true,
        })
    }

    /// Stops waiting for the answer to this request.
    pub(super) fn withdraw(&self, id: &Id) {
        self.streams.lock().withdraw(id, None);
    }

    /// Locks the streams, unless the session has ended. The session cannot end while they are locked, so its
    /// end closes every stream that is opened meanwhile.
    pub(super) fn open_streams(&self) -> Result<MutexGuard<'_, Streams>, Refusal> {
        let streams = self.streams.lock();
        if self.closed.is_cancelled() {
            return Err(Refusal::no_session());
        }
        Ok(streams)
    }

    /// Marks an event as written to the client.
    pub(super) fn wrote(&self, id: EventId) {
        self.edge.count(Operation::Send, Status::Ok);
        self.streams.lock().wrote(id);
    }

    /// Handles an event whose stream is closed or not being read. It is lost unless the stream can be
    /// resumed.
    pub(super) fn unwritten(&self, id: EventId) {
        if !self.streams.lock().keeps(id) {
            self.lose(1);
        }
    }

    /// Counts events that will not reach the client.
    fn lose(&self, events: usize) {
        if events > 0 {
            warn!(
                session = self.id,
                events, "the client is not reading any stream; dropping events"
            );
            let (recorder, side) = (&self.edge.recorder, self.edge.side);
            let failed = recorder.operations(side, Operation::Send, Status::Failed);
            failed.add(events as u64);
        }
    }

    /// Returns the events that waited for room on the standing stream.
    pub(super) fn catch_up(&self) -> VecDeque<Event> {
        self.streams.lock().catch_up()
    }

    /// Closes the client's side. It still receives its answers.
    pub(super) fn hang_up(&self) {
        *self.to_session.lock() = None;
    }

    /// Returns whether [`end`](Self::end) was called.
    pub(super) fn is_closed(&self) -> bool {
        self.closed.is_cancelled()
    }

    /// Returns why the proxy has ended a standing stream.
    pub(super) fn end_of_standing(&self) -> StreamEnd {
        if self.is_closed() {
            StreamEnd::Session
        } else if self.streams.lock().has_standing() {
            StreamEnd::Replaced
        } else {
            StreamEnd::Unread
        }
    }

    /// Waits until [`end`](Self::end) is called.
    pub(super) async fn closed(&self) {
        self.closed.cancelled().await;
    }

    /// Ends the session for its client: answers all waiting requests with an error, and closes all streams.
    pub(super) fn end(&self) {
        self.hang_up();
        let mut streams = self.streams.lock();
        self.closed.cancel();
        for id in streams.unanswered() {
            let error = Response::error(Some(id), code::SERVER_GONE, "the session has ended");
            let message = Message::Response(error);
            let json = self.edge.write(&message);
            let (destination, evicted) = streams.destination(&message, &json);
            self.lose(evicted);
            match destination {
                Destination::Json(asker) => self.answer(asker, &json),
                Destination::Open(live, event) => {
                    let id = event.id;
                    // A client that reads too slowly to have room for the error sees the stream end instead.
                    if live.try_send(event).is_err() && !streams.keeps(id) {
                        self.lose(1);
                    }
                }
                Destination::Lost => self.lose(1),
                Destination::Waits(_) | Destination::NoRecipient | Destination::End => {}
            }
        }
        streams.close();
    }

    /// Delivers one message from the session.
    async fn deliver(self: &Arc<Self>, message: Message) {
        let json = self.edge.write(&message);
        let (destination, evicted) = self.streams.lock().destination(&message, &json);
        self.lose(evicted);
        let request = match message {
            Message::Request(request) => Some(request.id),
            Message::Notification(_) | Message::Response(_) => None,
        };
        match destination {
            Destination::Json(asker) => self.answer(asker, &json),
            Destination::Open(live, event) => {
                drop(json);
                let id = event.id;
                // A slowly read stream holds up the session, but only for a limited time. After that long
                // without a written event, the client is considered to have stopped reading.
                let (may_wait, since) = {
                    let streams = self.streams.lock();
                    (streams.may_fall_behind(id), streams.since_behind())
                };
                let limit = if may_wait {
                    let stalled = since.is_some_and(|since| since < BETWEEN_STALLS);
                    let stall = if stalled { Duration::ZERO } else { MAX_STALL };
                    self.write_timeout.min(stall)
                } else {
                    self.write_timeout
                };
                let sent = tokio::select! {
                    sent = timeout(limit, live.send(event)) => sent,
                    () = self.closed() => return self.unwritten(id),
                };
                match sent {
                    Ok(Ok(())) => {}
                    Ok(Err(_)) => self.unwritten(id),
                    Err(_) if may_wait => self.streams.lock().fall_behind(id),
                    Err(_) => {
                        warn!(session = self.id, "a client is not reading its stream");
                        self.unwritten(id);
                        self.streams.lock().cut(&live);
                    }
                }
            }
            Destination::Waits(event) => {
                if let Some(id) = request {
                    tokio::spawn(Arc::clone(self).refuse_unread(id, event));
                }
            }
            Destination::End => {}
            Destination::Lost => {
                self.lose(1);
                if let Some(id) = request {
                    tokio::spawn(Arc::clone(self).refuse(id));
                }
            }
            Destination::NoRecipient => {
                debug!(
                    session = self.id,
                    "dropping an answer for a client that is gone"
                );
                self.edge.count(Operation::Send, Status::Failed);
            }
        }
    }

    /// Answers a server's request in the place of a client that opens no stream to read it from.
    async fn refuse_unread(self: Arc<Self>, id: Id, event: EventId) {
        tokio::select! {
            () = sleep(BEFORE_LISTENING) => {}
            () = self.closed() => return,
        }
        if self.streams.lock().give_up(event) {
            self.lose(1);
            self.refuse(id).await;
        }
    }

    /// Tells the session that the client will not answer a request.
    async fn refuse(self: Arc<Self>, id: Id) {
        let to_session = self.to_session.lock().clone();
        if let Some(to_session) = to_session {
            let cause = "the client is not reading any stream".to_owned().into();
            let unanswered = Incoming::Unanswered { id, cause };
            // An error means that the session has ended.
            let _ = timeout(self.body_timeout, to_session.send(unanswered)).await;
        }
    }

    pub(super) fn answer(&self, asker: tokio::sync::oneshot::Sender<bytes::Bytes>, json: &[u8]) {
        // The asker counts the answer before the client can see it.
        if asker.send(bytes::Bytes::copy_from_slice(json)).is_err() {
            self.edge.count(Operation::Send, Status::Failed);
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // Every stream has ended too.
        let unwritten = self.streams.lock().unwritten();
        self.lose(unwritten);
    }
}

/// Waits for one answer. Dropping it stops the wait.
#[derive(Debug)]
pub(super) struct Waiter {
    client: Arc<Client>,
    id: Id,
    begin: EventId,
    armed: bool,
}

impl Waiter {
    /// Returns the position at the beginning of the request's stream.
    pub(super) const fn begin(&self) -> EventId {
        self.begin
    }

    /// Keeps the request open after its response is gone: the client gets the answer by resuming the stream, or on the standing
    /// stream of the older transport.
    pub(super) fn leave(mut self) {
        self.armed = false;
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        if self.armed {
            let stream = Some(self.begin.stream);
            self.client.streams.lock().withdraw(&self.id, stream);
        }
    }
}

/// Delivers the session's messages to the streams, until the session or the client ends.
pub(super) async fn deliver_all(mut from_session: mpsc::Receiver<Message>, ending: Ending) {
    let client = &ending.0;
    loop {
        tokio::select! {
            biased;
            () = client.closed() => break,
            message = from_session.recv() => match message {
                Some(message) => client.deliver(message).await,
                None => break,
            }
        }
    }
}

/// Ends the session for its client when dropped, even if the task is aborted.
pub(super) struct Ending(pub(super) Arc<Client>);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.end();
    }
}
