//! Threads that end, threads that record while they end, and threads that use many registries.
#![cfg(not(loom))]

use std::cell::RefCell;
use std::sync::mpsc;
use std::thread;

shadowcat_metrics::metrics!("tests/metrics.toml");

use shadowcat_metrics::Options;

/// Records when the thread's locals are destroyed.
struct Late(RefCell<Option<Metrics>>);

impl Late {
    fn record_at_exit(&self, metrics: &Metrics) {
        *self.0.borrow_mut() = Some(metrics.clone());
    }
}

impl Drop for Late {
    fn drop(&mut self) {
        if let Some(metrics) = self.0.take() {
            metrics.plain().events().inc();
            metrics.plain().level().set(7);
            metrics.plain().energy().add(f64::NAN);
            drop(
                metrics
                    .open(&metrics.tenant("late"))
                    .sessions()
                    .track_owned(),
            );
            // A registry that this thread has never used.
            let fresh = Metrics::new();
            fresh.plain().events().inc();
            assert_eq!(fresh.snapshot().plain().events(), 1);
        }
    }
}

thread_local! {
    static EARLIER: Late = const { Late(RefCell::new(None)) };
    static LATER: Late = const { Late(RefCell::new(None)) };
}

/// More registries than a thread has entries for. Some are dropped and replaced.
#[test]
fn alternating_registries_keep_their_counts() {
    const ROUNDS: u64 = 50;
    let work = || {
        let mut registries: Vec<(Metrics, u64)> = (0..20).map(|_| (Metrics::new(), 0)).collect();
        for round in 0..ROUNDS {
            for (metrics, recorded) in &mut registries {
                metrics.plain().events().inc();
                metrics.plain().events().add(round);
                *recorded += 1 + round;
            }
            let replaced = usize::try_from(round).expect("it is small") % registries.len();
            let (metrics, recorded) = &registries[replaced];
            assert_eq!(metrics.snapshot().plain().events(), *recorded);
            registries[replaced] = (Metrics::new(), 0);
        }
        for (metrics, recorded) in &registries {
            assert_eq!(metrics.snapshot().plain().events(), *recorded);
        }
    };
    thread::scope(|scope| {
        scope.spawn(work);
        scope.spawn(work);
    });
}

#[test]
fn records_made_while_a_thread_ends_are_not_lost() {
    let metrics = Metrics::new();
    for _ in 0..50 {
        let metrics = metrics.clone();
        thread::spawn(move || {
            // The first is destroyed before this crate's thread-local state, the second after it.
            EARLIER.with(|late| late.record_at_exit(&metrics));
            metrics.plain().events().inc();
            LATER.with(|late| late.record_at_exit(&metrics));
        })
        .join()
        .expect("recording never panics");
    }
    assert_eq!(metrics.snapshot().plain().events(), 150);
    assert_eq!(
        metrics.snapshot().plain().level().to_bits(),
        7.0_f64.to_bits()
    );
}

/// Sends a signal when the thread's locals are destroyed, and then records many values.
struct Lingering(RefCell<Option<(Metrics, mpsc::Sender<()>)>>);

impl Drop for Lingering {
    fn drop(&mut self) {
        if let Some((metrics, started)) = self.0.take() {
            started.send(()).expect("the test runs");
            record_many(&metrics);
        }
    }
}

thread_local! {
    static LINGERING: Lingering = const { Lingering(RefCell::new(None)) };
}

const MUCH: u64 = 200_000;

fn record_many(metrics: &Metrics) {
    let plain = metrics.plain();
    (0..MUCH).for_each(|_| plain.events().inc());
}

#[test]
fn a_block_is_not_written_after_its_release() {
    let metrics = Metrics::with_options(Options::default().max_thread_blocks(1));
    let (started, ends) = mpsc::channel();
    let lingering = thread::spawn({
        let metrics = metrics.clone();
        move || {
            // Created before this crate's thread-local state, so destroyed after it.
            LINGERING.with(|local| *local.0.borrow_mut() = Some((metrics.clone(), started)));
            metrics.plain().events().inc();
        }
    });
    ends.recv().expect("the thread ends");
    // This thread now owns the block, while the other thread still records.
    record_many(&metrics);
    lingering.join().expect("recording never panics");
    assert_eq!(metrics.snapshot().plain().events(), 2 * MUCH + 1);
}

#[test]
fn a_thread_may_end_after_its_registry() {
    let (to_thread, metrics) = mpsc::channel::<Metrics>();
    let thread = thread::spawn(move || {
        for metrics in metrics {
            metrics.plain().events().inc();
        }
    });
    for _ in 0..10 {
        to_thread.send(Metrics::new()).expect("the thread runs");
    }
    drop(to_thread);
    thread.join().expect("recording never panics");
}

#[test]
fn a_thread_may_use_thousands_of_registries() {
    let kept: Vec<_> = (0..50).map(|_| Metrics::new()).collect();
    for round in 0..5000 {
        let metrics = Metrics::new();
        metrics.plain().events().add(round);
        kept[usize::try_from(round % 50).unwrap_or(0)]
            .plain()
            .events()
            .inc();
        assert_eq!(metrics.snapshot().plain().events(), round);
    }
    for metrics in &kept {
        assert_eq!(metrics.snapshot().plain().events(), 100);
    }
}

#[test]
fn a_waiting_thread_gets_the_next_free_block() {
    let metrics = Metrics::with_options(Options::default().max_thread_blocks(1));
    let (release, released) = mpsc::channel::<()>();
    let (to_test, held) = mpsc::channel();
    let holder = thread::spawn({
        let metrics = metrics.clone();
        move || {
            metrics.plain().events().inc();
            to_test.send(()).expect("the test runs");
            released.recv().unwrap_or_default();
        }
    });
    held.recv().expect("the holder runs");
    // Recorded in the shared block while the other thread has the only block, and in this thread's own block after that. No
    // count is lost at the change.
    metrics.plain().events().inc();
    drop(release);
    holder.join().expect("recording never panics");
    metrics.plain().events().inc();
    assert_eq!(metrics.snapshot().plain().events(), 3);
}

#[test]
fn recorders_are_clone_send_and_sync() {
    fn anywhere<T: Clone + Send + Sync + 'static>(_: &T) {}
    let metrics = Metrics::new();
    anywhere(&metrics);
    anywhere(&metrics.plain());
    anywhere(&metrics.tenant("one"));
    anywhere(&metrics.open(&metrics.tenant("one")));
    anywhere(&metrics.snapshot());
}
