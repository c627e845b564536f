//! Sends what a session puts into a link, each message by an exchange of its own, in an order that makes sense.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;
use http::HeaderMap;
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::debug;

use crate::jsonrpc::{Id, Message, Request};
use crate::transport::client::ExchangeError;
use crate::transport::http::Moment;
use crate::transport::stateless::{LISTEN, Stateless};
use crate::transport::{Edge, Incoming, NoAnswer};

/// A request on its way to a server.
#[derive(Debug)]
pub(crate) struct Sending {
    pub(crate) id: Id,
    /// It opens the session, so that what comes after it needs what its answer brings.
    pub(crate) opens: bool,
    pub(crate) bytes: Bytes,
    /// Header fields of its own.
    pub(crate) headers: HeaderMap,
    /// The stream of its answer may end without one.
    pub(crate) listens: bool,
    /// From when on the next message may be sent.
    pub(crate) passed: Moment,
}

/// A request that waits for its answer.
struct Waiting {
    task: AbortHandle,
    is_stateless: bool,
}

/// What became of a message that needs no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// The server took it.
    Taken,
    /// The server would not have it, or has not said in time that it would.
    Rejected,
    /// The server cannot have got it, or was gone before it said so.
    Lost,
}

impl Told {
    /// What became of a message to which there is no answer.
    pub(crate) fn unanswered(error: &ExchangeError) -> Self {
        debug!(%error, "a message that needs no answer was not sent");
        match error {
            ExchangeError::Broken(_) => Self::Lost,
            ExchangeError::TimedOut(_) => Self::Rejected,
        }
    }
}

/// A transport that carries each message by itself.
pub(crate) trait Carrier: Send + Sync + 'static {
    /// The server's messages can be listened to before the session is open.
    const LISTENS_AT_ONCE: bool;

    /// Sends a request, and hands on its answer if that does not come in another way. The reason if none will come.
    fn request(
        self: Arc<Self>,
        sending: Sending,
    ) -> impl Future<Output = Result<(), NoAnswer>> + Send;

    /// Sends a message that needs no answer. `passed` is when its last byte was handed on.
    fn tell(self: Arc<Self>, bytes: Bytes, passed: Moment) -> impl Future<Output = Told> + Send;

    /// Hands on what the server has to say unasked, until there is no more of it.
    fn listen(self: Arc<Self>) -> impl Future<Output = ()> + Send;

    /// Tells the server that the session is over.
    fn close(&self) -> impl Future<Output = ()> + Send;
}

/// What the driver of a link needs.
#[derive(Debug)]
pub(crate) struct Driver<C> {
    pub(crate) carrier: Arc<C>,
    pub(crate) edge: Edge,
    pub(crate) to_session: mpsc::Sender<Incoming>,
    /// Most requests that wait for answers at once.
    pub(crate) most_in_flight: usize,
    /// Ends everything at once.
    pub(crate) stop: CancellationToken,
}

impl<C: Carrier> Driver<C> {
    /// Sends messages until there are no more, and the tasks that this takes are gone by then.
    pub(crate) async fn run(self, from_session: mpsc::Receiver<Message>) {
        let stop = self.stop.clone();
        // Whichever of the two is dropped takes its tasks along.
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.send_all(from_session) => {}
        }
    }

    async fn send_all(&self, mut from_session: mpsc::Receiver<Message>) {
        let mut tasks = JoinSet::new();
        let mut telling = JoinSet::new();
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
                        debug!(%id, "waiting no more for the answer to a request that was withdrawn");
                        waiting.task.abort();
                        if waiting.is_stateless && !C::LISTENS_AT_ONCE {
                            // The end of its exchange says it.
                            continue;
                        }
                    }
                    if notification.method == "notifications/initialized" {
                        // All that follows needs a session that is open.
                        let carrier = Arc::clone(&self.carrier);
                        match carrier.tell(bytes, Moment::default()).await {
                            Told::Taken if C::LISTENS_AT_ONCE => {}
                            Told::Taken => {
                                tasks.spawn(Arc::clone(&self.carrier).listen());
                            }
                            Told::Rejected => {
                                debug!("the server may not have opened the session");
                            }
                            // Without it the session is half open for the server, and nothing would ever mend that.
                            Told::Lost => return self.stop.cancel(),
                        }
                    } else {
                        self.tell(bytes, &mut telling).await;
                    }
                }
                Message::Response(_) => self.tell(bytes, &mut telling).await,
            }
        }
        tasks.shutdown().await;
        while telling.join_next().await.is_some() {}
        self.carrier.close().await;
    }

    /// Sends a message that needs no answer, and comes back when it is on its way: a server that is slow to take it holds up
    /// nothing else, unless it is slow to take many.
    async fn tell(&self, bytes: Bytes, telling: &mut JoinSet<()>) {
        while telling.try_join_next().is_some() {}
        if telling.len() >= self.most_in_flight {
            telling.join_next().await;
        }
        let passed = Moment::default();
        let at_the_latest = SignalOnDrop(passed.clone());
        let (carrier, sending) = (Arc::clone(&self.carrier), passed.clone());
        telling.spawn(async move {
            let _at_the_latest = at_the_latest;
            carrier.tell(bytes, sending).await;
        });
        passed.come().await;
    }

    /// Sends a request, and comes back when the next message may be sent.
    async fn begin(
        &self,
        request: Request,
        bytes: Bytes,
        tasks: &mut JoinSet<()>,
        waiting: &mut HashMap<Id, Waiting>,
    ) {
        if waiting.len() >= self.most_in_flight {
            // The server may be waiting for an answer that comes after this, so this must not be waited for.
            let reason = format!("{} requests wait for the server already", waiting.len());
            unanswered(&self.to_session, request.id, reason.into()).await;
            return;
        }
        let passed = Moment::default();
        let at_the_latest = SignalOnDrop(passed.clone());
        let stateless = Stateless::of(&request).headers(&request.method);
        let is_stateless = stateless.is_some();
        let mut headers = request.headers;
        headers.extend(stateless.unwrap_or_default());
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
        let task = tasks.spawn(async move {
            let _at_the_latest = at_the_latest;
            if let Err(cause) = carrier.request(sending).await {
                unanswered(&to_session, id, cause).await;
            }
        });
        let task = Waiting { task, is_stateless };
        waiting.insert(request.id, task);
        passed.come().await;
    }
}

/// Tells the session that no answer to a request will come.
async fn unanswered(to_session: &mpsc::Sender<Incoming>, id: Id, cause: NoAnswer) {
    // An error means that the session has ended.
    let _ = to_session.send(Incoming::Unanswered { id, cause }).await;
}

/// When a task ends, by whatever way, nothing waits for it any more.
struct SignalOnDrop(Moment);

impl Drop for SignalOnDrop {
    fn drop(&mut self) {
        self.0.now();
    }
}
