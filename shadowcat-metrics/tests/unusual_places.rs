//! Recording where little else may run: in a global allocator, in a signal handler, after a fork. The crate's first page says
//! what is promised there.
#![cfg(all(target_os = "linux", not(loom)))]
#![allow(
    unsafe_code,
    reason = "allocators, signals and forks cannot be had without it"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::ffi::c_int;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;

shadowcat_metrics::metrics!("tests/metrics.toml");

use shadowcat_metrics::Format;

static RECORDER: OnceLock<PlainRecorder> = OnceLock::new();

/// Records each allocation in every kind of metric.
struct Recording;

// SAFETY: it is the system's allocator; recording keeps out of it.
unsafe impl GlobalAlloc for Recording {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if let Some(plain) = RECORDER.get() {
            plain.events().inc();
            plain.energy().add(1.0);
            plain.tasks().inc();
            plain.level().set(layout.size());
            plain.size().observe(layout.size());
            plain.phase().set(labels::Phase::Running);
            plain.fill().set(f64::NAN); // which is counted as well
        }
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Recording = Recording;

#[test]
fn a_global_allocator_may_record() {
    const THREADS: u64 = 8;
    const ALLOCATIONS: u64 = 1000;
    let metrics = Metrics::with_options(shadowcat_metrics::Options::default().max_thread_blocks(4));
    assert!(RECORDER.set(metrics.plain()).is_ok());
    let allocate = || {
        for size in 0..ALLOCATIONS {
            drop(std::hint::black_box(Vec::<u8>::with_capacity(
                usize::try_from(size).unwrap_or(0) + 1,
            )));
        }
    };
    allocate();
    let threads: Vec<_> = (0..THREADS).map(|_| thread::spawn(allocate)).collect();
    for thread in threads {
        thread
            .join()
            .expect("an allocator that records breaks nothing");
    }
    // Encoding allocates, and holds the lock that label values need.
    assert!(metrics.encode(Format::OpenMetrics).contains("# EOF"));
    let snapshot = metrics.snapshot();
    let events = snapshot.plain().events();
    assert!(events >= (THREADS + 1) * ALLOCATIONS, "{events}");
    assert!(snapshot.plain().size().count() >= (THREADS + 1) * ALLOCATIONS);
    assert_eq!(snapshot.plain().phase(), Some(labels::Phase::Running));
}

static SIGNALS: AtomicU64 = AtomicU64::new(0);
static HANDLER: OnceLock<PlainRecorder> = OnceLock::new();

extern "C" fn on_signal(_: c_int) {
    SIGNALS.fetch_add(1, Relaxed);
    if let Some(plain) = HANDLER.get() {
        plain.sent().add(1_u8);
    }
}

const SIGUSR1: c_int = 10;

unsafe extern "C" {
    fn signal(number: c_int, handler: extern "C" fn(c_int)) -> usize;
    fn raise(number: c_int) -> c_int;
    fn fork() -> c_int;
    fn waitpid(process: c_int, status: *mut c_int, options: c_int) -> c_int;
    fn _exit(code: c_int) -> !;
}

/// What is asked of users: an atomic, read by a callback. A record in the handler is right as well, but only for a metric that
/// the interrupted code does not record, in a thread that has recorded it before.
#[test]
fn a_signal_handler_adds_to_an_atomic_that_a_callback_reads() {
    const RAISED: u64 = 100;
    let metrics = Metrics::new();
    let plain = metrics.plain();
    let _signals = plain.threads().register(|| SIGNALS.load(Relaxed));
    plain.sent().add(0_u8);
    assert!(HANDLER.set(plain.clone()).is_ok());
    // SAFETY: the handler touches an atomic and a counter whose cell is there already.
    unsafe { signal(SIGUSR1, on_signal) };
    for _ in 0..RAISED {
        plain.events().inc();
        // SAFETY: the handler was set above.
        assert_eq!(unsafe { raise(SIGUSR1) }, 0);
    }
    let snapshot = metrics.snapshot();
    assert_eq!(snapshot.plain().threads(), Some(100.0));
    assert_eq!(snapshot.plain().events(), RAISED);
    assert_eq!(snapshot.plain().sent(), RAISED);
}

/// The child goes on from the parent's values, and neither sees what the other records from then on.
#[test]
fn a_forked_child_counts_on_by_itself() {
    let metrics = Metrics::new();
    metrics.plain().events().add(3);
    // SAFETY: the child records, which needs no lock, and reads the registry of this test, whose lock no other thread has.
    let child = unsafe { fork() };
    if child == 0 {
        metrics.plain().events().inc();
        let fresh = Metrics::new();
        fresh.plain().events().inc();
        let right =
            metrics.snapshot().plain().events() == 4 && fresh.snapshot().plain().events() == 1;
        // SAFETY: nothing is left to be done.
        unsafe { _exit(c_int::from(!right)) };
    }
    assert!(child > 0, "the system can fork");
    let mut status = -1;
    // SAFETY: `status` is there to be written.
    assert_eq!(unsafe { waitpid(child, &raw mut status, 0) }, child);
    assert_eq!(status, 0, "the child saw the right values");
    assert_eq!(metrics.snapshot().plain().events(), 3);
}
