//! Reading an exposition page, text 0.0.4 or OpenMetrics, of any program: lines that make no sense are noted and left out,
//! and the rest is taken as it was meant.

mod line;

use std::collections::HashMap;

use line::{Line, parse_line};

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

    fn parse(word: &str) -> Option<Self> {
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

    /// What samples may have behind the family's name.
    const fn suffixes(self) -> &'static [&'static str] {
        match self {
            Self::Counter => &["", "_total", "_created"],
            Self::Histogram => &["_bucket", "_count", "_sum", "_created"],
            Self::GaugeHistogram => &["_bucket", "_gcount", "_gsum"],
            Self::Summary => &["", "_count", "_sum", "_created"],
            Self::Info => &["_info", ""],
            Self::Gauge | Self::StateSet | Self::Unknown => &[""],
        }
    }
}

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
    /// Its samples.
    pub samples: Vec<Sample>,
    /// The first line that tells of it, from 1.
    pub line: usize,
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
    /// Its line, from 1.
    pub line: usize,
}

/// A page.
#[derive(Debug, Default)]
pub struct Page {
    /// Families that have samples.
    pub families: Vec<Family>,
    /// Whether it is OpenMetrics: it says where it ends.
    pub is_open_metrics: bool,
    /// Lines that were left out, and why.
    pub problems: Vec<String>,
}

impl Page {
    /// Reads a page.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut page = Self {
            is_open_metrics: text.lines().next_back() == Some("# EOF"),
            ..Self::default()
        };
        // By the names that samples of the family may have.
        let mut known: HashMap<String, usize> = HashMap::new();
        for (index, text) in text.lines().enumerate() {
            let parsed = match parse_line(text) {
                Ok(line) => line,
                Err(problem) => {
                    page.problems.push(format!("line {}: {problem}", index + 1));
                    continue;
                }
            };
            match parsed {
                Line::Nothing => {}
                Line::Help(name, help) => page.family(name, index, &mut known).help = help,
                Line::Unit(name, unit) => {
                    unit.clone_into(&mut page.family(name, index, &mut known).unit);
                }
                Line::Type(name, word) => {
                    let Some(kind) = Type::parse(word) else {
                        page.problems
                            .push(format!("line {}: there is no type `{word}`", index + 1));
                        continue;
                    };
                    page.family(name, index, &mut known).kind = kind;
                    let place = known[name];
                    for suffix in kind.suffixes() {
                        known.entry(format!("{name}{suffix}")).or_insert(place);
                    }
                }
                Line::Sample(sample) => {
                    let name = sample.name.clone();
                    let sample = Sample {
                        line: index + 1,
                        ..sample
                    };
                    page.family(&name, index, &mut known).samples.push(sample);
                }
            }
        }
        page.families.retain(|family| !family.samples.is_empty());
        page
    }

    fn family(
        &mut self,
        name: &str,
        index: usize,
        known: &mut HashMap<String, usize>,
    ) -> &mut Family {
        let place = *known.entry(name.to_owned()).or_insert_with(|| {
            self.families.push(Family {
                name: name.to_owned(),
                kind: Type::Unknown,
                help: String::new(),
                unit: String::new(),
                samples: Vec::new(),
                line: index + 1,
            });
            self.families.len() - 1
        });
        &mut self.families[place]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_formats_are_read() {
        let page = Page::parse(
            "# HELP a_total Adds\\nup \\\\.\n# TYPE a_total counter\na_total{x=\"1\\\"\\n\",y=\"}\"} 5 1700000000000\n\
             # TYPE b counter\n# UNIT b seconds\nb_total 1.5 # {trace=\"x\"} 1\nb_created 1e9\n\
             # TYPE h histogram\nh_bucket{le=\"+Inf\",} +Inf\nh_sum NaN\nh_count 3\nfree{} -Inf\n# EOF\n\n# just so\n",
        );
        assert!(page.problems.is_empty(), "{:?}", page.problems);
        let found: Vec<_> = page
            .families
            .iter()
            .map(|family| (&*family.name, family.kind, family.samples.len()))
            .collect();
        assert_eq!(
            found,
            [
                ("a_total", Type::Counter, 1),
                ("b", Type::Counter, 2),
                ("h", Type::Histogram, 3),
                ("free", Type::Unknown, 1)
            ]
        );
        assert_eq!(page.families[0].help, "Adds\nup \\.");
        let labels = &page.families[0].samples[0].labels;
        assert_eq!(labels[0], ("x".to_owned(), "1\"\n".to_owned()));
        assert_eq!(page.families[1].unit, "seconds");
    }

    #[test]
    fn what_makes_no_sense_is_noted_and_left_out() {
        let page = Page::parse(
            "a 1\nb\nc{x=1} 2\nd{x=\"1} 2\n1e 2\nf two\n# TYPE g guage\ng 1\nh{x=\"1\" y=\"2\"} 3\n{\"quoted.name\"} 1\ni 1 2 3\n",
        );
        let lines: Vec<_> = page
            .problems
            .iter()
            .map(|problem| problem.split(':').next())
            .collect();
        assert_eq!(
            lines,
            [
                "line 2", "line 3", "line 4", "line 5", "line 6", "line 7", "line 9", "line 10",
                "line 11"
            ]
            .map(Some),
            "{:#?}",
            page.problems
        );
        assert_eq!(page.families.len(), 2);
    }
}
