//! The lines of the two text formats, parsed as Prometheus does.
//!
//! A line that breaks a rule but has a clear meaning is parsed, and reported. Only a line without a clear
//! meaning is skipped.

use super::exemplar::Exemplar;
use super::{Problem, Sample, Type};
use crate::finding::Severity;

/// The content of a line.
#[derive(Debug)]
pub(super) enum Entry {
    /// A line without content, such as a comment.
    Nothing,
    /// An empty line.
    Empty,
    /// A comment that is not metadata.
    Comment,
    Help(String, String),
    Type(String, Type),
    Unit(String, String),
    /// A sample, and whether it has an exemplar.
    Sample(Sample, bool),
    /// `# EOF` in OpenMetrics.
    End,
    /// A NUL byte at the beginning of a line. Prometheus stops reading there.
    Stop,
}

/// Parses the lines of a page one after the other.
#[derive(Debug)]
pub(super) struct Lines<'t> {
    rest: &'t [u8],
    is_open_metrics: bool,
    /// The current line, counted from 1.
    pub(super) line: usize,
    /// The rule that the line breaks, if it is parsed nevertheless.
    flaw: Option<Problem>,
    /// Number of line feeds in the line's label values, which the Prometheus text format allows.
    line_feeds: usize,
    /// The first line that ends with CR LF.
    pub(super) carriage_return: Option<usize>,
    /// Whether Prometheus refuses a line that ends with CR LF. It accepts it if the line ends with free text.
    pub(super) carriage_return_is_refused: bool,
}

/// Why a line is skipped.
type Fault = String;

impl<'t> Lines<'t> {
    pub(super) const fn new(bytes: &'t [u8], is_open_metrics: bool) -> Self {
        Self {
            rest: bytes,
            is_open_metrics,
            line: 0,
            flaw: None,
            line_feeds: 0,
            carriage_return: None,
            carriage_return_is_refused: false,
        }
    }

    /// Returns the next line and its fault, or `None` at the end of the page.
    pub(super) fn next(&mut self) -> Option<(Option<Entry>, Option<Problem>)> {
        if self.rest.is_empty() {
            return None;
        }
        self.line += 1;
        let (start, line) = (self.rest, self.line);
        match self.entry() {
            Ok(entry) => {
                self.line += std::mem::take(&mut self.line_feeds);
                let flaw = self.flaw.take().map(|flaw| Problem { line, ..flaw });
                Some((Some(entry), flaw))
            }
            Err(message) => {
                self.flaw = None;
                self.line_feeds = 0;
                self.rest = start;
                self.take_line();
                Some((None, Some(refused(line, message))))
            }
        }
    }

    fn entry(&mut self) -> Result<Entry, Fault> {
        let indent = self.blanks();
        let entry = match self.rest.first() {
            None => Entry::Nothing,
            Some(b'\n') => {
                self.rest = &self.rest[1..];
                Entry::Empty
            }
            Some(b'\r') if self.rest.get(1) == Some(&b'\n') => {
                self.end_of_line()?;
                Entry::Empty
            }
            Some(0) if !self.is_open_metrics => Entry::Stop,
            Some(b'#') => self.comment()?,
            Some(b'{') => {
                return Err("the metric's name is in quotes, which Prometheus 2 rejects".to_owned());
            }
            Some(_) => {
                let (sample, has_exemplar) = self.sample()?;
                Entry::Sample(sample, has_exemplar)
            }
        };
        match entry {
            Entry::Sample(..) if indent > 0 => {
                self.refuse(
                    "there is whitespace before the name, which Prometheus reads as part of the name",
                );
            }
            Entry::Empty | Entry::Nothing => {}
            _ if indent > 0 => self.strict("there is whitespace before the line's first word"),
            _ => {}
        }
        Ok(entry)
    }

    /// Parses a comment, which is metadata only if its first word is a keyword followed by a blank.
    fn comment(&mut self) -> Result<Entry, Fault> {
        let (line, has_carriage_return) = self.take_line();
        let entry = self.comment_entry(line);
        if matches!(entry, Ok(Entry::Comment)) && std::str::from_utf8(line).is_err() {
            // Prometheus ignores comments.
            self.flaw = Some(Problem {
                prometheus_refuses: false,
                ..refused(self.line, "this is not UTF-8".to_owned())
            });
        }
        if has_carriage_return {
            let is_text = match &entry {
                Ok(Entry::Help(..)) => true,
                Ok(Entry::Comment) => !self.is_open_metrics,
                Ok(_) | Err(_) => false,
            };
            self.found_carriage_return(!is_text);
        }
        entry
    }

    fn comment_entry(&mut self, line: &[u8]) -> Result<Entry, Fault> {
        let Some(comment) = line
            .strip_prefix(b"# ")
            .or_else(|| line.strip_prefix(b"#\t"))
        else {
            let is_cut = line.contains(&0) && !self.is_open_metrics;
            return Ok(if is_cut { Entry::Stop } else { Entry::Comment });
        };
        let words = trim_start(comment);
        if self.is_open_metrics && words.trim_ascii_end() == b"EOF" {
            if line != b"# EOF" {
                self.refuse("the last line is not exactly `# EOF`");
            }
            return Ok(Entry::End);
        }
        let keyword = ["HELP", "TYPE", "UNIT"].into_iter().find(|keyword| {
            let rest = words.strip_prefix(keyword.as_bytes());
            rest.is_some_and(|rest| rest.first().is_some_and(|byte| is_blank(*byte)))
        });
        let Some(keyword) = keyword.filter(|keyword| self.is_open_metrics || *keyword != "UNIT")
        else {
            return Ok(Entry::Comment);
        };
        let rest = trim_start(&words[keyword.len()..]);
        let (name, rest) = rest.split_at(name_length(rest, true));
        if name.is_empty() {
            return Err(no_name(rest));
        }
        let name = String::from_utf8_lossy(name).into_owned();
        if !line.starts_with(format!("# {keyword} {name}").as_bytes()) {
            self.strict("OpenMetrics separates the words of metadata by exactly one space");
        }
        if self.is_open_metrics && !rest.starts_with(b" ") {
            self.refuse("there is no space after the name");
        } else if rest.first().is_some_and(|byte| !is_blank(*byte)) {
            self.dispute("there is no space or tab after the name", false);
        }
        match keyword {
            "HELP" => {
                self.check_utf8(rest);
                // Other readers of the text format accept several blanks.
                let help = match rest.strip_prefix(b" ") {
                    Some(help) if self.is_open_metrics => help,
                    Some(_) | None => trim_start(rest),
                };
                Ok(Entry::Help(name, unescape(help, self.is_open_metrics)))
            }
            "TYPE" => {
                let kind = self.kind(rest)?;
                Ok(Entry::Type(name, kind))
            }
            _ => {
                let unit = String::from_utf8_lossy(rest.get(1..).unwrap_or_default()).into_owned();
                let stem = name.strip_suffix(&*unit);
                if !unit.is_empty() && !stem.is_some_and(|stem| stem.ends_with('_')) {
                    let unit = shorten(&unit);
                    self.refuse(&format!("`{name}` does not end with its unit `{unit}`"));
                }
                Ok(Entry::Unit(name, unit.trim().to_owned()))
            }
        }
    }

    fn kind(&mut self, rest: &[u8]) -> Result<Type, Fault> {
        let word = rest.get(1..).unwrap_or_default();
        let trimmed = word.trim_ascii_start();
        let text = String::from_utf8_lossy(trimmed);
        let kind = Type::parse(text.trim_end()).ok_or_else(|| match &*text {
            "" => "the `# TYPE` line has no type".to_owned(),
            text => format!("there is no type `{}`", shorten(text)),
        })?;
        if trimmed.len() < word.len() {
            self.strict("OpenMetrics has exactly one space before the type");
            let message = "Prometheus rejects more than one space or tab before the type, which the text format allows";
            self.dispute(message, true);
        }
        if text.trim_end() != text {
            self.refuse("there is whitespace after the type");
        }
        let is_in_format = match &*text {
            "untyped" => !self.is_open_metrics,
            "unknown" => self.is_open_metrics,
            _ => self.is_open_metrics || !kind.is_of_open_metrics(),
        };
        if !is_in_format {
            let format = if self.is_open_metrics {
                "OpenMetrics"
            } else {
                "the text format"
            };
            self.refuse(&format!("{format} has no type `{text}`"));
        }
        Ok(kind)
    }

    /// Parses a sample, and returns whether it has an exemplar.
    fn sample(&mut self) -> Result<(Sample, bool), Fault> {
        let end = name_length(self.rest, true);
        if end == 0 {
            return Err(no_name(self.current_line()));
        }
        let (name, rest) = self.rest.split_at(end);
        let name = String::from_utf8_lossy(name).into_owned();
        self.rest = rest;
        let labels = if trim_start(self.rest).starts_with(b"{") {
            self.no_blank("before `{`");
            self.rest = &self.rest[1..];
            self.labels()?
        } else {
            Vec::new()
        };
        self.one_space("before the value");
        let value = self.token();
        if value.is_empty() {
            return Err(format!("`{name}` has no value"));
        }
        let value = number(value)?;
        let has_exemplar = self.after_value(&name, &labels)?;
        let sample = Sample {
            name,
            labels,
            value,
            line: self.line,
        };
        Ok((sample, has_exemplar))
    }

    /// Parses the optional time and exemplar, and the end of the line. Returns whether there is an exemplar.
    fn after_value(&mut self, name: &str, labels: &[(String, String)]) -> Result<bool, Fault> {
        if self.is_at_end() {
            return self.end_of_line().map(|()| false);
        }
        if !trim_start(self.rest).starts_with(b"#") {
            self.one_space("before the time");
            let time = self.token();
            self.time(time)?;
            if self.is_at_end() {
                return self.end_of_line().map(|()| false);
            }
        }
        if !trim_start(self.rest).starts_with(b"#") {
            return Err(format!("`{name}` has more than a value and a time"));
        }
        let (rest, has_carriage_return) = self.take_line();
        if has_carriage_return {
            self.found_carriage_return(true);
        }
        if !self.is_open_metrics {
            self.refuse("the text format has no exemplars");
            return Ok(false);
        }
        if !name.ends_with("_total") && !name.ends_with("_bucket") {
            let message = "only a sample named `_total` or `_bucket` may have an exemplar: Prometheus 2 rejects others";
            self.refuse(message);
        }
        let mut lines = Lines::new(rest, true);
        let read = lines.exemplar();
        let has_exemplar = read.is_ok();
        match read {
            Ok(exemplar) => {
                self.flaw = self.flaw.take().or(lines.flaw);
                let le = labels.iter().find(|(label, _)| label == "le");
                let bound = le.and_then(|(_, bound)| bound.parse::<f64>().ok());
                let bound = bound.filter(|_| name.ends_with("_bucket"));
                if let Some(fault) = exemplar.fault(bound) {
                    self.dispute(&fault, false);
                }
            }
            Err(message) => self.refuse(&format!("the exemplar cannot be read: {message}")),
        }
        Ok(has_exemplar)
    }

    /// Parses the rest of a line, starting at the blank before an exemplar's `#`.
    fn exemplar(&mut self) -> Result<Exemplar, Fault> {
        let Some(labels) = self.rest.strip_prefix(b" # {") else {
            return Err("expected ` # {`".to_owned());
        };
        self.rest = labels;
        let labels = self.label_pairs()?;
        self.one_space("before the exemplar's value");
        let value = self.token();
        if value.is_empty() {
            return Err("it has no value".to_owned());
        }
        let mut exemplar = Exemplar {
            labels,
            value: number(value)?,
            time: None,
        };
        if !self.is_at_end() {
            self.one_space("before the exemplar's time");
            let time = self.token();
            exemplar.time = Some(self.time(time)?);
        }
        if self.is_at_end() {
            self.end_of_line()?;
            Ok(exemplar)
        } else {
            Err("it has more than a value and a time".to_owned())
        }
    }

    /// Parses a time, in the unit of the format.
    fn time(&mut self, token: &[u8]) -> Result<f64, Fault> {
        let text = String::from_utf8_lossy(token);
        let is_integer = !self.is_open_metrics && token.iter().all(u8::is_ascii_digit);
        if is_integer && text.parse::<i64>().is_err() {
            return Err(format!(
                "`{}` is not a time in milliseconds",
                shorten(&text)
            ));
        }
        let time = number(token)?;
        if !time.is_finite() {
            return Err(format!("`{}` is not a time", shorten(&text)));
        }
        if !self.is_open_metrics && !is_integer {
            self.refuse("in the text format, times have no sign and no fraction");
        }
        Ok(time)
    }

    fn labels(&mut self) -> Result<Vec<(String, String)>, Fault> {
        let labels = self.label_pairs()?;
        let appears_twice = |name: &String| format!("the label `{}` appears twice", shorten(name));
        // Prometheus drops labels without a value before it compares names.
        let kept = labels.iter().filter(|(_, value)| !value.is_empty());
        if let Some(name) = repeated(kept.map(|(name, _)| name)) {
            return Err(appears_twice(name));
        }
        if let Some(name) = repeated(labels.iter().map(|(name, _)| name)) {
            self.dispute(&appears_twice(name), false);
        }
        if labels.iter().any(|(name, _)| name == "__name__") {
            return Err("the label name `__name__` is reserved for the metric name".to_owned());
        }
        Ok(labels)
    }

    /// Parses the labels after a brace, including the closing brace.
    fn label_pairs(&mut self) -> Result<Vec<(String, String)>, Fault> {
        let mut labels = Vec::new();
        self.no_blank("after `{`");
        loop {
            if self.eat(b'}') {
                return Ok(labels);
            }
            let end = name_length(self.rest, false);
            if end == 0 {
                return Err(no_label(self.current_line()));
            }
            let (name, rest) = self.rest.split_at(end);
            let name = String::from_utf8_lossy(name).into_owned();
            self.rest = rest;
            self.no_blank("after a label's name");
            if !self.eat(b'=') {
                return Err(format!(
                    "there is no `=` after the label `{}`",
                    shorten(&name)
                ));
            }
            self.no_blank("after `=`");
            if !self.eat(b'"') {
                return Err(format!(
                    "the value of `{}` is not in quotes",
                    shorten(&name)
                ));
            }
            let value = self.quoted();
            let value = value
                .ok_or_else(|| format!("the value of `{}` has no closing quote", shorten(&name)))?;
            self.check_utf8(value);
            labels.push((name, unescape(value, true)));
            self.no_blank("after a label's value");
            if self.eat(b',') {
                self.no_blank("after a comma");
                if self.rest.starts_with(b"}") {
                    self.strict(
                        "there is a comma after the last label, which Prometheus 2 rejects",
                    );
                }
            } else if !self.rest.starts_with(b"}") {
                let message = "there is no comma after a label's value";
                if self.is_open_metrics {
                    return Err(message.to_owned());
                }
                self.dispute(message, false);
            }
        }
    }

    /// Returns the text up to a closing quote. In the text format, it may contain unescaped line feeds.
    fn quoted(&mut self) -> Option<&'t [u8]> {
        let mut at = 0;
        loop {
            match *self.rest.get(at)? {
                b'"' => break,
                b'\\' if *self.rest.get(at + 1)? == b'\n' => return None,
                b'\\' => at += 2,
                b'\n' if self.is_open_metrics => return None,
                b'\n' => {
                    self.dispute(
                        "a label's value has a line feed that is not written as `\\n`",
                        false,
                    );
                    self.line_feeds += 1;
                    at += 1;
                }
                _ => at += 1,
            }
        }
        let value = &self.rest[..at];
        self.rest = &self.rest[at + 1..];
        Some(value)
    }

    /// Returns the bytes up to a blank, a brace or the end of the line.
    fn token(&mut self) -> &'t [u8] {
        let end = self
            .rest
            .iter()
            .position(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'{'));
        let (mut token, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        if rest.starts_with(b"\n")
            && let Some(without) = token.strip_suffix(b"\r")
        {
            token = without;
            self.found_carriage_return(true);
        }
        token
    }

    /// Returns whether only blanks remain on the line.
    fn is_at_end(&self) -> bool {
        let rest = trim_start(self.rest);
        rest.is_empty() || rest.starts_with(b"\n") || rest.starts_with(b"\r\n")
    }

    /// Consumes the end of a line with only blanks before it.
    fn end_of_line(&mut self) -> Result<(), Fault> {
        self.no_blank("at the line's end");
        if self.rest.starts_with(b"\r\n") {
            self.found_carriage_return(true);
            self.rest = &self.rest[1..];
        }
        if !self.rest.is_empty() && !self.eat(b'\n') {
            return Err("expected the line's end".to_owned());
        }
        Ok(())
    }

    /// Consumes the rest of the line, and returns it with whether it ends with CR LF.
    fn take_line(&mut self) -> (&'t [u8], bool) {
        let line = self.current_line();
        self.rest = self.rest.get(line.len() + 1..).unwrap_or_default();
        match line.strip_suffix(b"\r") {
            Some(without) => (without, true),
            None => (line, false),
        }
    }

    fn current_line(&self) -> &'t [u8] {
        let end = self.rest.iter().position(|byte| *byte == b'\n');
        &self.rest[..end.unwrap_or(self.rest.len())]
    }

    fn found_carriage_return(&mut self, is_refused: bool) {
        if is_refused && !self.carriage_return_is_refused {
            self.carriage_return = None;
        }
        self.carriage_return.get_or_insert(self.line);
        self.carriage_return_is_refused |= is_refused;
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.rest.first() == Some(&byte);
        if found {
            self.rest = &self.rest[1..];
        }
        found
    }

    /// Skips and counts spaces and tabs.
    fn blanks(&mut self) -> usize {
        let rest = trim_start(self.rest);
        let count = self.rest.len() - rest.len();
        self.rest = rest;
        count
    }

    fn no_blank(&mut self, place: &str) {
        if self.blanks() > 0 {
            self.strict(&format!("OpenMetrics allows no whitespace {place}"));
        }
    }

    fn one_space(&mut self, place: &str) {
        let is_one = self.rest.starts_with(b" ");
        if self.blanks() != 1 || !is_one {
            self.strict(&format!("OpenMetrics has exactly one space {place}"));
        }
    }

    fn check_utf8(&mut self, text: &[u8]) {
        if std::str::from_utf8(text).is_err() {
            self.refuse("this is not UTF-8");
        }
    }

    /// Reports a violation of an OpenMetrics rule.
    fn strict(&mut self, message: &str) {
        if self.is_open_metrics {
            self.refuse(message);
        }
    }

    /// Reports that a version of Prometheus refuses the line. It replaces an earlier report only if that was
    /// less severe.
    fn refuse(&mut self, message: &str) {
        let is_refused = |flaw: &Problem| flaw.severity == Severity::Error;
        if !self.flaw.as_ref().is_some_and(is_refused) {
            self.flaw = Some(refused(self.line, message.to_owned()));
        }
    }

    /// Reports that some readers accept the line and others do not.
    fn dispute(&mut self, message: &str, prometheus_refuses: bool) {
        let line = self.line;
        self.flaw.get_or_insert_with(|| Problem {
            line,
            message: message.to_owned(),
            severity: Severity::Warning,
            prometheus_refuses,
        });
    }
}

fn refused(line: usize, message: String) -> Problem {
    Problem {
        line,
        message,
        severity: Severity::Error,
        prometheus_refuses: true,
    }
}

/// Parses a number as Go does, without the notations that Prometheus excludes.
fn number(token: &[u8]) -> Result<f64, Fault> {
    let text = String::from_utf8_lossy(token);
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(&text);
    let is_nan = unsigned.eq_ignore_ascii_case("nan");
    let is_number = !is_nan || unsigned.len() == text.len();
    let value = text.parse::<f64>().ok().filter(|_| is_number);
    let value = value.ok_or_else(|| format!("`{}` is not a number", shorten(&text)))?;
    let is_finite = unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.');
    if is_finite && value.is_infinite() {
        return Err(format!(
            "`{}` is too large for a 64-bit float",
            shorten(&text)
        ));
    }
    Ok(value)
}

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn trim_start(text: &[u8]) -> &[u8] {
    let start = text.iter().position(|byte| !is_blank(*byte));
    &text[start.unwrap_or(text.len())..]
}

/// Returns the length of the name at the beginning: of a metric, which may contain colons, or of a label.
fn name_length(text: &[u8], colons: bool) -> usize {
    let starts = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_' || (colons && byte == b':');
    if !text.first().is_some_and(|first| starts(*first)) {
        return 0;
    }
    let end = text
        .iter()
        .position(|byte| !starts(*byte) && !byte.is_ascii_digit());
    end.unwrap_or(text.len())
}

fn no_name(text: &[u8]) -> Fault {
    let name = text.split(|byte| is_blank(*byte) || *byte == b'{').next();
    not_a_name("metric", name)
}

fn no_label(text: &[u8]) -> Fault {
    let name = text.split(|byte| matches!(byte, b'=' | b'}')).next();
    not_a_name("label", name)
}

fn not_a_name(of: &str, text: Option<&[u8]>) -> Fault {
    let word = String::from_utf8_lossy(text.unwrap_or_default());
    match shorten(&word).as_str() {
        "" => format!("expected a {of}'s name"),
        word if word.starts_with('"') => {
            format!("`{word}` is a name in quotes, which Prometheus 2 rejects")
        }
        word => format!("`{word}` is not a {of} name"),
    }
}

fn unescape(text: &[u8], quotes: bool) -> String {
    let text = String::from_utf8_lossy(text);
    if !text.contains('\\') {
        return text.into_owned();
    }
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n') => plain.push('\n'),
                Some('\\') | None => plain.push('\\'),
                Some('"') if quotes => plain.push('"'),
                Some(other) => plain.extend(['\\', other]),
            },
            _ => plain.push(c),
        }
    }
    plain
}

/// Returns a name that appears twice.
pub(super) fn repeated<'n>(names: impl Iterator<Item = &'n String>) -> Option<&'n String> {
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    let pair = names.windows(2).find(|pair| pair[0] == pair[1])?;
    Some(pair[0])
}

/// Shortens text from a page, which may be arbitrarily long, for a message.
pub(super) fn shorten(text: &str) -> String {
    text.chars().take(40).filter(|c| !c.is_control()).collect()
}
