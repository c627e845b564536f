//! Buffers that pages are made in, and come back to be used again when the page has been sent.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use tokio::sync::OwnedSemaphorePermit;

/// Buffers that no one uses at the moment.
#[derive(Debug, Default)]
pub(super) struct Buffers(Mutex<Vec<Vec<u8>>>);

/// How many are kept: one for a page, and one for the same compressed. More are only needed by scrapes at the same time.
const KEPT: usize = 2;

/// A buffer in use.
#[derive(Debug)]
pub(super) struct Buffer {
    pub(super) bytes: Vec<u8>,
    home: Arc<Buffers>,
}

/// A buffer that is being sent, and counts as a scrape for as long.
struct Sent {
    buffer: Buffer,
    _permit: OwnedSemaphorePermit,
}

impl Buffers {
    /// A buffer with anything or nothing in it.
    pub(super) fn take(self: &Arc<Self>) -> Buffer {
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
    /// The contents as a body, without a copy.
    pub(super) fn send(self, permit: OwnedSemaphorePermit) -> Bytes {
        Bytes::from_owner(Sent {
            buffer: self,
            _permit: permit,
        })
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let mut free = self.home.lock();
        if free.len() < KEPT {
            free.push(std::mem::take(&mut self.bytes));
        }
    }
}

impl AsRef<[u8]> for Sent {
    fn as_ref(&self) -> &[u8] {
        &self.buffer.bytes
    }
}
