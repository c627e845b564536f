//! The settings of a push, from the environment.

use std::collections::BTreeMap;

use shadowcat_metrics::otlp::Push;

use crate::all;
use crate::receiver::{TAKEN, receive};

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
            "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION" => "exponential",
            "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE" => "delta",
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
         OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: `exponential` is neither \
         `base2_exponential_bucket_histogram` nor `explicit_bucket_histogram`\n\
         OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: `delta` is not `cumulative`, the only temporality that is built in\n\
         OTEL_METRIC_EXPORT_INTERVAL: `1m` is not a number of milliseconds"
    );
}

#[test]
fn malformed_values_are_reported() {
    let metrics = all::Metrics::new();
    let pairs = "is not a list `name=value,name=value`";
    for (name, value, expected) in [
        (
            "OTEL_SDK_DISABLED",
            "yes",
            "`yes` is neither `true` nor `false`",
        ),
        (
            "OTEL_METRICS_EXPORTER",
            "otlp,none",
            "`otlp,none` is neither `otlp` nor `none`",
        ),
        ("OTEL_METRIC_EXPORT_INTERVAL", "0", "`0` is not above zero"),
        (
            "OTEL_METRIC_EXPORT_INTERVAL",
            "-1",
            "`-1` is not a number of milliseconds",
        ),
        (
            "OTEL_METRIC_EXPORT_INTERVAL",
            "99999999999999999999",
            "`99999999999999999999` is not a number of milliseconds",
        ),
        (
            "OTEL_METRIC_EXPORT_TIMEOUT",
            "1.5",
            "`1.5` is not a number of milliseconds",
        ),
        (
            "OTEL_EXPORTER_OTLP_TIMEOUT",
            "10s",
            "`10s` is not a number of milliseconds",
        ),
        (
            "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT",
            "NaN",
            "`NaN` is not a number of milliseconds",
        ),
        (
            "OTEL_RESOURCE_ATTRIBUTES",
            "shop",
            &format!("`shop` {pairs}"),
        ),
        (
            "OTEL_RESOURCE_ATTRIBUTES",
            "=shop",
            &format!("`=shop` {pairs}"),
        ),
        (
            "OTEL_RESOURCE_ATTRIBUTES",
            "a=%ff",
            "`a=%ff` is not percent-encoded UTF-8",
        ),
        (
            "OTEL_EXPORTER_OTLP_METRICS_HEADERS",
            "=token",
            &format!("the value {pairs}"),
        ),
        (
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "ftp://a",
            "`ftp://a` does not begin with `http://` or `https://`",
        ),
        (
            "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL",
            "http/json",
            "`http/json` is not `http/protobuf`, the only protocol that is built in",
        ),
        (
            "OTEL_EXPORTER_OTLP_METRICS_COMPRESSION",
            "GZIP",
            "`GZIP` is neither `gzip` nor `none`",
        ),
        (
            "OTEL_SERVICE_NAME",
            "caf\u{fffd}",
            "`caf\u{fffd}` is not UTF-8",
        ),
    ] {
        let variable = |asked: &str| (asked == name).then(|| value.to_owned());
        let error = Push::from_variables(&metrics, variable).expect_err("it is wrong");
        assert_eq!(error.to_string(), format!("{name}: {expected}"));
    }
    // The URL or the header is checked when the push starts.
    for (name, value) in [
        ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://"),
        ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://a b/"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a b=c"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a=b%0d%0ac"),
    ] {
        let variable = |asked: &str| (asked == name).then(|| value.to_owned());
        let push = Push::from_variables(&metrics, variable).expect("it looks right");
        assert!(push.start().is_err(), "{name}={value}");
    }
}

#[test]
fn the_shorter_timeout_applies() {
    let metrics = all::Metrics::new();
    for (exporter, reader, expected) in [("200", "", 200), ("200", "100", 100), ("", "300", 300)] {
        let variable = |name: &str| match name {
            "OTEL_EXPORTER_OTLP_TIMEOUT" => Some(exporter.to_owned()),
            "OTEL_METRIC_EXPORT_TIMEOUT" => Some(reader.to_owned()),
            _ => None,
        };
        let push = Push::from_variables(&metrics, variable).expect("they are right");
        assert!(format!("{push:?}").contains(&format!("timeout: {expected}ms")));
    }
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
