//! End to end: Shadowcat's own recorders, the exporter on localhost, and a scraper that speaks plain HTTP like Prometheus.

mod http;

use std::time::Duration;

use http::{Response, get};
use shadowcat_metrics::shadowcat::labels::{
    Health, Method, Operation, Outcome, Phase, Pool, Side, Status, Stream, Transport,
};
use shadowcat_metrics::shadowcat::{Metrics, labels};
use shadowcat_metrics::{CallbackGuard, exporter};
use shadowcat_metrics_oracle::{self as oracle, Grammar, Page};
use tokio::runtime::Runtime;

/// The `Accept` header of Prometheus 2.42.
const PROMETHEUS: &str = "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,\
                          text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

/// The `Accept` header of Prometheus versions without `OpenMetrics`.
const OLD_PROMETHEUS: &str = "text/plain;version=0.0.4;q=1,*/*;q=0.1";

/// A served registry.
struct Served {
    metrics: Metrics,
    server: exporter::Server,
    _runtime: Runtime,
}

impl Served {
    fn new() -> Self {
        let runtime = Runtime::new().expect("a runtime can be made");
        let metrics = Metrics::new();
        let server = runtime
            .block_on(exporter::serve(&metrics, "127.0.0.1:0"))
            .expect("loopback has a free port");
        Self {
            metrics,
            server,
            _runtime: runtime,
        }
    }

    fn scrape(&self, accept: &str, encoding: Option<&str>) -> Response {
        get(self.server.local_addr(), exporter::PATH, accept, encoding)
    }
}

fn page(grammar: Grammar, response: &Response) -> Page {
    assert_eq!(response.status, 200, "{}", response.body);
    oracle::parse(grammar, &response.body)
        .unwrap_or_else(|fault| panic!("{fault}\n{}", response.body))
}

/// Records the first seconds of a proxy with one child and one client.
fn record(metrics: &Metrics) -> (labels::Server, [CallbackGuard; 2]) {
    metrics.build().info().set(["1.2.3", "release"]);
    let transport = metrics.transport(Transport::Stdio);
    for size in [64_usize, 65, 1 << 20] {
        transport
            .operations(Side::Client, Operation::Receive, Status::Ok)
            .inc();
        transport.message_size(Side::Client).observe(size);
    }
    transport
        .phase_duration(Phase::Connect)
        .observe(Duration::from_micros(25_600));
    let pool = metrics.buffer_pool(Pool::Json);
    pool.hits().add(3);
    pool.misses().inc();
    let idle = pool.idle().register(|| 12);
    let server = metrics.server("file \"system\"\n");
    let request = metrics.request(&server);
    request
        .duration(Method::ToolsCall)
        .observe(Duration::from_millis(3));
    request.completed(Method::ToolsCall, Outcome::Ok).inc();
    request.in_flight(Transport::Stdio).add(2);
    let process = metrics.process(&server);
    process.health().set(Health::Running);
    process.restarts().inc();
    let utilization = metrics
        .stdio(&server)
        .pipe_utilization(Stream::Stdout)
        .register(|| 0.5);
    (server, [idle, utilization])
}

fn assert_recorded(page: &Page) {
    let assert_value = |name: &str, labels: &[(&str, &str)], expected: f64| {
        assert_eq!(page.value(name, labels), Some(expected), "{name}{labels:?}");
    };
    let stdio = ("transport", "stdio");
    let client = ("side", "client");
    let server = ("server", "file \"system\"\n");
    assert_value(
        "shadowcat_build_info",
        &[("version", "1.2.3"), ("profile", "release")],
        1.0,
    );
    let received = [stdio, client, ("operation", "receive"), ("status", "ok")];
    assert_value("shadowcat_transport_operations_total", &received, 3.0);
    assert_value(
        "shadowcat_transport_message_size_bytes_sum",
        &[stdio, client],
        1_048_705.0,
    );
    let small = [stdio, client, ("le", "64.0")];
    assert_value("shadowcat_transport_message_size_bytes_bucket", &small, 1.0);
    // A value equal to a bound belongs to its bucket.
    let connect = [stdio, ("phase", "connect"), ("le", "0.0256")];
    assert_value(
        "shadowcat_transport_phase_duration_seconds_bucket",
        &connect,
        1.0,
    );
    let call = [server, ("method", "tools/call")];
    assert_value("shadowcat_request_duration_seconds_sum", &call, 0.003);
    assert_value("shadowcat_request_in_flight", &[server, stdio], 2.0);
    assert_value("shadowcat_buffer_pool_hit_ratio", &[("pool", "json")], 0.75);
    assert_value("shadowcat_buffer_pool_idle", &[("pool", "json")], 12.0);
    // Events that never happened are exposed as zero.
    assert_value("shadowcat_buffer_pool_hits_total", &[("pool", "sse")], 0.0);
    assert_value("shadowcat_active_sessions", &[stdio], 0.0);
    let health = |state| [server, ("shadowcat_process_health", state)];
    assert_value("shadowcat_process_health", &health("running"), 1.0);
    assert_value("shadowcat_process_health", &health("failed"), 0.0);
    assert_value("shadowcat_process_restarts_total", &[server], 1.0);
    let stdout = [server, ("stream", "stdout")];
    assert_value("shadowcat_stdio_pipe_utilization_ratio", &stdout, 0.5);
    assert_value(
        "shadowcat_metrics_label_overflow_total",
        &[("label", "server")],
        0.0,
    );
}

#[test]
fn prometheus_reads_the_recorded_values() {
    let served = Served::new();
    let _kept = record(&served.metrics);
    for (accept, grammar, content_type) in [
        (
            PROMETHEUS,
            Grammar::OpenMetrics,
            "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores",
        ),
        (
            OLD_PROMETHEUS,
            Grammar::PrometheusText,
            "text/plain; version=0.0.4; charset=utf-8",
        ),
    ] {
        let plain = served.scrape(accept, None);
        assert_eq!(plain.header("content-type"), Some(content_type));
        assert_recorded(&page(grammar, &plain));
        let compressed = served.scrape(accept, Some("gzip"));
        assert_eq!(compressed.header("content-encoding"), Some("gzip"));
        assert_eq!(compressed.body, plain.body);
    }
}

#[test]
fn a_scrape_sees_records_since_the_previous_one() {
    let proxy = Served::new();
    let restarts = |served: &Served| {
        let page = page(Grammar::OpenMetrics, &served.scrape(PROMETHEUS, None));
        page.value("shadowcat_process_restarts_total", &[("server", "one")])
    };
    assert_eq!(restarts(&proxy), None);
    let server = proxy.metrics.server("one");
    let process = proxy.metrics.process(&server);
    assert_eq!(restarts(&proxy), Some(0.0));
    process.restarts().inc();
    assert_eq!(restarts(&proxy), Some(1.0));
    drop((server, process));
    assert_eq!(restarts(&proxy), None);
}

#[test]
fn other_paths_are_not_found() {
    let served = Served::new();
    assert_eq!(served.scrape("application/json", None).status, 200);
    let address = served.server.local_addr();
    assert_eq!(get(address, "/nowhere", "*/*", None).status, 404);
    assert!(address.ip().is_loopback());
}
