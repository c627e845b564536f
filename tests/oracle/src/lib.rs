//! A strict reader of both text formats, for pages that this project writes.
//!
//! It accepts less than the formats allow: what they leave open but some reader trips over (white space, order, comments,
//! missing help, numbers in odd forms) is a fault here. `lines` knows the grammar of one line, `number` that of
//! numbers, `families` how lines make families, `rules` what each type of family must hold.

mod families;
mod lines;
mod number;
mod rules;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

pub use number::canonical;

/// Which of the two formats a page is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grammar {
    /// Prometheus text, version 0.0.4.
    PrometheusText,
    /// `OpenMetrics` text, version 1.0.
    OpenMetrics,
}

/// What is wrong with a page, and in which line, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

/// All families of a page, in its order.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// In the order of the page.
    pub families: Vec<Family>,
}

/// One metric family with its samples.
#[derive(Debug, Clone, PartialEq)]
pub struct Family {
    /// The name in its `# TYPE` line.
    pub name: String,
    /// The word in its `# TYPE` line.
    pub kind: String,
    /// Its help, unescaped.
    pub help: String,
    /// Its unit, which only `OpenMetrics` has.
    pub unit: Option<String>,
    /// In the order of the page.
    pub samples: Vec<Sample>,
    /// The line of its first comment.
    line: usize,
}

/// One sample.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Its name and labels.
    pub series: Series,
    /// Its value.
    pub value: f64,
    /// Its value, as written.
    pub text: String,
    line: usize,
}

/// What tells samples apart: a name and labels, sorted by name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Series {
    /// The sample's name, with its suffix.
    pub name: String,
    /// Label values by label name, unescaped.
    pub labels: BTreeMap<String, String>,
}

impl Series {
    /// Makes a series.
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
    /// Every sample of every family.
    pub fn samples(&self) -> impl Iterator<Item = &Sample> {
        self.families.iter().flat_map(|family| &family.samples)
    }

    /// The values by series.
    #[must_use]
    pub fn values(&self) -> BTreeMap<Series, f64> {
        self.samples()
            .map(|sample| (sample.series.clone(), sample.value))
            .collect()
    }

    /// The values as written, by series, without the times that series began: the same in both formats.
    #[must_use]
    pub fn texts(&self) -> BTreeMap<Series, &str> {
        self.samples()
            .filter(|sample| !sample.series.name.ends_with("_created"))
            .map(|sample| (sample.series.clone(), sample.text.as_str()))
            .collect()
    }

    /// The value of one series.
    #[must_use]
    pub fn value(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let series = Series::new(name, labels.iter().copied());
        self.samples()
            .find(|sample| sample.series == series)
            .map(|sample| sample.value)
    }

    /// The family of a name.
    #[must_use]
    pub fn family(&self, name: &str) -> Option<&Family> {
        self.families.iter().find(|family| family.name == name)
    }
}

/// Reads a page.
///
/// # Errors
///
/// The first thing that is wrong with it.
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
