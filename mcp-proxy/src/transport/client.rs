//! A client of one server: exchanges over pooled connections, each bounded in time and recorded.

pub mod connector;

use std::error::Error;
use std::fmt::Write;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::client::legacy;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use shadowcat_metrics::labels::{Operation, Phase, Side, Status};
use shadowcat_metrics::{HttpRecorder, Metrics};
use tokio::time::timeout;
use url::Url;

use crate::backoff::BackoffPolicy;
use crate::transport::Edge;
use crate::transport::client::connector::{Exchanges, MeteredConnector};
use crate::transport::http::{MediaType, Metered, Moment, media_type};

/// The body of an answer.
pub type Body = Metered<Incoming>;

/// Exchanges requests and answers with one server. Clones share its connections.
#[derive(Debug, Clone)]
pub struct HttpClient {
    client: Client<MeteredConnector, Metered<Full<Bytes>>>,
    /// The server's side of the proxy.
    pub edge: Edge,
    /// What happens with heads, bodies and connections is recorded with this.
    pub recorder: HttpRecorder,
    /// How long it waits.
    pub settings: HttpSettings,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// The server is not there, or hung up.
    #[error("{0}")]
    Broken(String),
    /// The server has not answered in time.
    #[error("no answer within {0:?}")]
    TimedOut(Duration),
}

impl HttpClient {
    /// A client of the server at `url`.
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
        }
    }

    /// Sends a request and waits for the head of the answer, for at most `limit`. `ended` is when the request's last
    /// byte is handed on.
    ///
    /// # Errors
    ///
    /// If no head comes.
    pub async fn exchange(
        &self,
        request: Request<Full<Bytes>>,
        ended: &Moment,
        limit: Duration,
    ) -> Result<Response<Body>, ExchangeError> {
        let request =
            request.map(|body| Metered::sent(body, self.recorder.clone()).with_end(ended.clone()));
        let answer = match timeout(limit, self.client.request(request)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => {
                self.record_failed(&error);
                return Err(ExchangeError::Broken(with_causes(&error)));
            }
            Err(_) => return Err(ExchangeError::TimedOut(limit)),
        };
        Exchanges::record(answer.extensions(), &self.recorder);
        if let Some(ended) = ended.at() {
            let phase = self.edge.recorder.phase_duration(Phase::FirstByte);
            phase.observe(ended.elapsed());
        }
        Ok(answer.map(|body| Metered::received(body, self.recorder.clone())))
    }

    /// A connection that was opened for an exchange that failed has carried that exchange all the same.
    fn record_failed(&self, error: &legacy::Error) {
        if let Some(connected) = error.connect_info() {
            let mut extensions = http::Extensions::new();
            connected.get_extras(&mut extensions);
            Exchanges::record(&extensions, &self.recorder);
        }
    }
}

/// An error with what caused it, for its outermost message says little.
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

/// Limits on exchanges with one server.
#[derive(Debug, Clone, Copy)]
pub struct HttpSettings {
    /// For name lookup, TCP and TLS together.
    pub connect: Duration,
    /// For the head of the answer to a request. A tool may run for as long.
    pub answer: Duration,
    /// For the head of any other answer: to a notification, to the opening of a stream, to the end of a session. Also
    /// for the `endpoint` of the older transport, and for what is still to be sent at the end.
    pub control: Duration,
    /// Between two pieces of a body that is one message.
    pub body_idle: Duration,
    /// Between two pieces of a stream; one that rests for longer is opened anew.
    pub stream_idle: Duration,
    /// How long a connection waits to be used again. Node closes its own after 5 s, and a request must not meet that.
    pub pool_idle: Duration,
    /// Requests that may wait for their answers at once; those beyond are refused.
    pub most_in_flight: usize,
    /// Ids of events that are remembered, for each stream, so as to know repeated ones.
    pub window: usize,
    /// When to open a stream again that broke off, and when to give up.
    pub reconnect: BackoffPolicy,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            answer: Duration::from_secs(300),
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

/// What comes after a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The message was taken, and there is no more to say.
    Accepted,
    /// A message.
    Message,
    /// A stream of events.
    Events,
    /// Something that MCP knows nothing of.
    Strange,
    /// The session that the request named is not known any more.
    Expired,
    /// The request was refused, or sent elsewhere, which is not followed.
    Rejected(StatusCode),
}

impl Answer {
    /// Reads a head that was received just now. `in_session` if the request had named a session.
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
            MediaType::Other if http_body::Body::is_end_stream(response.body()) => Self::Accepted,
            MediaType::Other => Self::Strange,
        }
    }
}

/// Posts a message, and records whether the server took it, for which it has as long as `limit`. `ended` is when the
/// message's last byte was handed on.
///
/// # Errors
///
/// If the server does not answer.
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
    let exchanged = client.exchange(request, ended, limit).await;
    let response = exchanged.inspect_err(|_| client.edge.count(Operation::Send, Status::Failed))?;
    let answer = Answer::read(&response, in_session, &client.recorder);
    let status = match answer {
        Answer::Accepted | Answer::Message | Answer::Events | Answer::Strange => Status::Ok,
        Answer::Expired | Answer::Rejected(_) => Status::Rejected,
    };
    client.edge.count(Operation::Send, status);
    Ok((answer, response))
}
