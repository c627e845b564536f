//! Getting a page: from a file, from standard input, or from a program over HTTP.

use std::path::Path;

use shadowcat_metrics_conformance::{Finding, Page};

use crate::failure::Failure;
use crate::input::read_bytes;

/// Largest page that is read over the network, in bytes.
#[cfg(feature = "http")]
const LARGEST: u64 = 256 << 20;

/// How long a server may take for a whole page, in seconds.
#[cfg(feature = "http")]
const PATIENCE: u64 = 30;

/// What to ask a program for. Text comes first where any will do: in OpenMetrics some programs give their counters other
/// names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Accept {
    /// Whatever there is.
    Any,
    /// Prometheus text 0.0.4 alone.
    Text,
    /// OpenMetrics alone.
    OpenMetrics,
    /// Protobuf alone.
    Protobuf,
}

impl Accept {
    /// The header's value.
    #[cfg(feature = "http")]
    const fn header(self) -> &'static str {
        match self {
            Self::Any => {
                "text/plain;version=0.0.4,application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.1"
            }
            Self::Text => "text/plain;version=0.0.4",
            Self::OpenMetrics => "application/openmetrics-text;version=1.0.0",
            Self::Protobuf => {
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
            }
        }
    }
}

/// A page, and what is wrong with how it was given.
#[derive(Debug)]
pub(crate) struct Fetched {
    pub(crate) page: Page,
    /// Of its `Content-Type`, if it came from a server.
    pub(crate) content_type: Option<Finding>,
}

/// Whether a page's name is an address.
pub(crate) fn is_url(from: &str) -> bool {
    from.starts_with("http://")
}

/// A page: of a URL if it begins with `http://`, else of a file, or of standard input for `-`.
pub(crate) fn read_page(from: &str) -> Result<Page, Failure> {
    let fetched = read_page_as(from, Accept::Any)?;
    fetched
        .map(|fetched| fetched.page)
        .ok_or_else(|| no_format(from))
}

/// The same, asking a URL for one of the formats; none if its server does not have that. A server's word for the format
/// counts; a file has none.
pub(crate) fn read_page_as(from: &str, accept: Accept) -> Result<Option<Fetched>, Failure> {
    if from.starts_with("https://") {
        return Err(
            Failure::new("this command does not speak TLS").help(format!(
                "let another fetch it: `curl -s {from} | shadowcat-metrics ... -`"
            )),
        );
    }
    if is_url(from) {
        return fetch(from, accept);
    }
    let path = Path::new(from);
    let bytes = read_bytes(path).map_err(|failure| {
        // `localhost:9464/metrics` is what one types, and no file.
        if from.contains(':') && !path.exists() {
            failure.help("an address begins with `http://`, as in `http://127.0.0.1:9464/metrics`")
        } else {
            failure
        }
    })?;
    Ok(Some(Fetched {
        page: Page::read(&bytes, None),
        content_type: None,
    }))
}

/// A server that has none of the formats that it was asked for.
pub(crate) fn no_format(url: &str) -> Failure {
    Failure::new(format!("`{url}` has a page in none of the formats"))
        .help("see what it has: `curl -i` shows the `Content-Type`")
}

#[cfg(feature = "http")]
fn fetch(url: &str, accept: Accept) -> Result<Option<Fetched>, Failure> {
    use std::time::Duration;

    use shadowcat_metrics_conformance::Format;
    use ureq::http::StatusCode;

    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(PATIENCE)))
        .http_status_as_error(false)
        .build()
        .into();
    let mut response = agent
        .get(url)
        .header("Accept", accept.header())
        .call()
        .map_err(|error| failed(url, error))?;
    let status = response.status();
    if status == StatusCode::NOT_ACCEPTABLE {
        return Ok(None);
    }
    let content_type = response.headers().get("Content-Type");
    let content_type = content_type.map(|value| String::from_utf8_lossy(value.as_bytes()));
    let content_type = content_type.map(std::borrow::Cow::into_owned);
    let body = response.body_mut().with_config().limit(LARGEST);
    if !status.is_success() {
        let said = body.lossy_utf8(true).read_to_string().unwrap_or_default();
        return Err(refused(url, status, &said));
    }
    let bytes = body.read_to_vec().map_err(|error| failed(url, error))?;
    let format = content_type.as_deref().and_then(Format::of_content_type);
    Ok(Some(Fetched {
        page: Page::read(&bytes, format),
        content_type: Finding::of_content_type(content_type.as_deref()),
    }))
}

/// There is no answer, or no whole one.
#[cfg(feature = "http")]
fn failed(url: &str, error: ureq::Error) -> Failure {
    use ureq::Error;

    let (why, help) = match error {
        Error::Timeout(_) => (
            format!("there was no whole answer in {PATIENCE} s"),
            "see whether the program hangs, or is overloaded",
        ),
        Error::BodyExceedsLimit(_) => (
            format!("the answer is larger than {} MiB", LARGEST >> 20),
            "see whether this is the address of its metrics",
        ),
        Error::Io(error) => (
            error.to_string(),
            "see whether the program runs, and serves its metrics there",
        ),
        other => (
            other.to_string(),
            "name the page's whole address, such as `http://127.0.0.1:9464/metrics`",
        ),
    };
    Failure::new(format!("cannot fetch `{url}`: {why}")).help(help)
}

/// There is an answer, and no page.
#[cfg(feature = "http")]
fn refused(url: &str, status: ureq::http::StatusCode, said: &str) -> Failure {
    use ureq::http::StatusCode;

    /// Characters of what the server says that are shown.
    const SHOWN: usize = 200;

    let said = said.lines().map(str::trim).find(|line| !line.is_empty());
    let said: String = said
        .unwrap_or_default()
        .chars()
        .filter(|c| !c.is_control())
        .take(SHOWN)
        .collect();
    let colon = if said.is_empty() { "" } else { ": " };
    let failure = Failure::new(format!("`{url}` answers with {status}{colon}{said}"));
    if status == StatusCode::UNAUTHORIZED || status == StatusCode::FORBIDDEN {
        failure.help(format!(
            "let another fetch it, with what it asks for: `curl -s -u NAME {url} | shadowcat-metrics ... -`"
        ))
    } else if status.is_client_error() {
        failure.help("name the page's whole address, such as `http://127.0.0.1:9464/metrics`")
    } else {
        failure.help("see what the program logs; a scraper gets no page either")
    }
}

#[cfg(not(feature = "http"))]
fn fetch(url: &str, _: Accept) -> Result<Option<Fetched>, Failure> {
    Err(
        Failure::new("this command was built without the feature `http`").help(format!(
            "let another fetch it: `curl -s {url} | shadowcat-metrics ... -`"
        )),
    )
}
