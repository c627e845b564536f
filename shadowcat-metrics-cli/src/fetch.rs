//! Getting a page: from a file, from standard input, or from a program over HTTP.

use std::path::Path;

use shadowcat_metrics_conformance::Page;

use crate::failure::Failure;
use crate::input::read_text;

/// Largest page that is read over the network, in bytes.
#[cfg(feature = "http")]
const LARGEST: u64 = 256 << 20;

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
        }
    }
}

/// Whether a page's name is an address.
pub(crate) fn is_url(from: &str) -> bool {
    from.starts_with("http://")
}

/// A page: of a URL if it begins with `http://`, else of a file, or of standard input for `-`.
pub(crate) fn read_page(from: &str) -> Result<Page, Failure> {
    read_page_as(from, Accept::Any)
}

/// The same, asking a URL for one of the formats. A server's word for the format counts; a file has none.
pub(crate) fn read_page_as(from: &str, accept: Accept) -> Result<Page, Failure> {
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
    read_text(Path::new(from)).map(|text| Page::parse(&text))
}

#[cfg(feature = "http")]
fn fetch(url: &str, accept: Accept) -> Result<Page, Failure> {
    use std::time::Duration;

    use shadowcat_metrics_conformance::Format;

    let failed = |error: ureq::Error| {
        Failure::new(format!("cannot fetch `{url}`: {error}"))
            .help("name the page's whole address, such as `http://127.0.0.1:9464/metrics`")
    };
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(30)))
        .build()
        .into();
    let mut response = agent
        .get(url)
        .header("Accept", accept.header())
        .call()
        .map_err(failed)?;
    let content_type = response.headers().get("Content-Type");
    let content_type = content_type.and_then(|value| value.to_str().ok());
    let format = content_type.and_then(Format::of_content_type);
    let text = response
        .body_mut()
        .with_config()
        .limit(LARGEST)
        .lossy_utf8(true)
        .read_to_string()
        .map_err(failed)?;
    Ok(match format {
        Some(format) => Page::parse_as(&text, format),
        None => Page::parse(&text),
    })
}

#[cfg(not(feature = "http"))]
fn fetch(url: &str, _: Accept) -> Result<Page, Failure> {
    Err(
        Failure::new("this command was built without the feature `http`").help(format!(
            "let another fetch it: `curl -s {url} | shadowcat-metrics ... -`"
        )),
    )
}
