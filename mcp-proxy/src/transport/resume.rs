//! Streams that go on after they broke off: the place in a stream, the events that came before, and opening it again.

use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{ACCEPT, CACHE_CONTROL};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::Full;
use shadowcat_metrics::shadowcat::SseRecorder;
use shadowcat_metrics::shadowcat::labels::{Reconnection, Resumption};
use tokio::time::sleep;
use tracing::debug;

use crate::backoff::{Backoff, BackoffPolicy};
use crate::transport::client::{Answer, Body, ExchangeError, HttpClient};
use crate::transport::http::{EVENT_STREAM, LAST_EVENT_ID, Moment, SESSION_ID};
use crate::transport::sse::Event;

/// The place in a stream from which it is to go on, and the events that need no repetition.
#[derive(Debug)]
pub struct Cursor {
    last_id: Option<HeaderValue>,
    window: Window,
    reconnects: Backoff,
    opened: Instant,
}

impl Cursor {
    /// At the beginning of a stream that is open.
    #[must_use]
    pub fn new(window: usize, policy: BackoffPolicy) -> Self {
        Self {
            last_id: None,
            window: Window::new(window),
            reconnects: Backoff::new(policy),
            opened: Instant::now(),
        }
    }

    /// An event was received. True if it is to be handed on: it carries something, and was not received over an earlier
    /// connection. That it was is recorded with `recorder`.
    pub fn advance(&mut self, event: &Event, recorder: &SseRecorder) -> bool {
        if let Some(retry) = event.retry {
            self.reconnects.set_first(retry);
        }
        let replayed = event
            .id
            .as_deref()
            .is_some_and(|id| self.remember(id, event.data.as_deref().unwrap_or_default()));
        if replayed {
            recorder.duplicates().inc();
        }
        let new = event.has_data() && !replayed;
        if new {
            self.reconnects.restart();
        }
        new
    }

    /// True if this event was received over an earlier connection. Within one nothing is sent twice, whatever a server that
    /// numbers badly may call it.
    fn remember(&mut self, id: &str, data: &str) -> bool {
        if id.len() > LONGEST_ID {
            return false;
        }
        // An empty id takes the last one back.
        self.last_id = match id {
            "" => None,
            id => HeaderValue::from_str(id).ok(),
        };
        // Only what is handed on can be handed on twice.
        !data.is_empty() && !id.is_empty() && self.window.replays(id, data)
    }

    /// The id of the last event, if the stream can be asked to go on after it.
    #[must_use]
    pub const fn last_id(&self) -> Option<&HeaderValue> {
        self.last_id.as_ref()
    }

    /// The stream is open again.
    pub fn reopened(&mut self) {
        self.opened = Instant::now();
        self.window.connections += 1;
        self.reconnects.succeeded();
    }

    /// The stream has broken off.
    pub fn broken_off(&mut self) {
        self.reconnects.lasted(self.opened.elapsed());
    }

    /// When to open it again, and when to give up.
    pub const fn reconnects(&mut self) -> &mut Backoff {
        &mut self.reconnects
    }
}

/// Longest id of an event that is remembered, in bytes. An event with a longer one counts as having none.
pub const LONGEST_ID: usize = 1024;

/// The events that came last, at most so many of them.
#[derive(Debug)]
pub struct Window {
    capacity: usize,
    /// Connections before the one that is open now.
    connections: u64,
    order: VecDeque<Known>,
    /// The connection that each event came over.
    known: HashMap<Known, u64>,
}

/// An event: its id, and a hash of what it carries, because not every server gives each event an id of its own.
type Known = (Arc<str>, u64);

impl Window {
    /// Remembers `capacity` events.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            capacity,
            connections: 0,
            order: VecDeque::new(),
            known: HashMap::new(),
        }
    }

    /// True if this event came over an earlier connection. It is remembered from now on.
    pub fn replays(&mut self, id: &str, data: &str) -> bool {
        if self.capacity == 0 {
            return false;
        }
        let mut hasher = DefaultHasher::new();
        data.hash(&mut hasher);
        let event: Known = (id.into(), hasher.finish());
        if let Some(connection) = self.known.get(&event) {
            return *connection < self.connections;
        }
        if self.order.len() == self.capacity
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        self.order.push_back(event.clone());
        self.known.insert(event, self.connections);
        false
    }
}

/// Where a stream is, and what must be said to get it.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
}

/// Why there is no stream.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error("the session is not known any more")]
    Expired,
    #[error("the server answered {0}")]
    Rejected(StatusCode),
    #[error("the server answered with something that is no event stream")]
    Strange,
    #[error("{0}")]
    Failed(ExchangeError),
}

/// What came of opening a stream again.
#[derive(Debug)]
pub(crate) enum Reopened {
    /// It is open.
    Stream(Body),
    /// The server knows nothing of the session any more.
    Restarted,
    /// The server will not have it opened again.
    Refused,
    /// The server cannot be reached, for all the attempts that there may be.
    Unreachable,
}

/// Opens a stream, from `last_id` on if there is one.
pub(crate) async fn open(
    client: &HttpClient,
    source: &Source,
    last_id: Option<&HeaderValue>,
    limit: Duration,
) -> Result<Body, OpenError> {
    let mut request = Request::new(Full::new(Bytes::new()));
    *request.method_mut() = Method::GET;
    *request.uri_mut() = source.uri.clone();
    let headers = request.headers_mut();
    headers.clone_from(&source.headers);
    headers.insert(ACCEPT, HeaderValue::from_static(EVENT_STREAM));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(last_id) = last_id {
        headers.insert(LAST_EVENT_ID, last_id.clone());
    }
    let response = client
        .exchange(request, &Moment::default(), limit)
        .await
        .map_err(OpenError::Failed)?;
    let in_session = source.headers.contains_key(SESSION_ID);
    let error = match Answer::read(&response, in_session, &client.recorder) {
        Answer::Events => return Ok(response.into_body()),
        Answer::Accepted | Answer::Message | Answer::Strange => OpenError::Strange,
        Answer::Expired => OpenError::Expired,
        Answer::Rejected(status) => OpenError::Rejected(status),
    };
    client.discard(response);
    Err(error)
}

/// Opens a stream that has broken off at `cursor`, after waits that grow.
///
/// Every attempt is counted. How the resumption ended is counted here where that is known: unless `confirmed` is set, a
/// stream that is open again does not count as resumed yet.
pub(crate) async fn reopen(
    client: &HttpClient,
    source: &Source,
    cursor: &mut Cursor,
    recorder: &SseRecorder,
    confirmed: bool,
) -> Reopened {
    cursor.broken_off();
    let reopened = try_to_reopen(client, source, cursor, recorder).await;
    if cursor.last_id().is_some() {
        let outcome = match &reopened {
            Reopened::Stream(_) => confirmed.then_some(Resumption::Resumed),
            Reopened::Restarted => Some(Resumption::Restarted),
            Reopened::Refused | Reopened::Unreachable => Some(Resumption::Failed),
        };
        if let Some(outcome) = outcome {
            recorder.resumptions(outcome).inc();
        }
    }
    reopened
}

async fn try_to_reopen(
    client: &HttpClient,
    source: &Source,
    cursor: &mut Cursor,
    recorder: &SseRecorder,
) -> Reopened {
    let mut given_up = Reopened::Unreachable;
    while let Some(wait) = cursor.reconnects().next_wait() {
        sleep(wait).await;
        let opened = open(client, source, cursor.last_id(), client.settings.control).await;
        recorder.reconnections(outcome(&opened)).inc();
        match opened {
            Ok(body) => {
                cursor.reopened();
                return Reopened::Stream(body);
            }
            Err(error) => {
                debug!(uri = %source.uri, %error, "the stream could not be opened again");
                match error {
                    OpenError::Expired => return Reopened::Restarted,
                    OpenError::Rejected(status) if is_temporary(status) => {
                        given_up = Reopened::Refused;
                    }
                    OpenError::Rejected(_) | OpenError::Strange => return Reopened::Refused,
                    OpenError::Failed(_) => given_up = Reopened::Unreachable,
                }
            }
        }
    }
    given_up
}

/// Whether the same may be taken a little later.
fn is_temporary(status: StatusCode) -> bool {
    // It may be busy, or behind something that is; or it has not noticed yet that the stream has broken off, and there
    // may be but one.
    status.is_server_error()
        || matches!(
            status,
            StatusCode::CONFLICT | StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT
        )
}

/// How an attempt to open a stream again is counted.
const fn outcome(opened: &Result<Body, OpenError>) -> Reconnection {
    match opened {
        Ok(_) => Reconnection::Ok,
        Err(OpenError::Expired | OpenError::Rejected(_) | OpenError::Strange) => {
            Reconnection::Rejected
        }
        Err(OpenError::Failed(_)) => Reconnection::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_over_an_earlier_connection_is_known_as_far_as_the_window_reaches() {
        let mut window = Window::new(2);
        assert!(!window.replays("a", "1"));
        assert!(!window.replays("a", "1"), "nothing was sent again");
        window.connections += 1;
        assert!(window.replays("a", "1"));
        assert!(!window.replays("a", "2"), "another event of that id");
        assert!(!window.replays("c", "3"), "which drives out the oldest");
        assert!(!window.replays("a", "1"));
        assert_eq!((window.order.len(), window.known.len()), (2, 2));

        let mut none = Window::new(0);
        none.connections += 1;
        assert!(!none.replays("a", "1") && !none.replays("a", "1"));
    }
}
