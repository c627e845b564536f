//! Pushes over OTLP, to a receiver on a socket that answers as a test says.
#![cfg(all(not(loom), feature = "otlp"))]

use std::net::TcpListener;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use shadowcat_metrics::otlp::{Push, StartError};
use shadowcat_metrics::{Format, TraceContext};

#[path = "../protobuf/mod.rs"]
mod protobuf;

mod hostile;
mod native;
mod proto;
mod receiver;
mod registries;
mod settings;
#[cfg(feature = "otlp-tls")]
mod tls;

use proto::{Data, Number};
use receiver::{NEVER, TAKEN, TIMEOUT, pushed, receive};

mod ready {
    shadowcat_metrics::metrics!("tests/ready.toml");
}

mod all {
    shadowcat_metrics::metrics!("tests/metrics.toml");
}

mod sums {
    shadowcat_metrics::metrics!("tests/sum_labels.toml");
}

mod exemplars {
    shadowcat_metrics::metrics!("tests/exemplars.toml");
}

#[test]
fn shutdown_pushes_the_last_values() {
    let receiving = receive(&[TAKEN]);
    let metrics = all::Metrics::new();
    let push = Push::new(&metrics)
        .endpoint(&receiving.endpoint)
        .header("authorization", "Bearer secret")
        .resource("service.name", "shop")
        .interval(NEVER);
    assert!(!format!("{push:?}").contains("secret"));
    let pusher = push.start().expect("it starts");
    metrics.plain().events().add(3_u64);
    pusher.shutdown().expect("it is taken");

    let received = receiving.next();
    assert_eq!(received.path, "/v1/metrics");
    assert_eq!(received.headers["content-type"], "application/x-protobuf");
    assert_eq!(received.headers["content-encoding"], "gzip");
    assert_eq!(received.headers["authorization"], "Bearer secret");
    let resource = &received.request.resources[0];
    let attributes = &resource.resource.as_ref().expect("a resource").attributes;
    let service = attributes.iter().find(|it| it.key == "service.name");
    let service = service.and_then(|it| it.value.as_ref()?.text.as_deref());
    assert_eq!(service, Some("shop"));
    let scope = resource.scopes[0].scope.as_ref().expect("a scope");
    assert_eq!(scope.name, "shadowcat-metrics");
    assert_eq!(scope.version, env!("CARGO_PKG_VERSION"));
    assert!(matches!(
        received.number("app.plain.events"),
        Number::Int(3)
    ));
    assert_eq!(receiving.pushes.try_recv().err().map(|_| ()), Some(()));
}

/// Every sample of the page is in the request, and there is nothing else.
#[test]
fn a_push_has_the_samples_of_the_page() {
    for metrics in [&*all::Metrics::new(), &*sums::Metrics::new()] {
        let received = pushed(Push::new(metrics).gzip(false));
        assert!(!received.headers.contains_key("content-encoding"));
        let points: usize = received.metrics().map(samples).sum();
        let page = metrics.encode(Format::PrometheusText);
        // A push has neither former names nor ratios without a value, which are NaN on the page.
        let only_on_pages = |line: &&str| {
            line.starts_with('#')
                || line.starts_with("app_queue_hops_total")
                || line.ends_with(" NaN")
        };
        let lines = page.lines().filter(|line| !only_on_pages(line));
        assert_eq!(points, lines.count());
    }
}

/// Returns the number of a metric's lines on a page.
fn samples(metric: &proto::Metric) -> usize {
    match metric.data.as_ref().expect("data") {
        Data::Gauge(gauge) => gauge.points.len(),
        Data::Sum(sum) => {
            assert_eq!(sum.temporality, 2);
            assert!(sum.points.iter().all(|point| point.start <= point.time));
            sum.points.len()
        }
        Data::Histogram(histogram) => {
            assert_eq!(histogram.temporality, 2);
            let lines = histogram.points.iter().map(|point| {
                assert_eq!(point.counts.len(), point.bounds.len() + 1);
                assert_eq!(point.counts.iter().sum::<u64>(), point.count);
                assert!(point.start > 0 && point.start <= point.time);
                // The sum and the count have lines too.
                point.counts.len() + 2
            });
            lines.sum()
        }
        Data::Exponential(_) => panic!("{} has no native buckets", metric.name),
    }
}

/// The start time is earlier even if the push follows at once.
#[test]
fn series_start_before_they_are_pushed() {
    for _ in 0..32 {
        let receiving = receive(&[TAKEN]);
        let push = Push::new(&all::Metrics::new()).endpoint(&receiving.endpoint);
        drop(push.interval(NEVER).start().expect("it starts"));
        assert!(receiving.next().metrics().map(samples).sum::<usize>() > 0);
    }
}

#[test]
fn exemplars_are_pushed() {
    let metrics = exemplars::Metrics::new();
    let trace = 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c;
    let trace = TraceContext::new(trace, 0xb7ad_6b71_6920_3331, true);
    let work = metrics.work();
    work.jobs().inc_in(&trace);
    work.duration()
        .observe_in(Duration::from_millis(50), &trace);
    let received = pushed(Push::new(&metrics));
    let exemplars = received.metrics().flat_map(|metric| match &metric.data {
        Some(Data::Sum(sum)) => {
            let points = sum.points.iter();
            points.flat_map(|point| &point.exemplars).collect()
        }
        Some(Data::Histogram(histogram)) => {
            let points = histogram.points.iter();
            points.flat_map(|point| &point.exemplars).collect()
        }
        Some(Data::Gauge(_) | Data::Exponential(_)) | None => Vec::new(),
    });
    let exemplars: Vec<_> = exemplars.collect();
    assert_eq!(exemplars.len(), 2);
    for exemplar in exemplars {
        assert_eq!(exemplar.trace[..2], [0x0a, 0xf7]);
        assert_eq!(exemplar.trace.len(), 16);
        assert_eq!(exemplar.span, 0xb7ad_6b71_6920_3331_u64.to_be_bytes());
        assert!(exemplar.time > 1_700_000_000_000_000_000);
        assert!(exemplar.value > 0.0);
    }
}

#[test]
fn a_busy_receiver_is_asked_again() {
    let receiving = receive(&[
        "HTTP/1.1 429 Too Many Requests\r\nretry-after: 0\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 503 Service Unavailable\r\nretry-after: 0\r\ncontent-length: 4\r\n\r\nbusy",
        TAKEN,
    ]);
    let metrics = ready::Metrics::new();
    let (report, failures) = channel();
    let push = Push::new(&metrics)
        .endpoint(&receiving.endpoint)
        .interval(Duration::from_secs(2))
        .on_failure(move |failure| drop(report.send(failure.clone())));
    let pusher = push.start().expect("it starts");
    pusher.register(&metrics).expect("it is included");
    for _ in 0..3 {
        receiving.next();
    }
    for status in ["429", "503"] {
        let failure = failures.recv_timeout(TIMEOUT).expect("a failure");
        assert!(failure.reason.contains(status), "{failure}");
        assert_eq!(failure.lost_points, 0);
    }
    let taken = || metrics.snapshot().otlp().pushes();
    let begun = std::time::Instant::now();
    while taken() != Some(1) && begun.elapsed() < TIMEOUT {
        thread::sleep(Duration::from_millis(5));
    }
    let snapshot = metrics.snapshot();
    assert_eq!(snapshot.otlp().failed_pushes(), Some(2));
    assert_eq!(snapshot.otlp().lost_points(), Some(0));
    assert!(snapshot.otlp().last_push() > Some(Duration::from_secs(1_700_000_000)));
}

#[test]
fn a_failed_push_does_not_delay_the_next_one() {
    let receiving = receive(&[
        "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n",
        TAKEN,
        "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n",
    ]);
    let metrics = ready::Metrics::new();
    let (report, failures) = channel();
    let push = Push::new(&metrics)
        .endpoint(&receiving.endpoint)
        // Shorter than the delay before a repetition.
        .interval(Duration::from_millis(200))
        .on_failure(move |failure| drop(report.send(failure.clone())));
    let pusher = push.start().expect("it starts");
    for _ in 0..3 {
        receiving.next();
    }
    for status in ["503", "400"] {
        let failure = failures.recv_timeout(TIMEOUT).expect("a failure");
        assert!(failure.reason.contains(status), "{failure}");
        assert!(failure.lost_points > 0);
    }
    drop(pusher);
}

/// Points that the receiver does not take are counted as lost, without other effects.
#[test]
fn a_push_that_is_not_taken_is_lost() {
    for (response, reason, rejected) in [
        (
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n",
            "400",
            false,
        ),
        (
            "HTTP/1.1 307 Temporary Redirect\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n",
            "307",
            false,
        ),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 13\r\n\r\n<html></html>",
            "not OTLP",
            false,
        ),
        ("no HTTP at all\r\n\r\n", "", false),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n\x0a\x02\x08\x05",
            "rejected 5 data points",
            true,
        ),
    ] {
        let responses: &'static [&'static str] = Vec::leak(vec![response]);
        let receiving = receive(responses);
        let metrics = ready::Metrics::new();
        let (report, failures) = channel();
        let push = Push::new(&metrics)
            .endpoint(&receiving.endpoint)
            .interval(NEVER)
            .on_failure(move |failure| drop(report.send(failure.clone())));
        let pusher = push.start().expect("it starts");
        pusher.register(&metrics).expect("it is included");
        assert_eq!(pusher.shutdown().is_ok(), rejected, "{response}");
        let failure = failures.recv_timeout(TIMEOUT).expect("a failure");
        assert!(failure.reason.contains(reason), "{failure}");
        let snapshot = metrics.snapshot();
        assert_eq!(snapshot.otlp().lost_points(), Some(failure.lost_points));
        assert!(failure.lost_points > 0, "{response}");
        let failed = u64::from(!rejected);
        assert_eq!(snapshot.otlp().failed_pushes(), Some(failed), "{response}");
    }
}

/// The receiver takes the connection and never answers.
#[test]
fn a_silent_receiver_costs_one_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let endpoint = format!("http://{}/", listener.local_addr().expect("bound"));
    let metrics = all::Metrics::new();
    let push = Push::new(&metrics).endpoint(endpoint).interval(NEVER);
    let pusher = push.timeout(Duration::from_millis(100)).start();
    let failure = pusher.expect("it starts").shutdown();
    let failure = failure.expect_err("nobody answers");
    assert!(failure.reason.contains("timeout"), "{failure}");
}

#[test]
fn dropping_a_pusher_pushes_once_more() {
    let receiving = receive(&[TAKEN]);
    let metrics = all::Metrics::new();
    let push = Push::new(&metrics).endpoint(&receiving.endpoint);
    drop(push.interval(NEVER).start().expect("it starts"));
    receiving.next();
    let more = receiving.pushes.recv_timeout(Duration::from_millis(50));
    assert!(matches!(more, Err(RecvTimeoutError::Timeout)));
}
#[test]
fn settings_that_cannot_be_used() {
    let metrics = all::Metrics::new();
    let start = |push: Push| push.start().expect_err("it cannot start").to_string();
    assert_eq!(
        start(Push::new(&metrics).endpoint("collector:4318")),
        "cannot push to `collector:4318`: it does not begin with `http://` or `https://` and a host"
    );
    assert_eq!(
        start(Push::new(&metrics).header("a b", "c")),
        "HTTP does not allow the header `a b` or its value"
    );
    let push = Push::new(&metrics).endpoint("https://127.0.0.1:9/");
    assert_eq!(
        matches!(push.start(), Err(StartError::Endpoint { .. })),
        !cfg!(feature = "otlp-tls")
    );
}
