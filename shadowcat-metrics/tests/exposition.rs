//! Pages in both text formats: golden files, and pages with every kind, unit and hostile text parsed strictly.
#![cfg(not(loom))]

#[allow(dead_code, reason = "each test uses a part of it")]
mod pages;

use std::time::Duration;

use pages::labels::Side;
use pages::{Filled, Metrics, read};
use proptest::prelude::*;
use shadowcat_metrics::Format;
use shadowcat_metrics_oracle::Series;

const FORMATS: [Format; 2] = [Format::PrometheusText, Format::OpenMetrics];

/// Replaces creation timestamps, which differ in each run.
fn without_times(page: &str) -> String {
    let line = |line: &str| match line.rsplit_once(' ') {
        Some((sample, _)) if sample.contains("_created") => format!("{sample} TIME\n"),
        Some(_) | None => format!("{line}\n"),
    };
    page.split_terminator('\n').map(line).collect()
}

#[test]
fn golden_prometheus_text() {
    let page = Filled::new().metrics.encode(Format::PrometheusText);
    read(&page, Format::PrometheusText);
    insta::assert_snapshot!(page);
}

#[test]
fn golden_open_metrics() {
    let page = Filled::with_created_lines()
        .metrics
        .encode(Format::OpenMetrics);
    read(&page, Format::OpenMetrics);
    insta::assert_snapshot!(without_times(&page));
}

#[test]
fn both_formats_have_the_same_series() {
    let filled = Filled::new();
    let [text, open_metrics] = FORMATS.map(|format| read(&filled.metrics.encode(format), format));
    assert_eq!(text.texts(), open_metrics.texts());
}

#[test]
fn created_lines_have_the_creation_time_of_series() {
    let since_1970 = || {
        let now = std::time::SystemTime::now();
        now.duration_since(std::time::UNIX_EPOCH)
            .expect("a clock that is set")
            .as_secs_f64()
    };
    let before = since_1970() - 0.001;
    let page = Filled::with_created_lines()
        .metrics
        .encode(Format::OpenMetrics);
    let after = since_1970() + 0.001;
    let page = read(&page, Format::OpenMetrics);
    let created = page.samples();
    let mut created = created
        .filter(|sample| sample.series.name.ends_with("_created"))
        .peekable();
    assert!(created.peek().is_some());
    for sample in created {
        assert!((before..after).contains(&sample.value), "{sample:?}");
    }
}

#[test]
fn created_lines_are_off_unless_asked_for() {
    let (without, with) = (Filled::new(), Filled::with_created_lines());
    let page = without.metrics.encode(Format::OpenMetrics);
    read(&page, Format::OpenMetrics);
    let rest: String = with
        .metrics
        .encode(Format::OpenMetrics)
        .split_inclusive('\n')
        .filter(|line| !line.contains("_created"))
        .collect();
    assert!(page == rest, "{page}\n{rest}");
    let text = without.metrics.encode(Format::PrometheusText);
    assert!(with.metrics.encode(Format::PrometheusText) == text);
}

#[test]
fn buffers_are_reused_and_shrink() {
    let filled = Filled::new();
    let mut buffer = Vec::new();
    for format in [FORMATS[1], FORMATS[0], FORMATS[1], FORMATS[0]] {
        filled.metrics.encode_into(format, &mut buffer);
        assert_eq!(buffer, filled.metrics.encode(format).as_bytes());
    }
    let room = buffer.capacity();
    filled.metrics.encode_into(FORMATS[1], &mut buffer);
    assert_eq!(buffer.capacity(), room);
    Metrics::disabled().encode_into(Format::OpenMetrics, &mut buffer);
    assert_eq!(buffer, b"# EOF\n");
}

#[test]
fn a_disabled_registry_is_an_empty_page() {
    assert_eq!(Metrics::disabled().encode(Format::PrometheusText), "");
    assert_eq!(Metrics::disabled().encode(Format::OpenMetrics), "# EOF\n");
}

#[test]
fn a_new_value_in_a_reused_slot_is_a_new_series() {
    let metrics = Metrics::new();
    for format in FORMATS {
        for name in ["first", "second", "third"] {
            let tenant = metrics.tenant(name);
            metrics.open(&tenant).hits(Side::Left).inc();
            let page = metrics.encode(format);
            let line = format!("app_open_hits_total{{tenant=\"{name}\",side=\"left\"}} 1\n");
            assert!(page.contains(&line), "{page}");
            assert_eq!(page.matches("app_open_hits_total{").count(), 2, "{page}");
        }
        let page = metrics.encode(format);
        assert!(
            !page.contains("app_open"),
            "metadata of what is not there: {page}"
        );
    }
}

#[test]
fn pages_are_added_and_removed_between_others() {
    let metrics = Metrics::new();
    let mut tenants: Vec<_> = ["a", "b", "c"]
        .map(|name| Some(metrics.tenant(name)))
        .into();
    let recorders: Vec<_> = tenants.iter().flatten().map(|t| metrics.open(t)).collect();
    for recorder in &recorders {
        recorder.hits(Side::Left).inc();
    }
    drop(recorders);
    let names = || {
        let page = metrics.encode(Format::PrometheusText);
        let page = read(&page, Format::PrometheusText);
        let hits = page.family("app_open_hits_total").into_iter();
        let samples = hits.flat_map(|family| &family.samples);
        let left = samples.filter(|sample| sample.series.labels["side"] == "left");
        left.map(|sample| format!("{}={}", sample.series.labels["tenant"], sample.text))
            .collect::<Vec<_>>()
    };
    assert_eq!(names(), ["a=1", "b=1", "c=1"]);
    tenants[1] = None;
    assert_eq!(names(), ["a=1", "c=1"]);
    let late = metrics.tenant("late");
    metrics.open(&late).hits(Side::Left).add(5);
    assert_eq!(names(), ["a=1", "late=5", "c=1"]);
    tenants.clear();
    assert_eq!(names(), ["late=5"]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn any_label_value_reads_back(names in proptest::collection::hash_set("(?s).{0,40}", 1..4)) {
        let metrics = Metrics::new();
        let tenants: Vec<_> = names.iter().map(|name| metrics.tenant(name)).collect();
        for tenant in &tenants {
            metrics.open(tenant).hits(Side::Left).inc();
        }
        for format in FORMATS {
            let page = read(&metrics.encode(format), format);
            for tenant in &tenants {
                let labels = [("side", "left"), ("tenant", tenant.as_str())];
                let value = page.value("app_open_hits_total", &labels);
                prop_assert_eq!(value, Some(1.0), "{:?}", tenant);
            }
        }
    }

    #[test]
    fn any_value_reads_back(level: f64, count in 0..=u64::MAX >> 1, nanoseconds: u64, bytes in proptest::collection::vec(any::<u64>(), 0..9)) {
        let metrics = Metrics::new();
        metrics.plain().level().set(level);
        metrics.plain().events().add(count);
        metrics.plain().busy().add(Duration::from_nanos(nanoseconds));
        let tenant = metrics.tenant("t");
        let open = metrics.open(&tenant);
        for bytes in &bytes {
            open.size().observe(*bytes);
        }
        for format in FORMATS {
            let page = metrics.encode(format);
            let read = read(&page, format);
            let plain = |name: &str| read.value(name, &[]).expect("it is there");
            prop_assert!(plain("app_plain_level").to_bits() == level.to_bits() || level.is_nan());
            prop_assert_eq!(read.texts()[&Series::new("app_plain_events_total", [])], count.to_string());
            let busy = plain("app_plain_busy_seconds_total");
            prop_assert!((busy - Duration::from_nanos(nanoseconds).as_secs_f64()).abs() <= busy * 1e-15);
            let observed = format!("app_open_size_bytes_count{{tenant=\"t\"}} {}\n", bytes.len());
            prop_assert!(page.contains(&observed));
        }
    }
}
