//! The client of the older transport: the server sends everything over one stream, whose first event names
//! the URL for posting messages.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Uri};
use parking_lot::Mutex;
use shadowcat_metrics::shadowcat::SseRecorder;
use shadowcat_metrics::shadowcat::labels::{Operation, Resumption, Status};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::debug;
use url::Url;

use crate::transport::client::{Answer, Body, ExchangeError, HttpClient, post};
use crate::transport::driver::{Carrier, SendOutcome, Sending};
use crate::transport::http::{JSON, Moment};
use crate::transport::resume::{Cursor, Reopened, Source, open, reopen};
use crate::transport::sse::{Event, EventReader, Reading, Step};
use crate::transport::{Incoming, NoAnswer};

/// The event that names the URL.
const ENDPOINT: &str = "endpoint";

/// An open stream, and the position in it.
#[derive(Debug)]
pub(crate) struct Opened {
    reader: EventReader<Body>,
    cursor: Cursor,
    endpoint: Url,
}

/// How a stream ended.
#[derive(Debug)]
enum End {
    /// The server or the session closed it.
    Closed,
    /// The connection broke, or was silent for too long.
    Lost,
}

/// A session with a server. It lasts as long as its stream.
#[derive(Debug)]
pub(crate) struct Older {
    pub(crate) client: HttpClient,
    pub(crate) recorder: SseRecorder,
    pub(crate) source: Source,
    /// URL of the stream.
    pub(crate) url: Url,
    /// Target for posted messages.
    pub(crate) endpoint: Uri,
    /// The stream, until listening starts.
    pub(crate) opened: Mutex<Option<Opened>>,
    pub(crate) to_session: mpsc::Sender<Incoming>,
    /// Cancelled when the stream is lost, which ends the link.
    pub(crate) stop: CancellationToken,
}

impl Opened {
    /// Opens a stream, and waits for its first event.
    pub(crate) async fn open(
        client: &HttpClient,
        recorder: &SseRecorder,
        source: &Source,
        url: &Url,
    ) -> Result<Self, String> {
        let settings = &client.settings;
        let opened = open(client, source, None, settings.control).await;
        let body = opened.map_err(|error| error.to_string())?;
        let reading = Reading::of(client, recorder);
        let mut reader = EventReader::new(body, reading);
        let mut cursor = Cursor::new(settings.window, settings.reconnect);
        let first = first_event(&mut reader, &mut cursor, reading);
        let first = timeout(settings.control, first);
        let Ok(first) = first.await else {
            return Err(format!("no event within {:?}", settings.control));
        };
        let endpoint = resolve(url, &first?)?;
        Ok(Self {
            reader,
            cursor,
            endpoint,
        })
    }

    /// Returns the URL for posting messages.
    pub(crate) const fn endpoint(&self) -> &Url {
        &self.endpoint
    }
}

/// Returns the first event with data.
async fn first_event(
    reader: &mut EventReader<Body>,
    cursor: &mut Cursor,
    reading: Reading<'_>,
) -> Result<Event, String> {
    loop {
        match reader.next(reading).await {
            Step::Event(event) if cursor.advance(&event, reading.recorder) => return Ok(event),
            Step::Event(_) => {}
            Step::TooLong(_) => return Err("its first event is too long".to_owned()),
            Step::Ended => return Err("the stream ended before its first event".to_owned()),
            Step::Broken(reason) => return Err(reason),
            Step::Rested => return Err("nothing arrived on the stream".to_owned()),
        }
    }
}

/// Resolves the URL in an event. URLs on other hosts are refused, because they could make the proxy post
/// anywhere.
fn resolve(stream: &Url, event: &Event) -> Result<Url, String> {
    if event.kind.as_deref() != Some(ENDPOINT) {
        return Err("its first event does not name an address".to_owned());
    }
    let address = event.data.as_deref().unwrap_or_default();
    let resolved = stream.join(address).map_err(|error| error.to_string())?;
    if resolved.origin() == stream.origin() {
        Ok(resolved)
    } else {
        Err(format!("it names an address on another host: {resolved}"))
    }
}

impl Carrier for Older {
    const LISTENS_AT_ONCE: bool = true;

    async fn request(self: Arc<Self>, sending: Sending) -> Result<(), NoAnswer> {
        // The answer arrives over the stream, so only the acceptance of the request can be missed here. The
        // session limits how long that may take.
        self.post(
            sending.bytes,
            sending.headers,
            &sending.passed,
            Duration::MAX,
        )
        .await
        .map_err(|error| NoAnswer::from(error.to_string()))?
    }

    async fn send_one_way(
        self: Arc<Self>,
        bytes: Bytes,
        headers: HeaderMap,
        passed: Moment,
    ) -> SendOutcome {
        let limit = self.client.settings.control;
        match self.post(bytes, headers, &passed, limit).await {
            Ok(Ok(())) => SendOutcome::Accepted,
            Ok(Err(cause)) => {
                let reason = cause.reason;
                debug!(reason, "the server rejected a message that needs no answer");
                SendOutcome::Rejected
            }
            Err(error) => SendOutcome::unanswered(&error),
        }
    }

    async fn listen(self: Arc<Self>) {
        let opened = {
            let mut opened = self.opened.lock();
            opened.take()
        };
        if let Some(Opened {
            mut reader,
            mut cursor,
            endpoint,
        }) = opened
        {
            loop {
                let end = self.hand_on_all(&mut reader, &mut cursor).await;
                if let Some(again) = self.reopen(&mut cursor, &endpoint).await {
                    reader = again;
                    continue;
                }
                if matches!(end, End::Lost) {
                    self.client.edge.count(Operation::Receive, Status::Failed);
                }
                break;
            }
        }
        self.stop.cancel();
    }

    /// Ending the stream ends the session.
    async fn close(&self) {}
}

impl Older {
    fn reading(&self) -> Reading<'_> {
        Reading::of(&self.client, &self.recorder)
    }

    /// Posts a message. Returns an error with the reason if the server did not accept it.
    async fn post(
        &self,
        bytes: Bytes,
        mut headers: HeaderMap,
        ended: &Moment,
        limit: Duration,
    ) -> Result<Result<(), NoAnswer>, ExchangeError> {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
        let posted = post(
            &self.client,
            &self.endpoint,
            headers,
            bytes,
            ended,
            false,
            limit,
        );
        let (answer, response) = posted.await?;
        Ok(match answer {
            Answer::Accepted | Answer::Message | Answer::Strange => {
                self.client.discard(response);
                Ok(())
            }
            Answer::Events => Ok(()),
            Answer::Expired | Answer::Rejected(_) => Err(self.client.refusal(response).await),
        })
    }

    async fn hand_on_all(&self, reader: &mut EventReader<Body>, cursor: &mut Cursor) -> End {
        loop {
            let incoming = match reader.next(self.reading()).await {
                Step::Event(event) => {
                    if !cursor.advance(&event, &self.recorder) {
                        continue;
                    }
                    match self.read(event) {
                        Some(incoming) => incoming,
                        None => continue,
                    }
                }
                Step::TooLong(id) => Incoming::TooLarge {
                    id,
                    limit: self.client.edge.max_message,
                },
                Step::Ended => return End::Closed,
                Step::Broken(_) | Step::Rested => return End::Lost,
            };
            if self.to_session.send(incoming).await.is_err() {
                return End::Closed;
            }
        }
    }

    /// Reopens the stream of the same session. Returns `None` if the server has started a new session or is
    /// unreachable.
    async fn reopen(&self, cursor: &mut Cursor, endpoint: &Url) -> Option<EventReader<Body>> {
        let settings = &self.client.settings;
        let resuming = cursor.last_id().is_some();
        let reopened = reopen(&self.client, &self.source, cursor, &self.recorder, false).await;
        let Reopened::Stream(body) = reopened else {
            debug!(?reopened, "the stream is lost");
            return None;
        };
        let mut reader = EventReader::new(body, self.reading());
        let first = first_event(&mut reader, cursor, self.reading());
        let first = timeout(settings.control, first).await;
        let first = first.ok().and_then(Result::ok);
        let same = first.as_ref().is_some_and(|first| {
            // A server that continues the session need not repeat the URL.
            first.kind.as_deref() != Some(ENDPOINT)
                || resolve(&self.url, first).is_ok_and(|url| url == *endpoint)
        });
        // Without an event id, the server cannot tell which events were missed, and one may be an answer.
        let same = same && resuming;
        if resuming {
            let outcome = if same {
                Resumption::Resumed
            } else {
                Resumption::Restarted
            };
            self.recorder.resumptions(outcome).inc();
        }
        if same && let Some(incoming) = first.and_then(|first| self.read(first)) {
            // An error means that the session has ended.
            let _ = self.to_session.send(incoming).await;
        }
        same.then_some(reader)
    }

    /// Returns the message in an event, or `None` for the transport's internal events.
    fn read(&self, event: Event) -> Option<Incoming> {
        let is_message = event.kind.as_deref() != Some(ENDPOINT);
        is_message.then(|| {
            let data = event.data.unwrap_or_default();
            self.client.edge.read(data.as_bytes())
        })
    }
}
