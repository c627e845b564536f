//! Values of open labels that another registry interned, next to own ones, for every kind of record.
#![cfg(not(loom))]

use std::time::Duration;

use shadowcat_metrics::TraceContext;

shadowcat_metrics::metrics!("tests/foreign_values.toml");

use labels::{Side, Source, Target};

/// Records in every metric, three times in the first one.
fn record(metrics: &Metrics, source: &Source, target: &Target) {
    let moves = metrics.moves();
    moves.ended(source, Side::Right, target).inc();
    moves.ended(source, Side::Right, target).add(1);
    moves.ended(source, Side::Right, target).add(1 << 41);
    moves.energy(source, target).add(1.5);
    moves.sent(target).inc();
    let active = moves.active(source, target);
    active.add(3);
    active.dec();
    drop(active.track());
    drop(active.track_owned());
    moves.level(source, target).set(7);
    let duration = moves.duration(source, target);
    duration.observe(Duration::from_millis(500));
    duration.observe(Duration::from_secs(1 << 20));
    duration.start_timer_owned().stop();
    duration.start_timer().stop();
    drop(duration.start_timer());
    moves
        .traced(source, target)
        .inc_in(&TraceContext::new(1, 2, true));
}

#[test]
fn foreign_values_are_recorded_under_their_text() {
    let (metrics, other) = (Metrics::new(), Metrics::new());
    // The same values have other slots there.
    let _slots = (other.source("first"), other.target("first"));
    let sources = [metrics.source("own"), other.source("foreign")];
    let targets = [metrics.target("own"), other.target("foreign")];
    // The second time, the thread has used all cells before.
    for times in 1..=2 {
        for source in &sources {
            for target in &targets {
                record(&metrics, source, target);
                let snapshot = metrics.snapshot();
                let moves = snapshot.moves();
                let (source, target) = (source.as_str(), target.as_str());
                let at = format!("{source}, {target}, {times} times");
                let ended = moves.ended(source, Side::Right, target);
                assert_eq!(ended, times * (2 + (1 << 41)), "{at}");
                assert_eq!(moves.ended(source, Side::Left, target), 0, "{at}");
                let energy = moves.energy(source, target);
                assert!((energy - 1.5 * times as f64).abs() < 1e-9, "{at}");
                assert_eq!(
                    moves.active(source, target),
                    2 * times.cast_signed(),
                    "{at}"
                );
                assert_eq!(moves.duration(source, target).count(), 5 * times, "{at}");
                assert_eq!(moves.traced(source, target), times, "{at}");
            }
        }
        let snapshot = metrics.snapshot();
        for target in &targets {
            assert_eq!(snapshot.moves().sent(target.as_str()), 2 * times);
        }
    }
    let snapshot = other.snapshot();
    assert_eq!(snapshot.moves().sent("foreign"), 0);
    // An own value and a foreign one of the same text are one value.
    let same = other.target("own");
    record(&metrics, &sources[0], &same);
    assert_eq!(metrics.snapshot().moves().sent("own"), 5);
    record(&Metrics::disabled(), &sources[1], &targets[1]);
}
