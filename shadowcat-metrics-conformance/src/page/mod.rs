//! Reading an exposition page of any program, in text 0.0.4, OpenMetrics or protobuf: lines that make no sense are noted
//! and left out, and the rest is taken as it was meant.

mod format;
mod kind;
mod line;
mod protobuf;
mod reader;

#[cfg(test)]
mod tests;

use std::fmt;

pub use format::Format;
pub use kind::Type;

/// A family with its samples, in the page's order.
#[derive(Debug, Clone)]
pub struct Family {
    /// As in its `# TYPE` line; in OpenMetrics without `_total` and `_info`.
    pub name: String,
    /// Its type.
    pub kind: Type,
    /// What it measures; empty if the page does not say.
    pub help: String,
    /// Its unit; empty if the page does not say.
    pub unit: String,
    /// Its samples; none if there is metadata alone.
    pub samples: Vec<Sample>,
    /// The first line that tells of it, from 1; 0 in protobuf, which has none.
    pub line: usize,
}

impl Family {
    /// Whether there is a sample that is a value of one of its series.
    #[must_use]
    pub fn has_values(&self) -> bool {
        self.samples.iter().any(|sample| !self.is_created(sample))
    }

    /// Whether a sample is the time at which a series of this family began, which is no value of it.
    #[must_use]
    pub fn is_created(&self, sample: &Sample) -> bool {
        sample.name.strip_prefix(&*self.name) == Some("_created")
    }
}

/// A line with a value.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// With its suffix.
    pub name: String,
    /// Names and values, as they come.
    pub labels: Vec<(String, String)>,
    /// Its value.
    pub value: f64,
    /// Its line, from 1; 0 in protobuf, which has none.
    pub line: usize,
}

impl Sample {
    /// The value of a label, if it has that.
    #[must_use]
    pub fn label(&self, name: &str) -> Option<&str> {
        let mut labels = self.labels.iter();
        let found = labels.find(|(label, _)| label == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// A line or a message that is not as the format says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Its line, from 1; behind the last one for what should be there, and 0 in protobuf.
    pub line: usize,
    /// What is wrong with it.
    pub message: String,
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
    /// Its families, also those that have metadata alone.
    pub families: Vec<Family>,
    /// What it is written in.
    pub format: Format,
    /// Lines that are not as the format says. Those that make no sense were left out.
    pub problems: Vec<Problem>,
}

impl Page {
    /// Reads a page of text of which nobody said the format: OpenMetrics if anything on it is of that format alone.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        reader::read(text, None)
    }

    /// Reads a page as it came from somewhere, in the format that its server named, if it did. Of text, what is not UTF-8 is
    /// replaced, and the first line that is not is a problem; in protobuf, samples are named as in Prometheus text.
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
            Some(Format::Text | Format::OpenMetrics) | None => read_text(bytes, format),
        }
    }
}

fn read_text(bytes: &[u8], format: Option<Format>) -> Page {
    let mut page = reader::read(&String::from_utf8_lossy(bytes), format);
    if let Err(error) = std::str::from_utf8(bytes) {
        let lines = bytes[..error.valid_up_to()].split(|byte| *byte == b'\n');
        page.problems.push(Problem {
            line: lines.count(),
            message: "this is not UTF-8".to_owned(),
        });
        page.problems.sort_by_key(|problem| problem.line);
    }
    page
}
