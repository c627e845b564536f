//! Exporter tests: formats, compression, methods, limits and shutdown.
#![cfg(all(feature = "exporter", not(loom)))]

#[allow(dead_code, reason = "each test uses a part of it")]
mod http;
#[allow(dead_code, reason = "each test uses a part of it")]
mod pages;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use http::{connect, get, request, rest};
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use pages::{Filled, Metrics, read};
use shadowcat_metrics::exporter::{self, Exporter, Server};
use shadowcat_metrics::{Format, PROTOBUF_CONTENT_TYPE};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Any free port on localhost.
const ANY: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 0);

/// Serves metrics on any free port.
async fn serve(metrics: &Metrics) -> Server {
    exporter::serve(metrics, ANY).await.expect("a free port")
}

/// The headers that Prometheus 2.42 sends.
const PROMETHEUS: &str = "Accept: application/openmetrics-text;version=1.0.0,\
    application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1\r\n\
    Accept-Encoding: gzip\r\nUser-Agent: Prometheus/2.42.0\r\nX-Prometheus-Scrape-Timeout-Seconds: 10\r\n";

/// A gate that blocks a callback, so that a scrape lasts as long as the test needs.
#[derive(Debug, Default)]
struct Gate {
    state: Mutex<(u32, bool)>,
    changed: Condvar,
}

impl Gate {
    fn pass(&self) {
        let mut state = self.state.lock().expect("no panic");
        state.0 += 1;
        self.changed.notify_all();
        let _open = self
            .changed
            .wait_while(state, |(_, open)| !*open)
            .expect("no panic");
    }

    fn wait_for_one(&self) {
        let state = self.state.lock().expect("no panic");
        let _one = self
            .changed
            .wait_while(state, |(waiting, _)| *waiting == 0)
            .expect("no panic");
    }

    fn open(&self) {
        self.state.lock().expect("no panic").1 = true;
        self.changed.notify_all();
    }
}

/// Returns metrics whose scrapes wait at the returned gate.
fn gated() -> (Metrics, Arc<Gate>) {
    let metrics = Metrics::new();
    let gate = Arc::new(Gate::default());
    let at = Arc::clone(&gate);
    metrics
        .plain()
        .asked()
        .register(move || {
            at.pass();
            1_u64
        })
        .detach();
    (metrics, gate)
}

#[tokio::test]
async fn formats_by_accept() {
    let filled = Filled::new();
    let server = serve(&filled.metrics).await;
    let page = filled.metrics.encode(Format::OpenMetrics);
    let expected = read(&page, Format::OpenMetrics);
    let text = "text/plain; version=0.0.4; charset=utf-8";
    let open_metrics =
        "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores";
    let draft = "application/openmetrics-text; version=0.0.1; charset=utf-8";
    let cases = [
        ("", text, Format::PrometheusText),
        ("Accept: */*\r\n", text, Format::PrometheusText),
        (PROMETHEUS, open_metrics, Format::OpenMetrics),
        (
            "Accept: application/openmetrics-text;version=0.0.1\r\n",
            draft,
            Format::OpenMetrics,
        ),
        (
            "Accept: image/png\r\nAccept: text/plain\r\n",
            text,
            Format::PrometheusText,
        ),
    ];
    for (headers, content_type, format) in cases {
        let answer = get(server.local_addr(), headers).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, Some(content_type))
        );
        assert_eq!(answer.header("vary"), Some("Accept, Accept-Encoding"));
        assert_eq!(read(&answer.text(), format).texts(), expected.texts());
    }
    // A scraper that wants native histograms lists the protobuf format first.
    let native = format!("Accept: {PROTOBUF_CONTENT_TYPE}, application/openmetrics-text;q=0.8\r\n");
    let answer = get(server.local_addr(), &native).await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, Some(PROTOBUF_CONTENT_TYPE))
    );
    assert!(answer.body == filled.metrics.encode_protobuf());
    server.shutdown().await;
}

#[tokio::test]
async fn an_exporter_may_differ_from_its_registry_in_created_lines() {
    for (filled, set, expected) in [
        (Filled::new(), None, false),
        (Filled::new(), Some(true), true),
        (Filled::with_created_lines(), None, true),
        (Filled::with_created_lines(), Some(false), false),
    ] {
        let mut exporter = Exporter::new(&filled.metrics);
        if let Some(exposed) = set {
            exporter = exporter.created_lines(exposed);
        }
        let server = exporter.serve(ANY).await.expect("a free port");
        let page = get(server.local_addr(), PROMETHEUS).await.text();
        read(&page, Format::OpenMetrics);
        let has_created = page.contains("_created{") || page.contains("_created ");
        assert_eq!(has_created, expected, "{set:?}");
        server.shutdown().await;
    }
}

#[tokio::test]
async fn each_registry_has_its_own_option_of_created_lines() {
    let (without, with) = (shop::Metrics::new(), Filled::with_created_lines());
    let exporter = Exporter::new(&without).also(&with.metrics);
    let server = exporter.expect("other names").serve(ANY).await;
    let server = server.expect("a free port");
    let page = get(server.local_addr(), PROMETHEUS).await.text();
    assert!(page.contains("_created{") && !page.contains("shop_cart_added_created"));
    server.shutdown().await;
}

#[tokio::test]
async fn gzip_only_if_accepted_and_smaller() {
    let filled = Filled::new();
    let server = serve(&filled.metrics).await;
    let gzip = get(server.local_addr(), "Accept-Encoding: deflate, gzip\r\n").await;
    assert_eq!(gzip.header("content-encoding"), Some("gzip"));
    let plain = get(server.local_addr(), "Accept-Encoding: gzip;q=0, br\r\n").await;
    assert_eq!(plain.header("content-encoding"), None);
    assert_eq!(gzip.text(), plain.text());
    assert!(gzip.body.len() * 4 < plain.body.len());

    let nothing = serve(&Metrics::disabled()).await;
    let empty = get(nothing.local_addr(), "Accept-Encoding: gzip\r\n").await;
    assert_eq!(
        (empty.status, empty.header("content-encoding"), empty.text()),
        (200, None, String::new())
    );
}

#[tokio::test]
async fn head_has_the_headers_of_get_and_no_body() {
    let filled = Filled::new();
    let server = serve(&filled.metrics).await;
    for headers in ["", "Accept-Encoding: gzip\r\n"] {
        let get = get(server.local_addr(), headers).await;
        let head = request(server.local_addr(), "HEAD /metrics", headers).await;
        assert_eq!((head.status, head.body.len()), (200, 0));
        for name in ["content-length", "content-type", "content-encoding", "vary"] {
            assert_eq!(head.header(name), get.header(name), "{name}");
        }
    }
}

#[tokio::test]
async fn refused_requests() {
    let server = serve(&Metrics::new()).await;
    let to = server.local_addr();
    for method in [
        "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "WHATEVER",
    ] {
        let answer = request(
            to,
            &format!("{method} /metrics"),
            "Content-Length: 3\r\n\r\nabc",
        )
        .await;
        assert_eq!(
            (answer.status, answer.header("allow")),
            (405, Some("GET,HEAD")),
            "{method}"
        );
    }
    let answer = get(to, "Accept: application/json\r\n").await;
    assert_eq!(
        (answer.status, answer.header("vary")),
        (200, Some("Accept, Accept-Encoding"))
    );
    assert_eq!(
        answer.header("content-type"),
        Some("text/plain; version=0.0.4; charset=utf-8")
    );
    for path in [
        "/other",
        "/metrics/",
        "/metrics/x",
        "//metrics",
        "/%2e%2e/metrics",
    ] {
        let answer = request(to, &format!("GET {path}"), "").await;
        assert_eq!(
            (answer.status, answer.text().contains("/metrics")),
            (404, true),
            "{path}"
        );
    }
    let index = request(to, "GET /", "").await;
    assert_eq!(index.status, 200);
    assert!(index.text().contains("<a href=\"metrics\">"));
    let query = request(to, "GET /metrics?name[]=a&x=%00", "").await;
    assert_eq!(query.status, 200);
}

#[tokio::test]
async fn the_router_merges_into_another_router() {
    let metrics = Metrics::new();
    let own = Router::new().nest("/internal", exporter::router(&metrics));
    let request = Request::get("/internal/metrics")
        .body(Body::empty())
        .expect("a request");
    let answer = TowerToHyperService::new(own)
        .call(request)
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 200);
    let page = axum::body::to_bytes(answer.into_body(), usize::MAX)
        .await
        .expect("a body");
    assert_eq!(page, metrics.encode(Format::PrometheusText));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn excess_scrapes_get_retry_after() {
    let (metrics, gate) = gated();
    let exporter = Exporter::new(&metrics).max_concurrent_scrapes(1);
    let server = exporter.serve(ANY).await.expect("a free port");
    let to = server.local_addr();
    let first = tokio::spawn(async move { get(to, "").await });
    tokio::task::block_in_place(|| gate.wait_for_one());
    let second = get(to, "").await;
    assert_eq!(
        (second.status, second.header("retry-after")),
        (503, Some("1"))
    );
    gate.open();
    assert_eq!(first.await.expect("no panic").status, 200);
    assert_eq!(get(to, "").await.status, 200);
}

#[tokio::test]
async fn one_connection_serves_many_requests() {
    let server = serve(&Metrics::new()).await;
    let mut stream = connect(server.local_addr()).await;
    for _ in 0..3 {
        stream
            .write_all(b"HEAD /metrics HTTP/1.1\r\nHost: test\r\n\r\n")
            .await
            .expect("sent");
        let mut answer = vec![0; 4096];
        let read = stream.read(&mut answer).await.expect("an answer");
        assert!(answer[..read].starts_with(b"HTTP/1.1 200 OK\r\n"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn shutdown_lets_scrapes_finish() {
    let (metrics, gate) = gated();
    let server = serve(&metrics).await;
    let to = server.local_addr();
    let mut idle = connect(to).await;
    let scrape = tokio::spawn(async move { get(to, "").await });
    tokio::task::block_in_place(|| gate.wait_for_one());
    let shutdown = tokio::spawn(server.shutdown());
    assert!(rest(&mut idle).await.is_empty());
    assert!(!shutdown.is_finished());
    gate.open();
    assert_eq!(scrape.await.expect("no panic").status, 200);
    shutdown.await.expect("no panic");
    assert!(TcpStream::connect(to).await.is_err());
}

#[tokio::test]
async fn shutdown_does_not_wait_for_slow_clients() {
    let exporter = Exporter::new(&Metrics::new()).response_timeout(Duration::from_millis(100));
    let server = exporter.serve(ANY).await.expect("a free port");
    let mut stream = connect(server.local_addr()).await;
    stream
        .write_all(b"GET /metrics HTTP/1.1\r\nHo")
        .await
        .expect("sent");
    // This response shows that the server has accepted the earlier connection.
    assert_eq!(get(server.local_addr(), "").await.status, 200);
    server.shutdown().await;
    assert!(rest(&mut stream).await.is_empty());
}

#[tokio::test]
async fn dropping_a_server_stops_it() {
    let server = serve(&Metrics::new()).await;
    let to = server.local_addr();
    drop(server);
    while TcpStream::connect(to).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn listens_on_localhost_and_reports_bind_errors() {
    assert_eq!(
        exporter::DEFAULT_ADDRESS,
        SocketAddr::from(([127, 0, 0, 1], 9464))
    );
    let metrics = Metrics::new();
    let first = serve(&metrics).await;
    let second = exporter::serve(&metrics, first.local_addr()).await;
    assert_eq!(
        second.expect_err("it is taken").kind(),
        io::ErrorKind::AddrInUse
    );
}

#[tokio::test]
async fn any_duration_is_a_valid_timeout() {
    for timeout in [Duration::MAX, Duration::from_secs(u64::MAX / 2)] {
        let exporter = Exporter::new(&Metrics::new())
            .header_timeout(timeout)
            .response_timeout(timeout);
        let server = exporter.serve(ANY).await.expect("a free port");
        assert_eq!(get(server.local_addr(), "").await.status, 200);
        server.shutdown().await;
    }
}

#[test]
fn a_runtime_without_io_or_time_is_an_error_at_the_start() {
    use tokio::runtime::Builder;

    let error = |builder: &mut Builder| {
        let runtime = builder.build().expect("a runtime");
        let started = runtime.block_on(exporter::serve(&Metrics::new(), ANY));
        started.expect_err("it cannot serve").to_string()
    };
    let no_timers = error(Builder::new_current_thread().enable_io());
    assert!(no_timers.contains("has no timers"), "{no_timers}");
    let no_io = error(Builder::new_current_thread().enable_time());
    assert!(no_io.contains("has no IO"), "{no_io}");
    let neither = error(&mut Builder::new_multi_thread());
    assert!(neither.contains("has no timers"), "{neither}");
}

mod shop {
    shadowcat_metrics::metrics!("tests/shop.toml");
}

#[tokio::test]
async fn registries_of_several_schemas_are_one_page() {
    let filled = Filled::new();
    let shop = shop::Metrics::new();
    shop.cart().added(shop::labels::Shelf::Food).inc();
    let disabled = shop::Metrics::disabled();
    let exporter = Exporter::new(&filled.metrics)
        .also(&shop)
        .expect("other names");
    let clash = exporter.clone().also(&shop::Metrics::new());
    let clash = clash.expect_err("the same names");
    assert_eq!(clash.name(), "shop_cart_added_total");
    assert!(exporter.clone().also(&disabled).is_err());
    let server = exporter.serve(ANY).await.expect("a free port");
    let page = get(server.local_addr(), PROMETHEUS).await.text();
    let families = filled.metrics.encode(Format::OpenMetrics);
    let families = families.strip_suffix("# EOF\n").expect("the end");
    assert_eq!(
        page,
        format!("{families}{}", shop.encode(Format::OpenMetrics))
    );
    read(&page, Format::OpenMetrics);
    let page = get(server.local_addr(), "").await.text();
    assert!(page.ends_with(&shop.encode(Format::PrometheusText)));
    read(&page, Format::PrometheusText);
    let native = format!("Accept: {PROTOBUF_CONTENT_TYPE}\r\n");
    let page = get(server.local_addr(), &native).await.body;
    assert!(page == [filled.metrics.encode_protobuf(), shop.encode_protobuf()].concat());
    server.shutdown().await;
}

mod sums {
    shadowcat_metrics::metrics!("tests/sum_labels.toml");
}

#[tokio::test]
async fn parts_of_a_sum_label_are_one_family_of_a_joint_page() {
    use sums::labels::{Call, Outcome};
    let shop = shop::Metrics::new();
    shop.cart().added(shop::labels::Shelf::Food).inc();
    let sums = sums::Metrics::new();
    let tool = sums.tool("hammer");
    let calls = sums.calls(Outcome::Ok);
    calls.made(Call::Ping).inc();
    calls.made(Call::ToolsCall(&tool)).inc();
    let exporter = Exporter::new(&sums).also(&shop).expect("other names");
    let clash = exporter.clone().also(&sums::Metrics::new());
    assert_eq!(
        clash.expect_err("the same names").name(),
        "app_calls_made_total"
    );
    let server = exporter.serve(ANY).await.expect("a free port");
    let page = get(server.local_addr(), PROMETHEUS).await.text();
    read(&page, Format::OpenMetrics);
    let families = sums.encode(Format::OpenMetrics);
    let families = families.strip_suffix("# EOF\n").expect("the end");
    assert_eq!(
        page,
        format!("{families}{}", shop.encode(Format::OpenMetrics))
    );
    assert_eq!(page.matches("# TYPE app_calls_made ").count(), 1, "{page}");
    let page = get(server.local_addr(), "").await.text();
    read(&page, Format::PrometheusText);
    let with_tool =
        "app_calls_made_total{outcome=\"ok\",method=\"tools/call\",tool=\"hammer\"} 1\n";
    assert!(page.contains(with_tool), "{page}");
    let native = format!("Accept: {PROTOBUF_CONTENT_TYPE}\r\n");
    let page = get(server.local_addr(), &native).await.body;
    assert!(page == [sums.encode_protobuf(), shop.encode_protobuf()].concat());
    server.shutdown().await;
}
