//! Reads a page of metrics from a file, from standard input, or from a program over HTTP.

use std::ffi::OsStr;
use std::path::Path;

use shadowcat_metrics_conformance::page::Type;
use shadowcat_metrics_conformance::{Finding, Format, Page};

use crate::failure::Failure;
use crate::schema::read_bytes;

/// Maximum size of a page, in bytes. In memory, a page of short lines takes up to 66 times its size, because each line becomes a
/// sample with texts and tables of its own.
const MAX_PAGE: u64 = 32 << 20;

/// Timeout for a whole page, in seconds.
#[cfg(feature = "http")]
const TIMEOUT: u64 = 30;

/// Returns the `Accept` header for a format. Without one, text is preferred, because some programs rename their counters in
/// OpenMetrics.
#[cfg(feature = "http")]
const fn accept(format: Option<Format>) -> &'static str {
    match format {
        None => {
            "text/plain;version=0.0.4,application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.1"
        }
        Some(Format::Text) => "text/plain;version=0.0.4",
        Some(Format::OpenMetrics) => "application/openmetrics-text;version=1.0.0",
        Some(Format::Protobuf) => {
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
        }
    }
}

/// A page, and the problem with its `Content-Type`, if any.
#[derive(Debug)]
pub(crate) struct Fetched {
    pub(crate) page: Page,
    /// `None` for a page from a file.
    pub(crate) content_type: Option<Finding>,
}

/// Returns the URL if the page's name is one. The scheme may be in upper case.
pub(crate) fn as_url(from: &OsStr) -> Option<&str> {
    from.to_str().filter(|url| has_scheme(url, "http://"))
}

fn has_scheme(url: &str, scheme: &str) -> bool {
    url.get(..scheme.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
}

/// Returns a page's name for display and storage. User information, query and fragment of a URL are removed, because they may
/// be credentials.
pub(crate) fn shown(from: &OsStr) -> String {
    let text = from.to_string_lossy();
    let is_file = || Path::new(from).exists() || !text.contains([':', '@']);
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None if is_file() => return text.into_owned(),
        None => (String::new(), &*text),
    };
    let (_, rest, query) = parts(rest);
    let query = if query.is_empty() { "" } else { "?..." };
    format!("{scheme}{rest}{query}")
}

/// Splits a URL without its scheme into user information, host and path, and query with fragment.
fn parts(url: &str) -> (&str, &str, &str) {
    let authority = url.split(['/', '?', '#']).next().unwrap_or_default();
    let port = authority.rsplit_once(':').map_or("", |(_, port)| port);
    // A port that is not a number is the start of a password with an unescaped `/`, `?` or `#`.
    let is_password = !port.bytes().all(|byte| byte.is_ascii_digit()) && !authority.contains('[');
    let at = if is_password { url } else { authority }.rfind('@');
    let (user, rest) = at.map_or(("", url), |at| (&url[..at], &url[at + 1..]));
    let (rest, query) = rest.split_at(rest.find(['?', '#']).unwrap_or(rest.len()));
    (user, rest, query)
}

/// Removes a URL's credentials from a message, because servers and libraries may repeat them.
#[cfg(feature = "http")]
fn redact(message: &str, url: &str) -> String {
    let (user, _, query) = parts(url.split_once("://").map_or(url, |(_, rest)| rest));
    let password = user.split_once(':').map_or("", |(_, password)| password);
    let values = query
        .split(['?', '&', '#'])
        .filter_map(|pair| pair.split_once('='));
    let secrets = [user, password, query].into_iter();
    let secrets = secrets.chain(values.map(|(_, value)| value));
    let message = message.replace(url, &shown(OsStr::new(url)));
    // A value of one or two characters is probably a word, not a secret.
    let secrets = secrets.filter(|secret| secret.len() > 2);
    secrets.fold(message, |message, secret| message.replace(secret, "..."))
}

/// Reads a page from an `http://` URL, from a file, or from standard input for `-`.
pub(crate) fn read_page(from: impl AsRef<OsStr>) -> Result<Page, Failure> {
    let from = from.as_ref();
    let fetched = read_page_as(from, None)?;
    fetched
        .map(|fetched| fetched.page)
        .ok_or_else(|| no_format(from))
}

/// Reads a page and, for a URL, requests a format. Returns `None` if the server does not have it. The format comes from the
/// server's `Content-Type`; for a file, it is detected: text, OpenMetrics or protobuf.
pub(crate) fn read_page_as(
    from: &OsStr,
    wanted: Option<Format>,
) -> Result<Option<Fetched>, Failure> {
    let shown = shown(from);
    if let Some(url) = as_url(from) {
        return fetch(url, wanted);
    }
    let text = &*from.to_string_lossy();
    if has_scheme(text, "https://") {
        return Err(
            Failure::new("this command does not speak TLS").help(format!(
                "fetch the page with another program: `curl -s {shown} | shadowcat-metrics ... -`"
            )),
        );
    }
    let path = Path::new(from);
    let bytes = read_bytes(path, MAX_PAGE).map_err(|failure| {
        let failure = Failure::new(failure.message().replace(text, &shown));
        // Users often type `localhost:9464/metrics`, which is not a file.
        if text.contains(':') && !path.exists() {
            failure.help("begin a URL with `http://`, as in `http://127.0.0.1:9464/metrics`")
        } else {
            failure
        }
    })?;
    Ok(Some(Fetched {
        page: Page::detect(&bytes),
        content_type: None,
    }))
}

/// Adds native buckets and exemplars, which a program's page in the text format lacks, from its page in protobuf, if it has one.
pub(crate) fn add_from_protobuf(page: &mut Page, from: &OsStr) {
    let mut families = page.families.iter();
    let can_have_any = |kind| matches!(kind, Type::Histogram | Type::Counter);
    if as_url(from).is_none() || !families.any(|family| can_have_any(family.kind)) {
        return;
    }
    let Ok(Some(Fetched { page: other, .. })) = read_page_as(from, Some(Format::Protobuf)) else {
        return;
    };
    for other in other.families {
        let mut families = page.families.iter_mut();
        if let Some(family) = families.find(|family| family.name == other.name) {
            family.native = other.native;
            family.has_exemplars |= other.has_exemplars;
        }
    }
}

/// Creates the failure for a server that has none of the requested formats.
pub(crate) fn no_format(url: &OsStr) -> Failure {
    Failure::new(format!(
        "`{}` serves the page in none of the formats",
        shown(url)
    ))
    .help("check its `Content-Type`, which `curl -i` shows")
}

#[cfg(feature = "http")]
fn fetch(url: &str, wanted: Option<Format>) -> Result<Option<Fetched>, Failure> {
    use std::time::Duration;

    use ureq::http::StatusCode;

    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(TIMEOUT)))
        .http_status_as_error(false)
        .build()
        .into();
    let mut response = agent
        .get(url)
        .header("Accept", accept(wanted))
        .call()
        .map_err(|error| failed(url, error))?;
    let status = response.status();
    if status == StatusCode::NOT_ACCEPTABLE {
        return Ok(None);
    }
    let content_type = response.headers().get("Content-Type");
    let content_type = content_type.map(|value| String::from_utf8_lossy(value.as_bytes()));
    let content_type = content_type.map(std::borrow::Cow::into_owned);
    let body = response.body_mut().with_config().limit(MAX_PAGE);
    if !status.is_success() {
        let reason = body.lossy_utf8(true).read_to_string().unwrap_or_default();
        return Err(refused(url, status, &reason));
    }
    let bytes = body.read_to_vec().map_err(|error| failed(url, error))?;
    let format = content_type.as_deref().and_then(Format::of_content_type);
    Ok(Some(Fetched {
        page: Page::read(&bytes, format),
        content_type: Finding::of_content_type(content_type.as_deref()),
    }))
}

/// Creates the failure for a missing or incomplete response.
#[cfg(feature = "http")]
fn failed(url: &str, error: ureq::Error) -> Failure {
    use ureq::Error;

    let (why, help) = match error {
        Error::Timeout(_) => (
            format!("there was no complete answer in {TIMEOUT} s"),
            "check whether the program hangs or is overloaded",
        ),
        Error::BodyExceedsLimit(_) => (
            format!("the answer is larger than {} MiB", MAX_PAGE >> 20),
            "check whether this is the address of its metrics",
        ),
        Error::Io(error) => (
            error.to_string(),
            "check whether the program is running and serves its metrics there",
        ),
        other => (
            other.to_string(),
            "use the complete address of the page, such as `http://127.0.0.1:9464/metrics`",
        ),
    };
    let shown = shown(OsStr::new(url));
    Failure::new(format!("cannot fetch `{shown}`: {}", redact(&why, url))).help(help)
}

/// Creates the failure for a response that is not a page.
#[cfg(feature = "http")]
fn refused(url: &str, status: ureq::http::StatusCode, reason: &str) -> Failure {
    use ureq::http::StatusCode;

    /// Maximum length of the server's message, in characters.
    const SHOWN: usize = 200;

    let reason = reason.lines().map(str::trim).find(|line| !line.is_empty());
    let reason: String = reason
        .unwrap_or_default()
        .chars()
        .filter(|c| !c.is_control())
        .take(SHOWN)
        .collect();
    let reason = redact(&reason, url);
    let url = shown(OsStr::new(url));
    let colon = if reason.is_empty() { "" } else { ": " };
    let failure = Failure::new(format!("`{url}` answers with {status}{colon}{reason}"));
    if status == StatusCode::UNAUTHORIZED || status == StatusCode::FORBIDDEN {
        failure.help(format!(
            "fetch the page with another program that can log in: `curl -s -u NAME {url} | shadowcat-metrics ... -`"
        ))
    } else if status.is_client_error() {
        failure
            .help("use the complete address of the page, such as `http://127.0.0.1:9464/metrics`")
    } else {
        failure.help("check the log of the program; a scraper gets no page either")
    }
}

#[cfg(not(feature = "http"))]
fn fetch(url: &str, _: Option<Format>) -> Result<Option<Fetched>, Failure> {
    let url = shown(OsStr::new(url));
    Err(
        Failure::new("this command was built without the feature `http`").help(format!(
            "fetch the page with another program: `curl -s {url} | shadowcat-metrics ... -`"
        )),
    )
}

#[cfg(test)]
#[path = "../../tests/rows.rs"]
mod rows;

#[cfg(test)]
mod tests {
    use super::rows::rows;
    use super::*;

    #[test]
    fn credentials_are_not_shown() {
        let cases = "
            http://host:1/metrics => http://host:1/metrics
            http://user:secret@host/ => http://host/
            HTTP://user@host => HTTP://host
            https://us:er@se:cr@et@host:1/a@b => https://host:1/a@b
            http://user:sec/ret@host:1/metrics => http://host:1/metrics
            http://user:sec?r#et@host/metrics?a=b => http://host/metrics?...
            http://host/a@b => http://host/a@b
            http://[::1]:9/a@b => http://[::1]:9/a@b
            http://host/?token=secret#more => http://host/?...
            http://host#secret => http://host?...
            user:secret@host:9100/metrics?token=x => host:9100/metrics?...
            page.txt => page.txt
            - => -
        ";
        for (from, expected) in rows(cases) {
            assert_eq!(shown(OsStr::new(from)), expected, "{from}");
        }
    }

    #[cfg(feature = "http")]
    #[test]
    fn a_message_has_no_credentials() {
        let url = "http://user:secret@host/metrics?token=12345&q=a";
        let message =
            format!("no {url}: secret is no password of user:secret, ?token=12345&q=a, 12345");
        assert_eq!(
            redact(&message, url),
            "no http://host/metrics?...: ... is no password of ..., ..., ..."
        );
    }
}
