//! Tests that recording does not allocate once a thread has touched a family.
#![cfg(not(loom))]
#![allow(unsafe_code, reason = "an allocator cannot be had without it")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::time::Duration;

shadowcat_metrics::metrics!("tests/metrics.toml");

mod exemplars {
    shadowcat_metrics::metrics!("tests/exemplars.toml");
}

use labels::{Color, Phase, Side};
use shadowcat_metrics::{Format, Options, TraceContext};

/// Allocator that counts the calling thread's allocations and the bytes it has not freed.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
    static LIVE: Cell<isize> = const { Cell::new(0) };
}

// SAFETY: forwards to the system allocator; counting only touches a thread-local that has no destructor.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        LIVE.set(LIVE.get() + layout.size().cast_signed());
        // SAFETY: the caller upholds the same contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        LIVE.set(LIVE.get() - layout.size().cast_signed());
        // SAFETY: the caller upholds the same contract.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations(run: impl FnOnce()) -> u64 {
    let before = ALLOCATIONS.get();
    run();
    ALLOCATIONS.get() - before
}

/// Calls every recording method once.
fn record(
    plain: &PlainRecorder,
    closed: &ClosedRecorder,
    open: &OpenRecorder,
    tool: &labels::Tool,
) {
    plain.events().inc();
    plain.busy().add(Duration::from_millis(1));
    plain.energy().add(1.0);
    plain.energy().add(f64::NAN);
    plain.level().set(1);
    plain.fill().set(2.0);
    plain.tasks().add(2);
    drop(plain.tasks().track());
    drop(plain.tasks().track_owned());
    plain.latency().start_timer().stop();
    plain.latency().start_timer_owned().stop();
    plain.size().observe(100_u64);
    plain.score().observe(0.5);
    plain.phase().set(Phase::Running);
    closed.hits(Color::Red).inc();
    closed.wait(Color::Blue).observe(Duration::from_micros(3));
    open.requests().inc();
    open.duration(tool, Side::Left)
        .observe(Duration::from_micros(3));
    drop(open.sessions().track_owned());
    drop(open.clone());
}

/// A prepared thread allocates nothing from its first record on, with its own cells or with shared ones.
#[test]
fn the_first_records_of_a_prepared_thread_allocate_nothing() {
    for blocks in [0, 8] {
        let metrics = Metrics::with_options(Options::default().max_thread_blocks(blocks));
        let (plain, closed) = (metrics.plain(), metrics.closed(Side::Left));
        let open = metrics.open(&metrics.tenant("one"));
        std::thread::scope(|scope| {
            scope.spawn(|| {
                metrics.prepare_thread();
                let first = allocations(|| {
                    plain.events().inc();
                    plain.busy().add(Duration::MAX);
                    plain.energy().add(f64::NAN); // counted as a rejected value
                    plain.level().set(1);
                    plain.tasks().inc();
                    plain.latency().observe(Duration::from_millis(1));
                    plain.phase().set(Phase::Running);
                    closed.hits(Color::Red).inc();
                    open.requests().inc();
                    open.sessions().inc();
                });
                assert_eq!(first, 0, "{blocks} blocks");
            });
        });
        assert_eq!(metrics.snapshot().plain().events(), 1);
    }
}

/// Exemplars need space of their own, which a prepared thread has, too.
#[test]
fn the_first_exemplars_of_a_prepared_thread_allocate_nothing() {
    let metrics = exemplars::Metrics::new();
    let (work, tenant) = (metrics.work(), metrics.tenant("one"));
    work.sent(&tenant).add(1_u8);
    metrics.prepare_thread();
    let entered = TraceContext::new(1, 2, true).enter();
    let first = allocations(|| {
        work.jobs().inc();
        work.sent(&tenant).add(1_u8);
        work.duration().observe(Duration::MAX);
        work.size(exemplars::labels::Side::Right).observe(1_u8);
    });
    drop(entered);
    assert_eq!(first, 0);
    let page = metrics.encode(Format::OpenMetrics);
    assert_eq!(page.matches("span_id").count(), 4, "{page}");
}

fn assert_allocates_only_first(metrics: &Metrics) {
    let (plain, closed) = (metrics.plain(), metrics.closed(Side::Left));
    let tool = metrics.tool("hammer");
    let open = metrics.open(&metrics.tenant("one"));
    let first = allocations(|| record(&plain, &closed, &open, &tool));
    assert_eq!(
        first > 0,
        metrics.is_enabled(),
        "the first time makes slabs, or the test counts nothing"
    );
    let later = allocations(|| (0..100).for_each(|_| record(&plain, &closed, &open, &tool)));
    assert_eq!(later, 0);
    let other_values = allocations(|| {
        closed.hits(Color::Blue).inc();
        closed.wait(Color::Green).observe(Duration::ZERO);
    });
    assert_eq!(other_values, 0, "a slab has all series of closed labels");
}

#[test]
fn recording_allocates_nothing_after_the_first_touch() {
    assert_allocates_only_first(&Metrics::new());
}

#[test]
fn recording_without_a_block_allocates_nothing() {
    assert_allocates_only_first(&Metrics::with_options(
        Options::default().max_thread_blocks(0),
    ));
}

#[test]
fn recording_while_disabled_allocates_nothing() {
    assert_allocates_only_first(&Metrics::disabled());
}

#[test]
fn a_thread_reuses_the_block_of_an_ended_thread() {
    let metrics = Metrics::new();
    let life = || {
        let plain = metrics.plain();
        std::thread::scope(|scope| {
            let thread = scope.spawn(|| allocations(|| plain.events().inc()));
            thread.join().expect("recording never panics")
        })
    };
    assert_eq!(metrics.snapshot().plain().events(), 0);
    let first = life();
    // The later thread allocates its own list of registries, but neither a block nor a slab.
    let later = life();
    assert!(first > 1 && later == 1, "{first} {later}");
}

#[test]
fn a_known_label_value_is_found_without_allocating() {
    let metrics = Metrics::new();
    let _kept = metrics.tenant("one");
    assert_eq!(allocations(|| drop(metrics.tenant("one"))), 0);
}

/// A scrape allocates the reader's buffers and the label texts of each list of labels, but nothing for each slab of cells.
#[test]
fn a_scrape_into_a_reused_buffer_allocates_nothing_per_slab() {
    let metrics = Metrics::new();
    let open = |tenant| metrics.open(&metrics.tenant(tenant));
    let mut page = Vec::with_capacity(1 << 20);
    let mut scrape = || allocations(|| metrics.encode_into(Format::OpenMetrics, &mut page));
    let one = open("a");
    scrape();
    let few = scrape();
    let others = ["b", "c", "d", "e"].map(open);
    one.requests().add(1000);
    // A buffer may have to grow once more for longer numbers. Each value of `tenant` has several slabs.
    let more = scrape();
    assert!(more < few + others.len() as u64, "{few} {more}");
}

#[test]
fn a_scrape_frees_all_it_allocates() {
    let metrics = Metrics::new();
    let (closed, tenant) = (metrics.closed(Side::Left), metrics.tenant("one"));
    closed.wait(Color::Blue).observe(Duration::from_micros(3));
    metrics.open(&tenant).requests().inc();
    for format in [Format::PrometheusText, Format::OpenMetrics] {
        let before = LIVE.get();
        drop(metrics.encode(format));
        assert_eq!(LIVE.get(), before, "{format}");
    }
}
