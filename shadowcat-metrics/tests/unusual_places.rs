//! Recording in unusual places: in a global allocator, in a signal handler and after a fork. The crate documentation says what
//! is guaranteed there.
#![cfg(all(target_os = "linux", not(loom)))]
#![allow(
    unsafe_code,
    reason = "allocators, signals and forks cannot be had without it"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ffi::{c_int, c_ulong};
use std::hint::{black_box, spin_loop};
use std::sync::OnceLock;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::thread;
use std::time::{Duration, Instant};

shadowcat_metrics::metrics!("tests/metrics.toml");

use shadowcat_metrics::Format;

static RECORDER: OnceLock<PlainRecorder> = OnceLock::new();

/// Allocator that records each allocation in every kind of metric.
struct Recording;

// SAFETY: forwards to the system allocator; recording never allocates here.
unsafe impl GlobalAlloc for Recording {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        pause_if_asked();
        if let Some(plain) = RECORDER.get() {
            plain.events().inc();
            plain.energy().add(1.0);
            plain.tasks().inc();
            plain.level().set(layout.size());
            plain.size().observe(layout.size());
            plain.phase().set(labels::Phase::Running);
            plain.fill().set(f64::NAN); // counted as a rejected value
        }
        // SAFETY: the caller upholds the same contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller upholds the same contract.
        unsafe { System.dealloc(memory, layout) }
    }
}

thread_local! {
    /// Number of allocations before this thread pauses. At zero, it never pauses.
    static UNTIL_PAUSE: Cell<u32> = const { Cell::new(0) };
}

static PAUSED: AtomicBool = AtomicBool::new(false);
static RESUME: AtomicBool = AtomicBool::new(false);

/// Pauses a thread in the middle of the library's work if a test asks for it.
fn pause_if_asked() {
    let left = UNTIL_PAUSE.get();
    UNTIL_PAUSE.set(left.saturating_sub(1));
    if left == 1 {
        PAUSED.store(true, SeqCst);
        while !RESUME.load(SeqCst) {
            thread::sleep(Duration::from_millis(1));
        }
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
            drop(black_box(Vec::<u8>::with_capacity(
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
    // Encoding allocates while it holds the lock of the label values.
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

const SIGKILL: c_int = 9;
const SIGUSR1: c_int = 10;
const SIGUSR2: c_int = 12;
const WNOHANG: c_int = 1;

unsafe extern "C" {
    fn signal(number: c_int, handler: extern "C" fn(c_int)) -> usize;
    fn raise(number: c_int) -> c_int;
    fn pthread_self() -> c_ulong;
    fn pthread_kill(thread: c_ulong, number: c_int) -> c_int;
    fn kill(process: c_int, number: c_int) -> c_int;
    fn fork() -> c_int;
    fn waitpid(process: c_int, status: *mut c_int, options: c_int) -> c_int;
    fn _exit(code: c_int) -> !;
}

/// The documented way: the handler adds to an atomic that a callback reads. A handler may also record directly, but only to a
/// metric that the interrupted code does not record, on a thread that has recorded it before.
#[test]
fn a_signal_handler_adds_to_an_atomic_that_a_callback_reads() {
    const RAISED: u64 = 100;
    let metrics = Metrics::new();
    let plain = metrics.plain();
    let _signals = plain.threads().register(|| SIGNALS.load(Relaxed));
    plain.sent().add(0_u8);
    assert!(HANDLER.set(plain.clone()).is_ok());
    // SAFETY: the handler touches an atomic and a counter whose cell already exists.
    unsafe { signal(SIGUSR1, on_signal) };
    for _ in 0..RAISED {
        plain.events().inc();
        // SAFETY: the handler was installed above.
        assert_eq!(unsafe { raise(SIGUSR1) }, 0);
    }
    let snapshot = metrics.snapshot();
    assert_eq!(snapshot.plain().threads(), Some(100.0));
    assert_eq!(snapshot.plain().events(), RAISED);
    assert_eq!(snapshot.plain().sent(), RAISED);
}

static INTERRUPTIONS: AtomicU64 = AtomicU64::new(0);
static INTERRUPTING: OnceLock<PlainRecorder> = OnceLock::new();

extern "C" fn on_interruption(_: c_int) {
    if let Some(plain) = INTERRUPTING.get() {
        plain.events().inc();
        plain.sent().add(black_box(1_u8));
        plain.tasks().dec();
        plain.latency().observe(black_box(Duration::from_nanos(1)));
        plain.energy().add(1.0);
        INTERRUPTIONS.fetch_add(1, Relaxed);
    }
}

/// Whether an addition of an integer is one instruction.
const ONE_INSTRUCTION: bool = cfg!(all(target_arch = "x86_64", not(debug_assertions)));

/// What the crate documentation promises and warns of. An optimized build for x86-64 adds integers with one instruction, which
/// no handler can interrupt. Elsewhere, and with floats, one of two additions is lost if the handler interrupts the other.
/// If this fails because nothing is lost any more, change that page.
#[test]
fn a_signal_handler_loses_only_additions_of_several_instructions() {
    let metrics = Metrics::new();
    let plain = metrics.plain();
    assert!(INTERRUPTING.set(plain.clone()).is_ok());
    metrics.prepare_thread();
    // SAFETY: the handler touches an atomic and metrics whose cells already exist.
    unsafe { signal(SIGUSR2, on_interruption) };
    // SAFETY: `pthread_self` has no preconditions.
    let recording = unsafe { pthread_self() };
    let done = AtomicBool::new(false);
    let mut additions = 0_u64;
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Relaxed) {
                // SAFETY: the thread lives until this scope ends, and the scope waits for this loop.
                assert_eq!(unsafe { pthread_kill(recording, SIGUSR2) }, 0);
                for _ in 0..1000 {
                    spin_loop();
                }
            }
        });
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            for _ in 0..10_000 {
                plain.events().inc();
                plain.sent().add(black_box(1_u8));
                plain.tasks().inc();
                plain.latency().observe(black_box(Duration::from_nanos(1)));
                plain.energy().add(1.0);
            }
            additions += 10_000;
            // Taken before the snapshot, because interruptions after it would only hide a loss.
            let all = additions + INTERRUPTIONS.load(Relaxed);
            let lost = metrics.snapshot().plain().energy() < as_float(all);
            if (lost && additions >= 1_000_000) || Instant::now() > deadline {
                break;
            }
        }
        done.store(true, Relaxed);
    });
    let interruptions = INTERRUPTIONS.load(Relaxed);
    let all = additions + interruptions;
    let snapshot = metrics.snapshot();
    let plain = snapshot.plain();
    let latency = plain.latency();
    let sum = u64::try_from(latency.sum().as_nanos()).expect("it is small");
    for count in [plain.events(), plain.sent(), latency.count(), sum] {
        if ONE_INSTRUCTION {
            assert_eq!(count, all);
        } else {
            assert!(all / 2 < count && count <= all, "{count} of {all}");
        }
    }
    if ONE_INSTRUCTION {
        let left = additions.cast_signed() - interruptions.cast_signed();
        assert_eq!(plain.tasks(), left);
    }
    let energy = plain.energy();
    assert!(energy < as_float(all), "{energy} of {all}");
}

/// Exact because the test counts far below 2⁵³.
#[expect(clippy::cast_precision_loss, reason = "the numbers are small")]
fn as_float(number: u64) -> f64 {
    number as f64
}

/// The child continues from the parent's values, and neither process sees what the other records after the fork.
#[test]
fn a_forked_child_counts_independently() {
    let metrics = Metrics::new();
    metrics.plain().events().add(3);
    // SAFETY: the child records without a lock, and reads this test's registry, whose lock no other thread holds.
    let child = unsafe { fork() };
    if child == 0 {
        metrics.plain().events().inc();
        let fresh = Metrics::new();
        fresh.plain().events().inc();
        let right =
            metrics.snapshot().plain().events() == 4 && fresh.snapshot().plain().events() == 1;
        // SAFETY: the child has nothing left to do.
        unsafe { _exit(c_int::from(!right)) };
    }
    assert!(child > 0, "the system can fork");
    let mut status = -1;
    // SAFETY: `status` is a valid place to write to.
    assert_eq!(unsafe { waitpid(child, &raw mut status, 0) }, child);
    assert_eq!(status, 0, "the child saw the right values");
    assert_eq!(metrics.snapshot().plain().events(), 3);
}

/// The crate documentation warns of this: a child that is forked while another thread encodes inherits a locked lock that nobody
/// releases. The test pauses the thread at each allocation in turn until one is under the lock.
#[test]
fn a_child_forked_during_a_scrape_hangs_only_where_the_lock_is_needed() {
    const ALLOCATIONS: u32 = 100;
    let hung = (1..=ALLOCATIONS).any(|allocation| {
        let metrics = Metrics::new();
        metrics.open(&metrics.tenant("old")).requests().inc();
        let plain = metrics.plain();
        plain.events().inc();
        PAUSED.store(false, SeqCst);
        RESUME.store(false, SeqCst);
        let (hangs, others) = thread::scope(|scope| {
            let scrape = scope.spawn(|| {
                UNTIL_PAUSE.set(allocation);
                let page = metrics.encode(Format::PrometheusText);
                UNTIL_PAUSE.set(0);
                page
            });
            while !PAUSED.load(SeqCst) && !scrape.is_finished() {
                thread::sleep(Duration::from_millis(1));
            }
            let hangs = !ends(|| drop(metrics.encode(Format::OpenMetrics)));
            let others = hangs.then(|| {
                [
                    ends(|| drop(metrics.tenant("new"))),
                    ends(|| plain.events().inc()),
                    ends(encode_new_registry),
                ]
            });
            RESUME.store(true, SeqCst);
            let page = scrape.join().expect("the parent is not disturbed");
            assert!(page.contains("app_plain_events_total 1\n"), "{page}");
            (hangs, others)
        });
        if let Some([label_value, record, new_registry]) = others {
            assert!(!label_value, "a new label value needs the lock");
            assert!(record, "a record needs no lock");
            assert!(new_registry, "a new registry has a lock of its own");
        }
        hangs
    });
    assert!(hung, "no allocation of a scrape is made under the lock");
}

fn encode_new_registry() {
    let metrics = Metrics::new();
    metrics.open(&metrics.tenant("new")).requests().inc();
    drop(metrics.encode(Format::PrometheusText));
}

/// Returns whether a forked child finishes `work`, which takes microseconds, within a second. A child that hangs is killed.
fn ends(work: impl FnOnce()) -> bool {
    // SAFETY: the child only calls this library, `_exit` and the allocator, which the C library makes safe to use after a fork.
    let child = unsafe { fork() };
    if child == 0 {
        work();
        // SAFETY: the child has nothing left to do.
        unsafe { _exit(0) };
    }
    assert!(child > 0, "the system can fork");
    let mut status = -1;
    let deadline = Instant::now() + Duration::from_secs(1);
    while Instant::now() < deadline {
        // SAFETY: `status` is a valid place to write to.
        if unsafe { waitpid(child, &raw mut status, WNOHANG) } == child {
            assert_eq!(status, 0, "the child ended in order");
            return true;
        }
        thread::sleep(Duration::from_millis(1));
    }
    // SAFETY: the child belongs to this test and has not been waited for.
    unsafe {
        assert_eq!(kill(child, SIGKILL), 0);
        assert_eq!(waitpid(child, &raw mut status, 0), child);
    }
    false
}
