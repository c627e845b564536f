//! The HTTP client of one server: pooled connections, with time limits and metrics for each exchange.

pub mod connector;

use std::error::Error;
use std::fmt::Write;
use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use http::header::{LOCATION, WWW_AUTHENTICATE};
use http::response::Parts;
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use http_body::Body as _;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{CaptureConnection, capture_connection};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use shadowcat_metrics::Instant;
use shadowcat_metrics::shadowcat::labels::{Operation, Phase, Side, Status};
use shadowcat_metrics::shadowcat::{HttpRecorder, Metrics};
use tokio::time::timeout;
use tracing::debug;
use url::Url;

use crate::backoff::BackoffPolicy;
use crate::spans;
use crate::transport::client::connector::{Exchanges, MeteredConnector};
use crate::transport::http::{MediaType, Metered, Moment, drain, media_type, text};
use crate::transport::{Edge, NoAnswer, Refused};

/// The body of a response.
pub type Body = Metered<Incoming>;

/// Exchanges requests and responses with one server. Clones share its connections.
#[derive(Debug, Clone)]
pub struct HttpClient {
    client: Client<MeteredConnector, Metered<Full<Bytes>>>,
    /// The edge to the server.
    pub edge: Edge,
    /// The recorder of heads, bodies and connections.
    pub recorder: HttpRecorder,
    /// Time limits and other bounds.
    pub settings: HttpSettings,
    /// Headers sent with every request, including secrets.
    pub headers: HeaderMap,
}

/// Why an exchange failed.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// The server is not reachable, or closed the connection.
    #[error("{0}")]
    Broken(String),
    /// The server did not respond in time.
    #[error("no answer within {0:?}")]
    TimedOut(Duration),
}

impl HttpClient {
    /// Creates a client of the server at `url`.
    #[must_use]
    pub fn new(metrics: &Metrics, edge: Edge, url: &Url, settings: HttpSettings) -> Self {
        let connector =
            MeteredConnector::new(edge.clone(), url.scheme() == "https", settings.connect);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .timer(TokioTimer::new())
            .pool_idle_timeout(settings.pool_idle)
            .build(connector);
        Self {
            client,
            edge,
            recorder: metrics.http(Side::Server),
            settings,
            headers: HeaderMap::new(),
        }
    }

    /// Sends a request and waits up to `limit` for the head of the response. Follows redirects to the same
    /// server. `ended` is the moment when the request's last byte was passed to the connection.
    ///
    /// # Errors
    ///
    /// If no head arrives.
    pub async fn exchange(
        &self,
        request: Request<Full<Bytes>>,
        ended: &Moment,
        limit: Duration,
    ) -> Result<Response<Body>, ExchangeError> {
        let answered = timeout(limit, self.follow(request, ended)).await;
        let answered = answered.unwrap_or(Err(ExchangeError::TimedOut(limit)));
        answered.inspect(|response| spans::responded(response.status()))
    }

    async fn follow(
        &self,
        mut request: Request<Full<Bytes>>,
        ended: &Moment,
    ) -> Result<Response<Body>, ExchangeError> {
        request.headers_mut().extend(self.headers.clone());
        let mut response = self.exchange_once(request.clone(), ended).await?;
        for _ in 0..MAX_REDIRECTS {
            let Some(elsewhere) = same_origin_redirect(request.uri(), &response) else {
                break;
            };
            debug!(%elsewhere, "following a redirect");
            self.discard(response);
            *request.uri_mut() = elsewhere;
            response = self
                .exchange_once(request.clone(), &Moment::default())
                .await?;
        }
        Ok(response)
    }

    async fn exchange_once(
        &self,
        request: Request<Full<Bytes>>,
        ended: &Moment,
    ) -> Result<Response<Body>, ExchangeError> {
        let has_body = !request.body().is_end_stream();
        let mut request =
            request.map(|body| Metered::sent(body, self.recorder.clone()).with_end(ended.clone()));
        let connection = capture_connection(&mut request);
        // Dropped when the exchange ends or is abandoned; the connection has carried it in either case.
        let _carried = Carried {
            connection: connection.clone(),
            recorder: &self.recorder,
        };
        let exchanging = self.client.request(request);
        let mut exchanging = pin!(exchanging);
        let exchanged = if has_body {
            exchanging.await
        } else {
            let mut connection = connection;
            tokio::select! {
                biased;
                exchanged = &mut exchanging => exchanged,
                // A request without a body is sent as soon as it has a connection.
                () = async { drop(connection.wait_for_connection_metadata().await) } => {
                    ended.now();
                    exchanging.await
                }
            }
        };
        let answer = exchanged.map_err(|error| ExchangeError::Broken(with_causes(&error)))?;
        let now = Instant::now();
        if let Some(ended) = ended.at() {
            let phase = self.edge.recorder.phase_duration(Phase::FirstByte);
            phase.observe(now.since(ended));
        }
        Ok(answer.map(|body| Metered::received(body, self.recorder.clone(), now)))
    }

    /// Returns the reason for a request that the response refuses.
    pub async fn refusal(&self, response: Response<Body>) -> NoAnswer {
        let (head, body) = response.into_parts();
        let start = self.read_start(body).await;
        Self::refusal_of(&head, &start)
    }

    /// Like [`refusal`](Self::refusal), for a body that was already read. Its text becomes part of the
    /// reason.
    #[must_use]
    pub fn refusal_of(head: &Parts, start: &[u8]) -> NoAnswer {
        let mut reason = format!("the server answered with status {}", head.status);
        let start = match media_type(&head.headers) {
            MediaType::Json | MediaType::Text => String::from_utf8_lossy(start),
            MediaType::EventStream | MediaType::Other => "".into(),
        };
        let start: String = start.chars().take(MAX_REASON).collect();
        for (place, word) in start.split_whitespace().enumerate() {
            reason.push_str(if place == 0 { ": " } else { " " });
            reason.push_str(word);
        }
        let www_authenticate = text(&head.headers, &WWW_AUTHENTICATE).map(str::to_owned);
        NoAnswer {
            reason,
            refused: Some(Refused {
                status: head.status.as_u16(),
                www_authenticate,
            }),
            again: None,
        }
    }

    /// Returns the beginning of a body, and discards the rest in the background.
    async fn read_start(&self, mut body: Body) -> Vec<u8> {
        let limit = self.settings.body_idle;
        let mut start = Vec::new();
        let reading = async {
            while start.len() < MAX_REASON
                && let Some(Ok(frame)) = body.frame().await
            {
                start.extend_from_slice(frame.data_ref().map_or(&[], |data| data));
            }
        };
        // An error means that the body is too slow. What has arrived by then is the start.
        let _ = timeout(limit, reading).await;
        if !body.is_end_stream() {
            tokio::spawn(drain(body, self.edge.max_message, limit));
        }
        start
    }

    /// Discards a body, counting its bytes, so that its connection can be reused.
    pub fn discard(&self, response: Response<Body>) {
        let body = response.into_body();
        if !body.is_end_stream() {
            tokio::spawn(drain(body, self.edge.max_message, self.settings.body_idle));
        }
    }
}

/// Maximum number of characters to quote from the body of a refusal.
const MAX_REASON: usize = 500;

/// Maximum number of consecutive redirects.
const MAX_REDIRECTS: usize = 5;

/// Returns the target of a redirect that stays on the same server and keeps the request unchanged.
fn same_origin_redirect(from: &Uri, response: &Response<Body>) -> Option<Uri> {
    if !matches!(
        response.status(),
        StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT
    ) {
        return None;
    }
    let from = Url::parse(&from.to_string()).ok()?;
    let location = response.headers().get(LOCATION)?.to_str().ok()?;
    let mut elsewhere = from.join(location).ok()?;
    elsewhere.set_fragment(None);
    (elsewhere.origin() == from.origin())
        .then(|| elsewhere.as_str().parse().ok())
        .flatten()
}

/// An exchange, counted for the connection that carries it.
struct Carried<'a> {
    connection: CaptureConnection,
    recorder: &'a HttpRecorder,
}

impl Drop for Carried<'_> {
    fn drop(&mut self) {
        if let Some(connected) = self.connection.connection_metadata().as_ref() {
            let mut extensions = http::Extensions::new();
            connected.get_extras(&mut extensions);
            Exchanges::record(&extensions, self.recorder);
        }
    }
}

/// Formats an error with its causes, because the outermost message says little.
pub(crate) fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        // Writing to memory cannot fail.
        let _ = write!(text, ": {error}");
        cause = error.source();
    }
    text
}

/// Limits on the exchanges with one server.
#[derive(Debug, Clone, Copy)]
pub struct HttpSettings {
    /// For name lookup, TCP and TLS together.
    pub connect: Duration,
    /// For the head of the response to anything but a request: a notification, the opening of a stream, the
    /// end of a session. Also for the older transport's `endpoint` event, and for the last messages at the
    /// end.
    pub control: Duration,
    /// For the pause between two chunks of a body with one message, and for all of a body that is discarded.
    pub body_idle: Duration,
    /// For the pause between two chunks of a stream. A longer pause reopens the stream.
    pub stream_idle: Duration,
    /// How long an idle connection stays in the pool. Node closes its connections after 5 s, and no request
    /// should race with that.
    pub pool_idle: Duration,
    /// Maximum number of unanswered requests; further ones are refused.
    pub most_in_flight: usize,
    /// Number of recent event ids to remember per stream, to recognize repeated events.
    pub window: usize,
    /// When to reopen an interrupted stream, and when to give up.
    pub reconnect: BackoffPolicy,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            control: Duration::from_secs(10),
            body_idle: Duration::from_secs(30),
            stream_idle: Duration::from_secs(300),
            pool_idle: Duration::from_secs(4),
            most_in_flight: 256,
            window: 256,
            reconnect: BackoffPolicy::STREAMS,
        }
    }
}

/// The kind of response that a head announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The message was accepted, and there is no body.
    Accepted,
    /// A message.
    Message,
    /// A stream of events.
    Events,
    /// Anything that MCP does not define.
    Strange,
    /// The server no longer knows the session.
    Expired,
    /// The request was refused, or redirected elsewhere, which is not followed.
    Rejected(StatusCode),
}

impl Answer {
    /// Classifies a response head. `in_session` tells whether the request named a session.
    pub(crate) fn read(
        response: &Response<Body>,
        in_session: bool,
        recorder: &HttpRecorder,
    ) -> Self {
        let timer = recorder.header_duration().start_timer();
        let answer = Self::of(response, in_session);
        timer.stop();
        answer
    }

    fn of(response: &Response<Body>, in_session: bool) -> Self {
        let status = response.status();
        if status == StatusCode::NOT_FOUND && in_session {
            return Self::Expired;
        }
        if !status.is_success() {
            return Self::Rejected(status);
        }
        if matches!(status, StatusCode::ACCEPTED | StatusCode::NO_CONTENT) {
            return Self::Accepted;
        }
        match media_type(response.headers()) {
            MediaType::Json => Self::Message,
            MediaType::EventStream => Self::Events,
            MediaType::Text | MediaType::Other if response.body().is_end_stream() => Self::Accepted,
            MediaType::Text | MediaType::Other => Self::Strange,
        }
    }
}

/// Posts a message, waits up to `limit`, and records whether the server accepted it. `ended` is the moment
/// when the message's last byte was passed to the connection.
///
/// # Errors
///
/// If the server does not respond.
pub(crate) async fn post(
    client: &HttpClient,
    uri: &Uri,
    headers: HeaderMap,
    bytes: Bytes,
    ended: &Moment,
    in_session: bool,
    limit: Duration,
) -> Result<(Answer, Response<Body>), ExchangeError> {
    let mut request = Request::new(Full::new(bytes));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = uri.clone();
    *request.headers_mut() = headers;
    let mut sent = Sent {
        edge: &client.edge,
        ended,
        counted: false,
    };
    let exchanged = client.exchange(request, ended, limit).await;
    let response = exchanged.inspect_err(|_| sent.count(Status::Failed))?;
    let answer = Answer::read(&response, in_session, &client.recorder);
    sent.count(match answer {
        Answer::Accepted | Answer::Message | Answer::Events | Answer::Strange => Status::Ok,
        Answer::Expired | Answer::Rejected(_) => Status::Rejected,
    });
    Ok((answer, response))
}

/// A message being sent. One that is cancelled after it was sent still counts as sent.
struct Sent<'a> {
    edge: &'a Edge,
    ended: &'a Moment,
    counted: bool,
}

impl Sent<'_> {
    fn count(&mut self, status: Status) {
        self.counted = true;
        self.edge.count(Operation::Send, status);
    }
}

impl Drop for Sent<'_> {
    fn drop(&mut self) {
        if !self.counted && self.ended.at().is_some() {
            self.count(Status::Ok);
        }
    }
}
