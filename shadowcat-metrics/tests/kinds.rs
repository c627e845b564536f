//! Every kind of metric, with every way to record values, read back with its types.
#![cfg(not(loom))]

use std::str::FromStr;
use std::thread;
use std::time::Duration;

shadowcat_metrics::metrics!("tests/metrics.toml");

use labels::{Color, Phase, Side};
use shadowcat_metrics::{Format, Options};

/// Returns the exposed number of values that a metric has rejected.
fn rejected(metrics: &Metrics, metric: &str) -> String {
    let line = format!("app_metrics_rejected_values_total{{metric=\"{metric}\"}} ");
    let page = metrics.encode(Format::PrometheusText);
    let count = page.lines().find_map(|found| found.strip_prefix(&*line));
    count
        .expect("every metric that can reject values has a series")
        .to_owned()
}

#[test]
fn counters_add_up() {
    let metrics = Metrics::new();
    let plain = metrics.plain();
    plain.events().inc();
    plain.events().add(4);
    plain.busy().add(Duration::from_nanos(1));
    plain.busy().add(Duration::from_millis(2));
    plain.sent().add(7_usize);
    plain.sent().add(8_u8);
    plain.energy().add(1.5);
    plain.energy().add(0.0);
    let snapshot = metrics.snapshot();
    assert_eq!(snapshot.plain().events(), 5);
    assert_eq!(snapshot.plain().busy(), Duration::from_nanos(2_000_001));
    assert_eq!(snapshot.plain().sent(), 15);
    assert_eq!(snapshot.plain().energy().to_bits(), 1.5_f64.to_bits());
}

#[test]
fn counters_saturate() {
    for blocks in [0, 1, 8] {
        let metrics = Metrics::with_options(Options::default().max_thread_blocks(blocks));
        for _ in 0..2 {
            let plain = metrics.plain();
            // First from one thread, then split over two.
            thread::spawn(move || {
                plain.events().add(u64::MAX);
                plain.events().inc();
                plain.busy().add(Duration::MAX);
                plain.busy().add(Duration::from_nanos(1));
                plain.busy().add(Duration::MAX);
                plain.latency().observe(Duration::MAX);
                plain.latency().observe(Duration::from_nanos(1));
                plain.latency().observe(Duration::MAX);
            })
            .join()
            .expect("recording never panics");
            let longest = Duration::from_nanos(u64::MAX);
            assert_eq!(metrics.snapshot().plain().events(), u64::MAX);
            metrics.plain().events().inc();
            let snapshot = metrics.snapshot();
            assert_eq!(snapshot.plain().events(), u64::MAX);
            assert_eq!(snapshot.plain().busy(), longest);
            assert_eq!(snapshot.plain().latency().sum(), longest);
        }
    }
}

/// Amounts below and above the limit from which an addition checks for overflow.
#[test]
fn counters_are_exact_up_to_the_highest_value() {
    const AMOUNTS: [u64; 5] = [1, (1 << 40) - 1, 1 << 40, 1 << 57, u64::MAX / 4];
    for blocks in [0, 1, 8] {
        let metrics = Metrics::with_options(Options::default().max_thread_blocks(blocks));
        let (mut total, mut observations) = (0_u64, 0_u64);
        let mut add = |amount: u64| {
            let plain = metrics.plain();
            plain.events().add(amount);
            plain.size().observe(amount);
            thread::spawn(move || {
                plain.sent().add(amount);
                plain.busy().add(Duration::from_nanos(amount));
            })
            .join()
            .expect("recording never panics");
            (total, observations) = (total.saturating_add(amount), observations + 1);
            let snapshot = metrics.snapshot();
            assert_eq!(snapshot.plain().events(), total);
            assert_eq!(snapshot.plain().sent(), total);
            assert_eq!(snapshot.plain().busy(), Duration::from_nanos(total));
            assert_eq!(snapshot.plain().size().sum(), total);
            assert_eq!(snapshot.plain().size().count(), observations);
        };
        for _ in 0..3 {
            for amount in AMOUNTS {
                add(amount);
            }
        }
        let rest = u64::MAX - metrics.snapshot().plain().events();
        add(rest - 1);
        add(1);
        add(1);
        add(u64::MAX);
    }
}

/// Large amounts leave room for many small ones in a thread's cell.
#[test]
fn small_amounts_do_not_wrap_after_large_ones() {
    let metrics = Metrics::new();
    let plain = metrics.plain();
    plain.events().add(u64::MAX);
    for _ in 0..1 << 19 {
        plain.events().add((1 << 40) - 1);
    }
    assert_eq!(metrics.snapshot().plain().events(), u64::MAX);
}

#[test]
fn gauges_have_the_last_set_value() {
    let metrics = Metrics::new();
    let plain = metrics.plain();
    plain.level().set(3_u8);
    plain.level().set(-4_i64);
    plain.age().set(Duration::from_secs(90));
    plain.held().set(1024_u32);
    plain.temperature().set(-40.0);
    plain.fill().set(0.25);
    let other = plain.clone();
    thread::spawn(move || other.level().set(2.5))
        .join()
        .expect("recording never panics");
    let snapshot = metrics.snapshot();
    assert_eq!(snapshot.plain().level().to_bits(), 2.5_f64.to_bits());
    assert_eq!(snapshot.plain().age(), Duration::from_secs(90));
    assert_eq!(snapshot.plain().held(), 1024);
    assert_eq!(
        snapshot.plain().temperature().to_bits(),
        (-40.0_f64).to_bits()
    );
    assert_eq!(snapshot.plain().fill().to_bits(), 0.25_f64.to_bits());
}

#[test]
fn up_down_counters_add_and_subtract_across_threads() {
    let metrics = Metrics::new();
    let plain = metrics.plain();
    plain.tasks().inc();
    plain.tasks().add(9);
    plain.tasks().sub(3);
    // A value that goes up in one thread and down in another is the usual case.
    let other = plain.clone();
    thread::spawn(move || (0..20).for_each(|_| other.tasks().dec()))
        .join()
        .expect("recording never panics");
    plain.tasks().sub(i64::MIN);
    plain.tasks().add(i64::MIN);
    plain.buffered().add(u64::MAX);
    plain.buffered().sub(u64::MAX);
    plain.buffered().add(10_u16);
    plain.backlog().add(0.5);
    plain.backlog().sub(2.0);
    plain.charge().add(3.0);
    plain.charge().sub(1.0);
    let snapshot = metrics.snapshot();
    assert_eq!(snapshot.plain().tasks(), -13);
    assert_eq!(snapshot.plain().buffered(), 10);
    assert_eq!(snapshot.plain().backlog().to_bits(), (-1.5_f64).to_bits());
    assert_eq!(snapshot.plain().charge().to_bits(), 2.0_f64.to_bits());
}

#[test]
fn guards_count_live_guards() {
    let metrics = Metrics::new();
    let plain = metrics.plain();
    let tasks = || metrics.snapshot().plain().tasks();
    let one = plain.tasks().track();
    let owned = plain.tasks().track_owned();
    assert_eq!(tasks(), 2);
    drop(one);
    assert_eq!(tasks(), 1);
    thread::spawn(move || drop(owned))
        .join()
        .expect("recording never panics");
    assert_eq!(tasks(), 0);
    let held = plain.buffered().track(100_usize);
    let more = plain.buffered().track_owned(20_usize);
    assert_eq!(metrics.snapshot().plain().buffered(), 120);
    drop((held, more));
    assert_eq!(metrics.snapshot().plain().buffered(), 0);
    let caught = std::panic::catch_unwind(|| {
        let _task = metrics.plain().tasks().track_owned();
        panic!("a task dies");
    });
    assert!(caught.is_err());
    assert_eq!(tasks(), 0);
}

#[test]
fn histograms_count_in_buckets() {
    let metrics = Metrics::new();
    let plain = metrics.plain();
    for millis in [0, 1, 2, 10, 11, 1000, 1001] {
        plain.latency().observe(Duration::from_millis(millis));
    }
    plain.size().observe(64_u64);
    plain.size().observe(65_usize);
    plain.size().observe(u64::MAX >> 1);
    plain.score().observe(0.0);
    plain.score().observe(-0.0);
    plain.score().observe(0.3);
    plain.share().observe(1.0);
    let snapshot = metrics.snapshot();
    let latency = snapshot.plain().latency();
    assert_eq!(latency.count(), 7);
    assert_eq!(latency.sum(), Duration::from_millis(2025));
    let buckets: Vec<_> = latency.buckets().collect();
    assert_eq!(
        buckets,
        [
            (0.001, 2),
            (0.01, 4),
            (0.1, 5),
            (1.0, 6),
            (f64::INFINITY, 7)
        ]
    );
    let size = snapshot.plain().size();
    assert_eq!(size.sum(), (u64::MAX >> 1) + 129);
    assert_eq!(
        size.buckets().map(|(_, count)| count).collect::<Vec<_>>(),
        [1, 2, 2, 2, 2, 3]
    );
    let score = snapshot.plain().score();
    assert_eq!(
        score.buckets().map(|(_, count)| count).collect::<Vec<_>>(),
        [2, 2, 3, 3, 3]
    );
    assert_eq!(score.sum().to_bits(), 0.3_f64.to_bits());
    assert_eq!(snapshot.plain().share().count(), 1);
    assert_eq!(snapshot.closed(Side::Left).wait(Color::Red).count(), 0);
}

#[test]
fn timers_observe_unless_they_are_discarded() {
    let metrics = Metrics::new();
    let plain = metrics.plain();
    let count = || metrics.snapshot().plain().latency().count();
    let timer = plain.latency().start_timer();
    thread::sleep(Duration::from_millis(2));
    let elapsed = timer.stop();
    assert!(elapsed >= Duration::from_millis(2), "{elapsed:?}");
    assert_eq!(metrics.snapshot().plain().latency().sum(), elapsed);
    drop(plain.latency().start_timer());
    plain.latency().start_timer().discard();
    assert_eq!(count(), 2);
    let owned = plain.latency().start_timer_owned();
    thread::spawn(move || owned.stop())
        .join()
        .expect("recording never panics");
    drop(plain.latency().start_timer_owned());
    plain.latency().start_timer_owned().discard();
    assert_eq!(count(), 4);
    let panicked = std::panic::catch_unwind(|| {
        let _timer = plain.latency().start_timer();
        // Unlike `panic!`, prints nothing.
        std::panic::resume_unwind(Box::new(()));
    });
    assert!(panicked.is_err());
    assert_eq!(count(), 5);
}

#[test]
fn invalid_values_are_rejected_and_counted() {
    let metrics = Metrics::new();
    let plain = metrics.plain();
    for bad in [f64::NAN, -1.0, f64::INFINITY, f64::NEG_INFINITY] {
        plain.energy().add(bad);
    }
    for bad in [f64::NAN, -0.1, 1.1] {
        plain.fill().set(bad);
        plain.share().observe(bad);
    }
    plain.temperature().set(f64::NAN);
    plain.charge().add(f64::NAN);
    plain.charge().sub(f64::INFINITY);
    plain.backlog().add(f64::NAN);
    plain.score().observe(f64::NAN);
    plain.score().observe(-1.0);
    plain.score().observe(f64::INFINITY);
    plain.score().observe(f64::MAX);
    plain.level().set(3);
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        plain.level().set(bad);
        plain.temperature().set(bad);
    }
    let snapshot = metrics.snapshot();
    assert_eq!(snapshot.plain().energy().to_bits(), 0);
    assert_eq!(snapshot.plain().fill().to_bits(), 0);
    assert_eq!(snapshot.plain().charge().to_bits(), 0);
    assert_eq!(snapshot.plain().score().count(), 0);
    assert_eq!(snapshot.plain().score().sum().to_bits(), 0);
    assert_eq!(snapshot.plain().level().to_bits(), 3_f64.to_bits());
    assert_eq!(snapshot.plain().share().count(), 0);
    assert_eq!(rejected(&metrics, "app_plain_energy_joules_total"), "4");
    assert_eq!(rejected(&metrics, "app_plain_fill_ratio"), "3");
    assert_eq!(rejected(&metrics, "app_plain_share_ratio"), "3");
    assert_eq!(rejected(&metrics, "app_plain_temperature_celsius"), "4");
    assert_eq!(rejected(&metrics, "app_plain_level"), "3");
    assert_eq!(rejected(&metrics, "app_plain_charge_joules"), "2");
    assert_eq!(rejected(&metrics, "app_plain_score"), "4");
}

#[test]
fn states_and_facts() {
    let metrics = Metrics::new();
    assert_eq!(metrics.snapshot().plain().phase(), None);
    assert_eq!(metrics.snapshot().plain().build(), None);
    metrics.plain().phase().set(Phase::Running);
    metrics.closed(Side::Right).phase().set(Phase::Starting);
    metrics.plain().build().set(["1.0", "abc"]);
    metrics.plain().build().set(["1.1", "é\n\0\""]);
    let snapshot = metrics.snapshot();
    assert_eq!(snapshot.plain().phase(), Some(Phase::Running));
    assert_eq!(snapshot.closed(Side::Right).phase(), Some(Phase::Starting));
    assert_eq!(snapshot.closed(Side::Left).phase(), None);
    assert_eq!(
        snapshot.plain().build(),
        Some(vec!["1.1".to_owned(), "é\n\0\"".to_owned()])
    );
    metrics.plain().build().set([&"x".repeat(1 << 20), ""]);
    let facts = metrics.snapshot().plain().build().expect("facts were set");
    assert_eq!(facts[0].len(), 128);
    assert!(facts[0].ends_with('…'));
}

#[test]
fn ratios_are_derived() {
    let metrics = Metrics::new();
    let closed = metrics.closed(Side::Left);
    assert_eq!(
        metrics.snapshot().closed(Side::Left).hit_ratio(Color::Red),
        None
    );
    closed.hits(Color::Red).add(3);
    closed.misses(Color::Red).inc();
    closed.misses(Color::Blue).inc();
    let snapshot = metrics.snapshot();
    assert_eq!(
        snapshot.closed(Side::Left).hit_ratio(Color::Red),
        Some(0.75)
    );
    assert_eq!(
        snapshot.closed(Side::Left).hit_ratio(Color::Blue),
        Some(0.0)
    );
    assert_eq!(snapshot.closed(Side::Left).hit_ratio(Color::Green), None);
    assert_eq!(snapshot.closed(Side::Right).hit_ratio(Color::Red), None);
}

#[test]
fn ratios_match_labels_in_any_order() {
    let metrics = Metrics::new();
    let one = metrics.tenant("one");
    let two = metrics.tenant("two");
    metrics.open(&one).good(Color::Green).add(1);
    metrics.open(&two).good(Color::Green).add(3);
    metrics.both(Color::Green, &one).all().add(2);
    metrics.both(Color::Green, &two).all().add(4);
    metrics.both(Color::Red, &two).all().add(4);
    let snapshot = metrics.snapshot();
    assert_eq!(snapshot.both(Color::Green, "one").good_ratio(), Some(0.5));
    assert_eq!(snapshot.both(Color::Green, "two").good_ratio(), Some(0.75));
    assert_eq!(snapshot.both(Color::Red, "two").good_ratio(), Some(0.0));
    assert_eq!(snapshot.both(Color::Red, "one").good_ratio(), None);
    assert_eq!(snapshot.both(Color::Red, "three").good_ratio(), None);
}

#[test]
fn closed_labels_do_not_share_cells() {
    let metrics = Metrics::new();
    let mut value = 0;
    for side in Side::ALL {
        for color in Color::ALL {
            value += 1;
            metrics.closed(side).hits(color).add(value);
            metrics
                .closed(side)
                .wait(color)
                .observe(Duration::from_secs(value));
        }
    }
    let snapshot = metrics.snapshot();
    let mut value = 0;
    for side in Side::ALL {
        for color in Color::ALL {
            value += 1;
            assert_eq!(snapshot.closed(side).hits(color), value);
            assert_eq!(snapshot.closed(side).misses(color), 0);
            assert_eq!(
                snapshot.closed(side).wait(color).sum(),
                Duration::from_secs(value)
            );
        }
    }
    assert_eq!(Color::from_str("green"), Ok(Color::Green));
    let unknown = Color::from_str("pink").expect_err("no such color");
    assert_eq!(
        unknown.to_string(),
        "\"pink\" is not a value of the label `color`"
    );
}

#[test]
fn a_disabled_registry_records_nothing() {
    let metrics = Metrics::disabled();
    let tenant = metrics.tenant("one");
    assert_eq!(tenant.as_str(), "one");
    let plain = metrics.plain();
    plain.events().inc();
    plain.level().set(1);
    plain.latency().start_timer_owned().stop();
    plain.energy().add(f64::NAN);
    plain.build().set(["", ""]);
    plain.threads().register(|| 1).detach();
    drop(plain.tasks().track_owned());
    metrics.open(&tenant).requests().inc();
    assert!(!metrics.is_enabled());
    let snapshot = metrics.snapshot();
    assert_eq!(snapshot.plain().events(), 0);
    assert_eq!(snapshot.plain().latency().count(), 0);
    assert_eq!(snapshot.plain().latency().buckets().count(), 5);
    assert_eq!(snapshot.plain().threads(), None);
    assert_eq!(snapshot.open("one").requests(), 0);
}

#[test]
fn registries_are_independent_and_clones_share() {
    let one = Metrics::new();
    let two = Metrics::new();
    let clone = one.clone();
    for _ in 0..3 {
        one.plain().events().inc();
        two.plain().events().add(10);
        clone.plain().events().inc();
    }
    assert_eq!(one.snapshot().plain().events(), 6);
    assert_eq!(two.snapshot().plain().events(), 30);
    let recorder = one.plain();
    drop((one, clone));
    // A recorder keeps its open label values alive.
    recorder.events().inc();
}
