//! Opens connections to servers, and counts the exchanges that each has carried.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use http::{Extensions, Uri};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore};
use shadowcat_metrics::shadowcat::HttpRecorder;
use shadowcat_metrics::shadowcat::labels::{Operation, Phase, Status};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower_service::Service;
use tracing::warn;

use crate::transport::Edge;

type BoxError = Box<dyn std::error::Error + Send + Sync>;
type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;

/// Opens connections and measures how long that takes. The phase `connect` covers name lookup, TCP and TLS.
#[derive(Debug, Clone)]
pub struct MeteredConnector {
    connector: HttpsConnector<HttpConnector>,
    edge: Edge,
    limit: Duration,
}

impl MeteredConnector {
    /// Creates a connector with the time limit `limit`. It loads the system's root certificates only if
    /// `secure`.
    #[must_use]
    pub fn new(edge: Edge, secure: bool, limit: Duration) -> Self {
        Self {
            connector: connector(secure),
            edge,
            limit,
        }
    }
}

/// Creates a connector that loads the system's root certificates only if `secure`.
pub(crate) fn connector(secure: bool) -> HttpsConnector<HttpConnector> {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    HttpsConnector::from((tcp, tls_config(secure)))
}

fn tls_config(secure: bool) -> ClientConfig {
    if secure {
        match ClientConfig::builder().with_native_roots() {
            Ok(builder) => return builder.with_no_client_auth(),
            Err(error) => {
                warn!(%error, "no root certificates: every server's certificate will be rejected");
            }
        }
    }
    ClientConfig::builder()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth()
}

impl Service<Uri> for MeteredConnector {
    type Response = CountedStream;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<CountedStream, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.connector.poll_ready(cx)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = self.connector.call(uri);
        let Self { edge, limit, .. } = self.clone();
        Box::pin(async move {
            // Cancelling a call drops this future while it connects. A timer would record a duration then,
            // although the server has neither answered nor failed.
            let begun = Instant::now();
            let connected = match timeout(limit, connecting).await {
                Ok(connected) => connected,
                Err(_) => Err(io::Error::new(
                    io::ErrorKind::TimedOut,
                    format!("no connection within {limit:?}"),
                )
                .into()),
            };
            match connected {
                Ok(stream) => {
                    edge.recorder
                        .phase_duration(Phase::Connect)
                        .observe(begun.elapsed());
                    edge.count(Operation::Connect, Status::Ok);
                    Ok(CountedStream {
                        stream,
                        exchanges: Exchanges::default(),
                    })
                }
                Err(error) => {
                    // A failed connection has no duration.
                    edge.count(Operation::Connect, Status::Failed);
                    Err(error)
                }
            }
        })
    }
}

/// The number of exchanges that a connection has carried. Every response on the connection carries this
/// counter.
#[derive(Debug, Clone, Default)]
pub struct Exchanges(Arc<AtomicU64>);

impl Exchanges {
    /// Records one exchange, as the first of its connection or as a later one.
    pub fn record(extensions: &Extensions, recorder: &HttpRecorder) {
        if let Some(Self(exchanges)) = extensions.get::<Self>() {
            // The counter orders nothing else, so relaxed ordering is enough.
            if exchanges.fetch_add(1, Ordering::Relaxed) == 0 {
                recorder.connections_opened().inc();
            } else {
                recorder.connections_reused().inc();
            }
        }
    }
}

/// A connection with its [`Exchanges`].
#[derive(Debug)]
pub struct CountedStream {
    stream: Stream,
    exchanges: Exchanges,
}

impl Connection for CountedStream {
    fn connected(&self) -> Connected {
        self.stream.connected().extra(self.exchanges.clone())
    }
}

impl Read for CountedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl Write for CountedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, pieces)
    }
}

#[cfg(test)]
mod tests {
    use shadowcat_metrics::shadowcat::Metrics;
    use shadowcat_metrics::shadowcat::labels::Side;
    use shadowcat_metrics::shadowcat::labels::Transport;
    use tokio::net::TcpListener;

    use super::*;
    use crate::pool::Pools;

    #[tokio::test]
    async fn a_cancelled_connection_is_not_recorded() {
        let metrics = Metrics::new();
        let server = metrics.server("silent");
        let edge = Edge::to_server(&metrics, Transport::Http, &server, Pools::new(&metrics));
        let silent = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        // The server never answers the TLS handshake, so the connection is never established.
        let uri = format!("https://{}/", silent.local_addr().unwrap());
        let mut connector = MeteredConnector::new(edge, false, Duration::from_secs(60));
        let connecting = connector.call(uri.parse().unwrap());
        tokio::select! {
            _ = connecting => panic!("a listener that says nothing was connected to"),
            accepted = silent.accept() => drop(accepted.unwrap()),
        }

        let snapshot = metrics.snapshot();
        let recorded = snapshot.transport(Transport::Http);
        assert_eq!(recorded.phase_duration(Phase::Connect).count(), 0);
        for status in Status::ALL {
            let count = recorded.operations(Side::Server, Operation::Connect, status);
            assert_eq!(count, 0, "{status}");
        }
    }
}
