//! Labels whose exposed name cannot be a key: a Rust keyword, and a name in camel case.
#![cfg(not(loom))]

use shadowcat_metrics::Format;

shadowcat_metrics::metrics!("tests/label_names.toml");

use labels::{Job, Kind};

#[test]
fn pages_have_the_names_of_the_labels() {
    let metrics = Metrics::new();
    let ok = metrics.status_code("200");
    let jobs = metrics.jobs();
    jobs.started(Kind::Batch).inc();
    jobs.answered(Some(Kind::Stream), Some(&ok)).inc();
    jobs.ended(Job::Batch(&ok)).add(2_u64);
    let page = metrics.encode(Format::PrometheusText);
    for line in [
        "app_jobs_started_total{type=\"batch\"} 1",
        "app_jobs_answered_total{type=\"stream\",statusCode=\"200\"} 1",
        "app_jobs_ended_total{type=\"batch\",statusCode=\"200\"} 2",
        "app_jobs_ended_total{type=\"stream\"} 0",
    ] {
        assert!(page.lines().any(|found| found == line), "{line}\n{page}");
    }
    let snapshot = metrics.snapshot();
    assert_eq!(snapshot.jobs().started(Kind::Batch), 1);
}
