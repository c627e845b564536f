//! Chooses the stream for each message of a session, and keeps the events that the streams have carried.
//!
//! An answer goes to the sender of the request. Progress goes to the stream of its request. Any other message
//! from the server goes to the stream of the only request in flight, because it probably belongs to it; if
//! there are several or none, it goes to the standing stream, and if that is closed, to the stream of the
//! newest request. If no stream is open at all, it waits in the history for the standing stream.

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::str::FromStr;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame};
use memchr::{memchr, memmem};
use serde::Deserialize;
use shadowcat_metrics::shadowcat::labels::{NotificationStream, StreamEnd};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::front::client::Client;
use crate::front::half_close::Exchanges;
use crate::front::keep_alive::KeepAlive;
use crate::front::registry::Borrowed;
use crate::jsonrpc::{Id, Message, Notification, Request, nested, object};
use crate::notifications::{Delivery, OpenStream};
use crate::transport::stateless::LISTEN;

/// The sender for the body of an open event stream.
pub(super) type Live = mpsc::Sender<Event>;

/// The streams of one session.
#[derive(Debug)]
pub(super) struct Streams {
    /// The stream that the client opened with GET.
    standing: Option<Live>,
    exchanges: HashMap<Id, Exchange>,
    history: History,
    last_stream: u64,
    last_event: u64,
    /// Number of the last event on the standing stream that was written to the client.
    written: u64,
    /// Whether the standing stream has no room, so that its events wait in the history.
    behind: bool,
    /// When it ran out of room.
    fell_behind: Option<Instant>,
    /// Whether events have ids, so that a stream can be resumed.
    resumable: bool,
    /// Whether the client has opened the standing stream before.
    has_listened: bool,
}

/// A client's request that is waiting for its answer.
#[derive(Debug)]
struct Exchange {
    stream: u64,
    token: Option<Id>,
    to: Asker,
    /// Whether it listens for events, so that the server may end it without an answer.
    listens: bool,
}

/// How to deliver an answer.
#[derive(Debug)]
pub(super) enum Asker {
    /// As the whole body of the response.
    Json(oneshot::Sender<Bytes>),
    /// As the last event of the response.
    Events(Live),
    /// As an event on the standing stream, which carries everything in the older transport.
    Standing,
}

/// The destination of a message.
#[derive(Debug)]
pub(super) enum Destination {
    /// The whole body of a response.
    Json(oneshot::Sender<Bytes>),
    /// An event on an open stream.
    Open(Live, Event),
    /// An event that waits in the history for its stream.
    Waits(EventId),
    /// An event that is lost: its stream is closed, and it cannot wait.
    Lost,
    /// No recipient.
    NoRecipient,
    /// The end of a request's stream without an answer.
    End,
}

impl Streams {
    pub(super) fn new(history: History, resumable: bool) -> Self {
        Self {
            standing: None,
            exchanges: HashMap::new(),
            history,
            last_stream: STANDING,
            last_event: 0,
            written: 0,
            behind: false,
            fell_behind: None,
            resumable,
            has_listened: false,
        }
    }

    /// Returns the destination of a message whose JSON is `json`, and how many waiting events were evicted to
    /// make room for it.
    pub(super) fn destination(&mut self, message: &Message, json: &[u8]) -> (Destination, usize) {
        let (stream, live) = match message {
            Message::Response(response) => {
                let id = response.id.as_ref();
                let exchange = id.and_then(|id| self.exchanges.remove(id));
                match exchange {
                    None if self.resumable => return (Destination::NoRecipient, 0),
                    Some(Exchange {
                        to: Asker::Json(asker),
                        ..
                    }) => return (Destination::Json(asker), 0),
                    Some(Exchange {
                        stream,
                        to: Asker::Events(live),
                        ..
                    }) => (stream, Some(live)),
                    None
                    | Some(Exchange {
                        to: Asker::Standing,
                        ..
                    }) => (STANDING, self.standing.clone()),
                }
            }
            Message::Request(_) => self.stream_for(None),
            Message::Notification(notification) => match self.end_subscription(notification) {
                // Over HTTP, the end of the stream replaces the notification.
                Some(Asker::Json(_) | Asker::Events(_)) => {
                    notification.delivered();
                    return (Destination::End, 0);
                }
                Some(Asker::Standing) | None => self.stream_for(progress_of(notification).as_ref()),
            },
        };
        let id = self.next_event(stream);
        let event = Event {
            id,
            bytes: self.frame(id, json),
            is_answer: matches!(message, Message::Response(_)),
            delivery: match message {
                Message::Notification(notification) => notification.delivery.clone(),
                Message::Request(_) | Message::Response(_) => None,
            },
        };
        let waits = self.behind && stream == STANDING;
        let live = live.filter(|live| !waits && !live.is_closed());
        let evicted = if self.resumable {
            self.history.push(event.clone())
        } else {
            0
        };
        let destination = match live {
            Some(live) => {
                self.history.set_in_stream(id, true);
                Destination::Open(live, event)
            }
            None if self.history.holds(id) => Destination::Waits(id),
            None => Destination::Lost,
        };
        (destination, evicted)
    }

    /// Removes the subscription that a notification of the server ends, unless its stream can be resumed. A server cannot cancel
    /// other requests of the client.
    fn end_subscription(&mut self, notification: &Notification) -> Option<Asker> {
        if self.resumable {
            return None;
        }
        let id = notification.cancelled_request()?;
        let listens = |exchange: &&Exchange| exchange.listens;
        self.exchanges.get(&id).filter(listens)?;
        self.exchanges.remove(&id).map(|exchange| exchange.to)
    }

    /// Marks an event as written to the client.
    pub(super) fn wrote(&mut self, id: EventId) {
        if id.stream == STANDING {
            self.written = self.written.max(id.number);
        }
        if let Some(kept) = self.history.find(id) {
            kept.written = true;
        }
    }

    /// Takes an unwritten event back from its stream. Returns whether it can still be delivered by resuming the stream.
    pub(super) fn keeps(&mut self, id: EventId) -> bool {
        self.history.set_in_stream(id, false)
    }

    /// Returns the number of unwritten events.
    pub(super) fn unwritten(&self) -> usize {
        let kept = self.history.events.iter();
        kept.filter(|kept| !kept.written).count()
    }

    /// Returns the stream for a message that the server sends on its own initiative.
    fn stream_for(&self, token: Option<&Id>) -> (u64, Option<Live>) {
        let mut newest: Option<(u64, &Live)> = None;
        let mut open = 0;
        for exchange in self.exchanges.values() {
            let Asker::Events(live) = &exchange.to else {
                continue;
            };
            if token.is_some() && exchange.token.as_ref() == token {
                return (exchange.stream, Some(live.clone()));
            }
            if !live.is_closed() {
                open += 1;
                if newest.is_none_or(|(stream, _)| stream < exchange.stream) {
                    newest = Some((exchange.stream, live));
                }
            }
        }
        let standing = self.standing.as_ref().filter(|live| !live.is_closed());
        match (newest, standing) {
            (Some((stream, live)), standing) if open == 1 || standing.is_none() => {
                (stream, Some(live.clone()))
            }
            (_, standing) => (STANDING, standing.cloned()),
        }
    }

    fn frame(&self, id: EventId, json: &[u8]) -> Bytes {
        let mut event = Vec::with_capacity(json.len() + 64);
        if self.resumable {
            event.extend_from_slice(format!("id: {id}\n").as_bytes());
        }
        event.extend_from_slice(b"event: message\ndata: ");
        // Messages are JSON on one line, so they need no further framing.
        event.extend_from_slice(json);
        event.extend_from_slice(b"\n\n");
        event.into()
    }

    /// Registers `request` as waiting for its answer. Returns the position at the beginning of its stream, or `None`
    /// if its id is in use.
    pub(super) fn begin(&mut self, request: &Request, to: Asker) -> Option<EventId> {
        if self.exchanges.contains_key(&request.id) {
            return None;
        }
        self.last_stream += 1;
        let exchange = Exchange {
            stream: self.last_stream,
            token: token_of(request),
            listens: request.method == LISTEN,
            to,
        };
        self.exchanges.insert(request.id.clone(), exchange);
        Some(self.next_event(self.last_stream))
    }

    /// Returns the id of the next event on a stream.
    pub(super) const fn next_event(&mut self, stream: u64) -> EventId {
        self.last_event += 1;
        EventId {
            stream,
            number: self.last_event,
        }
    }

    /// Stops waiting for the answer to the request with this id, if it has this stream or `stream` is `None`.
    pub(super) fn withdraw(&mut self, id: &Id, stream: Option<u64>) {
        let exchange = self.exchanges.get(id);
        if exchange.is_some_and(|exchange| stream.is_none_or(|stream| exchange.stream == stream)) {
            self.exchanges.remove(id);
        }
    }

    /// Returns the number of unanswered requests.
    pub(super) fn waiting(&self) -> usize {
        self.exchanges.len()
    }

    /// Returns whether the standing stream is open.
    pub(super) fn has_standing(&self) -> bool {
        self.standing.as_ref().is_some_and(|live| !live.is_closed())
    }

    /// Opens the standing stream, and returns the events that were waiting for it.
    pub(super) fn open_standing(&mut self, live: Live) -> Vec<Event> {
        self.set_standing(live);
        self.take_unwritten().into()
    }

    fn set_standing(&mut self, live: Live) {
        self.standing = Some(live);
        self.has_listened = true;
        self.behind = false;
    }

    /// Reopens the stream of the event `last`, and returns the events after it, or `None` if the stream is
    /// unknown. The reopened stream ends after these events if they include its answer.
    pub(super) fn resume(&mut self, last: EventId, live: Live) -> Option<Vec<Event>> {
        if last.stream == STANDING {
            self.set_standing(live);
        } else {
            let exchange = self.exchanges.values_mut();
            let mut exchange = exchange.filter(|exchange| exchange.stream == last.stream);
            match exchange.next() {
                Some(exchange) => exchange.to = Asker::Events(live),
                None if self.history.knows(last.stream) => {}
                None => return None,
            }
        }
        Some(self.history.take_after(last).into())
    }

    /// Removes an event that waits for a standing stream which the client has never opened. Returns `false` if the client
    /// may still read it.
    pub(super) fn give_up(&mut self, id: EventId) -> bool {
        !self.has_listened && self.history.remove_waiting(id)
    }

    /// Returns whether an event can wait in the history until the standing stream has room for it.
    pub(super) fn may_fall_behind(&self, id: EventId) -> bool {
        id.stream == STANDING && self.history.holds(id)
    }

    /// Marks the standing stream as having no room.
    pub(super) fn fall_behind(&mut self, id: EventId) {
        self.history.set_in_stream(id, false);
        self.behind = true;
        self.fell_behind = Some(Instant::now());
    }

    /// Returns how long ago the standing stream ran out of room.
    pub(super) fn since_behind(&self) -> Option<Duration> {
        self.fell_behind.map(|fell| fell.elapsed())
    }

    /// Marks the standing stream as having room again, and returns the events that waited for it.
    pub(super) fn catch_up(&mut self) -> VecDeque<Event> {
        if !std::mem::take(&mut self.behind) {
            return VecDeque::new();
        }
        self.take_unwritten()
    }

    /// Returns the events on the standing stream after the last written one.
    fn take_unwritten(&mut self) -> VecDeque<Event> {
        self.history.take_after(EventId {
            stream: STANDING,
            number: self.written,
        })
    }

    /// Closes a stream before its last event.
    pub(super) fn cut(&mut self, live: &Live) {
        self.standing
            .take_if(|standing| standing.same_channel(live));
        for exchange in self.exchanges.values_mut() {
            if let Asker::Events(to) = &mut exchange.to
                && to.same_channel(live)
            {
                // The client can still get the answer by resuming the stream.
                *to = mpsc::channel(1).0;
            }
        }
    }

    /// Returns the ids of the unanswered requests that have a response of their own.
    pub(super) fn unanswered(&self) -> Vec<Id> {
        let exchanges = self.exchanges.iter();
        let own = exchanges.filter(|(_, exchange)| !matches!(exchange.to, Asker::Standing));
        own.map(|(id, _)| id.clone()).collect()
    }

    /// Closes the standing stream.
    pub(super) fn close(&mut self) {
        self.standing = None;
    }
}

/// Returns the token under which the client wants progress notifications for a request.
fn token_of(request: &Request) -> Option<Id> {
    #[derive(Deserialize)]
    struct Params {
        #[serde(default, rename = "_meta", deserialize_with = "nested")]
        meta: Option<Token>,
    }
    let params = request.params.as_ref()?.get();
    // Most requests have no token, so they need not be parsed a second time. Any part of the name may be escaped.
    let bytes = params.as_bytes();
    memmem::find(bytes, b"\"progressToken\"").or_else(|| memchr(b'\\', bytes))?;
    let params: Params = object(params)?;
    Some(params.meta?.progress_token)
}

/// Returns the progress token of a progress notification.
fn progress_of(notification: &Notification) -> Option<Id> {
    if notification.method != "notifications/progress" {
        return None;
    }
    let params: Token = object(notification.params.as_ref()?.get())?;
    Some(params.progress_token)
}

#[derive(Deserialize)]
struct Token {
    #[serde(rename = "progressToken")]
    progress_token: Id,
}

/// Number of the standing stream, which a client opens with GET. Streams of requests have higher numbers.
pub(super) const STANDING: u64 = 0;

/// The position of an event, sent as `Last-Event-ID`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct EventId {
    pub(super) stream: u64,
    /// Number of the event, unique in its session.
    pub(super) number: u64,
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.stream, self.number)
    }
}

impl FromStr for EventId {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (stream, number) = text.split_once('-').ok_or(())?;
        Ok(Self {
            stream: stream.parse().map_err(|_| ())?,
            number: number.parse().map_err(|_| ())?,
        })
    }
}

/// How long a client should wait before it resumes a stream, in milliseconds.
const RETRY: u32 = 1000;

impl EventId {
    /// Returns an event at this position that has no message. With its id, a client can resume the stream even if it
    /// breaks off before the first message.
    pub(super) fn priming_event(self) -> Bytes {
        format!("id: {self}\nretry: {RETRY}\ndata: \n\n").into()
    }
}

/// A framed event.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) id: EventId,
    pub(super) bytes: Bytes,
    /// Whether it answers the request of its stream, so that it is the last one.
    pub(super) is_answer: bool,
    /// The delivery of the notification in it.
    delivery: Option<Delivery>,
}

impl Event {
    /// Returns the message in it.
    pub(super) fn json(&self) -> Bytes {
        let framed = memmem::find(&self.bytes, DATA).map_or(0, |place| place + DATA.len());
        self.bytes.slice(framed..self.bytes.len() - 2)
    }
}

/// Separates the id from the message in an event.
const DATA: &[u8] = b"\ndata: ";

/// The last events of a session, limited in number and bytes.
#[derive(Debug)]
pub(super) struct History {
    /// Sorted by number.
    events: VecDeque<Kept>,
    bytes: usize,
    most_events: usize,
    most_bytes: usize,
}

/// An event, and whether it was written to the client.
#[derive(Debug)]
struct Kept {
    event: Event,
    written: bool,
    /// Whether an open stream has it. That stream will report whether the event was written.
    in_stream: bool,
}

impl History {
    pub(super) fn new(most_events: usize, most_bytes: usize) -> Self {
        Self {
            events: VecDeque::new(),
            bytes: 0,
            most_events,
            most_bytes,
        }
    }

    /// Adds an event, unless it is too large. Returns how many unwritten events were evicted; written events
    /// are evicted first.
    fn push(&mut self, event: Event) -> usize {
        if event.bytes.len() > self.most_bytes {
            return 0;
        }
        self.bytes += event.bytes.len();
        self.events.push_back(Kept {
            event,
            written: false,
            in_stream: false,
        });
        let mut lost = 0;
        while self.events.len() > self.most_events || self.bytes > self.most_bytes {
            let place = self.events.iter().position(|kept| kept.written);
            let Some(oldest) = self.events.remove(place.unwrap_or(0)) else {
                break;
            };
            self.bytes -= oldest.event.bytes.len();
            lost += usize::from(!oldest.written && !oldest.in_stream);
        }
        lost
    }

    /// Removes an event that no stream has. Returns whether there was one.
    fn remove_waiting(&mut self, id: EventId) -> bool {
        let waits = |kept: &Kept| !kept.written && !kept.in_stream;
        let place = self.place(id);
        let Some(place) = place.filter(|&place| waits(&self.events[place])) else {
            return false;
        };
        let removed = self.events.remove(place);
        self.bytes -= removed.map_or(0, |kept| kept.event.bytes.len());
        true
    }

    fn find(&mut self, id: EventId) -> Option<&mut Kept> {
        let place = self.place(id)?;
        self.events.get_mut(place)
    }

    fn holds(&self, id: EventId) -> bool {
        self.place(id).is_some()
    }

    fn place(&self, id: EventId) -> Option<usize> {
        let number = |kept: &Kept| kept.event.id.number;
        self.events.binary_search_by_key(&id.number, number).ok()
    }

    /// Sets whether an open stream has the event. Returns `false` if the history no longer has the event.
    fn set_in_stream(&mut self, id: EventId, in_stream: bool) -> bool {
        let kept = self.find(id);
        kept.map(|kept| kept.in_stream = in_stream).is_some()
    }

    /// Returns the events of the stream after this one, and marks them as belonging to an open stream.
    fn take_after(&mut self, last: EventId) -> VecDeque<Event> {
        let events = self.after(last);
        for event in &events {
            self.set_in_stream(event.id, true);
        }
        events
    }

    /// Returns the events of the stream after this one.
    fn after(&self, last: EventId) -> VecDeque<Event> {
        let events = self.events.iter().map(|kept| &kept.event);
        let later =
            |event: &&Event| event.id.stream == last.stream && event.id.number > last.number;
        events.filter(later).cloned().collect()
    }

    /// Returns whether the history has an event of the stream.
    pub(super) fn knows(&self, stream: u64) -> bool {
        self.events
            .iter()
            .any(|kept| kept.event.id.stream == stream)
    }
}

/// A comment, which clients ignore.
const KEEP_ALIVE: &[u8] = b": keep-alive\n\n";

/// The body of an event stream: first the events to catch up on, then new ones.
pub(super) struct Events {
    client: Arc<Client>,
    /// The first event, which is not a message.
    first: Option<Bytes>,
    missed: VecDeque<Event>,
    live: mpsc::Receiver<Event>,
    keep_alive: KeepAlive,
    /// Whether the session ends with this stream.
    is_session: bool,
    /// Whether it is the standing stream, which may fall behind the server.
    is_standing: bool,
    /// Open for notifications that belong to no request, with the connection that carries them.
    notifications: Option<(OpenStream, Exchanges)>,
    /// The session that was borrowed for a request without one.
    borrowed: Option<Borrowed>,
}

impl Events {
    /// Creates the stream of a request, or a standing stream.
    pub(super) fn new(
        client: &Arc<Client>,
        missed: Vec<Event>,
        live: mpsc::Receiver<Event>,
        keep_alive: KeepAlive,
    ) -> Self {
        Self {
            client: Arc::clone(client),
            first: None,
            missed: missed.into(),
            live,
            keep_alive,
            is_session: false,
            is_standing: false,
            notifications: None,
            borrowed: None,
        }
    }

    /// Makes it the standing stream, which a client opens with GET.
    pub(super) fn standing(mut self, exchanges: Exchanges) -> Self {
        self.is_standing = true;
        self.open(NotificationStream::Standing, exchanges)
    }

    /// Begins the stream with an event that is not a message.
    pub(super) fn beginning_with(mut self, first: Option<Bytes>) -> Self {
        self.first = first;
        self
    }

    /// Keeps a borrowed session for as long as the stream is open.
    pub(super) fn borrowing(mut self, borrowed: Borrowed) -> Self {
        self.borrowed = Some(borrowed);
        self
    }

    /// Creates the one stream of the older transport. It begins with the URL to post to, and the session ends
    /// with it.
    pub(super) fn older(mut self, address: &str, exchanges: Exchanges) -> Self {
        self.first = Some(format!("event: endpoint\ndata: {address}\n\n").into());
        self.is_session = true;
        self.open(NotificationStream::Older, exchanges)
    }

    fn open(mut self, kind: NotificationStream, exchanges: Exchanges) -> Self {
        let streams = &self.client.edge().server.streams;
        self.notifications = Some((OpenStream::open(streams, kind), exchanges));
        self
    }
}

impl Body for Events {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = self.get_mut();
        if let Some(first) = this.first.take() {
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        let mut next = match this.missed.pop_front() {
            Some(missed) => Poll::Ready(Some(missed)),
            None => this.live.poll_recv(cx),
        };
        if next.is_pending() && this.is_standing {
            this.missed = this.client.catch_up();
            if let Some(missed) = this.missed.pop_front() {
                next = Poll::Ready(Some(missed));
            }
        }
        match next {
            Poll::Ready(Some(event)) => {
                this.client.wrote(event.id);
                if let Some(delivery) = &event.delivery {
                    delivery.delivered();
                }
                this.keep_alive.reset();
                if event.is_answer
                    && let Some(borrowed) = this.borrowed.take()
                {
                    borrowed.give_back();
                }
                Poll::Ready(Some(Ok(Frame::data(event.bytes))))
            }
            Poll::Ready(None) => {
                if let Some((notifications, _)) = this.notifications.take() {
                    notifications.end(this.client.end_of_standing());
                }
                Poll::Ready(None)
            }
            Poll::Pending => this
                .keep_alive
                .poll(cx)
                .map(|()| Some(Ok(Frame::data(Bytes::from_static(KEEP_ALIVE))))),
        }
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.client.touch();
        if let Some((notifications, exchanges)) = self.notifications.take() {
            // The connection of a client that does not read is closed while a write is blocked.
            notifications.end(if exchanges.is_write_blocked() {
                StreamEnd::Unread
            } else {
                StreamEnd::Client
            });
        }
        self.live.close();
        for event in self.missed.drain(..) {
            self.client.unwritten(event.id);
        }
        while let Ok(event) = self.live.try_recv() {
            self.client.unwritten(event.id);
        }
        if self.is_session {
            self.client.end();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(stream: u64, number: u64, length: usize) -> Event {
        Event {
            id: EventId { stream, number },
            bytes: vec![b'x'; length].into(),
            is_answer: false,
            delivery: None,
        }
    }

    fn numbers(events: impl IntoIterator<Item = Event>) -> Vec<u64> {
        events.into_iter().map(|event| event.id.number).collect()
    }

    #[test]
    fn the_oldest_events_are_evicted_by_number_and_by_size() {
        let mut history = History::new(3, 100);
        for number in 1..=3 {
            assert_eq!(history.push(event(0, number, 10)), 0);
        }
        assert_eq!(history.push(event(0, 4, 10)), 1);
        assert_eq!(history.push(event(0, 5, 85)), 2);
        assert_eq!(history.push(event(0, 6, 101)), 0, "too large");
        let all = EventId {
            stream: 0,
            number: 0,
        };
        assert_eq!(numbers(history.after(all)), [4, 5]);
        let too_large = EventId {
            stream: 0,
            number: 6,
        };
        assert!(!history.holds(too_large));
    }

    #[test]
    fn written_events_are_evicted_first() {
        let mut history = History::new(3, 100);
        for number in 1..=3 {
            history.push(event(0, number, 1));
        }
        for number in [2, 3] {
            let id = EventId { stream: 0, number };
            history.find(id).expect("it is there").written = true;
        }
        assert_eq!(
            (history.push(event(0, 4, 1)), history.push(event(0, 5, 1))),
            (0, 0)
        );
        let all = EventId {
            stream: 0,
            number: 0,
        };
        assert_eq!(numbers(history.after(all)), [1, 4, 5]);
        assert_eq!(history.push(event(0, 6, 1)), 1);
    }

    #[test]
    fn a_client_resumes_a_stream_after_the_last_event() {
        let mut history = History::new(10, 100);
        for (stream, number) in [(0, 1), (7, 2), (0, 3), (7, 4)] {
            history.push(event(stream, number, 1));
        }
        let last = "7-2".parse().expect("an id");
        assert_eq!(numbers(history.after(last)), [4]);
        assert!(history.knows(7) && !history.knows(8));
        for bad in ["", "7", "-", "7-", "a-b", "7-2-1", "-1-2"] {
            assert!(bad.parse::<EventId>().is_err(), "{bad}");
        }
    }
}
