//! A strict parser for both text formats, for pages that this project writes.
//!
//! It accepts less than the formats allow. It rejects optional forms that some parsers cannot read: unusual white space, order,
//! comments, missing help, numbers in unusual notation.

mod families;
mod lines;
mod number;
mod rules;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

pub use number::canonical;

/// The text format of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grammar {
    /// Prometheus text, version 0.0.4.
    PrometheusText,
    /// `OpenMetrics` text, version 1.0.
    OpenMetrics,
}

/// The first fault of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Line number, from 1.
    pub line: usize,
    /// Description of the fault.
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

/// A parsed page.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Families in the order of the page.
    pub families: Vec<Family>,
}

/// A metric family with its samples.
#[derive(Debug, Clone, PartialEq)]
pub struct Family {
    /// Name in its `# TYPE` line.
    pub name: String,
    /// Type in its `# TYPE` line.
    pub kind: String,
    /// Help, unescaped.
    pub help: String,
    /// Unit, which only `OpenMetrics` has.
    pub unit: Option<String>,
    /// Samples in the order of the page.
    pub samples: Vec<Sample>,
    /// Line number of the first comment.
    line: usize,
}

/// A sample line.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Name and labels.
    pub series: Series,
    /// The parsed value.
    pub value: f64,
    /// The value as written.
    pub text: String,
    line: usize,
}

/// A sample's identity: its name, and its labels sorted by name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Series {
    /// The sample's name with its suffix.
    pub name: String,
    /// Label values by label name, unescaped.
    pub labels: BTreeMap<String, String>,
}

impl Series {
    /// Creates a series.
    #[must_use]
    pub fn new<'a>(name: &str, labels: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let labels = labels
            .into_iter()
            .map(|(label, value)| (label.to_owned(), value.to_owned()));
        Self {
            name: name.to_owned(),
            labels: labels.collect(),
        }
    }
}

impl Page {
    /// Returns every sample of every family.
    pub fn samples(&self) -> impl Iterator<Item = &Sample> {
        self.families.iter().flat_map(|family| &family.samples)
    }

    /// Returns the values by series.
    #[must_use]
    pub fn values(&self) -> BTreeMap<Series, f64> {
        self.samples()
            .map(|sample| (sample.series.clone(), sample.value))
            .collect()
    }

    /// Returns the values as written, by series. Creation times are not included, so that both formats give the same result.
    #[must_use]
    pub fn texts(&self) -> BTreeMap<Series, &str> {
        self.samples()
            .filter(|sample| !sample.series.name.ends_with("_created"))
            .map(|sample| (sample.series.clone(), sample.text.as_str()))
            .collect()
    }

    /// Returns the value of one series.
    #[must_use]
    pub fn value(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let series = Series::new(name, labels.iter().copied());
        self.samples()
            .find(|sample| sample.series == series)
            .map(|sample| sample.value)
    }

    /// Returns the family with a name.
    #[must_use]
    pub fn family(&self, name: &str) -> Option<&Family> {
        self.families.iter().find(|family| family.name == name)
    }
}

/// Parses a page.
///
/// # Errors
///
/// Returns the first fault of the page.
pub fn parse(grammar: Grammar, page: &str) -> Result<Page, Fault> {
    let families = families::parse(grammar, page)?;
    for family in &families {
        rules::check(grammar, family)?;
    }
    families::check_names(&families)?;
    Ok(Page { families })
}

fn fault<T>(line: usize, what: impl Into<String>) -> Result<T, Fault> {
    Err(Fault {
        line,
        what: what.into(),
    })
}
