//! Groups lines into families of samples with metadata.

use std::collections::HashMap;

use shadowcat_metrics_codegen::suggest;

use super::lines::{Entry, Lines};
use super::{Family, Format, Page, Problem, Sample, Type};
use crate::finding::Severity;

/// Parses a text page in the given format, or in the format that it appears to have.
pub(super) fn read(bytes: &[u8], format: Option<Format>) -> Page {
    let is_open_metrics = match format {
        Some(format) => format == Format::OpenMetrics,
        None => has_mark_of_open_metrics(bytes),
    };
    let reader = Reader::read(bytes, is_open_metrics);
    if format.is_none() && !is_open_metrics && reader.has_counters_of_open_metrics() {
        return Reader::read(bytes, true).finish();
    }
    reader.finish()
}

/// Returns whether a page has a line that exists only in OpenMetrics: its end, a unit, or one of its types.
fn has_mark_of_open_metrics(bytes: &[u8]) -> bool {
    bytes.split(|byte| *byte == b'\n').any(|line| {
        let Some(line) = line.strip_prefix(b"# ") else {
            return false;
        };
        let is_end = line.trim_ascii_end() == b"EOF";
        let kind = line.strip_prefix(b"TYPE ").and_then(|line| {
            let word = line.rsplit(|byte| *byte == b' ').next()?;
            Type::parse(std::str::from_utf8(word).ok()?.trim_end())
        });
        is_end || line.starts_with(b"UNIT ") || kind.is_some_and(Type::is_of_open_metrics)
    })
}

/// The metadata lines of a family that were read.
#[derive(Debug, Default, Clone, Copy)]
struct Metadata {
    help: bool,
    kind: bool,
    unit: bool,
}

#[derive(Debug, Default)]
struct Reader {
    is_open_metrics: bool,
    families: Vec<Family>,
    /// For each family, in the same order.
    metadata: Vec<Metadata>,
    /// Families by the possible names of their samples.
    known: HashMap<String, usize>,
    problems: Vec<Problem>,
    /// The current line, counted from 1.
    line: usize,
}

impl Reader {
    fn read(bytes: &[u8], is_open_metrics: bool) -> Self {
        let mut reader = Self {
            is_open_metrics,
            ..Self::default()
        };
        let mut lines = Lines::new(bytes, is_open_metrics);
        // Faults that may occur on every line are reported once.
        let (mut end, mut empty, mut comment) = (false, false, false);
        while let Some((entry, problem)) = lines.next() {
            reader.line = lines.line;
            if end {
                reader.refuse("there is something after `# EOF`");
                break;
            }
            reader.problems.extend(problem);
            match entry {
                None | Some(Entry::Nothing) => {}
                Some(Entry::Empty) => {
                    if is_open_metrics && !std::mem::replace(&mut empty, true) {
                        reader.refuse("OpenMetrics has no empty lines");
                    }
                }
                Some(Entry::Comment) => {
                    if is_open_metrics && !std::mem::replace(&mut comment, true) {
                        reader.refuse("OpenMetrics has no comments other than metadata");
                    }
                }
                Some(Entry::End) => end = true,
                Some(Entry::Stop) => {
                    reader.contradict("Prometheus reads nothing after this NUL byte".to_owned());
                    break;
                }
                Some(Entry::Help(name, help)) => reader.help(&name, help),
                Some(Entry::Type(name, kind)) => reader.kind(&name, kind),
                Some(Entry::Unit(name, unit)) => reader.unit(&name, unit),
                Some(Entry::Sample(sample, has_exemplar)) => {
                    let place = reader.place(&sample.name);
                    let family = &mut reader.families[place];
                    family.samples.push(sample);
                    family.has_exemplars |= has_exemplar;
                }
            }
        }
        if is_open_metrics && !end {
            reader.line += 1;
            reader.refuse("the page does not end with `# EOF`: it may be cut off");
        }
        if let Some(line) = lines.carriage_return {
            reader.problems.push(Problem {
                line,
                message: "the line ends with CR LF".to_owned(),
                severity: Severity::Error,
                prometheus_refuses: lines.carriage_return_is_refused,
            });
        }
        reader
    }

    fn help(&mut self, name: &str, help: String) {
        if self.is_time_of_another(name) {
            return;
        }
        let place = self.place_of_metadata(name);
        if std::mem::replace(&mut self.metadata[place].help, true) {
            self.contradict(format!("a second `# HELP` of `{name}`"));
        } else {
            self.families[place].help = help;
        }
    }

    fn unit(&mut self, name: &str, unit: String) {
        let place = self.place(name);
        if std::mem::replace(&mut self.metadata[place].unit, true) {
            self.contradict(format!("a second `# UNIT` of `{name}`"));
        } else {
            self.families[place].unit = unit;
        }
    }

    fn kind(&mut self, name: &str, kind: Type) {
        if self.is_time_of_another(name) {
            return;
        }
        let place = self.place_of_metadata(name);
        if std::mem::replace(&mut self.metadata[place].kind, true) {
            self.contradict(format!("a second `# TYPE` of `{name}`"));
            return;
        }
        if !self.families[place].samples.is_empty() {
            self.contradict(format!("the `# TYPE` of `{name}` is after its samples"));
        }
        self.families[place].kind = kind;
        for format in [Format::Text, Format::OpenMetrics] {
            for suffix in kind.suffixes(format) {
                self.known.entry(format!("{name}{suffix}")).or_insert(place);
            }
        }
    }

    fn refuse(&mut self, message: &str) {
        self.problem(message.to_owned(), true);
    }

    /// Reports a contradiction between lines that Prometheus does not notice. One problem per line is enough.
    fn contradict(&mut self, message: String) {
        if self
            .problems
            .last()
            .is_none_or(|last| last.line != self.line)
        {
            self.problem(message, false);
        }
    }

    fn problem(&mut self, message: String, prometheus_refuses: bool) {
        self.problems.push(Problem {
            line: self.line,
            message,
            severity: Severity::Error,
            prometheus_refuses,
        });
    }

    fn place(&mut self, name: &str) -> usize {
        let known = self.known.get(name).copied();
        known.unwrap_or_else(|| self.add(name))
    }

    /// Adds a family.
    fn add(&mut self, name: &str) -> usize {
        let place = self.families.len();
        self.known.insert(name.to_owned(), place);
        self.metadata.push(Metadata::default());
        self.families.push(Family {
            name: name.to_owned(),
            kind: Type::Unknown,
            help: String::new(),
            unit: String::new(),
            samples: Vec::new(),
            native: Vec::new(),
            has_exemplars: false,
            line: self.line,
        });
        place
    }

    /// Returns the family that a metadata line belongs to. In the text format, counters `a` and `a_total` are
    /// two families.
    fn place_of_metadata(&mut self, name: &str) -> usize {
        let is_of_another = self.known.get(name).is_some_and(|place| {
            let family = &self.families[*place];
            match family.kind {
                Type::Counter => name.strip_prefix(&*family.name) == Some("_total"),
                Type::Info => name.strip_prefix(&*family.name) == Some("_info"),
                Type::Gauge
                | Type::Histogram
                | Type::GaugeHistogram
                | Type::Summary
                | Type::StateSet
                | Type::Unknown => false,
            }
        });
        if is_of_another && !self.is_open_metrics {
            return self.add(name);
        }
        self.place(name)
    }

    /// Returns whether a metadata line is about the creation times of another family's series. In the text
    /// format, some programs declare a separate family for them, after the family that they belong to.
    fn is_time_of_another(&self, name: &str) -> bool {
        let known = self.known.get(name).map(|place| &self.families[*place]);
        !self.is_open_metrics
            && known.is_some_and(|family| name.strip_prefix(&*family.name) == Some("_created"))
    }

    /// Returns whether all counters have a suffix that their families lack.
    fn has_counters_of_open_metrics(&self) -> bool {
        let has = |family: &Family, suffix| {
            let mut names = family.samples.iter().map(|sample| &sample.name);
            names.any(|name| name.strip_prefix(&*family.name) == Some(suffix))
        };
        let counters = || self.families.iter().filter(|it| it.kind == Type::Counter);
        counters().any(|counter| has(counter, "_total"))
            && !counters().any(|counter| has(counter, ""))
    }

    fn finish(mut self) -> Page {
        let format = if self.is_open_metrics {
            Format::OpenMetrics
        } else {
            self.separate_totals();
            Format::Text
        };
        for family in &self.families {
            let suffixes = family.kind.suffixes(format);
            let odd = family.samples.iter().find(|sample| {
                let suffix = sample.name.strip_prefix(&*family.name);
                !suffix.is_some_and(|suffix| suffixes.contains(&suffix))
            });
            let Some(sample) = odd else { continue };
            let names = suffixes
                .iter()
                .map(|suffix| format!("{}{suffix}", family.name));
            let names: Vec<_> = names.collect();
            self.problems.push(Problem {
                line: sample.line,
                message: format!(
                    "`{}` is not a sample of the {} `{}`, whose samples are called {}",
                    sample.name,
                    family.kind.name(),
                    family.name,
                    suggest::list(names.iter().map(String::as_str))
                ),
                severity: Severity::Error,
                prometheus_refuses: false,
            });
        }
        self.problems.sort_by_key(|problem| problem.line);
        Page {
            families: self.families,
            format,
            problems: self.problems,
        }
    }

    /// Moves samples `a_total` next to samples `a` of a counter `a` into a separate family, because they are
    /// not its series.
    fn separate_totals(&mut self) {
        for place in 0..self.families.len() {
            let family = &mut self.families[place];
            let is_bare = |sample: &Sample| sample.name == family.name;
            if family.kind != Type::Counter || !family.samples.iter().any(is_bare) {
                continue;
            }
            let name = format!("{}_total", family.name);
            let samples = std::mem::take(&mut family.samples);
            let (totals, own): (Vec<_>, Vec<_>) =
                samples.into_iter().partition(|sample| sample.name == name);
            family.samples = own;
            if let Some(first) = totals.first() {
                let line = first.line;
                let place = self.add(&name);
                self.families[place].samples = totals;
                self.families[place].line = line;
            }
        }
    }
}
