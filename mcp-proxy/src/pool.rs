//! `BytesPool`: byte buffers that are reused instead of allocated again, with their metrics.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use parking_lot::Mutex;
use shadowcat_metrics::CallbackGuard;
use shadowcat_metrics::shadowcat::labels::{Discard, Pool};
use shadowcat_metrics::shadowcat::{BufferPoolRecorder, Metrics};

/// Limits of a pool. The last two together limit the memory of idle buffers.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Capacity of a new buffer, in bytes.
    pub initial: usize,
    /// Largest capacity of a returned buffer that is kept, in bytes.
    pub largest_kept: usize,
    /// Maximum number of idle buffers.
    pub most_idle: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            initial: 8 * 1024,
            largest_kept: 64 * 1024,
            most_idle: 32,
        }
    }
}

/// The pools that a proxy's transports share.
#[derive(Debug, Clone)]
pub struct Pools {
    /// Bytes read from pipes.
    pub stdio: BytesPool,
    /// HTTP bodies that are read as a whole.
    pub http: BytesPool,
    /// Incomplete server-sent events.
    pub sse: BytesPool,
    /// Messages that are being serialized.
    pub json: BytesPool,
}

impl Pools {
    /// Creates empty pools that record into `metrics`.
    #[must_use]
    pub fn new(metrics: &Metrics) -> Self {
        Self {
            stdio: BytesPool::new(Limits::default(), metrics.buffer_pool(Pool::Stdio)),
            http: BytesPool::new(Limits::default(), metrics.buffer_pool(Pool::Http)),
            sse: BytesPool::new(Limits::default(), metrics.buffer_pool(Pool::Sse)),
            json: BytesPool::new(
                Limits {
                    initial: 1024,
                    ..Limits::default()
                },
                metrics.buffer_pool(Pool::Json),
            ),
        }
    }
}

/// A pool of byte buffers. Clones share it.
#[derive(Clone)]
pub struct BytesPool {
    shared: Arc<Shared>,
}

struct Shared {
    limits: Limits,
    idle: Idle,
    recorder: BufferPoolRecorder,
    _idle_gauge: CallbackGuard,
}

/// The idle buffers, which the callback of their gauge counts at each scrape.
type Idle = Arc<Mutex<Vec<Vec<u8>>>>;

impl BytesPool {
    /// Creates an empty pool.
    #[must_use]
    pub fn new(limits: Limits, recorder: BufferPoolRecorder) -> Self {
        let idle = Idle::default();
        let idle_gauge = recorder.idle().register({
            let idle = Arc::clone(&idle);
            move || idle.lock().len()
        });
        Self {
            shared: Arc::new(Shared {
                limits,
                idle,
                recorder,
                _idle_gauge: idle_gauge,
            }),
        }
    }

    /// Returns an empty buffer: an idle one, or a new one. It returns to the pool when dropped.
    #[must_use]
    pub fn take(&self) -> PooledBuffer {
        let recorder = &self.shared.recorder;
        let idle = self.shared.idle.lock().pop();
        let bytes = if let Some(bytes) = idle {
            recorder.hits().inc();
            bytes
        } else {
            recorder.misses().inc();
            recorder.allocations().inc();
            Vec::with_capacity(self.shared.limits.initial)
        };
        recorder.in_use().inc();
        PooledBuffer {
            capacity_when_taken: bytes.capacity(),
            bytes,
            pool: Arc::clone(&self.shared),
        }
    }
}

impl Shared {
    fn give_back(&self, mut bytes: Vec<u8>) {
        if bytes.capacity() > self.limits.largest_kept {
            self.recorder.discards(Discard::TooLarge).inc();
            return;
        }
        bytes.clear();
        let mut idle = self.idle.lock();
        if idle.len() < self.limits.most_idle {
            idle.push(bytes);
        } else {
            self.recorder.discards(Discard::PoolFull).inc();
        }
    }
}

impl fmt::Debug for BytesPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BytesPool")
            .field("limits", &self.shared.limits)
            .finish_non_exhaustive()
    }
}

/// A buffer on loan from a [`BytesPool`]. Dropping it returns it.
pub struct PooledBuffer {
    bytes: Vec<u8>,
    capacity_when_taken: usize,
    pool: Arc<Shared>,
}

impl Deref for PooledBuffer {
    type Target = Vec<u8>;

    fn deref(&self) -> &Vec<u8> {
        &self.bytes
    }
}

impl AsRef<[u8]> for PooledBuffer {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl DerefMut for PooledBuffer {
    fn deref_mut(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }
}

impl Drop for PooledBuffer {
    fn drop(&mut self) {
        if self.bytes.capacity() > self.capacity_when_taken {
            self.pool.recorder.allocations().inc();
        }
        self.pool.give_back(std::mem::take(&mut self.bytes));
        // Decremented last: when the gauge reads zero, every buffer is back in the pool.
        self.pool.recorder.in_use().dec();
    }
}

impl fmt::Debug for PooledBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PooledBuffer")
            .field("len", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(metrics: &Metrics) -> BytesPool {
        let limits = Limits {
            initial: 16,
            largest_kept: 64,
            most_idle: 1,
        };
        BytesPool::new(limits, metrics.buffer_pool(Pool::Stdio))
    }

    #[test]
    fn a_buffer_comes_back_empty_and_is_a_hit() {
        let metrics = Metrics::new();
        let pool = pool(&metrics);
        pool.take().extend_from_slice(b"bytes");
        assert!(pool.take().is_empty());

        let snapshot = metrics.snapshot();
        let recorded = snapshot.buffer_pool(Pool::Stdio);
        assert_eq!(
            (recorded.hits(), recorded.misses(), recorded.allocations()),
            (1, 1, 1)
        );
        assert_eq!(recorded.hit_ratio(), Some(0.5));
        assert_eq!((recorded.in_use(), recorded.idle()), (0, Some(1.0)));
    }

    #[test]
    fn idle_is_the_number_of_idle_buffers_at_every_scrape() {
        let metrics = Metrics::new();
        let pool = BytesPool::new(Limits::default(), metrics.buffer_pool(Pool::Stdio));
        let idle = || metrics.snapshot().buffer_pool(Pool::Stdio).idle();
        assert_eq!(idle(), Some(0.0), "an empty pool");
        let one = pool.take();
        let other = pool.take();
        drop(one);
        assert_eq!(idle(), Some(1.0));
        let again = pool.take();
        assert_eq!(idle(), Some(0.0));
        drop((again, other));
        assert_eq!(idle(), Some(2.0));
        drop(pool);
        assert_eq!(idle(), None, "a pool that is gone has no sample");
    }

    #[test]
    fn oversized_and_surplus_buffers_are_freed() {
        let metrics = Metrics::new();
        let pool = pool(&metrics);
        pool.take().resize(1000, 0);
        let both = (pool.take(), pool.take());
        assert_eq!(metrics.snapshot().buffer_pool(Pool::Stdio).in_use(), 2);
        drop(both);

        let snapshot = metrics.snapshot();
        let recorded = snapshot.buffer_pool(Pool::Stdio);
        assert_eq!(recorded.discards(Discard::TooLarge), 1);
        assert_eq!(recorded.discards(Discard::PoolFull), 1);
        assert_eq!(recorded.allocations(), 4, "three misses and one that grew");
        assert_eq!(recorded.in_use(), 0);
    }
}
