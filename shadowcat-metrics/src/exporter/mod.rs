//! `/metrics` over HTTP: a router for a program's existing server, or a stand-alone server.
//!
//! ```no_run
//! # shadowcat_metrics::metrics!("tests/shop.toml");
//! # use shadowcat_metrics::exporter;
//! # fn main() {}
//! # async fn run() -> std::io::Result<()> {
//! # let metrics = Metrics::new();
//! let server = exporter::serve(&metrics, exporter::DEFAULT_ADDRESS).await?;
//! println!("http://{}/metrics", server.local_addr());
//! // ...
//! server.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! `GET` and `HEAD` return a page in the format that the `Accept` header prefers: Prometheus text, OpenMetrics or protobuf. The
//! default is Prometheus text. If `Accept-Encoding` allows gzip, the page is compressed. Other methods get status 405, and
//! scrapes above the limit get 503. The task that serves the request encodes the page into a buffer that is reused. Compression
//! runs on tokio's blocking threads.
//!
//! The server speaks HTTP/1.1 without TLS. It limits the number of connections, the size of headers, and the time for a peer
//! to send its headers and to read the response. If all connections are in use, a new one replaces the one that has waited longest
//! for a complete request, so clients that open connections without a request do not stop scrapes. A connection that is being
//! answered is not closed before the end of the answer.

mod deadline;
mod guarded_body;
#[doc(hidden)]
pub mod listen;
mod negotiate;
mod preferences;
mod room;
mod scrape;
mod server;

use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::get;
use tokio::net::{TcpListener, ToSocketAddrs};

pub use crate::registries::NameClash;
use crate::registries::Registries;
use crate::registry::Registry;
use scrape::Scraper;
pub use server::Server;

/// Default address: port 9464 on the loopback interface, which other machines cannot reach.
pub const DEFAULT_ADDRESS: SocketAddr =
    SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 9464));

/// Maximum timeout: 30 years. Adding an arbitrary duration to the current time could overflow.
const MAX_DURATION: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

/// Path of the page.
pub const PATH: &str = "/metrics";

/// Returns a router with the page at [`PATH`] and the limits of [`Exporter::new`].
///
/// ```
/// # shadowcat_metrics::metrics!("tests/shop.toml");
/// # use shadowcat_metrics::exporter;
/// # fn main() {
/// # let metrics = Metrics::new();
/// # let own_routes = axum::Router::new();
/// let app: axum::Router = own_routes.merge(exporter::router(&metrics));
/// # }
/// ```
///
/// A program whose router has state merges `exporter::router(&metrics).with_state(())`.
pub fn router(registry: &Registry) -> Router {
    Exporter::new(registry).router()
}

/// Serves a registry's values at an address, with the limits of [`Exporter::new`].
///
/// # Errors
///
/// If the address cannot be bound, or the tokio runtime has no timers or no IO.
pub async fn serve(registry: &Registry, address: impl ToSocketAddrs) -> io::Result<Server> {
    Exporter::new(registry).serve(address).await
}

/// A registry to expose over HTTP, with limits.
///
/// ```
/// # shadowcat_metrics::metrics!("tests/shop.toml");
/// # use std::time::Duration;
/// # use shadowcat_metrics::exporter::Exporter;
/// # fn main() {
/// # let metrics = Metrics::new();
/// let exporter = Exporter::new(&metrics)
///     .max_concurrent_scrapes(2)
///     .response_timeout(Duration::from_secs(5));
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "an exporter does nothing until `router` or `serve` is called"]
pub struct Exporter {
    /// All registries on the page.
    registries: Registries,
    max_concurrent_scrapes: usize,
    max_connections: usize,
    header_timeout: Duration,
    response_timeout: Duration,
    created_lines: Option<bool>,
}

impl Exporter {
    /// Creates an exporter with these limits: 8 concurrent scrapes and, for a server, 64 connections, 30
    /// seconds for a request's headers and 10 seconds for the client to read the response.
    pub fn new(registry: &Registry) -> Self {
        Self {
            registries: Registries::new(registry),
            max_concurrent_scrapes: 8,
            max_connections: 64,
            header_timeout: Duration::from_secs(30),
            response_timeout: Duration::from_secs(10),
            created_lines: None,
        }
    }

    /// Adds another registry to the page, such as that of a library with its own schema. Its families come after
    /// those of earlier registries.
    ///
    /// ```
    /// # mod shop { shadowcat_metrics::metrics!("tests/shop.toml"); }
    /// # mod pool { shadowcat_metrics::metrics!("tests/growing_labels.toml"); }
    /// # use shadowcat_metrics::exporter::{Exporter, NameClash};
    /// # fn main() -> Result<(), NameClash> {
    /// # let metrics = shop::Metrics::new();
    /// # let pool_metrics = pool::Metrics::new();
    /// let exporter = Exporter::new(&metrics).also(&pool_metrics)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If a registry of the page has a family with the same name. A page cannot contain a family twice.
    pub fn also(mut self, registry: &Registry) -> Result<Self, NameClash> {
        self.registries = self.registries.also(registry)?;
        Ok(self)
    }

    /// Sets the maximum number of concurrent scrapes; at least 1. Additional scrapes get the status 503.
    pub fn max_concurrent_scrapes(mut self, scrapes: usize) -> Self {
        self.max_concurrent_scrapes = scrapes;
        self
    }

    /// Sets the maximum number of open connections of a server; at least 1. Another connection replaces the one that has waited
    /// longest for a complete request, or waits. A connection cannot be replaced while it is being answered, or in its first 100
    /// milliseconds.
    pub fn max_connections(mut self, connections: usize) -> Self {
        self.max_connections = connections;
        self
    }

    /// Sets how long a server waits for a request's complete headers. The limit includes the idle time of a kept-alive
    /// connection: if the limit is shorter than the scrape interval, Prometheus reconnects for each scrape. `Duration::MAX` means
    /// no limit.
    pub fn header_timeout(mut self, timeout: Duration) -> Self {
        self.header_timeout = timeout.min(MAX_DURATION);
        self
    }

    /// Sets how long a server's peer may take to read a response, and how long [`Server::shutdown`] waits for
    /// pending responses. `Duration::MAX` means no limit.
    pub fn response_timeout(mut self, timeout: Duration) -> Self {
        self.response_timeout = timeout.min(MAX_DURATION);
        self
    }

    /// Sets whether OpenMetrics pages have `_created` lines. The default is the value of each registry's
    /// [`Options::created_lines`](crate::Options::created_lines).
    pub fn created_lines(mut self, exposed: bool) -> Self {
        self.created_lines = Some(exposed);
        self
    }

    /// Returns a router with the page at [`PATH`]. It does not apply the limits on connections and times,
    /// which belong to the server.
    pub fn router(&self) -> Router {
        let scraper = Arc::new(Scraper::new(self));
        let answer = move |headers: HeaderMap| Arc::clone(&scraper).answer(headers);
        Router::new().route(PATH, get(answer))
    }

    /// Serves the page on a separate address. Port 0 means any free port.
    ///
    /// # Errors
    ///
    /// If the address cannot be bound, or the tokio runtime has no timers or no IO.
    pub async fn serve(self, address: impl ToSocketAddrs) -> io::Result<Server> {
        server::require_timers()?;
        let listener = server::require_io(TcpListener::bind(address)).await?;
        Server::start(listener, self)
    }
}
