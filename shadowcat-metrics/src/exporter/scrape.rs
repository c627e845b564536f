//! One scrape, from the request's headers to the response, and the buffers that pages are written into and sent from.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER, VARY};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;

use super::Exporter;
use super::negotiate::{Form, Offer, offer, wants_gzip};
use crate::registries::Registries;
use crate::registry::Registry;

/// Names the request headers that a response depends on, so that caches do not mix formats.
const VARIES: (HeaderName, &str) = (VARY, "Accept, Accept-Encoding");

/// Minimum size of pages to compress, in bytes. Smaller pages fit into one packet anyway.
const MIN_COMPRESSED: usize = 1024;

/// Handles scrapes of one page.
#[derive(Debug)]
pub(super) struct Scraper {
    registries: Registries,
    /// Whether OpenMetrics pages have `_created` lines, if the exporter overrides the registries' options.
    created_lines: Option<bool>,
    permits: Arc<Semaphore>,
    buffers: Arc<Buffers>,
}

impl Scraper {
    pub(super) fn new(exporter: &Exporter) -> Self {
        let permits = exporter.max_concurrent_scrapes;
        let permits = permits.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            created_lines: exporter.created_lines,
            registries: exporter.registries.clone(),
            permits: Arc::new(Semaphore::new(permits)),
            buffers: Arc::default(),
        }
    }

    pub(super) async fn answer(self: Arc<Self>, headers: HeaderMap) -> Response {
        let offer = offer(&headers);
        let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() else {
            return busy();
        };
        let mut page = self.buffers.take();
        self.encode(offer.form, &mut page.bytes);
        if wants_gzip(&headers) && page.bytes.len() >= MIN_COMPRESSED {
            let compressed = self.buffers.take();
            // The blocking task holds the permit, because its work continues even if the client disconnects.
            match spawn_blocking(move || (compress(&page, compressed), permit)).await {
                Ok((Ok(compressed), permit)) => {
                    let encoding = [(CONTENT_ENCODING, "gzip")];
                    (encoding, ok(offer, compressed.send(permit))).into_response()
                }
                Ok((Err(_), _)) | Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            }
        } else {
            ok(offer, page.send(permit))
        }
    }
}

impl Scraper {
    /// Encodes all registries into a buffer, whose contents are replaced.
    fn encode(&self, form: Form, page: &mut Vec<u8>) {
        let format = match form {
            Form::Text(format) => Some(format),
            Form::Protobuf => None,
        };
        let encode = |registry: &Registry, page: &mut Vec<u8>| match (format, self.created_lines) {
            (Some(format), Some(created)) => registry.encode_text_into(format, created, page),
            (Some(format), None) => registry.encode_into(format, page),
            (None, _) => registry.encode_protobuf_into(page),
        };
        let mut part = self.buffers.take();
        self.registries.join(encode, format, page, &mut part.bytes);
    }
}

/// Compresses a page. Speed matters more than size, because a page is read once.
fn compress(page: &Buffer, mut to: Buffer) -> io::Result<Buffer> {
    to.bytes.clear();
    let mut encoder = GzEncoder::new(&mut to.bytes, Compression::fast());
    encoder.write_all(&page.bytes)?;
    encoder.finish()?;
    Ok(to)
}

fn ok(offer: &'static Offer, page: impl Into<Body>) -> Response {
    let headers = [VARIES, (CONTENT_TYPE, offer.content_type)];
    (headers, page.into()).into_response()
}

fn busy() -> Response {
    let body = "Too many scrapes are in progress.\n";
    let headers = [(RETRY_AFTER, "1")];
    (StatusCode::SERVICE_UNAVAILABLE, headers, body).into_response()
}

/// Idle buffers, to be used again.
#[derive(Debug, Default)]
struct Buffers(Mutex<Vec<Vec<u8>>>);

/// Maximum number of idle buffers: one for a page, and one for its compressed form. Only concurrent scrapes
/// need more.
const MAX_IDLE: usize = 2;

/// A buffer in use.
#[derive(Debug)]
struct Buffer {
    bytes: Vec<u8>,
    home: Arc<Buffers>,
}

/// A buffer that is being sent. It counts as a concurrent scrape until it is dropped.
struct Sent {
    buffer: Buffer,
    _permit: OwnedSemaphorePermit,
}

impl Buffers {
    /// Returns an idle or new buffer. It may contain old data.
    fn take(self: &Arc<Self>) -> Buffer {
        let bytes = self.lock().pop().unwrap_or_default();
        Buffer {
            bytes,
            home: Arc::clone(self),
        }
    }

    fn lock(&self) -> impl std::ops::DerefMut<Target = Vec<Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Buffer {
    /// Returns the contents as a body, without copying them.
    fn send(self, permit: OwnedSemaphorePermit) -> Bytes {
        Bytes::from_owner(Sent {
            buffer: self,
            _permit: permit,
        })
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let mut free = self.home.lock();
        if free.len() < MAX_IDLE {
            free.push(std::mem::take(&mut self.bytes));
        }
    }
}

impl AsRef<[u8]> for Sent {
    fn as_ref(&self) -> &[u8] {
        &self.buffer.bytes
    }
}
