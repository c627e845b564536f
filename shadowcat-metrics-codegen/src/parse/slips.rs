//! What a line was meant as that is not TOML: here the slips that a parser has no word for, and in `notations` those of other
//! languages.

mod notations;

use crate::duration;
use crate::source::Span;
use notations::{IN_BRACKETS, comment, list_in_braces, null, of_another_language, other_sign};

pub(super) use notations::BARE_ITEM;

/// A slip, where it is, and what is said of it.
pub(super) struct Slip {
    /// In bytes of the line.
    pub(super) span: Span,
    pub(super) text: &'static str,
    pub(super) label: String,
    /// Whether it is YAML, of which there are usually more lines.
    pub(super) is_yaml: bool,
}

/// What is said of a key with nothing behind it.
pub(super) const BARE_KEY: &str = "a key without a value";

impl Slip {
    fn new(start: usize, length: usize, text: &'static str, label: impl Into<String>) -> Self {
        Self {
            span: Span::new(start, start + length),
            text,
            label: label.into(),
            is_yaml: false,
        }
    }

    fn yaml(start: usize, text: &'static str, label: impl Into<String>) -> Self {
        Self {
            is_yaml: true,
            ..Self::new(start, 1, text, label)
        }
    }
}

/// Finds the slip in a line, of which the parser complains at a byte.
pub(super) fn find(line: &str, at: usize, complaint: &str) -> Option<Slip> {
    let end = at;
    let line = line.trim_end();
    let at = at.min(line.len());
    let behind = line.get(at..)?;
    if let Some(slip) = unseen(at, behind).or_else(|| other_sign(line)) {
        return Some(slip);
    }
    match complaint {
        "unclosed table" | "invalid unquoted key" if line.trim_start().starts_with('[') => {
            parts_of_header(line)
        }
        "invalid unquoted key" | "key with no value" | "invalid key-value pair" => {
            of_another_language(line, at, behind)
        }
        "unexpected key or value" => of_an_end(line, at, behind),
        "missing opening quote" if behind.starts_with('(') => {
            Some(Slip::new(at, 1, "a list in round brackets", IN_BRACKETS))
        }
        "extra comma in inline table" => list_in_braces(line),
        "string values must be quoted" if !behind.is_empty() => number_with_unit(at, behind),
        "invalid mantissa" if behind.starts_with('.') => {
            let number = word(behind, |c| c.is_ascii_digit() || "._".contains(c));
            let label = format!("expected `0{number}`");
            Some(Slip::new(
                at,
                number.len(),
                "a number that begins with its point",
                label,
            ))
        }
        "missing escaped value" => Some(Slip::new(
            at,
            0,
            "a backslash in a string",
            "expected `\\\\` for one backslash, or single quotes around the text",
        )),
        "string values must be quoted" if behind.is_empty() => Some(Slip::new(
            end,
            0,
            BARE_KEY,
            "expected a value on the same line; a list is `[\"...\", \"...\"]`",
        )),
        _ => None,
    }
    .or_else(|| null(at, behind))
    .or_else(|| comma_in_number(line))
}

/// Spaces that are no ASCII space, and characters that should not be there and cannot be seen.
fn unseen(at: usize, behind: &str) -> Option<Slip> {
    let c = behind.chars().next()?;
    if c.is_control() && c != '\t' && c != '\r' {
        let text = "a control character";
        return Some(Slip::new(
            at,
            c.len_utf8(),
            text,
            "remove it, or write it as an escape",
        ));
    }
    let is_unseen =
        (c.is_whitespace() && !c.is_ascii()) || "\u{200b}\u{200c}\u{200d}\u{feff}".contains(c);
    is_unseen.then(|| {
        let label = format!(
            "expected an ordinary space, or nothing, instead of U+{:04X}",
            u32::from(c)
        );
        Slip::new(at, c.len_utf8(), "a character that cannot be seen", label)
    })
}

/// `[5ms, 10ms]`.
fn number_with_unit(at: usize, behind: &str) -> Option<Slip> {
    let text = word(behind, |c| c.is_ascii_alphanumeric());
    let seconds = duration::parse(text)?.as_secs_f64();
    let label =
        format!("expected a number; `{text}` is `{seconds}` in seconds, or a string in quotes");
    Some(Slip::new(at, text.len(), "a number with a unit", label))
}

/// What stands behind a value.
fn of_an_end(line: &str, at: usize, behind: &str) -> Option<Slip> {
    if let Some(comment) = comment(at, behind) {
        return Some(comment);
    }
    let mark = behind.chars().next()?;
    let rest = behind[mark.len_utf8()..].trim_start();
    if ",;".contains(mark) && (rest.is_empty() || rest.starts_with('#')) {
        let text = "a mark at the end of a line";
        return Some(Slip::new(
            at,
            1,
            text,
            "remove it: nothing stands between lines",
        ));
    }
    let next = behind.trim_start_matches([',', ';']).trim_start();
    let key = word(next, |c| c.is_ascii_alphanumeric() || c == '_');
    if !key.is_empty() && next[key.len()..].trim_start().starts_with('=') {
        let start = line.len() - next.len();
        let label = "each key has a line of its own";
        return Some(Slip::new(start, key.len(), "two keys on one line", label));
    }
    let quote = line[..at].chars().next_back()?;
    let label = match quote {
        '\'' => "expected double quotes around a text that has `'` in it",
        '"' => "expected `\\\"` for a quote inside of a text",
        _ => return None,
    };
    mark.is_alphanumeric().then(|| {
        Slip::new(
            at - 1,
            1,
            "the string ends here, and more stands behind it",
            label,
        )
    })
}

/// `[metrics cart added]` and `[metrics/cart/added]`.
fn parts_of_header(line: &str) -> Option<Slip> {
    let inner = line.trim_start().strip_prefix('[')?;
    let inner = &inner[..inner.find(']')?];
    let words: Vec<_> = inner
        .split(|c| " .\t/:>".contains(c))
        .filter(|word| !word.is_empty())
        .collect();
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    if words.len() < 2 || !words.iter().all(|word| word.chars().all(plain)) {
        return None;
    }
    let start = line.find(inner)?;
    let label = format!("expected `[{}]`", words.join("."));
    Some(Slip::new(
        start,
        inner.len(),
        "the parts of a table's name are joined by dots",
        label,
    ))
}

/// `max = 1,000` and `start = 0,5`.
fn comma_in_number(line: &str) -> Option<Slip> {
    let digits = |text: &str| word(text, |c| c.is_ascii_digit()).len();
    // Texts and comments may say such things.
    let code = word(line, |c| !"\"'#".contains(c));
    for (equals, _) in code.match_indices('=') {
        let value = line[equals + 1..].trim_start();
        let start = line.len() - value.len();
        let whole = digits(value);
        let Some(behind) = value[whole..].strip_prefix(',').filter(|_| whole > 0) else {
            continue;
        };
        let part = digits(behind);
        if part == 0 {
            continue;
        }
        let (one, other) = (&value[..whole], &behind[..part]);
        let point = if part == 3 && !one.starts_with('0') {
            '_'
        } else {
            '.'
        };
        let label = format!("expected `{one}{point}{other}`");
        return Some(Slip::new(
            start,
            whole + 1 + part,
            "a comma inside of a number",
            label,
        ));
    }
    None
}

/// The characters at the start of a text that are of a kind.
fn word(text: &str, is_part: impl Fn(char) -> bool) -> &str {
    &text[..text.find(|c| !is_part(c)).unwrap_or(text.len())]
}
