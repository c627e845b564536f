//! An allocator that can count allocations. When counting is off, it costs one branch.

#![allow(unsafe_code, reason = "an allocator cannot be had without it")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering::Relaxed};

static COUNTS: AtomicBool = AtomicBool::new(false);
static LIVE: AtomicI64 = AtomicI64::new(0);
static PEAK: AtomicI64 = AtomicI64::new(0);

/// The system allocator with counters.
#[derive(Debug)]
pub struct Counting;

/// Counted allocations.
#[derive(Debug, Clone, Copy)]
pub struct Allocated {
    /// Bytes allocated and not freed.
    pub live: i64,
    /// Maximum number of live bytes.
    pub peak: i64,
}

/// Counts the allocations of `what` on all threads.
pub fn count<T>(what: impl FnOnce() -> T) -> (T, Allocated) {
    LIVE.store(0, Relaxed);
    PEAK.store(0, Relaxed);
    COUNTS.store(true, Relaxed);
    let result = what();
    COUNTS.store(false, Relaxed);
    let allocated = Allocated {
        live: LIVE.load(Relaxed),
        peak: PEAK.load(Relaxed),
    };
    (result, allocated)
}

fn note(bytes: usize, sign: i64) {
    if COUNTS.load(Relaxed) {
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX) * sign;
        let live = LIVE.fetch_add(bytes, Relaxed) + bytes;
        PEAK.fetch_max(live, Relaxed);
    }
}

// SAFETY: every call is forwarded to `System` with the same arguments.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size(), 1);
        // SAFETY: the caller upholds the contract of `GlobalAlloc::alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(layout.size(), 1);
        // SAFETY: the caller upholds the contract of `GlobalAlloc::alloc_zeroed`.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, old: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(size, 1);
        note(layout.size(), -1);
        // SAFETY: the caller upholds the contract of `GlobalAlloc::realloc`.
        unsafe { System.realloc(old, layout, size) }
    }

    unsafe fn dealloc(&self, old: *mut u8, layout: Layout) {
        note(layout.size(), -1);
        // SAFETY: the caller upholds the contract of `GlobalAlloc::dealloc`.
        unsafe { System.dealloc(old, layout) }
    }
}
