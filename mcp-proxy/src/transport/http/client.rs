//! A client of one server: exchanges over pooled connections, each bounded in time and recorded.

use std::error::Error;
use std::fmt::Write;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::client::legacy::{self, Client};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use shadowcat_metrics::labels::{Phase, Side};
use shadowcat_metrics::{HttpRecorder, Metrics};
use tokio::time::timeout;
use url::Url;

use crate::transport::Edge;
use crate::transport::http::body::{Metered, Moment};
use crate::transport::http::connector::{Exchanges, MeteredConnector};
use crate::transport::http::settings::HttpSettings;

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
