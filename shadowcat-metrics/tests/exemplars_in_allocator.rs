//! Recording metrics with exemplars in a global allocator, in a sampled trace.
#![cfg(not(loom))]
#![allow(unsafe_code, reason = "an allocator cannot be had without it")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::OnceLock;
use std::time::Duration;

shadowcat_metrics::metrics!("tests/exemplars.toml");

use shadowcat_metrics::{Format, TraceContext};

static RECORDER: OnceLock<WorkRecorder> = OnceLock::new();

/// Allocator that records each allocation in a counter and a histogram with exemplars.
struct Recording;

// SAFETY: forwards to the system allocator; a record that allocates does not allocate again.
unsafe impl GlobalAlloc for Recording {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if let Some(work) = RECORDER.get() {
            work.jobs().inc();
            work.duration().observe(Duration::from_millis(50));
        }
        // SAFETY: the caller upholds the same contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller upholds the same contract.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Recording = Recording;

/// Space for the first exemplar of a metric is allocated while the allocator records that metric.
#[test]
fn a_global_allocator_may_record_exemplars() {
    const ALLOCATIONS: u64 = 100;
    let metrics = Metrics::new();
    assert!(RECORDER.set(metrics.work()).is_ok());
    let entered = TraceContext::new(1, 2, true).enter();
    for _ in 0..ALLOCATIONS {
        drop(black_box(Box::new(0_u64)));
    }
    drop(entered);
    let snapshot = metrics.snapshot();
    assert!(snapshot.work().jobs() >= ALLOCATIONS);
    assert!(snapshot.work().duration().count() >= ALLOCATIONS);
    let page = metrics.encode(Format::OpenMetrics);
    for series in [
        "app_work_jobs_total ",
        "app_work_duration_seconds_bucket{le=\"0.1\"} ",
    ] {
        let line = page.lines().find(|line| line.starts_with(series));
        assert!(
            line.is_some_and(|line| line.contains("span_id=\"0000000000000002\"")),
            "{page}"
        );
    }
}
