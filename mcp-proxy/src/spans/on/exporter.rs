//! The exporter of spans, as the standard environment variables describe it.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::HttpConnector;
use opentelemetry::InstrumentationScope;
use opentelemetry_http::hyper::HyperClient;
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{SpanExporter, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{BatchSpanProcessor, Sampler, SpanProcessor};
use tokio::runtime::Handle;

use super::Exporter;
use crate::spans::{StartError, variable};
use crate::transport::client::connector::connector;

/// Variables that name a receiver.
const ENDPOINTS: [&str; 2] = [
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
];

/// Variables with the time limit of one export, in milliseconds.
const TIMEOUTS: [&str; 2] = [
    "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
    "OTEL_EXPORTER_OTLP_TIMEOUT",
];

const EXPORTER: &str = "OTEL_TRACES_EXPORTER";

/// Creates the exporter, or `None` if the environment asks for none.
pub(super) fn from_env() -> Result<Option<Exporter>, StartError> {
    let endpoint = ENDPOINTS.iter().find_map(|name| variable(name));
    let is_disabled =
        variable("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let is_wanted = match variable(EXPORTER).as_deref() {
        None => endpoint.is_some(),
        Some("otlp") => true,
        Some("none") => false,
        Some(other) => return Err(wrong(EXPORTER, "`otlp` or `none`", other)),
    };
    if is_disabled || !is_wanted {
        return Ok(None);
    }
    let sampler = sampler()?;
    let is_secure = endpoint.is_some_and(|endpoint| endpoint.starts_with("https:"));
    let client = OnRuntime {
        client: HyperClient::new(connector(is_secure), timeout()?, None),
        runtime: Handle::current(),
    };
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(client)
        .build()
        .map_err(|error| StartError::Exporter(error.to_string()))?;
    let mut resource = Resource::builder();
    let is_named = variable("OTEL_SERVICE_NAME").is_some()
        || variable("OTEL_RESOURCE_ATTRIBUTES").is_some_and(|all| all.contains("service.name="));
    if !is_named {
        // As the pushed metrics have it.
        resource = resource.with_service_name("unknown_service:mcp-proxy");
    }
    let mut processor = BatchSpanProcessor::builder(exporter).build();
    processor.set_resource(&resource.build());
    Ok(Some(Exporter {
        processor,
        sampler,
        scope: InstrumentationScope::builder("mcp-proxy")
            .with_version(env!("CARGO_PKG_VERSION"))
            .build(),
    }))
}

fn sampler() -> Result<Sampler, StartError> {
    const NAME: &str = "OTEL_TRACES_SAMPLER";
    const KNOWN: &str = "`always_on`, `always_off`, `traceidratio`, `parentbased_always_on`, `parentbased_always_off` or \
                         `parentbased_traceidratio`";
    let name = variable(NAME).unwrap_or_else(|| "parentbased_always_on".to_owned());
    let (root, is_parent_based) = match name.strip_prefix("parentbased_") {
        Some(root) => (root, true),
        None => (&*name, false),
    };
    let root = match root {
        "always_on" => Sampler::AlwaysOn,
        "always_off" => Sampler::AlwaysOff,
        "traceidratio" => Sampler::TraceIdRatioBased(ratio()?),
        _ => return Err(wrong(NAME, KNOWN, &name)),
    };
    Ok(if is_parent_based {
        Sampler::ParentBased(Box::new(root))
    } else {
        root
    })
}

/// Returns the share of traces to sample.
fn ratio() -> Result<f64, StartError> {
    const NAME: &str = "OTEL_TRACES_SAMPLER_ARG";
    let Some(text) = variable(NAME) else {
        return Ok(1.0);
    };
    let ratio = text.parse().ok();
    ratio
        .filter(|ratio| (0.0..=1.0).contains(ratio))
        .ok_or_else(|| wrong(NAME, "a number from 0 to 1", &text))
}

fn timeout() -> Result<Duration, StartError> {
    let set = TIMEOUTS
        .iter()
        .find_map(|&name| Some((name, variable(name)?)));
    let Some((name, text)) = set else {
        return Ok(Duration::from_secs(10));
    };
    let milliseconds = text.parse().ok().filter(|milliseconds| *milliseconds > 0);
    milliseconds
        .map(Duration::from_millis)
        .ok_or_else(|| wrong(name, "a number of milliseconds", &text))
}

fn wrong(variable: &'static str, expected: &'static str, found: &str) -> StartError {
    StartError::Variable {
        variable,
        expected,
        found: found.to_owned(),
    }
}

/// A client that runs on the program's runtime, although the SDK exports on a thread of its own.
#[derive(Debug)]
struct OnRuntime {
    client: HyperClient<HttpsConnector<HttpConnector>>,
    runtime: Handle,
}

#[async_trait]
impl HttpClient for OnRuntime {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        let sent = self
            .runtime
            .spawn(async move { client.send_bytes(request).await });
        sent.await?
    }
}
