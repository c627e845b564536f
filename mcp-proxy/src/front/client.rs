//! One session, seen from its client: what the client sends goes in, and what it is to get comes out.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use shadowcat_metrics::shadowcat::labels::{Limit, Operation, Status, Transport};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use crate::front::Shared;
use crate::front::request::Refusal;
use crate::front::streams::{Asker, EventId, History, Live, Streams, Way};
use crate::jsonrpc::{Id, Message, Request, Response, code};
use crate::transport::{Edge, Inbox, Incoming, Link, QUEUE};

/// What kind of client has a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// One of streamable HTTP.
    Streamable,
    /// One of the older transport.
    Older,
    /// One after the other, each for a request that belongs to no session.
    Stateless,
}

/// A session's client.
#[derive(Debug)]
pub(super) struct Client {
    id: String,
    transport: Transport,
    edge: Edge,
    write_timeout: Duration,
    body_timeout: Duration,
    /// None once the client has no more to say.
    to_session: Mutex<Option<mpsc::Sender<Incoming>>>,
    streams: Mutex<Streams>,
    last_used: Mutex<Instant>,
    closed: CancellationToken,
}

impl Client {
    /// A client that has just come, and the link for its session.
    pub(super) fn open(id: String, kind: Kind, shared: &Shared) -> (Arc<Self>, Link) {
        let settings = &shared.settings;
        let (transport, edge, resumable) = match kind {
            Kind::Older => (Transport::Sse, &shared.older, false),
            Kind::Streamable => (Transport::Http, &shared.streamable, true),
            Kind::Stateless => (Transport::Http, &shared.streamable, false),
        };
        let (to_session, incoming) = mpsc::channel(QUEUE);
        let (outgoing, from_session) = mpsc::channel(QUEUE);
        let history = History::new(settings.history_events, settings.history_bytes);
        let client = Arc::new(Self {
            id,
            transport,
            edge: edge.for_new_link(),
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
            writer: tokio::spawn(hand_out(from_session, ending)),
        };
        (client, link)
    }

    /// What the client names its session by.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// What it came over.
    pub(super) const fn transport(&self) -> Transport {
        self.transport
    }

    /// The side of the proxy that it is on.
    pub(super) const fn edge(&self) -> &Edge {
        &self.edge
    }

    /// The session is used now.
    pub(super) fn touch(&self) {
        *self
            .last_used
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// When it was used last.
    pub(super) fn last_used(&self) -> Instant {
        *self
            .last_used
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a request waits, or the standing stream is open.
    pub(super) fn is_busy(&self) -> bool {
        let streams = self.streams();
        streams.waiting() > 0 || streams.stands()
    }

    /// Hands a message to the session, once there is room for it.
    pub(super) async fn hand_in(&self, message: Message) -> Result<(), Refusal> {
        let to_session = {
            let to_session = self.to_session.lock();
            to_session.unwrap_or_else(PoisonError::into_inner).clone()
        };
        let Some(to_session) = to_session else {
            return Err(Refusal::no_session());
        };
        match timeout(
            self.body_timeout,
            to_session.send(Incoming::Message(message)),
        )
        .await
        {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Refusal::no_session()),
            Err(_) => Err(Refusal::busy("the server takes no messages")),
        }
    }

    /// Begins to wait for the answer to `request`.
    pub(super) fn begin(
        self: &Arc<Self>,
        shared: &Shared,
        request: &Request,
        to: Asker,
    ) -> Result<Waiter, Refusal> {
        let mut streams = self.open_streams()?;
        if streams.waiting() >= shared.settings.max_requests {
            shared.limits.reached(Limit::Requests);
            let reason = "as many requests as are allowed wait for their answers";
            return Err(Refusal::busy(reason).about(Some(request.id.clone())));
        }
        let Some(stream) = streams.begin(request, to) else {
            let reason = "a request with this id is in flight";
            let refusal = Refusal::new(hyper::StatusCode::BAD_REQUEST, reason);
            return Err(refusal.about(Some(request.id.clone())));
        };
        Ok(Waiter {
            client: Arc::clone(self),
            id: request.id.clone(),
            stream,
            armed: true,
        })
    }

    /// The client wants no answer to this request any longer.
    pub(super) fn withdraw(&self, id: &Id) {
        self.streams().withdraw(id, None);
    }

    /// All that is known of the streams.
    fn streams(&self) -> MutexGuard<'_, Streams> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The streams, unless the session is over. While they are held it does not end, so what is opened now is closed then.
    pub(super) fn open_streams(&self) -> Result<MutexGuard<'_, Streams>, Refusal> {
        let streams = self.streams();
        if self.closed.is_cancelled() {
            return Err(Refusal::no_session());
        }
        Ok(streams)
    }

    /// An event is on its way to the client.
    pub(super) fn wrote(&self, id: EventId) {
        self.edge.count(Operation::Send, Status::Ok);
        self.streams().wrote(id);
    }

    /// An event's stream is gone, or is not read. It is lost unless the stream can be taken up again.
    pub(super) fn unwritten(&self, id: EventId) {
        if !self.streams().keeps(id) {
            self.lose(1);
        }
    }

    /// Events that the client will not get any more.
    fn lose(&self, events: usize) {
        if events > 0 {
            warn!(
                session = self.id,
                events, "the client reads no stream; dropping events"
            );
            let operations = &self.edge.recorder;
            operations
                .operations(self.edge.side, Operation::Send, Status::Failed)
                .add(events as u64);
        }
    }

    /// The client has no more to say. It still gets its answers.
    pub(super) fn hang_up(&self) {
        let mut to_session = self
            .to_session
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *to_session = None;
    }

    /// Whether [`end`](Self::end) was called.
    pub(super) fn is_closed(&self) -> bool {
        self.closed.is_cancelled()
    }

    /// Waits until [`end`](Self::end) is called.
    pub(super) async fn closed(&self) {
        self.closed.cancelled().await;
    }

    /// Ends the session for its client: whoever waits is answered with an error, and all streams end.
    pub(super) fn end(&self) {
        self.hang_up();
        let mut streams = self.streams();
        self.closed.cancel();
        for id in streams.unanswered() {
            let error = Response::error(Some(id), code::SERVER_GONE, "the session has ended");
            let message = Message::Response(error);
            let json = self.edge.write(&message);
            let (way, evicted) = streams.way(&message, &json);
            self.lose(evicted);
            match way {
                Way::Json(asker) => self.answer(asker, &json),
                Way::Open(live, event) => {
                    let id = event.id;
                    // Who reads so slowly that there is no room is told by the stream's end.
                    if live.try_send(event).is_err() && !streams.keeps(id) {
                        self.lose(1);
                    }
                }
                Way::Lost => self.lose(1),
                Way::Waits | Way::Nowhere | Way::End => {}
            }
        }
        streams.close();
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // All streams are gone as well.
        let unwritten = self.streams().unwritten();
        self.lose(unwritten);
    }
}

/// Waits for one answer; if dropped before, nobody waits any longer.
#[derive(Debug)]
pub(super) struct Waiter {
    client: Arc<Client>,
    id: Id,
    stream: u64,
    armed: bool,
}

impl Waiter {
    /// The answer may come later than whoever asked is here: it can be had by resuming the stream.
    pub(super) fn leave(mut self) {
        self.armed = false;
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        if self.armed {
            self.client.streams().withdraw(&self.id, Some(self.stream));
        }
    }
}

impl Client {
    /// Sends one message of the session's on its way.
    async fn hand_out(&self, message: Message) {
        let json = self.edge.write(&message);
        let (way, evicted) = self.streams().way(&message, &json);
        self.lose(evicted);
        drop(message);
        match way {
            Way::Json(asker) => self.answer(asker, &json),
            Way::Open(live, event) => {
                drop(json);
                let id = event.id;
                // A stream that is read slowly holds up the session, but not for ever: without room, and without an
                // event written for that long, it is not read at all.
                let sent = tokio::select! {
                    sent = timeout(self.write_timeout, live.send(event)) => sent,
                    () = self.closed() => return self.unwritten(id),
                };
                match sent {
                    Ok(Ok(())) => {}
                    Ok(Err(_)) => self.unwritten(id),
                    Err(_) => {
                        warn!(session = self.id, "a client does not read its stream");
                        self.unwritten(id);
                        self.give_up(&live);
                    }
                }
            }
            Way::Waits | Way::End => {}
            Way::Lost => self.lose(1),
            Way::Nowhere => {
                debug!(session = self.id, "an answer for a client that is gone");
                self.edge.count(Operation::Send, Status::Failed);
            }
        }
    }

    pub(super) fn answer(&self, asker: tokio::sync::oneshot::Sender<bytes::Bytes>, json: &[u8]) {
        // Whoever takes it counts it, before the client can have it.
        if asker.send(bytes::Bytes::copy_from_slice(json)).is_err() {
            self.edge.count(Operation::Send, Status::Failed);
        }
    }

    /// Lets a stream that is not read end.
    fn give_up(&self, live: &Live) {
        self.streams().cut(live);
    }
}

/// Carries what the session says to the streams, until one of them has had enough.
pub(super) async fn hand_out(mut from_session: mpsc::Receiver<Message>, ending: Ending) {
    let client = &ending.0;
    loop {
        tokio::select! {
            biased;
            () = client.closed() => break,
            message = from_session.recv() => match message {
                Some(message) => client.hand_out(message).await,
                None => break,
            }
        }
    }
}

/// Ends the session for its client when the task is over, also if it was aborted.
pub(super) struct Ending(pub(super) Arc<Client>);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.end();
    }
}
