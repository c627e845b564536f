//! Findings about a page, each with a stable code.

use std::fmt;

use crate::page::Format;

/// The severity of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Probably a mistake.
    Warning,
    /// The program and its schema disagree.
    Error,
}

impl Severity {
    /// Returns the word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

macro_rules! codes {
    ($($variant:ident = $id:literal $name:literal $severity:ident: $meaning:literal, $advice:literal;)*) => {
        /// The stable code of a finding.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $meaning] $variant,)*
        }

        impl Code {
            /// Every code, sorted by id.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Returns the id, such as `LC01`.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)* }
            }

            /// Returns the name, such as `unknown-family`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Returns the severity.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }

            /// Returns the meaning.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }

            /// Returns the recommended action.
            #[must_use]
            pub const fn advice(self) -> &'static str {
                match self { $(Self::$variant => $advice,)* }
            }
        }
    };
}

codes! {
    UnreadableLine = "LC01" "unreadable-line" Error: "A line of the page breaks its format, or the page's end is missing.",
        "Fix the program's output. Prometheus refuses the whole page for a line that it cannot parse; other readers also refuse repeated or misplaced metadata.";
    UnknownFamily = "LC02" "unknown-family" Error: "The page has a family in the schema's namespace that the schema does not have.",
        "Declare it in metrics.toml, or find the program or collector that still exposes it.";
    MissingFamily = "LC03" "missing-family" Error: "The page lacks a family that a program exposes from the start.",
        "Check whether the program runs with this schema, and whether its registry is on the page.";
    WrongType = "LC04" "wrong-type" Error: "The type of a family differs from the schema.",
        "Build the program with this schema, and check whether another collector exposes the name.";
    WrongUnit = "LC05" "wrong-unit" Error: "The unit of a family differs from the schema.",
        "Build the program with this schema.";
    WrongHelp = "LC06" "wrong-help" Warning: "The help text of a family differs from the schema.",
        "Build the program with this schema. Until then, the reference and the page differ.";
    WrongLabels = "LC07" "wrong-labels" Error: "A sample lacks a label of its metric, or has an extra one.",
        "If scraping or a collector adds labels, allow them: `--allow-label NAME`.";
    UnknownLabelValue = "LC08" "unknown-label-value" Error: "A closed label has a value that the schema does not list.",
        "Add the value to the label in metrics.toml, or fix the program: alerts for the listed values miss it.";
    WrongBuckets = "LC09" "wrong-buckets" Error: "The bucket bounds of a histogram differ from the schema.",
        "Build the program with this schema. An objective needs a bucket bound at its limit.";
    BrokenHistogram = "LC10" "broken-histogram" Error: "A histogram contradicts itself: its buckets decrease or are out of order, `_count` and `+Inf` differ, or a part is missing.",
        "Fix the program's output.";
    TooManySeries = "LC11" "too-many-series" Error: "An open label has more values than its bound.",
        "Check whether two registries, or another collector, expose the metric.";
    MissingSeries = "LC12" "missing-series" Error: "A combination of closed label values, or a state, is missing, so `rate` misses its first event.",
        "Check whether a filter or a partial collector removes series.";
    DuplicateSeries = "LC13" "duplicate-series" Error: "A series is on the page twice.",
        "Check whether two collectors expose it. Prometheus keeps one of the values, and other readers refuse the page.";
    BrokenState = "LC14" "broken-state" Error: "A state metric has a value other than 0 and 1, or several current states, or an info metric is not 1.",
        "Check whether another collector exposes the metric.";
    BrokenCounter = "LC15" "broken-counter" Error: "A counter is negative or not a number.",
        "Check what the callback of the counter returns.";
    NeverMoved = "LC16" "never-moved" Warning: "A metric did not change while it was watched.",
        "Send traffic that should change it. If it still does not change, look for code that records it: `shadowcat-metrics unused`.";
    ExpiredName = "LC17" "expired-name" Error: "A metric, or a former name of a metric or label value, is exposed after the release that removes it.",
        "Deploy a build of that release. It does not compile while the schema has the name.";
    OtherSpelling = "LC18" "other-spelling" Warning: "A bucket bound is spelled differently than in the schema's rules.",
        "Serve the registry's own page. Before Prometheus 3, a query for `le=\"2.0\"` does not match `le=\"2\"`.";
    WrongContentType = "LC19" "wrong-content-type" Error: "The server's `Content-Type` names no format of metrics, or is missing.",
        "Check whether this is the address of its metrics. Serve them as `text/plain; version=0.0.4` or `application/openmetrics-text; version=1.0.0`: Prometheus 3 refuses a page with another type.";
    NoAnswer = "LC20" "no-answer" Error: "The program did not serve its page while it was watched.",
        "Check the program's log for that time: a scraper would have a gap there.";
    DisputedLine = "LC21" "disputed-line" Warning: "Some readers of the format accept a line of the page, and others refuse it.",
        "Write the line exactly as the format says.";
    MissingOwnFamily = "LC22" "missing-own-family" Warning: "The page lacks a metric that the library exposes about itself.",
        "Check whether the program uses this library, and whether its whole registry is on the page.";
    MissingUnit = "LC23" "missing-unit" Warning: "An OpenMetrics page does not say the unit of a family whose name ends with it.",
        "Build the program with this schema, or ignore this for a program without the library.";
    UndeclaredExemplar = "LC24" "undeclared-exemplar" Warning: "A sample has an exemplar, and the schema does not declare `exemplars` for its metric.",
        "Set `exemplars = true` for the metric in metrics.toml, or find the collector that adds the exemplar.";
}

/// A fault on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The kind of fault.
    pub code: Code,
    /// The metric's exposed name, or the family's name on the page. Empty for a fault of the whole page or of
    /// a line.
    pub family: String,
    /// Line of the page, counted from 1, if it has lines.
    pub line: Option<usize>,
    /// What is wrong, in one line, with the found and the expected value.
    pub message: String,
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
            code: Code::WrongContentType,
            family: String::new(),
            line: None,
            message,
        })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]", self.code.severity().name(), self.code.id())?;
        if let Some(line) = self.line {
            write!(f, " line {line}")?;
        }
        write!(f, ": {}", self.message)
    }
}
