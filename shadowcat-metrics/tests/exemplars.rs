//! Exemplars: which trace is kept, and how pages show it.
#![cfg(not(loom))]

use std::time::Duration;

use shadowcat_metrics::{Format, TraceContext};
use shadowcat_metrics_oracle::{self as oracle, Grammar};

shadowcat_metrics::metrics!("tests/exemplars.toml");

use labels::{Call, Side};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

fn trace(span: u64) -> TraceContext {
    TraceContext::new(0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736, span, true)
}

/// The lines of an OpenMetrics page with exemplars, without their times.
fn exemplars(metrics: &Metrics) -> Vec<String> {
    let page = metrics.encode(Format::OpenMetrics);
    oracle::parse(Grammar::OpenMetrics, &page).unwrap_or_else(|fault| panic!("{fault}\n{page}"));
    let with = page.lines().filter(|line| line.contains(" # {"));
    with.filter_map(|line| Some(line.rsplit_once(' ')?.0.to_owned()))
        .collect()
}

fn shown(sample: &str, span: u64, value: &str) -> String {
    format!("{sample} # {{trace_id=\"{TRACE}\",span_id=\"{span:016x}\"}} {value}")
}

/// OpenMetrics allows exemplars of a counter only with the suffix `_total`.
#[test]
fn a_former_name_without_total_has_no_exemplars() {
    let metrics = Metrics::new();
    metrics.work().hits().inc_in(&trace(1));
    assert_eq!(
        exemplars(&metrics),
        [shown("app_work_hits_total 1", 1, "1")]
    );
    let page = metrics.encode(Format::OpenMetrics);
    assert!(page.contains("\napp_legacy_hits 1\n"), "{page}");
}

#[test]
fn every_unit_has_its_value() {
    let metrics = Metrics::new();
    let work = metrics.work();
    let tenant = metrics.tenant("one");
    work.jobs().inc_in(&trace(1));
    work.sent(&tenant).add_in(512_usize, &trace(2));
    work.energy().add_in(0.5, &trace(3));
    work.duration()
        .observe_in(Duration::from_millis(50), &trace(4));
    work.duration()
        .observe_in(Duration::from_secs(7), &trace(5));
    work.size(Side::Right).observe_in(10_usize, &trace(6));
    work.score().observe_in(0.25, &trace(7));
    work.plain().observe(0.25);
    let expected = [
        shown("app_work_jobs_total 1", 1, "1"),
        shown("app_work_sent_bytes_total{tenant=\"one\"} 512", 2, "512"),
        shown("app_work_energy_joules_total 0.5", 3, "0.5"),
        shown("app_work_duration_seconds_bucket{le=\"0.1\"} 1", 4, "0.05"),
        shown("app_work_duration_seconds_bucket{le=\"+Inf\"} 2", 5, "7"),
        shown(
            "app_work_size_bytes_bucket{side=\"right\",le=\"10.0\"} 1",
            6,
            "10",
        ),
        shown("app_work_score_bucket{le=\"0.5\"} 1", 7, "0.25"),
    ];
    assert_eq!(exemplars(&metrics), expected);
    assert!(!metrics.encode(Format::PrometheusText).contains("trace_id"));
}

#[test]
fn exemplars_change_once_per_scrape_and_only_for_sampled_traces() {
    let metrics = Metrics::new();
    let jobs = || metrics.work();
    jobs().jobs().inc();
    jobs().jobs().inc_in(&TraceContext::new(1, 1, false));
    assert_eq!(exemplars(&metrics), [""; 0]);
    jobs().jobs().inc_in(&trace(1));
    jobs().jobs().inc_in(&trace(2));
    let first = [shown("app_work_jobs_total 4", 1, "1")];
    assert_eq!(
        exemplars(&metrics),
        first,
        "the first one of a scrape stays"
    );
    assert_eq!(
        exemplars(&metrics),
        first,
        "it stays until there is another one"
    );
    jobs().jobs().inc_in(&trace(3));
    assert_eq!(
        exemplars(&metrics),
        [shown("app_work_jobs_total 5", 3, "1")]
    );
    Metrics::disabled().work().jobs().inc_in(&trace(1));
}

#[test]
fn each_variant_of_a_sum_label_has_its_own_exemplar() {
    let metrics = Metrics::new();
    let calls = metrics.calls();
    let tenant = metrics.tenant("one");
    calls.made(Call::Ping).inc_in(&trace(1));
    calls.made(Call::Run(&tenant)).inc_in(&trace(2));
    calls.steps(Call::Ping).observe_in(1.0, &trace(3));
    calls.steps(Call::Run(&tenant)).observe_in(7.0, &trace(4));
    let expected = [
        shown("app_calls_made_total{method=\"ping\"} 1", 1, "1"),
        shown(
            "app_calls_made_total{method=\"run\",tenant=\"one\"} 1",
            2,
            "1",
        ),
        shown(
            "app_calls_steps_bucket{method=\"ping\",le=\"1.0\"} 1",
            3,
            "1",
        ),
        shown(
            "app_calls_steps_bucket{method=\"run\",tenant=\"one\",le=\"10.0\"} 1",
            4,
            "7",
        ),
    ];
    assert_eq!(exemplars(&metrics), expected);
    drop(tenant);
    let left = [expected[0].clone(), expected[2].clone()];
    assert_eq!(
        exemplars(&metrics),
        left,
        "a dropped value takes its own along"
    );
}

#[test]
fn guards_and_timers() {
    let metrics = Metrics::new();
    let work = metrics.work();
    let outer = trace(1).enter();
    let inner = trace(2).enter();
    work.jobs().inc();
    drop(inner);
    let timer = work.duration().start_timer();
    drop(timer);
    drop(outer);
    work.score().observe(0.1);
    let found = exemplars(&metrics);
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(found[0], shown("app_work_jobs_total 1", 2, "1"));
    assert!(
        found[1].contains("span_id=\"0000000000000001\""),
        "{found:?}"
    );
}

#[tokio::test]
async fn concurrent_futures_keep_their_traces() {
    let metrics = Metrics::new();
    let work = metrics.work();
    let first = trace(1).scope(async {
        tokio::task::yield_now().await;
        work.jobs().inc();
    });
    let second = trace(2).scope(async {
        tokio::task::yield_now().await;
        work.score().observe(0.1);
    });
    tokio::join!(first, second);
    let expected = [
        shown("app_work_jobs_total 1", 1, "1"),
        shown("app_work_score_bucket{le=\"0.5\"} 1", 2, "0.1"),
    ];
    assert_eq!(exemplars(&metrics), expected);
}

#[test]
fn exemplars_are_removed_with_their_label_value() {
    let metrics = Metrics::new();
    let tenant = metrics.tenant("one");
    metrics.work().sent(&tenant).add_in(1_usize, &trace(1));
    assert_eq!(exemplars(&metrics).len(), 1);
    drop(tenant);
    let tenant = metrics.tenant("two");
    metrics.work().sent(&tenant).add(1_usize);
    assert_eq!(exemplars(&metrics), [""; 0]);
}

#[test]
fn protobuf_pages_have_exemplars() {
    let metrics = Metrics::new();
    metrics
        .work()
        .duration()
        .observe_in(Duration::from_secs(7), &trace(1));
    let page = metrics.encode_protobuf();
    let ids = page
        .windows(TRACE.len())
        .filter(|part| *part == TRACE.as_bytes());
    assert_eq!(ids.count(), 1);
    // The bucket `+Inf` is written for its exemplar: count 1, bound, exemplar.
    let infinity = [&[8, 1, 17][..], &f64::INFINITY.to_le_bytes(), &[26]].concat();
    assert!(page.windows(infinity.len()).any(|part| part == infinity));
}
