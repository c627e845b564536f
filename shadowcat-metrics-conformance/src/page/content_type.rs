//! The `Content-Type` of pages.

use super::Format;
use crate::finding::{Code, Finding, codes};

codes! {
    WRONG_CONTENT_TYPE = "LC19" "wrong-content-type" Error:
    "The server's `Content-Type` names no format of metrics, or is missing.",
    "Check the address: most programs serve their metrics at `/metrics`. Serve them as `text/plain; version=0.0.4` or \
     `application/openmetrics-text; version=1.0.0`: Prometheus 3 refuses a page with another type.";
}

impl Format {
    /// Returns the format in a `Content-Type` header; `None` for another format, or if Prometheus 3 cannot parse the header.
    ///
    /// ```
    /// use shadowcat_metrics_conformance::page::Format;
    ///
    /// let format = Format::of_content_type("application/openmetrics-text; version=1.0.0; charset=utf-8");
    /// assert_eq!(format, Some(Format::OpenMetrics));
    /// assert_eq!(Format::of_content_type("text/html"), None);
    /// assert_eq!(Format::of_content_type("text/plain; version"), None);
    /// ```
    #[must_use]
    pub fn of_content_type(header: &str) -> Option<Self> {
        let end = header.find(';').unwrap_or(header.len());
        let (media_type, parameters) = header.split_at(end);
        if !are_parameters(parameters) {
            return None;
        }
        let media_type = media_type.trim();
        if media_type.eq_ignore_ascii_case("application/openmetrics-text") {
            Some(Self::OpenMetrics)
        } else if media_type.eq_ignore_ascii_case("text/plain") {
            Some(Self::Text)
        } else if media_type.eq_ignore_ascii_case("application/vnd.google.protobuf") {
            Some(Self::Protobuf)
        } else {
            None
        }
    }
}

/// Returns whether a text is a list of media type parameters, each after a semicolon, without repeated names.
/// A trailing semicolon is allowed.
fn are_parameters(text: &str) -> bool {
    let is_token = |c: char| c.is_ascii_graphic() && !"()<>@,;:\\\"/[]?=".contains(c);
    let mut names = Vec::new();
    let mut rest = text.trim_start();
    while let Some(parameter) = rest.strip_prefix(';') {
        let parameter = parameter.trim_start();
        if parameter.is_empty() {
            return true;
        }
        let (name, value) =
            parameter.split_at(parameter.find(|c| !is_token(c)).unwrap_or(parameter.len()));
        let name = name.to_ascii_lowercase();
        let Some(value) = value.trim_start().strip_prefix('=').map(str::trim_start) else {
            return false;
        };
        let end = match value.strip_prefix('"') {
            Some(quoted) => {
                let mut escaped = false;
                let end = quoted.find(|c| {
                    let is_end = c == '"' && !escaped;
                    escaped = c == '\\' && !escaped;
                    is_end
                });
                end.map(|end| end + 2)
            }
            None => {
                Some(value.find(|c| !is_token(c)).unwrap_or(value.len())).filter(|end| *end > 0)
            }
        };
        let Some(end) = end.filter(|_| !name.is_empty() && !names.contains(&name)) else {
            return false;
        };
        names.push(name);
        rest = value[end..].trim_start();
    }
    rest.is_empty()
}

impl Finding {
    /// Returns the finding about a server's `Content-Type`, if it is missing or invalid.
    ///
    /// ```
    /// use shadowcat_metrics_conformance::Finding;
    ///
    /// assert_eq!(Finding::of_content_type(Some("text/plain; version=0.0.4")), None);
    /// let found = Finding::of_content_type(Some("text/html")).expect("it is another format");
    /// assert_eq!(found.message, "the `Content-Type` is `text/html`, which is not a format of metrics");
    /// ```
    #[must_use]
    pub fn of_content_type(header: Option<&str>) -> Option<Self> {
        let message = match header {
            Some(header) if Format::of_content_type(header).is_some() => return None,
            Some(header) => {
                let header: String = header.chars().filter(|c| !c.is_control()).collect();
                format!("the `Content-Type` is `{header}`, which is not a format of metrics")
            }
            None => "there is no `Content-Type`".to_owned(),
        };
        Some(Self {
            code: Code::WRONG_CONTENT_TYPE,
            family: String::new(),
            line: None,
            message,
        })
    }
}

#[test]
fn content_types_are_parsed_as_go_parses_them() {
    for (header, format) in [
        ("text/plain", Some(Format::Text)),
        ("Text/Plain ; Version=0.0.4;", Some(Format::Text)),
        ("text/plain; a=\"b;\\\"c\"; d=e", Some(Format::Text)),
        ("text/plain; version", None),
        ("text/plain; version=", None),
        ("text/plain; a=b; a=c", None),
        ("text/plain; a=\"b", None),
        ("text/plain; a=b c", None),
        ("text/plain;; a=b", None),
    ] {
        assert_eq!(Format::of_content_type(header), format, "{header}");
    }
}
