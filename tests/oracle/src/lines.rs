//! Parses one line.

use std::collections::BTreeMap;

use super::{Grammar, Series, number};

/// A parsed line.
#[derive(Debug, PartialEq)]
pub(super) enum Line {
    Help {
        family: String,
        text: String,
    },
    Type {
        family: String,
        kind: String,
    },
    Unit {
        family: String,
        unit: String,
    },
    Sample {
        series: Series,
        value: f64,
        text: String,
    },
    End,
}

/// Parses a line without its newline.
pub(super) fn parse(grammar: Grammar, line: &str) -> Result<Line, String> {
    // Inside a label value, CR is a normal character. At the end of a line, some parsers take it for part of the newline.
    if line.ends_with('\r') {
        return Err("ends with a carriage return".to_owned());
    }
    if line.is_empty() {
        return Err("is empty".to_owned());
    }
    match line.strip_prefix('#') {
        Some(comment) => parse_comment(grammar, comment),
        None => parse_sample(grammar, line),
    }
}

fn parse_comment(grammar: Grammar, comment: &str) -> Result<Line, String> {
    if grammar == Grammar::OpenMetrics && comment == " EOF" {
        return Ok(Line::End);
    }
    let mut words = comment.splitn(4, ' ');
    let (Some(""), Some(keyword), Some(family), Some(rest)) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err("is a comment without a meaning".to_owned());
    };
    if !is_metric_name(family) {
        return Err(format!("{family:?} is not a metric name"));
    }
    let family = family.to_owned();
    match (keyword, grammar) {
        ("HELP", _) => {
            let quotes = grammar == Grammar::OpenMetrics;
            Ok(Line::Help {
                family,
                text: unescape(rest, quotes)?,
            })
        }
        ("TYPE", _) => {
            if kinds(grammar).contains(&rest) {
                let kind = rest.to_owned();
                Ok(Line::Type { family, kind })
            } else {
                Err(format!("{rest:?} is not a type"))
            }
        }
        ("UNIT", Grammar::OpenMetrics) => Ok(Line::Unit {
            family,
            unit: rest.to_owned(),
        }),
        _ => Err(format!("the comment {keyword:?} has no meaning")),
    }
}

/// Returns the types that this project writes.
fn kinds(grammar: Grammar) -> &'static [&'static str] {
    match grammar {
        Grammar::PrometheusText => &["counter", "gauge", "histogram"],
        Grammar::OpenMetrics => &[
            "counter",
            "gauge",
            "histogram",
            "info",
            "stateset",
            "unknown",
        ],
    }
}

fn parse_sample(grammar: Grammar, line: &str) -> Result<Line, String> {
    let end = line.find(['{', ' ']).ok_or("has no value")?;
    let (name, rest) = line.split_at(end);
    if !is_metric_name(name) {
        return Err(format!("{name:?} is not a metric name"));
    }
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(rest) => parse_labels(rest)?,
        None => (BTreeMap::new(), rest),
    };
    let text = rest
        .strip_prefix(' ')
        .ok_or("has no single space before its value")?;
    let text = match text.split_once(" # {") {
        Some((text, exemplar)) if grammar == Grammar::OpenMetrics => {
            check_exemplar(name, labels.get("le"), exemplar)?;
            text
        }
        Some(_) | None => text,
    };
    let value = number::parse(text).ok_or_else(|| format!("{text:?} is not a value"))?;
    let name = name.to_owned();
    Ok(Line::Sample {
        series: Series { name, labels },
        value,
        text: text.to_owned(),
    })
}

/// Checks an exemplar after its `{`.
fn check_exemplar(name: &str, le: Option<&String>, exemplar: &str) -> Result<(), String> {
    if !name.ends_with("_total") && !name.ends_with("_bucket") {
        return Err("has an exemplar that only counts may have".to_owned());
    }
    let (labels, rest) = parse_labels(exemplar)?;
    let length: usize = labels
        .iter()
        .map(|(name, value)| name.chars().count() + value.chars().count())
        .sum();
    if length > 128 {
        return Err(format!(
            "has an exemplar with labels of {length} characters"
        ));
    }
    let words: Vec<_> = rest.split(' ').collect();
    let ["", value, time] = &*words else {
        return Err("has an exemplar without a value and a time".to_owned());
    };
    let value = number::parse(value).ok_or("has an exemplar whose value is not a number")?;
    number::parse(time)
        .filter(|time| *time > 0.0)
        .ok_or("has an exemplar without a time since 1970")?;
    let bound = le.and_then(|le| number::parse(le));
    if name.ends_with("_bucket") && bound.is_some_and(|bound| value > bound) {
        return Err("has an exemplar above its bucket".to_owned());
    }
    Ok(())
}

/// Parses `name="value",name="value"}`. Returns the labels and the rest of the line.
fn parse_labels(mut rest: &str) -> Result<(BTreeMap<String, String>, &str), String> {
    let mut labels = BTreeMap::new();
    loop {
        let (name, behind) = rest
            .split_once("=\"")
            .ok_or("has a label without a value")?;
        if !is_label_name(name) {
            return Err(format!("{name:?} is not a label name"));
        }
        let end = closing_quote(behind).ok_or("has a label value that does not end")?;
        let value = unescape(&behind[..end], true)?;
        if labels.insert(name.to_owned(), value).is_some() {
            return Err(format!("has the label {name:?} twice"));
        }
        rest = &behind[end + 1..];
        if let Some(behind) = rest.strip_prefix('}') {
            return Ok((labels, behind));
        }
        rest = rest
            .strip_prefix(',')
            .ok_or("has something else than `,` or `}` after a label value")?;
    }
}

/// Returns the position of the first unescaped quote.
fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    })
}

/// Resolves `\\` and `
/// `, and, if `quotes` is true, `\"`. An unescaped quote is then an error.
fn unescape(text: &str, quotes: bool) -> Result<String, String> {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        plain.push(match character {
            '\\' => match characters.next() {
                Some('\\') => '\\',
                Some('n') => '\n',
                Some('"') if quotes => '"',
                other => return Err(format!("has the unknown escape {other:?}")),
            },
            '"' if quotes => return Err("has a quote that is not escaped".to_owned()),
            other => other,
        });
    }
    Ok(plain)
}

fn is_metric_name(name: &str) -> bool {
    is_name(name, |c| c == '_' || c == ':')
}

fn is_label_name(name: &str) -> bool {
    is_name(name, |c| c == '_') && !name.starts_with("__")
}

fn is_name(name: &str, also: impl Fn(char) -> bool) -> bool {
    !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || also(c))
}
