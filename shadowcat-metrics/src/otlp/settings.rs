//! The settings of a push, from code or from the standard environment variables.
//!
//! <https://opentelemetry.io/docs/specs/otel/protocol/exporter/>

use std::fmt;
use std::time::Duration;

use crate::registries::NameClash;
use crate::registry::Registry;

/// URL at which a receiver on the same machine listens by default.
const DEFAULT_ENDPOINT: &str = "http://localhost:4318/v1/metrics";

/// Path of metrics below a base endpoint.
const PATH: &str = "v1/metrics";

/// Longest interval and timeout: a year. Adding an arbitrary duration to the current time would overflow.
const MAX_DURATION: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Shortest interval and timeout.
const MIN_DURATION: Duration = Duration::from_millis(1);

/// The settings of a push over OTLP: see [the module](super).
#[derive(Clone)]
#[must_use = "nothing is pushed until `start` is called"]
pub struct Push {
    pub(super) registries: Vec<Registry>,
    pub(super) is_disabled: bool,
    pub(super) endpoint: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) interval: Duration,
    pub(super) timeout: Duration,
    pub(super) gzip: bool,
    pub(super) exponential_histograms: bool,
    pub(super) resource: Vec<(String, String)>,
    pub(super) on_failure: OnFailure,
    #[cfg(feature = "otlp-tls")]
    pub(super) tls: super::tls::Certificates,
}

/// A function that is called with each failure.
pub(super) type OnFailure = std::sync::Arc<dyn Fn(&super::Failure) + Send + Sync>;

impl Push {
    /// Describes a push to `http://localhost:4318/v1/metrics` every 60 seconds, compressed with gzip, with a timeout of 10
    /// seconds. The attribute `service.name` is `unknown_service`, with the program's name where it is known.
    pub fn new(registry: &Registry) -> Self {
        Self {
            registries: vec![registry.clone()],
            is_disabled: false,
            endpoint: DEFAULT_ENDPOINT.to_owned(),
            headers: Vec::new(),
            interval: Duration::from_secs(60),
            timeout: Duration::from_secs(10),
            gzip: true,
            exponential_histograms: true,
            resource: vec![
                ("service.name".to_owned(), unknown_service()),
                ("telemetry.sdk.language".to_owned(), "rust".to_owned()),
                (
                    "telemetry.sdk.name".to_owned(),
                    env!("CARGO_PKG_NAME").to_owned(),
                ),
                (
                    "telemetry.sdk.version".to_owned(),
                    env!("CARGO_PKG_VERSION").to_owned(),
                ),
            ],
            on_failure: std::sync::Arc::new(|_| {}),
            #[cfg(feature = "otlp-tls")]
            tls: super::tls::Certificates::default(),
        }
    }

    /// Describes a push as [`Push::new`] does, with the settings in environment variables.
    ///
    /// | variable | meaning |
    /// |---|---|
    /// | `OTEL_EXPORTER_OTLP_METRICS_ENDPOINT` | URL to push to |
    /// | `OTEL_EXPORTER_OTLP_ENDPOINT` | the same without `/v1/metrics`, which is appended |
    /// | `OTEL_EXPORTER_OTLP_METRICS_HEADERS`, `OTEL_EXPORTER_OTLP_HEADERS` | headers: `name=value,name=value`, percent-encoded |
    /// | `OTEL_EXPORTER_OTLP_METRICS_TIMEOUT`, `OTEL_EXPORTER_OTLP_TIMEOUT` | timeout of a push, in milliseconds |
    /// | `OTEL_METRIC_EXPORT_TIMEOUT` | another timeout of a push, in milliseconds; the shorter one applies |
    /// | `OTEL_EXPORTER_OTLP_METRICS_COMPRESSION`, `OTEL_EXPORTER_OTLP_COMPRESSION` | `gzip` or `none` |
    /// | `OTEL_EXPORTER_OTLP_METRICS_PROTOCOL`, `OTEL_EXPORTER_OTLP_PROTOCOL` | must be `http/protobuf` |
    /// | `OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION` | `base2_exponential_bucket_histogram` or `explicit_bucket_histogram`: see [`exponential_histograms`](Self::exponential_histograms) |
    /// | `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE` | must be `cumulative` |
    /// | `OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE`, `OTEL_EXPORTER_OTLP_CERTIFICATE` | PEM file with the root certificates to trust |
    /// | `OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE`, `OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE` | PEM file with the client certificate and its chain |
    /// | `OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY`, `OTEL_EXPORTER_OTLP_CLIENT_KEY` | PEM file with the private key of the client certificate |
    /// | `OTEL_METRIC_EXPORT_INTERVAL` | time between pushes, in milliseconds |
    /// | `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES` | attributes of the resource: `name=value,name=value`, percent-encoded |
    /// | `OTEL_SDK_DISABLED=true`, `OTEL_METRICS_EXPORTER=none` | nothing is pushed |
    ///
    /// An empty variable counts as unset. The files of certificates are only read with the feature `otlp-tls`.
    ///
    /// # Errors
    ///
    /// If variables have other values. The error lists all of them.
    pub fn from_env(registry: &Registry) -> Result<Self, SettingsError> {
        // Bytes that are not UTF-8 become replacement characters, which are reported.
        let variable = |name: &str| Some(std::env::var_os(name)?.to_string_lossy().into_owned());
        Self::from_variables(registry, variable)
    }

    /// Describes a push as [`from_env`](Self::from_env) does, with the variables that a function returns.
    ///
    /// ```
    /// # shadowcat_metrics::metrics!("tests/shop.toml");
    /// # use shadowcat_metrics::otlp::Push;
    /// # fn main() {
    /// # let metrics = Metrics::new();
    /// let fault = Push::from_variables(&metrics, |name| match name {
    ///     "OTEL_METRIC_EXPORT_INTERVAL" => Some("1 minute".to_owned()),
    ///     _ => None,
    /// });
    /// assert_eq!(
    ///     fault.unwrap_err().to_string(),
    ///     "OTEL_METRIC_EXPORT_INTERVAL: `1 minute` is not a number of milliseconds",
    /// );
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If variables have other values. The error lists all of them.
    pub fn from_variables(
        registry: &Registry,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, SettingsError> {
        let mut read = Variables {
            variable,
            faults: Vec::new(),
        };
        let mut push = Self::new(registry);
        let is_none = read.first(["OTEL_METRICS_EXPORTER"], |value| match value {
            "none" => Ok(true),
            "otlp" => Ok(false),
            _ => Err("is neither `otlp` nor `none`"),
        });
        let is_off = read.first(["OTEL_SDK_DISABLED"], |value| {
            match &*value.to_ascii_lowercase() {
                "true" => Ok(true),
                "false" => Ok(false),
                _ => Err("is neither `true` nor `false`"),
            }
        });
        push.is_disabled = is_none == Some(true) || is_off == Some(true);
        if let Some(base) = read.first(["OTEL_EXPORTER_OTLP_ENDPOINT"], url) {
            push.endpoint = format!("{}/{PATH}", base.trim_end_matches('/'));
        }
        if let Some(endpoint) = read.first(["OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"], url) {
            push.endpoint = endpoint;
        }
        let names = [
            "OTEL_EXPORTER_OTLP_METRICS_HEADERS",
            "OTEL_EXPORTER_OTLP_HEADERS",
        ];
        if let Some(headers) = read.secret(names, pairs) {
            push.headers = headers;
        }
        #[cfg(feature = "otlp-tls")]
        push.tls.read(&mut read);
        let names = [
            "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT",
            "OTEL_EXPORTER_OTLP_TIMEOUT",
        ];
        let of_exporter = read.first(names, milliseconds);
        let of_reader = read.first(["OTEL_METRIC_EXPORT_TIMEOUT"], milliseconds);
        if let Some(timeout) = of_exporter.into_iter().chain(of_reader).min() {
            push = push.timeout(timeout);
        }
        let names = [
            "OTEL_EXPORTER_OTLP_METRICS_COMPRESSION",
            "OTEL_EXPORTER_OTLP_COMPRESSION",
        ];
        let gzip = read.first(names, |value| match value {
            "gzip" => Ok(true),
            "none" => Ok(false),
            _ => Err("is neither `gzip` nor `none`"),
        });
        push.gzip = gzip.unwrap_or(push.gzip);
        let names = [
            "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL",
            "OTEL_EXPORTER_OTLP_PROTOCOL",
        ];
        read.first(names, |value| match value {
            "http/protobuf" => Ok(()),
            _ => Err("is not `http/protobuf`, the only protocol that is built in"),
        });
        let name = "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION";
        let exponential = read.first([name], |value| match &*value.to_ascii_lowercase() {
            "base2_exponential_bucket_histogram" => Ok(true),
            "explicit_bucket_histogram" => Ok(false),
            _ => Err(
                "is neither `base2_exponential_bucket_histogram` nor `explicit_bucket_histogram`",
            ),
        });
        push.exponential_histograms = exponential.unwrap_or(push.exponential_histograms);
        let name = "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE";
        read.first([name], |value| match &*value.to_ascii_lowercase() {
            "cumulative" => Ok(()),
            _ => Err("is not `cumulative`, the only temporality that is built in"),
        });
        if let Some(interval) = read.first(["OTEL_METRIC_EXPORT_INTERVAL"], milliseconds) {
            push = push.interval(interval);
        }
        let attributes = read.first(["OTEL_RESOURCE_ATTRIBUTES"], pairs);
        for (name, value) in attributes.unwrap_or_default() {
            push = push.resource(name, value);
        }
        if let Some(name) = read.first(["OTEL_SERVICE_NAME"], |name| Ok(name.to_owned())) {
            push = push.resource("service.name", name);
        }
        if read.faults.is_empty() {
            Ok(push)
        } else {
            Err(SettingsError {
                faults: read.faults,
            })
        }
    }

    /// Adds another registry, such as that of a library with its own schema.
    ///
    /// # Errors
    ///
    /// If a registry of the push has a metric with the same OpenTelemetry name. A receiver would mix the values of the two
    /// metrics.
    pub fn also(mut self, registry: &Registry) -> Result<Self, NameClash> {
        NameClash::check(&self.registries, registry, |family| vec![family.otel_name])?;
        self.registries.push(registry.clone());
        Ok(self)
    }

    /// Sets the URL to push to, such as `http://collector:4318/v1/metrics`. URLs with `https` need the feature `otlp-tls`.
    pub fn endpoint(mut self, url: impl Into<String>) -> Self {
        self.endpoint = url.into();
        self
    }

    /// Adds a header to each push, such as one with a token. Errors and debug output do not contain its value.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets the time between two pushes: at least a millisecond, at most a year.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval.clamp(MIN_DURATION, MAX_DURATION);
        self
    }

    /// Sets the timeout of a push, from the connection to the end of the response: at least a millisecond, at most a year.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout.clamp(MIN_DURATION, MAX_DURATION);
        self
    }

    /// Sets whether pushes are compressed.
    pub fn gzip(mut self, gzip: bool) -> Self {
        self.gzip = gzip;
        self
    }

    /// Sets whether histograms with native buckets are pushed as exponential histograms, which is the default. Otherwise, they are
    /// pushed with their bounds, for receivers without exponential histograms.
    pub fn exponential_histograms(mut self, exponential: bool) -> Self {
        self.exponential_histograms = exponential;
        self
    }

    /// Sets an attribute of the resource, such as `service.name`.
    pub fn resource(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let (name, value) = (name.into(), value.into());
        self.resource.retain(|(known, _)| *known != name);
        self.resource.push((name, value));
        self
    }

    /// Sets a function that is called with each failure, such as one that logs the failure. The next push waits until the
    /// function returns.
    pub fn on_failure(mut self, report: impl Fn(&super::Failure) + Send + Sync + 'static) -> Self {
        self.on_failure = std::sync::Arc::new(report);
        self
    }
}

impl fmt::Debug for Push {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers = self.headers.iter().map(|(name, _)| name);
        f.debug_struct("Push")
            .field("endpoint", &self.endpoint)
            .field("headers", &headers.collect::<Vec<_>>())
            .field("interval", &self.interval)
            .field("timeout", &self.timeout)
            .field("gzip", &self.gzip)
            .field("exponential_histograms", &self.exponential_histograms)
            .field("resource", &self.resource)
            .finish_non_exhaustive()
    }
}

/// Variables of the environment that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsError {
    faults: Vec<String>,
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.faults.join("\n"))
    }
}

impl std::error::Error for SettingsError {}

/// Reads variables and collects what is wrong with them.
pub(super) struct Variables<F> {
    variable: F,
    pub(super) faults: Vec<String>,
}

impl<F: Fn(&str) -> Option<String>> Variables<F> {
    /// Parses the first of some variables that is set.
    pub(super) fn first<'n, T>(
        &mut self,
        names: impl IntoIterator<Item = &'n str>,
        parse: impl Fn(&str) -> Result<T, &'static str>,
    ) -> Option<T> {
        self.parse(names, parse, |value| format!("`{value}` "))
    }

    /// Parses a variable whose value must not be shown.
    fn secret<'n, T>(
        &mut self,
        names: impl IntoIterator<Item = &'n str>,
        parse: impl Fn(&str) -> Result<T, &'static str>,
    ) -> Option<T> {
        self.parse(names, parse, |_| "the value ".to_owned())
    }

    fn parse<'n, T>(
        &mut self,
        names: impl IntoIterator<Item = &'n str>,
        parse: impl Fn(&str) -> Result<T, &'static str>,
        show: impl Fn(&str) -> String,
    ) -> Option<T> {
        let set = |name| (self.variable)(name).filter(|value: &String| !value.is_empty());
        let mut set = names
            .into_iter()
            .filter_map(|name| Some((name, set(name)?)));
        let (name, value) = set.next()?;
        let parsed = if value.contains(char::REPLACEMENT_CHARACTER) {
            Err("is not UTF-8")
        } else {
            parse(&value)
        };
        match parsed {
            Ok(parsed) => Some(parsed),
            Err(fault) => {
                let shown = show(&value);
                drop(set);
                self.faults.push(format!("{name}: {shown}{fault}"));
                None
            }
        }
    }
}

fn url(value: &str) -> Result<String, &'static str> {
    if value.starts_with("http://") || value.starts_with("https://") {
        Ok(value.to_owned())
    } else {
        Err("does not begin with `http://` or `https://`")
    }
}

fn milliseconds(value: &str) -> Result<Duration, &'static str> {
    match value.trim().parse() {
        Ok(0) => Err("is not above zero"),
        Ok(number) => Ok(Duration::from_millis(number)),
        Err(_) => Err("is not a number of milliseconds"),
    }
}

/// Parses `name=value,name=value`, where values are percent-encoded.
fn pairs(value: &str) -> Result<Vec<(String, String)>, &'static str> {
    let parts = value.split(',').map(str::trim);
    let parts = parts.filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let pair = part
                .split_once('=')
                .filter(|(name, _)| !name.trim().is_empty());
            let (name, value) = pair.ok_or("is not a list `name=value,name=value`")?;
            let value = decoded(value.trim()).ok_or("is not percent-encoded UTF-8")?;
            Ok((name.trim().to_owned(), value))
        })
        .collect()
}

fn decoded(text: &str) -> Option<String> {
    let decoded = percent_encoding::percent_decode_str(text).decode_utf8();
    decoded.ok().map(std::borrow::Cow::into_owned)
}

/// Returns the default of `service.name`, as in the semantic conventions.
fn unknown_service() -> String {
    let program = std::env::current_exe().ok();
    let program = program.as_ref().and_then(|path| path.file_name()?.to_str());
    program.map_or_else(
        || "unknown_service".to_owned(),
        |program| format!("unknown_service:{program}"),
    )
}
