//! The text formats that a page can be written in.

use std::fmt;

use crate::schema::Family;

/// A text format, as a scraper reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Prometheus text, version 0.0.4.
    ///
    /// <https://prometheus.io/docs/instrumenting/exposition_formats/>
    PrometheusText,
    /// OpenMetrics, version 1.0.0: with units, types that Prometheus text has no word for and, if
    /// [`Options::created_lines`](crate::Options::created_lines) says so, the time when each series began.
    ///
    /// <https://prometheus.io/docs/specs/om/open_metrics_spec/>
    OpenMetrics,
}

impl Format {
    /// The value of an HTTP `Content-Type` header.
    ///
    /// Formats from version 1.0.0 on name an `escaping` of metric names. Every scheme leaves our names as they are, so one
    /// answer is right for all scrapers.
    ///
    /// ```
    /// # use shadowcat_metrics::Format;
    /// assert_eq!(Format::PrometheusText.content_type(), "text/plain; version=0.0.4; charset=utf-8");
    /// ```
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::PrometheusText => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => {
                "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores"
            }
        }
    }

    /// The `#` lines of a family.
    pub(super) const fn metadata(self, family: &Family) -> &'static str {
        match self {
            Self::PrometheusText => family.text_metadata,
            Self::OpenMetrics => family.open_metrics_metadata,
        }
    }
}

/// The format's name and version, for people.
impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PrometheusText => "Prometheus text 0.0.4",
            Self::OpenMetrics => "OpenMetrics 1.0.0",
        })
    }
}
