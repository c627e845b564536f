//! From lines to families: what belongs together, and what breaks the order that the formats ask for.

mod formats;

use std::collections::HashMap;

use shadowcat_metrics_codegen::suggest;

use super::line::{Line, parse_line, shorten};
use super::{Family, Format, Page, Problem, Sample, Type};

/// Reads a page, in the format that it is said to be in, or else looks like.
pub(super) fn read(text: &str, format: Option<Format>) -> Page {
    let is_end =
        |line: &str| line.starts_with("# EOF") && matches!(parse_line(line), Ok(Line::End));
    let is_open_metrics = match format {
        Some(format) => format == Format::OpenMetrics,
        None => text.lines().any(is_end),
    };
    let mut reader = Reader {
        is_open_metrics,
        ..Reader::default()
    };
    for (index, line) in text.split_terminator('\n').enumerate() {
        reader.line = index + 1;
        let without = line.strip_suffix('\r');
        if without.is_some() {
            reader.first_carriage_return.get_or_insert(reader.line);
        }
        reader.take(without.unwrap_or(line));
    }
    reader.finish(format)
}

/// What a family's metadata has told so far.
#[derive(Debug, Default, Clone, Copy)]
struct Told {
    help: bool,
    kind: bool,
    unit: bool,
}

#[derive(Debug, Default)]
struct Reader {
    /// Whether the page says that it is OpenMetrics, or somebody did.
    is_open_metrics: bool,
    families: Vec<Family>,
    /// What was told of each family, in the same order.
    told: Vec<Told>,
    /// Families by the names that their samples may have.
    known: HashMap<String, usize>,
    problems: Vec<Problem>,
    /// The line that is read, from 1.
    line: usize,
    /// Where the first `# EOF` stands.
    end: Option<usize>,
    first_empty_line: Option<usize>,
    first_line_behind_end: Option<usize>,
    first_carriage_return: Option<usize>,
    /// Lines with what the text format does not have, and what that is.
    of_open_metrics: Vec<(usize, String)>,
}

impl Reader {
    fn take(&mut self, text: &str) {
        if self.end.is_some() {
            self.first_line_behind_end.get_or_insert(self.line);
        }
        match parse_line(text) {
            Err(problem) => self.note(problem),
            Ok(Line::Comment) => {}
            Ok(Line::Empty) => {
                self.first_empty_line.get_or_insert(self.line);
            }
            Ok(Line::End) => {
                self.end.get_or_insert(self.line);
            }
            Ok(Line::Help(name, _) | Line::Type(name, _)) if self.is_time_of_another(name) => {}
            Ok(Line::Help(name, help)) => {
                let place = self.place_of_metadata(name);
                if std::mem::replace(&mut self.told[place].help, true) {
                    self.note(format!("a second `# HELP` of `{name}`"));
                } else {
                    self.families[place].help = help;
                }
            }
            Ok(Line::Unit(name, unit)) => {
                let place = self.place(name);
                if std::mem::replace(&mut self.told[place].unit, true) {
                    self.note(format!("a second `# UNIT` of `{name}`"));
                } else {
                    unit.clone_into(&mut self.families[place].unit);
                }
            }
            Ok(Line::Type(name, word)) => match Type::parse(word) {
                Some(kind) => self.kind(name, kind),
                None => self.note(format!("there is no type `{}`", shorten(word))),
            },
            Ok(Line::Sample(sample, of_open_metrics)) => {
                let more = of_open_metrics.map(|more| (self.line, more.to_owned()));
                self.of_open_metrics.extend(more);
                let place = self.place(&sample.name);
                self.families[place].samples.push(Sample {
                    line: self.line,
                    ..sample
                });
            }
        }
    }

    fn kind(&mut self, name: &str, kind: Type) {
        let place = self.place_of_metadata(name);
        if std::mem::replace(&mut self.told[place].kind, true) {
            self.note(format!("a second `# TYPE` of `{name}`"));
            return;
        }
        if !self.families[place].samples.is_empty() {
            self.note(format!("the `# TYPE` of `{name}` is behind its samples"));
        }
        self.families[place].kind = kind;
        if kind.is_of_open_metrics() {
            let more = format!("type `{}`", kind.name());
            self.of_open_metrics.push((self.line, more));
        }
        for format in [Format::Text, Format::OpenMetrics] {
            for suffix in kind.suffixes(format) {
                self.known.entry(format!("{name}{suffix}")).or_insert(place);
            }
        }
    }

    fn note(&mut self, message: String) {
        self.problems.push(Problem {
            line: self.line,
            message,
        });
    }

    fn place(&mut self, name: &str) -> usize {
        let known = self.known.get(name).copied();
        known.unwrap_or_else(|| self.add(name))
    }

    /// Begins a family.
    fn add(&mut self, name: &str) -> usize {
        let place = self.families.len();
        self.known.insert(name.to_owned(), place);
        self.told.push(Told::default());
        self.families.push(Family {
            name: name.to_owned(),
            kind: Type::Unknown,
            help: String::new(),
            unit: String::new(),
            samples: Vec::new(),
            line: self.line,
        });
        place
    }

    fn finish(mut self, format: Option<Format>) -> Page {
        if !self.is_open_metrics {
            self.part_totals();
        }
        let format = format.unwrap_or_else(|| self.likely_format());
        for family in &self.families {
            let suffixes = family.kind.suffixes(format);
            let odd = family.samples.iter().find(|sample| {
                let suffix = sample.name.strip_prefix(&*family.name);
                !suffix.is_some_and(|suffix| suffixes.contains(&suffix))
            });
            self.problems.extend(odd.map(|sample| {
                let names = suffixes
                    .iter()
                    .map(|suffix| format!("{}{suffix}", family.name));
                let names: Vec<_> = names.collect();
                Problem {
                    line: sample.line,
                    message: format!(
                        "`{}` is no sample of the {} `{}`, whose samples are called {}",
                        sample.name,
                        family.kind.name(),
                        family.name,
                        suggest::list(names.iter().map(String::as_str))
                    ),
                }
            }));
        }
        match format {
            Format::OpenMetrics => self.open_metrics_ends(),
            // It has no lines, and another reader.
            Format::Protobuf => {}
            Format::Text => {
                let more = self.of_open_metrics.drain(..);
                self.problems.extend(more.map(|(line, more)| Problem {
                    line,
                    message: format!("the text format has no {more}"),
                }));
            }
        }
        self.problems
            .extend(self.first_carriage_return.map(|line| Problem {
                line,
                message: "the line ends with CR LF".to_owned(),
            }));
        self.problems.sort_by_key(|problem| problem.line);
        Page {
            families: self.families,
            format,
            problems: self.problems,
        }
    }

    /// What OpenMetrics asks of a page's end and lines; to the text format, `# EOF` is a comment.
    fn open_metrics_ends(&mut self) {
        let mut note = |line: Option<usize>, message: &str| {
            self.problems.extend(line.map(|line| Problem {
                line,
                message: message.to_owned(),
            }));
        };
        note(
            self.first_empty_line
                .filter(|line| self.end.is_none_or(|end| *line < end)),
            "OpenMetrics has no empty lines",
        );
        note(
            self.first_line_behind_end,
            "there is something behind `# EOF`",
        );
        let behind_the_last = self.line + 1;
        note(
            Some(behind_the_last).filter(|_| self.end.is_none()),
            "the page does not end with `# EOF`: it may be cut off",
        );
    }
}
