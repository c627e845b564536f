//! Opens a stream of events, and opens it again after it has broken off.

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CACHE_CONTROL};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::Full;
use shadowcat_metrics::SseRecorder;
use shadowcat_metrics::labels::{Reconnection, Resumption};
use tokio::time::sleep;
use tracing::debug;

use crate::transport::http::answer::Answer;
use crate::transport::http::body::Moment;
use crate::transport::http::client::Body;
use crate::transport::http::headers::{EVENT_STREAM, LAST_EVENT_ID, SESSION_ID};
use crate::transport::http::{ExchangeError, HttpClient};
use crate::transport::sse::cursor::Cursor;

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
    /// It was opened as often as it may be, and each time it ended without bringing anything.
    Fruitless,
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
    match Answer::read(&response, in_session, &client.recorder) {
        Answer::Events => Ok(response.into_body()),
        Answer::Accepted | Answer::Message | Answer::Strange => Err(OpenError::Strange),
        Answer::Expired => Err(OpenError::Expired),
        Answer::Rejected(status) => Err(OpenError::Rejected(status)),
    }
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
            Reopened::Refused | Reopened::Unreachable | Reopened::Fruitless => {
                Some(Resumption::Failed)
            }
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
    let mut given_up = Reopened::Fruitless;
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
