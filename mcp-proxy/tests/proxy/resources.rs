//! The metrics about a running proxy's process and child, compared with the kernel's values.
#![cfg(target_os = "linux")]

use std::fs;
use std::time::UNIX_EPOCH;

use crate::processes::children_of;
use crate::support::{Page, Running, TEXT};
use serde_json::json;

const OPEN_METRICS: &str = "application/openmetrics-text;version=1.0.0";

/// Returns a field of `/proc/PID/status` as a number.
fn status(pid: u32, field: &str) -> f64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("it is alive");
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let value = line.expect("the kernel tells").trim_start_matches(':');
    let number = value.split_whitespace().next().expect("a number");
    number.parse().expect("a number")
}

#[test]
fn the_page_agrees_with_the_kernel_on_both_processes() {
    let mut proxy = Running::proxy("");
    let metrics = proxy.metrics_address();
    proxy.initialize();
    let (own, child) = (proxy.id(), children_of(proxy.id())[0].id());
    let page = Page::scrape(&metrics, TEXT);
    let value = |series: &str| {
        page.value(series)
            .unwrap_or_else(|| panic!("{series}\n{}", page.text()))
    };

    for (pid, prefix, labels) in [
        (own, "process_", ""),
        (child, "shadowcat_child_", r#"{server="tested"}"#),
    ] {
        let value = |name: &str| value(&format!("{prefix}{name}{labels}"));
        assert!(
            (value("threads") - status(pid, "Threads")).abs() <= 2.0,
            "{prefix}threads"
        );
        let resident = status(pid, "VmRSS") * 1024.0;
        let share = value("resident_memory_bytes") / resident;
        assert!(
            (0.5..2.0).contains(&share),
            "{prefix}resident_memory_bytes is {share} of VmRSS"
        );
        assert!(value("virtual_memory_bytes") >= value("resident_memory_bytes"));
        let open = fs::read_dir(format!("/proc/{pid}/fd"))
            .expect("it is alive")
            .count() as f64;
        assert!(
            (value("open_fds") - open).abs() <= 4.0,
            "{prefix}open_fds, and {open} are open"
        );
        assert!(value("max_fds") >= open);
        let age =
            UNIX_EPOCH.elapsed().expect("it is later").as_secs_f64() - value("start_time_seconds");
        assert!(
            (-2.0..60.0).contains(&age),
            "{prefix}start_time_seconds is {age} s ago"
        );
        assert!((0.0..60.0).contains(&value("cpu_seconds_total")));
    }
    assert!(value("shadowcat_tokio_workers") >= 1.0);
    assert!(value("shadowcat_tokio_alive_tasks") >= 3.0);
    assert!(value("shadowcat_tokio_queue_depth") >= 0.0);
    assert!((0.0..=1.0).contains(&value("shadowcat_tokio_utilization_ratio")));
    assert!(value("shadowcat_tokio_polls_total") >= 1.0);
}

#[test]
fn counters_from_the_kernel_and_the_runtime_never_decrease() {
    let mut proxy = Running::proxy("");
    let metrics = proxy.metrics_address();
    proxy.initialize();
    let counters = [
        "process_cpu_seconds_total",
        r#"shadowcat_child_cpu_seconds_total{server="tested"}"#,
        "shadowcat_tokio_busy_seconds_total",
        "shadowcat_tokio_polls_total",
        "shadowcat_tokio_poll_duration_seconds_total",
    ];
    let mut before = counters.map(|_| 0.0);
    // The kernel counts hundredths of a second, which takes many calls on a fast machine.
    let has_all = |seen: &[f64; 5]| {
        seen.iter()
            .enumerate()
            .all(|(place, &value)| place == 1 || value > 0.0)
    };
    for round in 0..500 {
        if round >= 5 && has_all(&before) {
            break;
        }
        proxy.call("big", &json!({ "bytes": 200_000 }));
        if round == 2 {
            // Its processor time stays in the sum, and the next child's time is added.
            proxy.call("crash", &json!({}));
            proxy.request("ping", &json!({}));
        }
        let page = Page::scrape(&metrics, OPEN_METRICS);
        let now =
            counters.map(|counter| page.value(counter).unwrap_or_else(|| panic!("{counter}")));
        for ((counter, now), before) in counters.iter().zip(now).zip(before) {
            assert!(now >= before, "{counter} went from {before} to {now}");
        }
        before = now;
    }
    assert!(has_all(&before), "{before:?}");
}
