//! The client of streamable HTTP: every message is a POST, answered by a message or an event stream. The
//! server sends other messages over a stream that the client opens with GET.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri};
use http_body_util::Full;
use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::json;
use shadowcat_metrics::shadowcat::SseRecorder;
use shadowcat_metrics::shadowcat::labels::{Operation, Status};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::debug;

use crate::jsonrpc::{self, Id, Message, Notification, Payload};
use crate::transport::client::{Answer, Body, ExchangeError, HttpClient, post};
use crate::transport::driver::{Carrier, SendOutcome, Sending};
use crate::transport::http::{
    BodyError, JSON, MediaType, Moment, PROTOCOL_VERSION, SESSION_ID, media_type, read_whole,
    session_id,
};
use crate::transport::resume::{Cursor, OpenError, Reopened, Source, open, reopen};
use crate::transport::sse::{Event, EventReader, Reading, Step};
use crate::transport::{Incoming, NoAnswer};

/// A session with a server.
#[derive(Debug)]
pub(crate) struct Streamable {
    pub(crate) client: HttpClient,
    pub(crate) recorder: SseRecorder,
    pub(crate) uri: Uri,
    pub(crate) session: HttpSession,
    pub(crate) to_session: mpsc::Sender<Incoming>,
    /// Cancelled when the server no longer knows the session, which ends the link.
    pub(crate) stop: CancellationToken,
}

impl Carrier for Streamable {
    const LISTENS_AT_ONCE: bool = false;

    async fn request(self: Arc<Self>, sending: Sending) -> Result<(), NoAnswer> {
        let Sending {
            id,
            opens,
            bytes,
            headers,
            listens,
            passed,
        } = sending;
        // Later messages have to name the session, whose id arrives with the answer to the request that opens it.
        let ended = if opens {
            Moment::default()
        } else {
            passed.clone()
        };
        // The session limits how long a request may take.
        let posted = self.post(bytes.clone(), headers, &ended, Duration::MAX);
        let (answer, response) = posted
            .await
            .map_err(|error| NoAnswer::from(error.to_string()))?;
        if opens {
            self.session.opened(response.headers());
        }
        let reason = match answer {
            Answer::Message => return self.hand_on_message(&id, response, opens).await,
            Answer::Events => {
                if opens {
                    // The server may send a request before it answers, and wait for the response to it.
                    passed.now();
                }
                let body = response.into_body();
                return self.hand_on_events(&id, body, opens, listens).await;
            }
            Answer::Accepted => "the server accepted the request but did not answer it",
            Answer::Strange => {
                let edge = &self.client.edge;
                edge.count(Operation::Receive, Status::Malformed);
                "the server's answer was neither JSON nor a stream of events"
            }
            Answer::Expired => {
                self.stop.cancel();
                let is_certain = response.status() == StatusCode::NOT_FOUND;
                self.client.discard(response);
                let reason = "the server no longer knows the session".to_owned();
                return Err(NoAnswer {
                    again: if is_certain { request_in(&bytes) } else { None },
                    ..reason.into()
                });
            }
            Answer::Rejected(_) => return self.hand_on_refusal(&id, response).await,
        };
        self.client.discard(response);
        Err(reason.to_owned().into())
    }

    async fn send_one_way(
        self: Arc<Self>,
        bytes: Bytes,
        headers: HeaderMap,
        passed: Moment,
    ) -> SendOutcome {
        let limit = self.client.settings.control;
        let (answer, response) = match self.post(bytes, headers, &passed, limit).await {
            Ok(answered) => answered,
            Err(error) => return SendOutcome::unanswered(&error),
        };
        match answer {
            Answer::Expired => {
                self.stop.cancel();
                SendOutcome::Rejected
            }
            Answer::Rejected(status) => {
                debug!(%status, "the server rejected a message that needs no answer");
                self.client.discard(response);
                SendOutcome::Rejected
            }
            Answer::Accepted | Answer::Message | Answer::Strange => {
                self.client.discard(response);
                SendOutcome::Accepted
            }
            Answer::Events => SendOutcome::Accepted,
        }
    }

    /// Opens the server's standing stream and forwards its messages to the session. Returns if the server has no such stream, or
    /// cancels `stop` when the server no longer knows the session.
    async fn listen(self: Arc<Self>) {
        let source = self.source();
        let mut cursor = self.cursor();
        let mut body = match self.first_stream(&source, &mut cursor).await {
            Ok(body) => body,
            Err(OpenError::Expired) => return self.stop.cancel(),
            Err(error @ (OpenError::Rejected(_) | OpenError::Strange | OpenError::Failed(_))) => {
                // Most servers without a standing stream respond with status 405.
                debug!(%error, "the server offers no stream for its own messages");
                return;
            }
        };
        loop {
            let mut reader = EventReader::new(body, self.reading());
            self.hand_on_all(&mut reader, &mut cursor).await;
            drop(reader);
            body = loop {
                match reopen(&self.client, &source, &mut cursor, &self.recorder, true).await {
                    Reopened::Stream(body) => break body,
                    // Restarted servers refuse an unknown session in various ways.
                    Reopened::Restarted | Reopened::Refused => return self.stop.cancel(),
                    // The server may return with the session intact.
                    Reopened::Unreachable => sleep(cursor.reconnects().wait_again()).await,
                }
            };
        }
    }

    async fn close(&self) {
        if !self.session.is_open() {
            return;
        }
        let mut request = Request::new(Full::new(Bytes::new()));
        *request.method_mut() = Method::DELETE;
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.session.headers();
        let limit = self.client.settings.control;
        let sent = Moment::default();
        match self.client.exchange(request, &sent, limit).await {
            Ok(response) => {
                let answer = Answer::read(&response, true, &self.client.recorder);
                debug!(?answer, "told the server that the session has ended");
                self.client.discard(response);
            }
            Err(error) => debug!(%error, "could not tell the server that the session has ended"),
        }
    }
}

impl Streamable {
    /// A refusal with a JSON-RPC error answers the request. Any other body is not meant to be a message, and
    /// is not counted as one.
    async fn hand_on_refusal(&self, id: &Id, response: Response<Body>) -> Result<(), NoAnswer> {
        if media_type(response.headers()) != MediaType::Json {
            return Err(self.client.refusal(response).await);
        }
        let edge = &self.client.edge;
        let chunk_timeout = self.client.settings.body_idle;
        let (head, body) = response.into_parts();
        let read = read_whole(body, edge, chunk_timeout, 0).await;
        if let Ok(bytes) = &read
            && Message::parse(bytes).is_ok_and(|message| is_answer(&message, id))
        {
            let incoming = edge.read(bytes);
            drop(read);
            self.deliver(incoming, false).await;
            return Ok(());
        }
        let start = read.map_or_else(|_| Vec::new(), |bytes| bytes.to_vec());
        Err(HttpClient::refusal_of(&head, &start))
    }

    async fn post(
        &self,
        bytes: Bytes,
        own: HeaderMap,
        ended: &Moment,
        limit: Duration,
    ) -> Result<(Answer, Response<Body>), ExchangeError> {
        let mut headers = self.session.message_headers();
        headers.extend(own);
        let in_session = self.session.is_open();
        let posted = post(
            &self.client,
            &self.uri,
            headers,
            bytes,
            ended,
            in_session,
            limit,
        );
        match posted.await {
            // The message is valid: the server has restarted and does not know the session.
            Ok((Answer::Rejected(StatusCode::BAD_REQUEST), response))
                if self.session.may_have_lost_session() =>
            {
                Ok((Answer::Expired, response))
            }
            Ok(answered) => {
                self.session.reached(true);
                Ok(answered)
            }
            Err(error) => {
                self.session.reached(false);
                Err(error)
            }
        }
    }

    /// Passes on a body with one message, if it is the answer to the request `id`.
    async fn hand_on_message(
        &self,
        id: &Id,
        response: Response<Body>,
        opens: bool,
    ) -> Result<(), NoAnswer> {
        let edge = &self.client.edge;
        let chunk_timeout = self.client.settings.body_idle;
        let read = read_whole(response.into_body(), edge, chunk_timeout, 0).await;
        let bytes = read.map_err(|error| {
            let status = match error {
                BodyError::TooLarge { .. } => Status::TooLarge,
                BodyError::Broken(_) | BodyError::Slow(_) => Status::Failed,
            };
            edge.count(Operation::Receive, status);
            error.to_string()
        })?;
        let incoming = edge.read(&bytes);
        drop(bytes);
        let is_answer = answers(&incoming, id);
        if !is_answer {
            let reason = "the response is not an answer to the request";
            return Err(reason.to_owned().into());
        }
        self.deliver(incoming, opens).await;
        Ok(())
    }

    async fn deliver(&self, incoming: Incoming, opens: bool) {
        if opens && let Incoming::Message(message) = &incoming {
            self.session.initialized(message);
        }
        // An error means that the session has ended.
        let _ = self.to_session.send(incoming).await;
    }

    fn reading(&self) -> Reading<'_> {
        Reading::of(&self.client, &self.recorder)
    }

    fn cursor(&self) -> Cursor {
        let settings = &self.client.settings;
        Cursor::new(settings.window, settings.reconnect)
    }

    fn source(&self) -> Source {
        Source {
            uri: self.uri.clone(),
            headers: self.session.headers(),
        }
    }
}

/// Parses the request that was sent as `bytes`.
fn request_in(bytes: &[u8]) -> Option<Box<jsonrpc::Request>> {
    match Message::parse(bytes) {
        Ok(Message::Request(request)) => Some(Box::new(request)),
        Ok(Message::Notification(_) | Message::Response(_)) | Err(_) => None,
    }
}

/// Returns the notification with which a server ends a subscription over pipes. Over HTTP, the server ends the stream instead.
fn subscription_ended(id: &Id) -> Incoming {
    let params = json!({ "requestId": id, "reason": "the server ended the subscription" });
    let ended = Notification::new("notifications/cancelled", &params);
    Incoming::Message(Message::Notification(ended))
}

/// Returns whether this is the answer to the request `id`.
fn answers(incoming: &Incoming, id: &Id) -> bool {
    matches!(incoming, Incoming::Message(message) if is_answer(message, id))
}

fn is_answer(message: &Message, id: &Id) -> bool {
    matches!(message, Message::Response(response) if response.id.as_ref() == Some(id))
}

/// Time limit for the server to end a stream after the answer.
const LINGER: Duration = Duration::from_secs(1);

impl Streamable {
    /// Passes on events until the answer to the request `id` arrives, reopening the stream as needed. If the request `listens` for
    /// events, the server may end the stream without an answer.
    async fn hand_on_events(
        &self,
        id: &Id,
        mut body: Body,
        opens: bool,
        listens: bool,
    ) -> Result<(), NoAnswer> {
        let mut cursor = self.cursor();
        loop {
            let mut reader = EventReader::new(body, self.reading());
            let (reason, is_over) = loop {
                match reader.next(self.reading()).await {
                    Step::Event(event) => {
                        let Some(incoming) = self.read(&mut cursor, &event) else {
                            continue;
                        };
                        let is_answer = answers(&incoming, id);
                        self.deliver(incoming, opens).await;
                        if is_answer {
                            self.hand_on_rest(reader, &mut cursor).await;
                            return Ok(());
                        }
                    }
                    Step::TooLong(too_long) => {
                        if too_long.is_none_or(|too_long| too_long == *id) {
                            let limit = self.client.edge.max_message;
                            let reason =
                                format!("the server's answer was longer than {limit} bytes");
                            return Err(reason.into());
                        }
                    }
                    Step::Ended => {
                        let reason = "the server ended the stream before its answer";
                        break (reason.to_owned(), listens);
                    }
                    Step::Broken(reason) => {
                        break (format!("the stream broke off: {reason}"), false);
                    }
                    Step::Rested => {
                        let reason = "nothing arrived on the stream for too long";
                        break (reason.to_owned(), false);
                    }
                }
            };
            drop(reader);
            let reopened = if cursor.last_id().is_some() {
                let source = self.source();
                reopen(&self.client, &source, &mut cursor, &self.recorder, true).await
            } else {
                // Without an event ID, the stream cannot be resumed.
                Reopened::Refused
            };
            body = match reopened {
                Reopened::Stream(body) => body,
                lost @ (Reopened::Restarted | Reopened::Refused | Reopened::Unreachable) => {
                    if matches!(lost, Reopened::Restarted) {
                        self.stop.cancel();
                    }
                    if is_over {
                        self.deliver(subscription_ended(id), false).await;
                        return Ok(());
                    }
                    self.client.edge.count(Operation::Receive, Status::Failed);
                    return Err(reason.into());
                }
            };
        }
    }

    /// Passes on events after the answer. Usually only the end of the stream follows, which must be read
    /// before the connection can be reused.
    async fn hand_on_rest(&self, mut reader: EventReader<Body>, cursor: &mut Cursor) {
        // An error means that the server does not end its stream, so it is abandoned.
        let _ = timeout(LINGER, self.hand_on_all(&mut reader, cursor)).await;
    }

    /// Passes on all events of one stream.
    async fn hand_on_all(&self, reader: &mut EventReader<Body>, cursor: &mut Cursor) {
        loop {
            match reader.next(self.reading()).await {
                Step::Event(event) => {
                    if let Some(incoming) = self.read(cursor, &event) {
                        self.deliver(incoming, false).await;
                    }
                }
                Step::TooLong(id) => debug!(?id, "skipping an event that is too long"),
                Step::Ended | Step::Broken(_) | Step::Rested => return,
            }
        }
    }

    /// Returns the message in an event, or `None` if it has no data or is a repetition.
    fn read(&self, cursor: &mut Cursor, event: &Event) -> Option<Incoming> {
        if !cursor.advance(event, &self.recorder)
            || event.kind.as_deref().is_some_and(|kind| kind != "message")
        {
            return None;
        }
        let data = event.data.as_deref()?;
        Some(self.client.edge.read(data.as_bytes()))
    }
}

impl Streamable {
    /// Opens the server's standing stream, or returns its refusal. The server was just reachable when it
    /// opened the session, so keep trying until it responds. No stream was interrupted, so no reconnection is
    /// counted.
    async fn first_stream(&self, source: &Source, cursor: &mut Cursor) -> Result<Body, OpenError> {
        // A server may delay even the head until the first event.
        let limit = self.client.settings.stream_idle;
        let mut opened = open(&self.client, source, None, limit).await;
        while let Err(OpenError::Failed(ExchangeError::Broken(reason))) = opened {
            debug!(reason, "the server's stream could not be opened");
            let wait = cursor.reconnects().next_wait();
            sleep(wait.unwrap_or_else(|| cursor.reconnects().wait_again())).await;
            opened = open(&self.client, source, None, limit).await;
        }
        cursor.reopened();
        opened
    }
}

/// The session's id and version, from the answer to `initialize`.
#[derive(Debug, Default)]
pub(crate) struct HttpSession(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    id: Option<HeaderValue>,
    version: Option<HeaderValue>,
    /// Whether the server was unreachable since it last accepted a message.
    may_have_lost_session: bool,
}

impl HttpSession {
    /// Reads the head of the answer to `initialize`.
    pub(crate) fn opened(&self, headers: &HeaderMap) {
        self.0.lock().id = session_id(headers).and_then(|id| HeaderValue::from_str(id).ok());
    }

    /// Reads the answer to `initialize`.
    pub(crate) fn initialized(&self, message: &Message) {
        #[derive(Deserialize)]
        struct Initialized {
            #[serde(rename = "protocolVersion")]
            version: String,
        }
        if let Message::Response(jsonrpc::Response {
            payload: Payload::Result(result),
            ..
        }) = message
            && let Some(initialized) = jsonrpc::object::<Initialized>(result.get())
        {
            self.0.lock().version = HeaderValue::from_str(&initialized.version).ok();
        }
    }

    /// Returns whether the server has assigned a session id.
    pub(crate) fn is_open(&self) -> bool {
        self.0.lock().id.is_some()
    }

    /// Records whether the server was reachable. After an outage it may be another process without this
    /// session.
    pub(crate) fn reached(&self, reached: bool) {
        self.0.lock().may_have_lost_session = !reached;
    }

    /// Returns whether the server may have lost the session since it last accepted a message.
    pub(crate) fn may_have_lost_session(&self) -> bool {
        let known = self.0.lock();
        known.may_have_lost_session && known.id.is_some()
    }

    /// Returns the headers for any method.
    pub(crate) fn headers(&self) -> HeaderMap {
        let known = self.0.lock();
        let mut headers = HeaderMap::new();
        if let Some(id) = &known.id {
            headers.insert(SESSION_ID, id.clone());
        }
        if let Some(version) = &known.version {
            headers.insert(PROTOCOL_VERSION, version.clone());
        }
        headers
    }

    /// Returns the headers for posting a message.
    pub(crate) fn message_headers(&self) -> HeaderMap {
        let mut headers = self.headers();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
        let both = HeaderValue::from_static("application/json, text/event-stream");
        headers.insert(ACCEPT, both);
        headers
    }
}
