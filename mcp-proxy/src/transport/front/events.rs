//! The body of an event stream.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame};
use tokio::sync::mpsc;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use super::client::Client;
use super::history::Event;

/// A comment, which clients pass over.
const KEEP_ALIVE: &[u8] = b": keep-alive\n\n";

/// What an event stream carries: first what it has to catch up on, then what comes.
#[derive(Debug)]
pub(super) struct Events {
    client: Arc<Client>,
    /// The older transport's first event, which is no message.
    endpoint: Option<Bytes>,
    missed: VecDeque<Event>,
    live: mpsc::Receiver<Event>,
    keep_alive: Interval,
    /// Whether the session is over when this stream is.
    is_session: bool,
}

impl Events {
    /// The stream of a request, or a standing one.
    pub(super) fn new(
        client: &Arc<Client>,
        missed: Vec<Event>,
        live: mpsc::Receiver<Event>,
        keep_alive: Duration,
    ) -> Self {
        let mut keep_alive = interval_at(Instant::now() + keep_alive, keep_alive);
        keep_alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            client: Arc::clone(client),
            endpoint: None,
            missed: missed.into(),
            live,
            keep_alive,
            is_session: false,
        }
    }

    /// The one stream of the older transport, which begins with the address to post to, and is the session.
    pub(super) fn older(mut self, address: &str) -> Self {
        self.endpoint = Some(format!("event: endpoint\ndata: {address}\n\n").into());
        self.is_session = true;
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
        if let Some(endpoint) = this.endpoint.take() {
            return Poll::Ready(Some(Ok(Frame::data(endpoint))));
        }
        let next = match this.missed.pop_front() {
            Some(missed) => Poll::Ready(Some(missed)),
            None => this.live.poll_recv(cx),
        };
        match next {
            Poll::Ready(Some(event)) => {
                this.client.wrote(event.id);
                this.keep_alive.reset();
                Poll::Ready(Some(Ok(Frame::data(event.bytes))))
            }
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => this
                .keep_alive
                .poll_tick(cx)
                .map(|_| Some(Ok(Frame::data(Bytes::from_static(KEEP_ALIVE))))),
        }
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.client.touch();
        if self.is_session {
            self.client.end();
        }
    }
}
