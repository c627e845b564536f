//! Parses an exposition page of any program, in text 0.0.4, OpenMetrics or protobuf. A line without a clear
//! meaning is reported and skipped.

mod content_type;
mod exemplar;
mod families;
mod lines;
mod native;
mod protobuf;

#[cfg(test)]
mod protobuf_tests;
#[cfg(test)]
mod tests;

use std::fmt;

use crate::finding::{Severity, codes};

pub use native::NativeBuckets;

/// A format of pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// Prometheus text 0.0.4.
    #[default]
    Text,
    /// OpenMetrics 1.0.0 or 0.0.1.
    OpenMetrics,
    /// Length-delimited messages of the type `io.prometheus.client.MetricFamily`.
    Protobuf,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 3] = [Self::Text, Self::OpenMetrics, Self::Protobuf];

    /// Returns `text`, `openmetrics` or `protobuf`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::OpenMetrics => "openmetrics",
            Self::Protobuf => "protobuf",
        }
    }
}

/// The types of families in the formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// `counter`.
    Counter,
    /// `gauge`.
    Gauge,
    /// `histogram`.
    Histogram,
    /// `gaugehistogram` in OpenMetrics.
    GaugeHistogram,
    /// `summary`.
    Summary,
    /// `stateset` in OpenMetrics.
    StateSet,
    /// `info` in OpenMetrics.
    Info,
    /// Not declared, or declared as unknown.
    Unknown,
}

impl Type {
    /// Returns the word for it.
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

    pub(crate) fn parse(word: &str) -> Option<Self> {
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

    /// Returns whether only OpenMetrics has it.
    const fn is_of_open_metrics(self) -> bool {
        match self {
            Self::GaugeHistogram | Self::StateSet | Self::Info => true,
            Self::Counter | Self::Gauge | Self::Histogram | Self::Summary | Self::Unknown => false,
        }
    }

    /// Returns the suffixes of its samples' names. In text, the name of a counter or info may have any
    /// suffix.
    const fn suffixes(self, format: Format) -> &'static [&'static str] {
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

/// A family with its samples in the page's order.
#[derive(Debug, Clone)]
pub struct Family {
    /// Its name in the `# TYPE` line; in OpenMetrics without `_total` and `_info`.
    pub name: String,
    /// Its type.
    pub kind: Type,
    /// Its help, or empty without one.
    pub help: String,
    /// Its unit, or empty without one.
    pub unit: String,
    /// Its samples. Empty if there is only metadata.
    pub samples: Vec<Sample>,
    /// The native buckets of a histogram's series, in protobuf.
    pub native: Vec<NativeBuckets>,
    /// Whether one of its samples or native histograms has an exemplar.
    pub has_exemplars: bool,
    /// Its first line, counted from 1, or 0 in protobuf, which has no lines.
    pub line: usize,
}

impl Family {
    /// Returns whether it has a sample with a value of a series.
    #[must_use]
    pub fn has_values(&self) -> bool {
        self.samples.iter().any(|sample| !self.is_created(sample))
    }

    /// Returns whether a sample is the creation time of a series instead of its value.
    #[must_use]
    pub fn is_created(&self, sample: &Sample) -> bool {
        sample.name.strip_prefix(&*self.name) == Some("_created")
    }
}

/// A line with a value.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Its name with the suffix.
    pub name: String,
    /// Names and values, in the page's order.
    pub labels: Vec<(String, String)>,
    /// Its value.
    pub value: f64,
    /// Its line, counted from 1, or 0 in protobuf, which has no lines.
    pub line: usize,
}

impl Sample {
    /// Returns the value of a label, if the sample has the label.
    #[must_use]
    pub fn label(&self, name: &str) -> Option<&str> {
        let mut labels = self.labels.iter();
        let found = labels.find(|(label, _)| label == name);
        found.map(|(_, value)| value.as_str())
    }
}

codes! {
    UNREADABLE_LINE = "LC01" "unreadable-line" Error:
    "A line of the page breaks its format, or the page's end is missing.",
    "Fix the program's output. Prometheus rejects the whole page for a line that it cannot parse; other readers also \
     reject repeated or misplaced metadata.";

    DISPUTED_LINE = "LC21" "disputed-line" Warning:
    "Some readers of the format accept a line of the page, and others reject it.",
    "Write the line exactly as the format says.";
}

/// A line or message that violates the format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Its line, counted from 1. One after the last for a missing line, and 0 in protobuf.
    pub line: usize,
    /// What is wrong with it.
    pub message: String,
    /// An error, or a warning for a line that some readers accept and others refuse.
    pub severity: Severity,
    /// Whether a supported version of Prometheus refuses the whole page because of it.
    pub prometheus_refuses: bool,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "line {}: ", self.line)?;
        }
        f.write_str(&self.message)
    }
}

/// A page.
#[derive(Debug, Default)]
pub struct Page {
    /// Its families, including those with metadata only.
    pub families: Vec<Family>,
    /// Its format.
    pub format: Format,
    /// Violations of the format. Lines without a clear meaning were skipped.
    pub problems: Vec<Problem>,
}

impl Page {
    /// Parses a text page in an unknown format: as OpenMetrics if anything on it exists only there.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        families::read(text.as_bytes(), None)
    }

    /// Reads a page in the format that its server named, if it did. In protobuf, samples are named as in Prometheus text.
    ///
    /// ```
    /// use shadowcat_metrics_conformance::page::{Format, Page};
    ///
    /// let cut_off = Page::read(b"# TYPE a gauge\na 1\n", Some(Format::OpenMetrics));
    /// assert_eq!(cut_off.problems[0].to_string(), "line 3: the page does not end with `# EOF`: it may be cut off");
    /// let page = Page::read(b"a 1\nb{c=\"\xff\"} 2\n", None);
    /// assert_eq!(page.problems[0].to_string(), "line 2: this is not UTF-8");
    /// ```
    #[must_use]
    pub fn read(bytes: &[u8], format: Option<Format>) -> Self {
        match format {
            Some(Format::Protobuf) => protobuf::read(bytes),
            Some(Format::Text | Format::OpenMetrics) | None => families::read(bytes, format),
        }
    }

    /// Reads a page in the format that it appears to have. A page in protobuf may be cut off, or have other faults.
    #[must_use]
    pub fn detect(bytes: &[u8]) -> Self {
        let is_protobuf = protobuf::is_likely(bytes);
        Self::read(bytes, is_protobuf.then_some(Format::Protobuf))
    }

    /// Returns the first reason why a supported version of Prometheus refuses the whole page.
    #[must_use]
    pub fn refusal(&self) -> Option<&Problem> {
        self.problems
            .iter()
            .find(|problem| problem.prometheus_refuses)
    }
}
