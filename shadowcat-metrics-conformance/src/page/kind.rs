//! The types of families, and the samples that each has in a format.

use super::Format;

/// The types that the formats have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// `counter`.
    Counter,
    /// `gauge`.
    Gauge,
    /// `histogram`.
    Histogram,
    /// `gaugehistogram`, of OpenMetrics.
    GaugeHistogram,
    /// `summary`.
    Summary,
    /// `stateset`, of OpenMetrics.
    StateSet,
    /// `info`, of OpenMetrics.
    Info,
    /// Not said, or said to be unknown.
    Unknown,
}

impl Type {
    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::GaugeHistogram => "gaugehistogram",
            Self::Summary => "summary",
            Self::StateSet => "stateset",
            Self::Info => "info",
            Self::Unknown => "unknown",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "counter" => Self::Counter,
            "gauge" => Self::Gauge,
            "histogram" => Self::Histogram,
            "gaugehistogram" => Self::GaugeHistogram,
            "summary" => Self::Summary,
            "stateset" => Self::StateSet,
            "info" => Self::Info,
            "untyped" | "unknown" => Self::Unknown,
            _ => return None,
        })
    }

    /// Whether the text format does not have it.
    pub(super) const fn is_of_open_metrics(self) -> bool {
        match self {
            Self::GaugeHistogram | Self::StateSet | Self::Info => true,
            Self::Counter | Self::Gauge | Self::Histogram | Self::Summary | Self::Unknown => false,
        }
    }

    /// What samples have behind the family's name. In text, the names of a counter and an info end as they like.
    pub(super) const fn suffixes(self, format: Format) -> &'static [&'static str] {
        match (self, format) {
            (Self::Counter, Format::Text | Format::Protobuf) => &["", "_total", "_created"],
            (Self::Counter, Format::OpenMetrics) => &["_total", "_created"],
            (Self::Histogram, _) => &["_bucket", "_count", "_sum", "_created"],
            (Self::GaugeHistogram, _) => &["_bucket", "_gcount", "_gsum"],
            (Self::Summary, _) => &["", "_count", "_sum", "_created"],
            (Self::Info, Format::Text | Format::Protobuf) => &["_info", ""],
            (Self::Info, Format::OpenMetrics) => &["_info"],
            (Self::Gauge | Self::StateSet | Self::Unknown, _) => &[""],
        }
    }
}
