//! One message to a server, as the body of a POST.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, Uri};
use http_body_util::Full;
use shadowcat_metrics::labels::{Operation, Status};

use crate::transport::http::answer::Answer;
use crate::transport::http::body::Moment;
use crate::transport::http::client::{Body, ExchangeError, HttpClient};

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
