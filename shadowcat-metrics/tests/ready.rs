//! Ready-made groups, and pages in files.
#![cfg(all(not(loom), feature = "process", feature = "tokio"))]

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use shadowcat_metrics::{Format, process, runtime};
use shadowcat_metrics_oracle::{self as oracle, Grammar};

mod ready {
    shadowcat_metrics::metrics!("tests/ready.toml");
}

mod plain {
    shadowcat_metrics::metrics!("tests/metrics.toml");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn every_metric_of_the_groups_has_a_value() {
    let metrics = ready::Metrics::new();
    process::register(&metrics).expect("it is included");
    runtime::register(&metrics).expect("it is included");
    let page = metrics.encode(Format::PrometheusText);
    let page = oracle::parse(Grammar::PrometheusText, &page).expect("a page");
    let names: Vec<_> = page
        .samples()
        .map(|sample| sample.series.name.clone())
        .filter(|name| !name.starts_with("app_metrics_"))
        .collect();
    let expected = [
        "process_cpu_seconds_total",
        "process_resident_memory_bytes",
        "process_virtual_memory_bytes",
        "process_open_fds",
        "process_max_fds",
        "process_threads",
        "process_start_time_seconds",
        "app_tokio_workers",
        "app_tokio_alive_tasks",
        "app_tokio_queue_depth",
        "app_tokio_busy_seconds_total",
        "app_tokio_utilization_ratio",
    ];
    assert_eq!(names, expected);
    let snapshot = metrics.snapshot();
    assert!(snapshot.process().resident_memory() > Some(100_000));
    assert_eq!(snapshot.tokio().workers(), Some(1.0));
}

#[tokio::test]
async fn a_schema_without_a_group_is_an_error() {
    let metrics = plain::Metrics::new();
    let error = process::register(&metrics).expect_err("it is not included");
    assert_eq!(
        error.to_string(),
        "the schema has no metric of `schemas/process.toml`: include that file"
    );
    assert!(runtime::register(&metrics).is_err());
}

#[test]
fn a_text_file_is_replaced_atomically() {
    let folder = std::env::temp_dir().join(format!("textfile-{}", std::process::id()));
    fs::create_dir(&folder).expect("a folder");
    let metrics = plain::Metrics::new();
    let path = folder.join("app.prom");
    metrics.write_textfile(&path).expect("written");
    let text = || fs::read_to_string(&path).expect("a page");
    assert_eq!(text(), metrics.encode(Format::PrometheusText));
    metrics.plain().events().inc();
    metrics.write_textfile(&path).expect("replaced");
    assert_eq!(text(), metrics.encode(Format::PrometheusText));

    let error = metrics
        .write_textfile(folder.join("app.txt"))
        .expect_err("node_exporter does not read it");
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
    assert!(
        metrics
            .write_textfile(folder.join("gone/app.prom"))
            .is_err()
    );
    // A folder cannot be replaced by a file, and the temporary file is removed.
    fs::create_dir(folder.join("taken.prom")).expect("a folder");
    assert!(metrics.write_textfile(folder.join("taken.prom")).is_err());
    // A file is not a folder.
    assert!(metrics.write_textfile(path.join("app.prom")).is_err());
    assert_eq!(names(&folder), ["app.prom", "taken.prom"]);
    fs::remove_dir_all(&folder).expect("removed");
}

fn names(folder: &Path) -> Vec<OsString> {
    let entries = fs::read_dir(folder).expect("the folder");
    let mut names: Vec<_> = entries
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    names.sort();
    names
}

/// A process that was killed before it renamed its file may have had the same id and written as often.
#[test]
fn what_a_crash_left_does_not_prevent_a_write() {
    let folder = std::env::temp_dir().join(format!("textfile-left-{}", std::process::id()));
    fs::create_dir(&folder).expect("a folder");
    for write in 0..100 {
        let name = format!(".app.prom.{}-{write}.tmp", std::process::id());
        fs::write(folder.join(name), "app_").expect("written");
    }
    let metrics = plain::Metrics::new();
    metrics
        .write_textfile(folder.join("app.prom"))
        .expect("written");
    let read = |name: &OsString| Path::new(name).extension().is_some_and(|it| it == "prom");
    let names = names(&folder);
    assert_eq!(names.iter().filter(|name| read(name)).count(), 1);
    assert_eq!(names.len(), 101);
    fs::remove_dir_all(&folder).expect("removed");
}

#[test]
fn a_reader_sees_complete_pages_of_several_writers() {
    let folder = std::env::temp_dir().join(format!("textfile-many-{}", std::process::id()));
    fs::create_dir(&folder).expect("a folder");
    let path = folder.join("app.prom");
    let metrics = plain::Metrics::new();
    let lines = metrics.encode(Format::PrometheusText).lines().count();
    metrics.write_textfile(&path).expect("written");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..10 {
                    metrics.plain().events().inc();
                    metrics.write_textfile(&path).expect("written");
                }
            });
        }
        for _ in 0..50 {
            let page = fs::read_to_string(&path).expect("a page");
            assert!(page.ends_with('\n'));
            assert_eq!(page.lines().count(), lines);
        }
    });
    assert_eq!(names(&folder), ["app.prom"]);
    fs::remove_dir_all(&folder).expect("removed");
}
