//! Servers that are reached over HTTP, by either of the two transports.

use std::sync::{Arc, Mutex};

use http::{HeaderMap, Uri};
use shadowcat_metrics::labels::Server;
use shadowcat_metrics::{Metrics, SseRecorder};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::info;
use url::Url;

use crate::transport::http::driver::{Carrier, Driver};
use crate::transport::http::link::Streamable;
use crate::transport::http::session::HttpSession;
use crate::transport::http::{HttpClient, HttpSettings};
use crate::transport::sse::link::{Older, Opened};
use crate::transport::sse::reopen::Source;
use crate::transport::{Edge, Inbox, Incoming, Link, QUEUE};
use crate::upstream::{Backoff, Connection, Peer, Remote, StartError};

/// A server at a URL, with the connections to it.
#[derive(Debug)]
pub struct RemoteServer {
    /// When to reach it anew, and when to give up.
    pub backoff: Backoff,
    client: HttpClient,
    recorder: SseRecorder,
    server: Server,
    url: Url,
}

impl RemoteServer {
    /// The server at `url`, which `edge` is the proxy's side of.
    #[must_use]
    pub fn new(
        metrics: &Metrics,
        server: Server,
        url: &Url,
        edge: Edge,
        settings: HttpSettings,
        backoff: Backoff,
    ) -> Self {
        let mut url = url.clone();
        // It is for whoever reads the answer, and not sent.
        url.set_fragment(None);
        Self {
            backoff,
            client: HttpClient::new(metrics, edge, &url, settings),
            recorder: metrics.sse(&server),
            server,
            url,
        }
    }

    /// Begins a session over streamable HTTP. Nothing is sent before there is a message.
    ///
    /// # Errors
    ///
    /// If the URL is none that HTTP can ask for.
    pub fn connect(&self) -> Result<Connection, StartError> {
        let uri = self.uri(&self.url)?;
        Ok(self.drive(|to_session, stop| Streamable {
            client: self.client.clone(),
            recorder: self.recorder.clone(),
            uri,
            session: HttpSession::default(),
            to_session,
            stop,
        }))
    }

    /// Begins a session over the older transport, whose stream is opened first.
    ///
    /// # Errors
    ///
    /// If there is no stream to be had, or it does not begin as it must.
    pub async fn connect_older(&self) -> Result<Connection, StartError> {
        let source = Source {
            uri: self.uri(&self.url)?,
            headers: HeaderMap::new(),
        };
        let opened = Opened::open(&self.client, &self.recorder, &source, &self.url)
            .await
            .map_err(|reason| self.unreached(reason))?;
        let endpoint = self.uri(opened.endpoint())?;
        info!(server = %self.server, url = %self.url, "connected");
        Ok(self.drive(|to_session, stop| Older {
            client: self.client.clone(),
            recorder: self.recorder.clone(),
            source,
            url: self.url.clone(),
            endpoint,
            opened: Mutex::new(Some(opened)),
            to_session,
            stop,
        }))
    }

    /// Starts the task of a link.
    fn drive<C: Carrier>(
        &self,
        carrier: impl FnOnce(mpsc::Sender<Incoming>, CancellationToken) -> C,
    ) -> Connection {
        let (to_session, incoming) = mpsc::channel(QUEUE);
        let (outgoing, from_session) = mpsc::channel(QUEUE);
        let stop = CancellationToken::new();
        let driver = Driver {
            carrier: Arc::new(carrier(to_session.clone(), stop.clone())),
            edge: self.client.edge.clone(),
            to_session,
            most_in_flight: self.client.settings.most_in_flight,
            stop: stop.clone(),
        };
        let link = Link {
            incoming: Inbox::new(incoming),
            outgoing,
            writer: tokio::spawn(driver.run(from_session)),
        };
        let patience = self.client.settings.control;
        Connection {
            link,
            peer: Peer::Remote(Remote::new(stop, patience)),
        }
    }

    fn uri(&self, url: &Url) -> Result<Uri, StartError> {
        url.as_str()
            .parse()
            .map_err(|error: http::uri::InvalidUri| self.unreached(error.to_string()))
    }

    fn unreached(&self, reason: String) -> StartError {
        StartError::Connect {
            url: self.url.to_string(),
            reason,
        }
    }
}
