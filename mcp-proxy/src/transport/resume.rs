//! Resumption of interrupted streams: the position in a stream, its recent events, and reopening it.

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

/// The position from which a stream resumes, and the recent events that must not be repeated.
#[derive(Debug)]
pub struct Cursor {
    last_id: Option<HeaderValue>,
    window: Window,
    reconnects: Backoff,
    opened: Instant,
}

impl Cursor {
    /// Creates the position at the start of an open stream.
    #[must_use]
    pub fn new(window: usize, policy: BackoffPolicy) -> Self {
        Self {
            last_id: None,
            window: Window::new(window),
            reconnects: Backoff::new(policy),
            opened: Instant::now(),
        }
    }

    /// Records an event. Returns whether to pass it on: it has data and did not arrive over an earlier
    /// connection. Repeated events are recorded with `recorder`.
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

    /// Returns whether this event arrived over an earlier connection. Events of one connection are always
    /// distinct, even if the server reuses ids.
    fn remember(&mut self, id: &str, data: &str) -> bool {
        if id.len() > MAX_ID {
            return false;
        }
        // An empty id resets the last one.
        self.last_id = match id {
            "" => None,
            id => HeaderValue::from_str(id).ok(),
        };
        // Only events that are passed on can be repeated.
        !data.is_empty() && !id.is_empty() && self.window.replays(id, data)
    }

    /// Returns the id of the last event, if the stream can be resumed after it.
    #[must_use]
    pub const fn last_id(&self) -> Option<&HeaderValue> {
        self.last_id.as_ref()
    }

    /// Records that the stream is open again.
    pub fn reopened(&mut self) {
        self.opened = Instant::now();
        self.window.connections += 1;
        self.reconnects.succeeded();
    }

    /// Records that the stream was interrupted.
    pub fn broken_off(&mut self) {
        self.reconnects.lasted(self.opened.elapsed());
    }

    /// Returns the delays between attempts to reopen it.
    pub const fn reconnects(&mut self) -> &mut Backoff {
        &mut self.reconnects
    }
}

/// Longest event id to remember, in bytes. An event with a longer id counts as having none.
pub const MAX_ID: usize = 1024;

/// The most recent events, up to a limit.
#[derive(Debug)]
pub struct Window {
    capacity: usize,
    /// Number of connections before the current one.
    connections: u64,
    order: VecDeque<Known>,
    /// The connection on which each event arrived.
    known: HashMap<Known, u64>,
}

/// An event: its id and a hash of its data, because some servers reuse ids.
type Known = (Arc<str>, u64);

impl Window {
    /// Creates a window of `capacity` events.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            capacity,
            connections: 0,
            order: VecDeque::new(),
            known: HashMap::new(),
        }
    }

    /// Adds this event, and returns whether it arrived over an earlier connection.
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

/// A stream's URL, and the headers needed to open it.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
}

/// Why a stream could not be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error("the session is no longer known")]
    Expired,
    #[error("the server answered {0}")]
    Rejected(StatusCode),
    #[error("the server answered with something other than an event stream")]
    Strange,
    #[error("{0}")]
    Failed(ExchangeError),
}

/// The result of reopening a stream.
#[derive(Debug)]
pub(crate) enum Reopened {
    /// The stream is open.
    Stream(Body),
    /// The server no longer knows the session.
    Restarted,
    /// The server refuses to reopen it.
    Refused,
    /// The server was unreachable in every attempt.
    Unreachable,
}

/// Opens a stream, resuming after `last_id` if there is one.
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

/// Reopens a stream that was interrupted at `cursor`, with increasing delays.
///
/// Counts every attempt. It also counts the outcome of the resumption if that is known: unless `confirmed` is
/// set, a reopened stream does not count as resumed yet.
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
                debug!(uri = %source.uri, %error, "the stream could not be reopened");
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

/// Returns whether the same request may succeed later.
fn is_temporary(status: StatusCode) -> bool {
    // The server may be overloaded or behind an overloaded proxy. Or it allows one stream and has not noticed
    // yet that the previous one was interrupted.
    status.is_server_error()
        || matches!(
            status,
            StatusCode::CONFLICT | StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT
        )
}

/// Returns the label value for an attempt to reopen a stream.
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
    fn events_of_earlier_connections_are_recognized_within_the_window() {
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
