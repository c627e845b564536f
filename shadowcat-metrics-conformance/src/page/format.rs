//! Which format a page is in.

/// A format of pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// Prometheus text 0.0.4.
    #[default]
    Text,
    /// OpenMetrics 1.0.
    OpenMetrics,
    /// Messages of the type `io.prometheus.client.MetricFamily`, each behind its length.
    Protobuf,
}

impl Format {
    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::OpenMetrics => "openmetrics",
            Self::Protobuf => "protobuf",
        }
    }

    /// The format that a `Content-Type` header names; none if it names another.
    ///
    /// ```
    /// use shadowcat_metrics_conformance::page::Format;
    ///
    /// let format = Format::of_content_type("application/openmetrics-text; version=1.0.0; charset=utf-8");
    /// assert_eq!(format, Some(Format::OpenMetrics));
    /// assert_eq!(Format::of_content_type("text/html"), None);
    /// ```
    #[must_use]
    pub fn of_content_type(header: &str) -> Option<Self> {
        let media_type = header.split(';').next().unwrap_or_default().trim();
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
