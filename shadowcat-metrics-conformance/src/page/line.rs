//! One line of an exposition page.

use std::collections::BTreeSet;

use shadowcat_metrics_codegen::name::is_metric_name;

use super::Sample;

/// What a line says.
#[derive(Debug)]
pub(super) enum Line<'t> {
    /// It is nothing but spaces.
    Empty,
    /// It says nothing that we understand.
    Comment,
    /// `# EOF`.
    End,
    Help(&'t str, String),
    Type(&'t str, &'t str),
    Unit(&'t str, &'t str),
    /// With what the text format does not have, if it has such a thing.
    Sample(Sample, Option<&'static str>),
}

/// Parses a line, or says why it is none.
pub(super) fn parse_line(text: &str) -> Result<Line<'_>, String> {
    if text == "# EOF" {
        return Ok(Line::End);
    }
    let text = text.trim_matches([' ', '\t', '\r']);
    if let Some(comment) = text.strip_prefix('#') {
        return metadata(comment);
    }
    if text.is_empty() {
        return Ok(Line::Empty);
    }
    sample(text).map(|(sample, more)| Line::Sample(sample, more))
}

/// A comment that does not say what we understand is only a comment. So is one without a space, to scrapers.
fn metadata(comment: &str) -> Result<Line<'_>, String> {
    if !comment.starts_with([' ', '\t']) {
        return Ok(Line::Comment);
    }
    let mut words = comment.trim_start().splitn(3, [' ', '\t']);
    let (word, name) = (words.next(), words.next());
    let rest = words.next().unwrap_or_default();
    let line = match (word, name) {
        (Some("HELP"), Some(name)) => (name, Line::Help(name, unescape(rest))),
        (Some("TYPE"), Some(name)) => (name, Line::Type(name, rest.trim())),
        (Some("UNIT"), Some(name)) => (name, Line::Unit(name, rest.trim())),
        _ => return Ok(Line::Comment),
    };
    match line {
        (name, _) if !is_metric_name(name) => Err(no_metric(name)),
        (_, line) => Ok(line),
    }
}

fn no_metric(name: &str) -> String {
    format!("`{}` is no metric's name", shorten(name))
}

fn sample(text: &str) -> Result<(Sample, Option<&'static str>), String> {
    let end = text
        .find(['{', ' ', '\t'])
        .ok_or_else(|| format!("`{}` has no value", shorten(text)))?;
    let (name, rest) = text.split_at(end);
    if !is_metric_name(name) {
        return Err(no_metric(name));
    }
    let rest = rest.trim_start_matches([' ', '\t']);
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(inside) => labels(inside)?,
        None => (Vec::new(), rest),
    };
    // An exemplar follows the value and the time.
    let (values, exemplar) = match rest.split_once(" # ") {
        Some((values, _)) => (values, Some("exemplars")),
        None => (rest, None),
    };
    let words: Vec<_> = values.split_ascii_whitespace().collect();
    let number = |word: &str| -> Result<f64, String> {
        word.parse()
            .map_err(|_| format!("`{}` is no number", shorten(word)))
    };
    let (value, fraction) = match words.as_slice() {
        [value] => (number(value)?, None),
        [value, time] => {
            number(time)?;
            let is_whole = time.parse::<i64>().is_ok();
            let fraction = (!is_whole).then_some("times with a fraction");
            (number(value)?, fraction)
        }
        [] => return Err(format!("`{name}` has no value")),
        [_, _, ..] => return Err(format!("`{name}` has more than a value and a time")),
    };
    let sample = Sample {
        name: name.to_owned(),
        labels,
        value,
        line: 0,
    };
    Ok((sample, exemplar.or(fraction)))
}

type Labels = Vec<(String, String)>;

/// The labels behind a brace, and what follows them.
fn labels(text: &str) -> Result<(Labels, &str), String> {
    let mut labels: Labels = Vec::new();
    let mut names = BTreeSet::new();
    let mut rest = text.trim_start();
    loop {
        if let Some(behind) = rest.strip_prefix('}') {
            return Ok((labels, behind));
        }
        let (name, value) = rest
            .split_once('=')
            .ok_or_else(|| format!("`{}` is no label", shorten(rest)))?;
        let value = value
            .trim_start()
            .strip_prefix('"')
            .ok_or_else(|| format!("the value of `{}` is not in quotes", shorten(name)))?;
        let end = closing_quote(value)
            .ok_or_else(|| format!("the quotes of `{}` do not end", shorten(name)))?;
        let name = name.trim();
        if !is_metric_name(name) || name.contains(':') {
            return Err(format!("`{}` is no label's name", shorten(name)));
        }
        if !names.insert(name) {
            return Err(format!("the label `{}` stands there twice", shorten(name)));
        }
        labels.push((name.to_owned(), unescape(&value[..end])));
        rest = value[end + 1..].trim_start();
        match rest.strip_prefix(',') {
            Some(behind) => rest = behind.trim_start(),
            None if rest.starts_with('}') => {}
            None => return Err(format!("there is no comma behind `{}`", shorten(name))),
        }
    }
}

fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().find_map(|(at, c)| {
        let closes = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        closes.then_some(at)
    })
}

fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n') => plain.push('\n'),
                Some(other @ ('\\' | '"')) => plain.push(other),
                Some(other) => plain.extend(['\\', other]),
                None => plain.push('\\'),
            },
            _ => plain.push(c),
        }
    }
    plain
}

/// A page may hold anything, and a message should not.
pub(super) fn shorten(text: &str) -> String {
    text.chars().take(40).filter(|c| !c.is_control()).collect()
}
