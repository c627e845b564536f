//! The text formats of pages.

use std::fmt;

use crate::schema::Family;

/// A text format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Prometheus text, version 0.0.4.
    ///
    /// <https://prometheus.io/docs/instrumenting/exposition_formats/>
    PrometheusText,
    /// OpenMetrics, version 1.0.0: with units, types that Prometheus text lacks and, with
    /// [`Options::created_lines`](crate::Options::created_lines), the creation time of each series.
    ///
    /// <https://prometheus.io/docs/specs/om/open_metrics_spec/>
    OpenMetrics,
}

impl Format {
    /// Returns the value of an HTTP `Content-Type` header.
    ///
    /// Formats from version 1.0.0 on can name an `escaping` of metric names. No scheme changes our names, so one value is
    /// correct for all scrapers.
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

    /// Returns whether samples can have exemplars.
    pub(super) const fn has_exemplars(self) -> bool {
        match self {
            Self::PrometheusText => false,
            Self::OpenMetrics => true,
        }
    }

    /// Returns the `#` lines of a family.
    pub(super) const fn metadata(self, family: &Family) -> &'static str {
        match self {
            Self::PrometheusText => family.text_metadata,
            Self::OpenMetrics => family.open_metrics_metadata,
        }
    }
}

/// Formats the name and version.
impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PrometheusText => "Prometheus text 0.0.4",
            Self::OpenMetrics => "OpenMetrics 1.0.0",
        })
    }
}
