//! Pushes over OTLP, to a receiver on a socket that answers as a test says.
#![cfg(all(not(loom), feature = "otlp"))]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use flate2::read::GzDecoder;
use prost::Message;
use shadowcat_metrics::otlp::{Push, StartError};
use shadowcat_metrics::{Format, TraceContext};

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

/// The messages of `opentelemetry.proto`, with the fields that are sent.
mod proto {
    use prost::{Message, Oneof};

    #[derive(Message)]
    pub(crate) struct Request {
        #[prost(message, repeated, tag = "1")]
        pub(crate) resources: Vec<ResourceMetrics>,
    }

    #[derive(Message)]
    pub(crate) struct ResourceMetrics {
        #[prost(message, optional, tag = "1")]
        pub(crate) resource: Option<Resource>,
        #[prost(message, repeated, tag = "2")]
        pub(crate) scopes: Vec<ScopeMetrics>,
    }

    #[derive(Message)]
    pub(crate) struct Resource {
        #[prost(message, repeated, tag = "1")]
        pub(crate) attributes: Vec<KeyValue>,
    }

    #[derive(Message)]
    pub(crate) struct ScopeMetrics {
        #[prost(message, optional, tag = "1")]
        pub(crate) scope: Option<Scope>,
        #[prost(message, repeated, tag = "2")]
        pub(crate) metrics: Vec<Metric>,
    }

    #[derive(Message)]
    pub(crate) struct Scope {
        #[prost(string, tag = "1")]
        pub(crate) name: String,
        #[prost(string, tag = "2")]
        pub(crate) version: String,
    }

    #[derive(Message)]
    pub(crate) struct Metric {
        #[prost(string, tag = "1")]
        pub(crate) name: String,
        #[prost(string, tag = "2")]
        pub(crate) description: String,
        #[prost(string, tag = "3")]
        pub(crate) unit: String,
        #[prost(oneof = "Data", tags = "5, 7, 9")]
        pub(crate) data: Option<Data>,
    }

    #[derive(Oneof)]
    pub(crate) enum Data {
        #[prost(message, tag = "5")]
        Gauge(Gauge),
        #[prost(message, tag = "7")]
        Sum(Sum),
        #[prost(message, tag = "9")]
        Histogram(Histogram),
    }

    #[derive(Message)]
    pub(crate) struct Gauge {
        #[prost(message, repeated, tag = "1")]
        pub(crate) points: Vec<NumberPoint>,
    }

    #[derive(Message)]
    pub(crate) struct Sum {
        #[prost(message, repeated, tag = "1")]
        pub(crate) points: Vec<NumberPoint>,
        #[prost(int32, tag = "2")]
        pub(crate) temporality: i32,
        #[prost(bool, tag = "3")]
        pub(crate) is_monotonic: bool,
    }

    #[derive(Message)]
    pub(crate) struct Histogram {
        #[prost(message, repeated, tag = "1")]
        pub(crate) points: Vec<HistogramPoint>,
        #[prost(int32, tag = "2")]
        pub(crate) temporality: i32,
    }

    #[derive(Message)]
    pub(crate) struct NumberPoint {
        #[prost(message, repeated, tag = "7")]
        pub(crate) attributes: Vec<KeyValue>,
        #[prost(fixed64, tag = "2")]
        pub(crate) start: u64,
        #[prost(fixed64, tag = "3")]
        pub(crate) time: u64,
        #[prost(oneof = "Number", tags = "4, 6")]
        pub(crate) value: Option<Number>,
        #[prost(message, repeated, tag = "5")]
        pub(crate) exemplars: Vec<Exemplar>,
    }

    #[derive(Oneof)]
    pub(crate) enum Number {
        #[prost(double, tag = "4")]
        Double(f64),
        #[prost(sfixed64, tag = "6")]
        Int(i64),
    }

    #[derive(Message)]
    pub(crate) struct HistogramPoint {
        #[prost(message, repeated, tag = "9")]
        pub(crate) attributes: Vec<KeyValue>,
        #[prost(fixed64, tag = "2")]
        pub(crate) start: u64,
        #[prost(fixed64, tag = "3")]
        pub(crate) time: u64,
        #[prost(fixed64, tag = "4")]
        pub(crate) count: u64,
        #[prost(double, optional, tag = "5")]
        pub(crate) sum: Option<f64>,
        #[prost(fixed64, repeated, tag = "6")]
        pub(crate) counts: Vec<u64>,
        #[prost(double, repeated, tag = "7")]
        pub(crate) bounds: Vec<f64>,
        #[prost(message, repeated, tag = "8")]
        pub(crate) exemplars: Vec<Exemplar>,
    }

    #[derive(Message)]
    pub(crate) struct Exemplar {
        #[prost(fixed64, tag = "2")]
        pub(crate) time: u64,
        #[prost(double, tag = "3")]
        pub(crate) value: f64,
        #[prost(bytes = "vec", tag = "4")]
        pub(crate) span: Vec<u8>,
        #[prost(bytes = "vec", tag = "5")]
        pub(crate) trace: Vec<u8>,
    }

    #[derive(Message)]
    pub(crate) struct KeyValue {
        #[prost(string, tag = "1")]
        pub(crate) key: String,
        #[prost(message, optional, tag = "2")]
        pub(crate) value: Option<AnyValue>,
    }

    #[derive(Message)]
    pub(crate) struct AnyValue {
        #[prost(string, optional, tag = "1")]
        pub(crate) text: Option<String>,
    }
}

use proto::{Data, Number};

/// How long a test waits for a push.
const TIMEOUT: Duration = Duration::from_secs(60);

/// An interval that no test outlasts.
const NEVER: Duration = Duration::from_secs(24 * 60 * 60);

/// A push as the receiver saw it.
struct Pushed {
    path: String,
    headers: BTreeMap<String, String>,
    request: proto::Request,
}

impl Pushed {
    fn metrics(&self) -> impl Iterator<Item = &proto::Metric> {
        let scopes = self.request.resources.iter().flat_map(|it| &it.scopes);
        scopes.flat_map(|scope| &scope.metrics)
    }

    fn metric(&self, name: &str) -> &proto::Metric {
        let mut found = self.metrics().filter(|metric| metric.name == name);
        let metric = found.next().unwrap_or_else(|| panic!("there is no {name}"));
        assert_eq!(found.count(), 0, "{name} is there twice");
        metric
    }

    /// The value of a metric with a single point.
    fn number(&self, name: &str) -> &Number {
        match self.metric(name).data.as_ref() {
            Some(Data::Sum(proto::Sum { points, .. }) | Data::Gauge(proto::Gauge { points })) => {
                assert_eq!(points.len(), 1, "{name}");
                points[0].value.as_ref().expect("a value")
            }
            Some(Data::Histogram(_)) | None => panic!("{name} is no number"),
        }
    }
}

/// A receiver that answers each push with the next of some responses, and the last one for ever.
struct Receiving {
    endpoint: String,
    pushes: Receiver<Pushed>,
}

const TAKEN: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

fn receive(responses: &'static [&'static str]) -> Receiving {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let endpoint = format!(
        "http://{}/v1/metrics",
        listener.local_addr().expect("bound")
    );
    let (sender, pushes) = channel();
    thread::spawn(move || {
        let last = std::iter::repeat(responses.last().expect("a response"));
        let next = Arc::new(Mutex::new(responses.iter().chain(last)));
        for stream in listener.incoming().flatten() {
            let (sender, next) = (sender.clone(), Arc::clone(&next));
            thread::spawn(move || {
                answer(&stream, &sender, || {
                    *next.lock().expect("no panic").next().expect("no end")
                });
            });
        }
    });
    Receiving { endpoint, pushes }
}

/// Answers the pushes of one connection until it ends.
fn answer(stream: &TcpStream, pushes: &Sender<Pushed>, next: impl Fn() -> &'static str) {
    let mut reader = BufReader::new(stream);
    while let Some(received) = read(&mut reader) {
        let response = next();
        let mut writer = stream;
        if pushes.send(received).is_err() || writer.write_all(response.as_bytes()).is_err() {
            return;
        }
    }
}

fn read(reader: &mut impl BufRead) -> Option<Pushed> {
    let mut lines = reader.by_ref().lines().map_while(Result::ok);
    let path = lines.next()?.split(' ').nth(1)?.to_owned();
    let headers = lines
        .take_while(|line| !line.is_empty())
        .filter_map(|line| {
            let (name, value) = line.split_once(": ")?;
            Some((name.to_lowercase(), value.to_owned()))
        });
    let headers: BTreeMap<_, _> = headers.collect();
    let length = headers["content-length"].parse().expect("a length");
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    if headers.get("content-encoding").map(String::as_str) == Some("gzip") {
        let mut plain = Vec::new();
        let mut decoder = GzDecoder::new(&body[..]);
        decoder.read_to_end(&mut plain).expect("gzip");
        body = plain;
    }
    let request = proto::Request::decode(&body[..]).expect("a request");
    Some(Pushed {
        path,
        headers,
        request,
    })
}

impl Receiving {
    fn next(&self) -> Pushed {
        self.pushes.recv_timeout(TIMEOUT).expect("a push")
    }
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

/// Every sample of the page is in the request, with the same value, and there is nothing else.
#[test]
fn a_push_has_the_samples_of_the_page() {
    let receiving = receive(&[TAKEN]);
    let metrics = all::Metrics::new();
    let sums = sums::Metrics::new();
    let push = Push::new(&metrics)
        .also(&sums)
        .endpoint(&receiving.endpoint)
        .gzip(false)
        .interval(NEVER);
    push.start()
        .expect("it starts")
        .shutdown()
        .expect("it is taken");
    let received = receiving.next();
    assert!(!received.headers.contains_key("content-encoding"));
    let points: usize = received.metrics().map(samples).sum();
    let page = metrics.encode(Format::PrometheusText) + &sums.encode(Format::PrometheusText);
    // A push has neither former names nor ratios without a value, which are NaN on the page.
    let only_on_pages = |line: &&str| {
        line.starts_with('#') || line.starts_with("app_queue_hops_total") || line.ends_with(" NaN")
    };
    let lines = page.lines().filter(|line| !only_on_pages(line));
    assert_eq!(points, lines.count());
}

/// How many lines a page has for a metric.
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
    }
}

/// Also if the push follows at once.
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
    let receiving = receive(&[TAKEN]);
    let metrics = exemplars::Metrics::new();
    let trace = 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c;
    let trace = TraceContext::new(trace, 0xb7ad_6b71_6920_3331, true);
    let work = metrics.work();
    work.jobs().inc_in(&trace);
    work.duration()
        .observe_in(Duration::from_millis(50), &trace);
    let push = Push::new(&metrics).endpoint(&receiving.endpoint);
    push.interval(NEVER)
        .start()
        .expect("it starts")
        .shutdown()
        .expect("it is taken");
    let received = receiving.next();
    let exemplars = received.metrics().flat_map(|metric| match &metric.data {
        Some(Data::Sum(sum)) => {
            let points = sum.points.iter();
            points.flat_map(|point| &point.exemplars).collect()
        }
        Some(Data::Histogram(histogram)) => {
            let points = histogram.points.iter();
            points.flat_map(|point| &point.exemplars).collect()
        }
        Some(Data::Gauge(_)) | None => Vec::new(),
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

/// What a receiver does not take is counted, and costs nothing else.
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
fn settings_of_the_environment() {
    let receiving = receive(&[TAKEN]);
    let base = receiving.endpoint.replace("/v1/metrics", "/base/");
    let metrics = all::Metrics::new();
    let variable = |name: &str| {
        let value = match name {
            "OTEL_EXPORTER_OTLP_ENDPOINT" => &base,
            "OTEL_EXPORTER_OTLP_HEADERS" => "x-token=a%20b, x-tenant = shop",
            "OTEL_EXPORTER_OTLP_COMPRESSION" => "none",
            "OTEL_EXPORTER_OTLP_PROTOCOL" => "http/protobuf",
            "OTEL_METRIC_EXPORT_INTERVAL" => "86400000",
            "OTEL_RESOURCE_ATTRIBUTES" => "service.name=ignored,service.instance.id=a%2Cb",
            "OTEL_SERVICE_NAME" => "named",
            "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT" => "",
            _ => return None,
        };
        Some(value.to_owned())
    };
    let push = Push::from_variables(&metrics, variable).expect("they are right");
    let pusher = push.start().expect("it starts");
    pusher.shutdown().expect("it is taken");
    let received = receiving.next();
    assert_eq!(received.path, "/base/v1/metrics");
    assert_eq!(received.headers["x-token"], "a b");
    assert_eq!(received.headers["x-tenant"], "shop");
    assert!(!received.headers.contains_key("content-encoding"));
    let resource = received.request.resources[0].resource.as_ref();
    let attributes = resource.expect("a resource").attributes.iter();
    let attributes = attributes.filter_map(|it| Some((&*it.key, it.value.as_ref()?.text.clone()?)));
    let attributes: BTreeMap<_, _> = attributes.collect();
    assert_eq!(attributes["service.name"], "named");
    assert_eq!(attributes["service.instance.id"], "a,b");
}

#[test]
fn every_wrong_variable_is_reported_at_once() {
    let metrics = all::Metrics::new();
    let variable = |name: &str| {
        let value = match name {
            "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT" => "collector:4318",
            "OTEL_EXPORTER_OTLP_HEADERS" => "secret",
            "OTEL_EXPORTER_OTLP_COMPRESSION" => "zstd",
            "OTEL_EXPORTER_OTLP_PROTOCOL" => "grpc",
            "OTEL_METRIC_EXPORT_INTERVAL" => "1m",
            "OTEL_METRICS_EXPORTER" => "prometheus",
            _ => return None,
        };
        Some(value.to_owned())
    };
    let error = Push::from_variables(&metrics, variable).expect_err("they are wrong");
    assert_eq!(
        error.to_string(),
        "OTEL_METRICS_EXPORTER: `prometheus` is neither `otlp` nor `none`\n\
         OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `collector:4318` does not begin with `http://` or `https://`\n\
         OTEL_EXPORTER_OTLP_HEADERS: the value is not a list `name=value,name=value`\n\
         OTEL_EXPORTER_OTLP_COMPRESSION: `zstd` is neither `gzip` nor `none`\n\
         OTEL_EXPORTER_OTLP_PROTOCOL: `grpc` is not `http/protobuf`, the only protocol that is built in\n\
         OTEL_METRIC_EXPORT_INTERVAL: `1m` is not a number of milliseconds"
    );
}

#[test]
fn nothing_is_pushed_if_the_environment_says_so() {
    let metrics = all::Metrics::new();
    for (name, value) in [
        ("OTEL_SDK_DISABLED", "true"),
        ("OTEL_METRICS_EXPORTER", "none"),
    ] {
        let variable = |asked: &str| (asked == name).then(|| value.to_owned());
        let push = Push::from_variables(&metrics, variable).expect("they are right");
        // Nobody listens there.
        let push = push.endpoint("http://127.0.0.1:9/");
        push.start()
            .expect("it starts")
            .shutdown()
            .expect("nothing is received");
    }
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
