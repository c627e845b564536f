//! Open labels: interning, limits, hostile values, retirement and reuse.
#![cfg(not(loom))]

use std::ffi::OsStr;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

shadowcat_metrics::metrics!("tests/metrics.toml");

use labels::{Color, Side};
use shadowcat_metrics::Format;

fn page(metrics: &Metrics) -> String {
    metrics.encode(Format::PrometheusText)
}

/// Returns the exposed number of values of a label that were replaced by the overflow value.
fn overflowed(metrics: &Metrics, label: &str) -> u64 {
    let line = format!("app_metrics_label_overflow_total{{label=\"{label}\"}} ");
    let count = page(metrics)
        .lines()
        .find_map(|found| found.strip_prefix(&*line)?.parse().ok());
    count.expect("every open label has a series")
}

#[test]
fn equal_values_share_a_slot() {
    let metrics = Metrics::new();
    let one = metrics.tenant("one");
    let again = metrics.tenant(String::from("one"));
    metrics.open(&one).requests().inc();
    metrics.open(&again.clone()).requests().inc();
    assert_eq!(one.as_str(), "one");
    assert_eq!(one.to_string(), "one");
    assert_eq!(metrics.snapshot().open("one").requests(), 2);
    assert_eq!(metrics.snapshot().open("two").requests(), 0);
}

#[test]
fn series_start_at_zero_and_end_with_the_last_handle() {
    let metrics = Metrics::new();
    assert!(!page(&metrics).contains("tenant="));
    let recorder = metrics.open(&metrics.tenant("one"));
    assert!(page(&metrics).contains("app_open_requests_total{tenant=\"one\"} 0\n"));
    assert!(page(&metrics).contains("app_open_good_total{tenant=\"one\",color=\"blue\"} 0\n"));
    // This group's own open label has no value yet, and the other group has no recorder.
    assert!(!page(&metrics).contains("app_open_duration_seconds"));
    assert!(!page(&metrics).contains("app_both_all_total"));
    let clone = recorder.clone();
    drop(recorder);
    clone.requests().inc();
    assert!(page(&metrics).contains("app_open_requests_total{tenant=\"one\"} 1\n"));
    drop(clone);
    assert!(!page(&metrics).contains("tenant=\"one\""));
}

#[test]
fn a_reused_slot_starts_at_zero() {
    let metrics = Metrics::new();
    for round in 0..10 {
        let name = format!("tenant {round}");
        let open = metrics.open(&metrics.tenant(&name));
        let tool = metrics.tool("hammer");
        assert_eq!(metrics.snapshot().open(&name).requests(), 0);
        open.requests().add(round + 1);
        open.sessions().add(5);
        open.limit().set(round);
        open.client().set(["1.0"]);
        open.duration(&tool, Side::Left)
            .observe(Duration::from_millis(1));
        let other = open.clone();
        thread::spawn(move || other.requests().inc())
            .join()
            .expect("recording never panics");
        let snapshot = metrics.snapshot();
        assert_eq!(snapshot.open(&name).requests(), round + 2);
        assert_eq!(snapshot.open(&name).sessions(), 5);
        assert_eq!(snapshot.open(&name).client(), Some(vec!["1.0".to_owned()]));
        assert_eq!(
            snapshot.open(&name).duration("hammer", Side::Left).count(),
            1
        );
    }
    let _tenant = metrics.open(&metrics.tenant("last"));
    let snapshot = metrics.snapshot();
    assert_eq!(snapshot.open("last").sessions(), 0);
    assert_eq!(snapshot.open("last").client(), None);
    assert_eq!(
        snapshot.open("last").duration("hammer", Side::Left).count(),
        0
    );
    assert_eq!(overflowed(&metrics, "tenant"), 0);
}

#[test]
fn owned_guards_keep_their_label_values_alive() {
    let metrics = Metrics::new();
    let tool = metrics.tool("saw");
    let open = metrics.open(&metrics.tenant("one"));
    let timer = open.duration(&tool, Side::Right).start_timer_owned();
    let session = open.sessions().track_owned();
    drop((open, tool));
    assert_eq!(metrics.snapshot().open("one").sessions(), 1);
    timer.stop();
    assert_eq!(
        metrics
            .snapshot()
            .open("one")
            .duration("saw", Side::Right)
            .count(),
        0,
        "the tool is gone"
    );
    drop(session);
    assert!(!page(&metrics).contains("tenant=\"one\""));
}

#[test]
fn excess_values_share_the_overflow_value() {
    let metrics = Metrics::new();
    let tenants: Vec<_> = (0..4)
        .map(|index| metrics.tenant(format!("tenant {index}")))
        .collect();
    let surplus = metrics.tenant("surplus");
    let more = metrics.tenant("more");
    assert_eq!(surplus.as_str(), "__other__");
    metrics.open(&surplus).requests().add(2);
    metrics.open(&more).requests().add(3);
    let snapshot = metrics.snapshot();
    assert_eq!(snapshot.open("__other__").requests(), 5);
    assert_eq!(snapshot.open("surplus").requests(), 0);
    assert_eq!(overflowed(&metrics, "tenant"), 2);
    drop(tenants);
    let known = metrics.tenant("surplus");
    assert_eq!(known.as_str(), "surplus");
    // The overflow value keeps its counts when its handles are dropped.
    drop((surplus, more));
    assert_eq!(metrics.snapshot().open("__other__").requests(), 5);
    assert_eq!(metrics.tenant("__other__").as_str(), "__other__");
    assert_eq!(
        overflowed(&metrics, "tenant"),
        2,
        "asking for the overflow value is no surplus"
    );
}

#[test]
fn a_flood_of_values_stays_bounded() {
    let metrics = Metrics::new();
    let mut kept = Vec::new();
    for index in 0..100_000 {
        let tenant = metrics.tenant(format!("client {index}"));
        metrics.open(&tenant).requests().inc();
        if index % 1000 == 0 {
            kept.push(tenant);
        }
    }
    let lines = page(&metrics)
        .lines()
        .filter(|line| line.starts_with("app_open_requests_total{"))
        .count();
    assert_eq!(lines, 5);
    // The first four values got their own series. Almost all of the other hundred thousand overflowed.
    let total: u64 = [
        "client 0",
        "client 1000",
        "client 2000",
        "client 3000",
        "__other__",
    ]
    .map(|tenant| metrics.snapshot().open(tenant).requests())
    .iter()
    .sum();
    assert_eq!(total, 4 + overflowed(&metrics, "tenant"));
    assert_eq!(overflowed(&metrics, "tenant"), 100_000 - 3001);
}

#[test]
fn hostile_values_do_no_harm() {
    let metrics = Metrics::new();
    let long = "x".repeat(1 << 20);
    let wide = "ü".repeat(1 << 19);
    for hostile in [
        "", "\0", "a\nb", "\"} 1\n", "\\", "{}", "\u{feff}", "\u{202e}", &long, &wide,
    ] {
        let tenant = metrics.tenant(hostile);
        metrics.open(&tenant).requests().inc();
        assert!(tenant.as_str().len() <= 128);
        assert_eq!(metrics.snapshot().open(hostile).requests(), 1);
        for line in page(&metrics).lines() {
            assert!(
                line.starts_with('#') || line.starts_with("app_"),
                "{line:?}"
            );
        }
    }
    assert_eq!(
        metrics.tenant(&long).as_str(),
        format!("{}…", "x".repeat(125))
    );
    assert_eq!(
        metrics.tenant(&wide).as_str(),
        format!("{}…", "ü".repeat(62))
    );
    assert_eq!(metrics.tenant("y".repeat(128)).as_str(), "y".repeat(128));
}

#[cfg(unix)]
#[test]
fn invalid_utf8_is_replaced() {
    use std::os::unix::ffi::OsStrExt;

    let metrics = Metrics::new();
    assert_eq!(
        metrics.tenant(OsStr::from_bytes(b"a\xffb")).as_str(),
        "a\u{fffd}b"
    );
    let long = metrics.tenant(OsStr::from_bytes(&vec![0xff; 1 << 20]));
    assert!(long.as_str().len() <= 128 && long.as_str().ends_with('…'));
    // A character that is split by the length limit.
    let mut split = vec![b'a'; 255];
    split.extend("é".as_bytes());
    assert_eq!(
        metrics.tenant(OsStr::from_bytes(&split)).as_str(),
        format!("{}…", "a".repeat(125))
    );
}

#[test]
fn handles_of_another_registry_are_interned_again() {
    let (one, two) = (Metrics::new(), Metrics::new());
    let _first = two.tenant("occupies the first slot");
    let tenant = one.tenant("shared");
    let tool = one.tool("drill");
    let recorder = two.open(&tenant);
    recorder.requests().inc();
    drop(tenant);
    recorder.duration(&tool, Side::Left).observe(Duration::ZERO);
    recorder.duration(&tool, Side::Left).observe(Duration::ZERO);
    assert_eq!(two.snapshot().open("shared").requests(), 1);
    assert_eq!(
        two.snapshot()
            .open("shared")
            .duration("drill", Side::Left)
            .count(),
        2
    );
    assert_eq!(one.snapshot().open("shared").requests(), 0);
    drop((one, tool));
    recorder.requests().inc();
    assert_eq!(two.snapshot().open("shared").requests(), 2);
    let disabled = Metrics::disabled().tenant("from nowhere");
    two.both(Color::Red, &disabled).all().inc();
    assert_eq!(
        two.snapshot().both(Color::Red, "from nowhere").all(),
        0,
        "its recorder is gone"
    );
}

#[test]
fn values_can_outlive_their_registry() {
    let metrics = Metrics::new();
    let tenant = metrics.tenant("one");
    drop(metrics);
    assert_eq!(tenant.clone().as_str(), "one");
}

#[test]
fn values_are_added_and_dropped_in_many_threads() {
    const THREADS: usize = 8;
    const ROUNDS: usize = 2000;
    let metrics = Metrics::new();
    let start = Barrier::new(THREADS + 1);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (metrics, start) = (&metrics, &start);
            scope.spawn(move || {
                start.wait();
                for round in 0..ROUNDS {
                    let own = metrics.open(&metrics.tenant(format!("{thread} {round}")));
                    own.sessions().inc();
                    let shared = metrics.open(&metrics.tenant("shared"));
                    shared.requests().inc();
                    shared.sessions().inc();
                    shared.sessions().dec();
                    own.sessions().dec();
                }
            });
        }
        start.wait();
        for _ in 0..200 {
            for line in page(&metrics)
                .lines()
                .filter(|line| line.starts_with("app_open_sessions{tenant=\""))
            {
                let (series, value) = line.rsplit_once(' ').expect("a line ends with a value");
                let value: i64 = value.parse().expect("it is an integer");
                // Each value other than the overflow value is only ever 0 or 1; anything higher is a leftover from the slot's
                // previous value.
                let highest = if series.contains("other") || series.contains("shared") {
                    8
                } else {
                    1
                };
                assert!((-8..=highest).contains(&value), "{line}");
            }
        }
    });
    let snapshot = metrics.snapshot();
    for tenant in ["shared", "__other__"] {
        assert_eq!(snapshot.open(tenant).sessions(), 0);
    }
    assert!(!page(&metrics).contains("tenant=\"0 "), "all are retired");
}

/// Labels with lengths around the limit up to which they are copied at once.
#[test]
fn long_label_values_are_not_cut() {
    let metrics = Metrics::new();
    for len in (1..=128).step_by(7) {
        let (tenant, tool) = ("t".repeat(len), "u".repeat(len));
        let tool_value = metrics.tool(&tool);
        let tenant_value = metrics.tenant(&tenant);
        let open = metrics.open(&tenant_value);
        open.requests().inc();
        open.duration(&tool_value, Side::Left)
            .observe(Duration::from_secs(100));
        for format in [Format::PrometheusText, Format::OpenMetrics] {
            let page = metrics.encode(format);
            let labels = format!("{{tenant=\"{tenant}\",tool=\"{tool}\",side=\"left\"");
            for line in [
                format!("app_open_requests_total{{tenant=\"{tenant}\"}} 1\n"),
                format!("app_open_duration_seconds_bucket{labels},le=\"+Inf\"}} 1\n"),
                format!("app_open_duration_seconds_sum{labels}}} 100\n"),
                format!("app_open_duration_seconds_count{labels}}} 1\n"),
            ] {
                assert!(page.contains(&line), "{line}\n{page}");
            }
        }
    }
}
