//! Sends a session's messages to a server, each in an exchange, and preserves their order where it matters.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;
use http::HeaderMap;
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::debug;

use crate::jsonrpc::{Id, Message, Notification, Request};
use crate::notifications::Delivery;
use crate::spans::ExchangeSpan;
use crate::transport::client::ExchangeError;
use crate::transport::http::Moment;
use crate::transport::stateless::{LISTEN, Stateless};
use crate::transport::{Edge, Incoming, NoAnswer};

/// A request to send.
#[derive(Debug)]
pub(crate) struct Sending {
    pub(crate) id: Id,
    /// Whether it opens the session, so that later messages depend on its answer.
    pub(crate) opens: bool,
    pub(crate) bytes: Bytes,
    /// Header fields of its own.
    pub(crate) headers: HeaderMap,
    /// Whether the stream of its answer may end without an answer.
    pub(crate) listens: bool,
    /// Set when the next message may be sent.
    pub(crate) passed: Moment,
}

/// A request that waits for its answer.
struct Waiting {
    task: AbortHandle,
    is_stateless: bool,
}

/// The result of sending a message that expects no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SendOutcome {
    /// The server accepted it.
    Accepted,
    /// The server refused it, or did not accept it in time.
    Rejected,
    /// The server did not receive it, or disconnected before it responded.
    Lost,
}

impl SendOutcome {
    /// Returns the result for a message whose exchange failed.
    pub(crate) fn unanswered(error: &ExchangeError) -> Self {
        debug!(%error, "a message that needs no answer was not sent");
        match error {
            ExchangeError::Broken(_) => Self::Lost,
            ExchangeError::TimedOut(_) => Self::Rejected,
        }
    }
}

/// A transport that sends each message in a separate exchange.
pub(crate) trait Carrier: Send + Sync + 'static {
    /// Whether the server can be listened to before the session is open.
    const LISTENS_AT_ONCE: bool;

    /// Sends a request, and passes on its answer unless that arrives in another way. Returns the reason if
    /// none will arrive.
    fn request(
        self: Arc<Self>,
        sending: Sending,
    ) -> impl Future<Output = Result<(), NoAnswer>> + Send;

    /// Sends a message that expects no answer, with header fields of its own. `passed` is set when its last byte was passed
    /// on.
    fn send_one_way(
        self: Arc<Self>,
        bytes: Bytes,
        headers: HeaderMap,
        passed: Moment,
    ) -> impl Future<Output = SendOutcome> + Send;

    /// Passes on the messages that the server sends on its own initiative, until they end.
    fn listen(self: Arc<Self>) -> impl Future<Output = ()> + Send;

    /// Tells the server that the session is over.
    fn close(&self) -> impl Future<Output = ()> + Send;
}

/// State of the task that drives a link.
#[derive(Debug)]
pub(crate) struct Driver<C> {
    pub(crate) carrier: Arc<C>,
    pub(crate) edge: Edge,
    pub(crate) to_session: mpsc::Sender<Incoming>,
    /// Maximum number of unanswered requests.
    pub(crate) most_in_flight: usize,
    /// Aborts everything.
    pub(crate) stop: CancellationToken,
}

impl<C: Carrier> Driver<C> {
    /// Sends messages until they end, and waits for the tasks that it has spawned.
    pub(crate) async fn run(self, from_session: mpsc::Receiver<Message>) {
        let stop = self.stop.clone();
        // Dropping either future aborts its tasks.
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.send_all(from_session) => {}
        }
    }

    async fn send_all(&self, mut from_session: mpsc::Receiver<Message>) {
        let mut tasks = JoinSet::new();
        let mut one_way = JoinSet::new();
        let mut waiting: HashMap<Id, Waiting> = HashMap::new();
        if C::LISTENS_AT_ONCE {
            tasks.spawn(Arc::clone(&self.carrier).listen());
        }
        while let Some(message) = from_session.recv().await {
            while tasks.try_join_next().is_some() {}
            waiting.retain(|_, waiting| !waiting.task.is_finished());
            let bytes = Bytes::from_owner(self.edge.write(&message));
            match message {
                Message::Request(request) => {
                    self.begin(request, bytes, &mut tasks, &mut waiting).await;
                }
                Message::Notification(notification) => {
                    if let Some(id) = notification.cancelled_request()
                        && let Some(waiting) = waiting.remove(&id)
                    {
                        debug!(%id, "no longer waiting for the answer to a cancelled request");
                        waiting.task.abort();
                        if waiting.is_stateless && !C::LISTENS_AT_ONCE {
                            // The end of its exchange reports the result.
                            notification.delivered();
                            continue;
                        }
                    }
                    if notification.method == "notifications/initialized" {
                        // Later messages need an open session.
                        let carrier = Arc::clone(&self.carrier);
                        let headers = notification.headers.clone();
                        let sent = carrier.send_one_way(bytes, headers, Moment::default());
                        match sent.await {
                            SendOutcome::Accepted if C::LISTENS_AT_ONCE => notification.delivered(),
                            SendOutcome::Accepted => {
                                notification.delivered();
                                tasks.spawn(Arc::clone(&self.carrier).listen());
                            }
                            SendOutcome::Rejected => {
                                debug!("the server may not have opened the session");
                            }
                            // Without this message, the session stays half open on the server, and nothing
                            // can repair it.
                            SendOutcome::Lost => return self.stop.cancel(),
                        }
                    } else {
                        let Notification {
                            headers, delivery, ..
                        } = notification;
                        self.send_one_way(bytes, headers, delivery, &mut one_way)
                            .await;
                    }
                }
                Message::Response(_) => {
                    self.send_one_way(bytes, HeaderMap::new(), None, &mut one_way)
                        .await;
                }
            }
        }
        tasks.shutdown().await;
        while one_way.join_next().await.is_some() {}
        self.carrier.close().await;
    }

    /// Sends a message that expects no answer, and returns once it is on its way. A server that is slow to
    /// accept it delays nothing else, unless many messages pile up.
    async fn send_one_way(
        &self,
        bytes: Bytes,
        headers: HeaderMap,
        delivery: Option<Delivery>,
        one_way: &mut JoinSet<()>,
    ) {
        while one_way.try_join_next().is_some() {}
        if one_way.len() >= self.most_in_flight {
            one_way.join_next().await;
        }
        let passed = Moment::default();
        let signal = SignalOnDrop(passed.clone());
        let (carrier, sending) = (Arc::clone(&self.carrier), passed.clone());
        one_way.spawn(async move {
            let _signal = signal;
            let outcome = carrier.send_one_way(bytes, headers, sending).await;
            if outcome == SendOutcome::Accepted
                && let Some(delivery) = delivery
            {
                delivery.delivered();
            }
        });
        passed.happened().await;
    }

    /// Sends a request, and returns when the next message may be sent.
    async fn begin(
        &self,
        request: Request,
        bytes: Bytes,
        tasks: &mut JoinSet<()>,
        waiting: &mut HashMap<Id, Waiting>,
    ) {
        if waiting.len() >= self.most_in_flight {
            // The server may be waiting for a later message, so this must not block.
            let reason = format!(
                "{} requests are already waiting for the server",
                waiting.len()
            );
            unanswered(&self.to_session, request.id, reason.into()).await;
            return;
        }
        let passed = Moment::default();
        let signal = SignalOnDrop(passed.clone());
        let stateless = Stateless::of(&request);
        let is_stateless = stateless.is_some();
        let span = ExchangeSpan::of(&request);
        let mut headers = request.headers;
        if let Some(stateless) = stateless {
            headers.extend(stateless.headers(&request.method));
        }
        let sending = Sending {
            headers,
            listens: request.method == LISTEN,
            id: request.id.clone(),
            opens: request.method == "initialize",
            bytes,
            passed: passed.clone(),
        };
        let carrier = Arc::clone(&self.carrier);
        let (to_session, id) = (self.to_session.clone(), request.id.clone());
        let exchange = async move {
            let _signal = signal;
            if let Err(cause) = carrier.request(sending).await {
                unanswered(&to_session, id, cause).await;
            }
        };
        let task = tasks.spawn(span.around(exchange));
        let task = Waiting { task, is_stateless };
        waiting.insert(request.id, task);
        passed.happened().await;
    }
}

/// Tells the session that a request will not be answered.
async fn unanswered(to_session: &mpsc::Sender<Incoming>, id: Id, cause: NoAnswer) {
    // An error means that the session has ended.
    let _ = to_session.send(Incoming::Unanswered { id, cause }).await;
}

/// Signals the moment when a task ends, whatever the cause.
struct SignalOnDrop(Moment);

impl Drop for SignalOnDrop {
    fn drop(&mut self) {
        self.0.now();
    }
}
