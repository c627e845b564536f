//! Recognizes common mistakes, and notations of other languages, in a line that is not TOML. The element expected at the
//! error's position decides between explanations.

use super::outline::Place;
use crate::source::Span;
use crate::{duration, look_alikes};

/// A mistake, with its position and message.
pub(super) struct Slip {
    /// Position in bytes of the line.
    pub(super) span: Span,
    pub(super) text: &'static str,
    pub(super) label: String,
    /// Whether it is YAML, which usually spans several lines.
    pub(super) is_yaml: bool,
}

/// The message about a key without a value.
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

/// Finds the mistake in a line with an error at a byte, where `place` is expected.
pub(super) fn find(line: &str, end: usize, place: Place) -> Option<Slip> {
    type Rule = fn(&Here<'_>) -> Option<Slip>;
    let line = line.trim_end();
    let at = end.min(line.len());
    let after = line.get(at..)?;
    let here = Here {
        line,
        at,
        end,
        after,
        place,
    };
    let rules: &[Rule] = match place {
        Place::String(..) => &[invisible, in_string],
        Place::Header => &[invisible, not_ascii, parts_of_header, comma_in_number],
        Place::Key => &[
            invisible,
            not_ascii,
            other_sign,
            list_in_braces,
            of_another_language,
            comma_in_number,
        ],
        Place::AfterValue => &[
            invisible,
            not_ascii,
            other_sign,
            after_value,
            comma_in_number,
        ],
        Place::Value => &[
            invisible,
            not_ascii,
            other_sign,
            list_in_braces,
            comma_in_number,
            instead_of_value,
        ],
    };
    rules.iter().find_map(|rule| rule(&here))
}

/// The place of an error.
struct Here<'l> {
    line: &'l str,
    /// The position of the error, at most the length of `line`.
    at: usize,
    /// The position of the error in the line as written, which may be in its trailing white space.
    end: usize,
    /// The rest of the line.
    after: &'l str,
    place: Place,
}

/// Explains text in place of a value.
fn instead_of_value(&Here { end, at, after, .. }: &Here<'_>) -> Option<Slip> {
    const VALUE: &str = "expected a string in quotes, a number, `true`, `[` or `{`";
    const UNQUOTED: &str = "string values must be quoted";
    let Some(first) = after.chars().next() else {
        let label = "expected a value on the same line; write a list as `[\"...\", \"...\"]`";
        return Some(Slip::new(end, 0, BARE_KEY, label));
    };
    let text = word(after, &|c| c.is_alphanumeric() || "._".contains(c));
    match text.to_lowercase().as_str() {
        "null" | "nil" | "none" => {
            let problem = "TOML has no null value";
            return Some(Slip::new(at, text.len(), problem, "remove the key"));
        }
        boolean @ ("true" | "false") if boolean != text => {
            let problem = "a boolean that is not in lower case";
            let label = format!("expected `{boolean}`");
            return Some(Slip::new(at, text.len(), problem, label));
        }
        _ => {}
    }
    match first {
        '(' => Some(Slip::new(at, 1, "a list in parentheses", IN_BRACKETS)),
        '.' if text.len() > 1 => {
            let label = format!("expected `0{text}`");
            let problem = "a number without a digit before the decimal point";
            Some(Slip::new(at, text.len(), problem, label))
        }
        '“' | '”' | '„' | '«' | '‘' | '’' => {
            let label = "expected straight quotes: `\"`";
            Some(Slip::new(at, after.len(), UNQUOTED, label))
        }
        _ => {
            if let Some(slip) = number_with_unit(at, after) {
                return Some(slip);
            }
            // Extends to the end of the item or line.
            let text = word(after, &|c| !",]}#".contains(c)).trim_end();
            if first.is_ascii_digit() && text.contains(' ') {
                let problem = "two values without a comma between them";
                let label = "expected a comma between two values";
                return Some(Slip::new(at, text.len(), problem, label));
            }
            let is_other = first.is_ascii_digit() || "\"'[{,]}#=".contains(first);
            (!is_other).then(|| Slip::new(at, text.len(), UNQUOTED, VALUE))
        }
    }
}

/// Explains a missing or extra part of a string.
fn in_string(
    &Here {
        line, at, place, ..
    }: &Here<'_>,
) -> Option<Slip> {
    let Place::String(_, quotes) = place else {
        return None;
    };
    if quotes.starts_with('"') && line[..at].ends_with('\\') {
        let problem = "an unescaped backslash in a string";
        let label = "expected `\\\\` for one backslash, or single quotes around the text";
        return Some(Slip::new(at, 0, problem, label));
    }
    (at == line.len() && quotes.len() == 1).then(|| {
        let label = format!("expected `{quotes}`");
        Slip::new(at, 0, "the string is not closed", label)
    })
}

/// Explains spaces that are not ASCII, and invisible characters.
fn invisible(&Here { at, after, .. }: &Here<'_>) -> Option<Slip> {
    let c = after.chars().next()?;
    if c.is_control() && c != '\t' && c != '\r' {
        let label = "remove it, or write it as an escape";
        return Some(Slip::new(at, c.len_utf8(), "a control character", label));
    }
    look_alikes::is_invisible(c).then(|| {
        let code = u32::from(c);
        let label = format!("remove U+{code:04X}, or replace it with an ordinary space");
        Slip::new(at, c.len_utf8(), "an invisible character", label)
    })
}

/// Explains letters and signs that are not ASCII, outside strings.
fn not_ascii(here: &Here<'_>) -> Option<Slip> {
    let &Here {
        at, after, place, ..
    } = here;
    let c = after.chars().next().filter(|c| !c.is_ascii())?;
    let in_key = matches!(place, Place::Key | Place::Header);
    // Letters in place of a value are a string without quotes.
    if c.is_alphanumeric() && !in_key {
        return None;
    }
    let code = u32::from(c);
    let (text, label) = match look_alikes::ascii(c) {
        Some(ascii) => (
            "a character that only looks like ASCII",
            format!("this is U+{code:04X}: expected `{ascii}`"),
        ),
        None if c.is_alphanumeric() => (
            "a letter that is not ASCII in a key",
            format!("this is U+{code:04X}: expected A to Z, digits, `_` or `-`"),
        ),
        None => return None,
    };
    Some(Slip::new(at, c.len_utf8(), text, label))
}

/// Explains `[5ms, 10ms]`.
fn number_with_unit(at: usize, after: &str) -> Option<Slip> {
    let text = word(after, &|c| c.is_ascii_alphanumeric());
    let seconds = duration::parse(text)?.as_secs_f64();
    let label =
        format!("expected a number; `{text}` is `{seconds}` in seconds, or a string in quotes");
    Some(Slip::new(at, text.len(), "a number with a unit", label))
}

/// Explains text after a value.
fn after_value(
    &Here {
        line, at, after, ..
    }: &Here<'_>,
) -> Option<Slip> {
    if let Some(comment) = comment(at, after) {
        return Some(comment);
    }
    let mark = after.chars().next()?;
    let rest = after[mark.len_utf8()..].trim_start();
    if ",;".contains(mark) && (rest.is_empty() || rest.starts_with('#')) {
        let text = "a separator at the end of a line";
        return Some(Slip::new(at, 1, text, "remove it: lines need no separator"));
    }
    let next = after.trim_start_matches([',', ';']).trim_start();
    let key = word(next, &|c| c.is_ascii_alphanumeric() || c == '_');
    let begins = line[..at].trim().is_empty();
    if !begins && !key.is_empty() && next[key.len()..].trim_start().starts_with('=') {
        let start = line.len() - next.len();
        let label = "expected a new line before this key";
        return Some(Slip::new(start, key.len(), "two keys on one line", label));
    }
    let quote = line[..at].chars().next_back()?;
    let label = match quote {
        '\'' => "expected double quotes around a string that contains `'`",
        '"' => "expected `\\\"` for a quote inside a string",
        _ => return None,
    };
    mark.is_alphanumeric()
        .then(|| Slip::new(at - 1, 1, "more text after the end of a string", label))
}

/// Explains an unclosed header, and parts that are not joined by dots: `[metrics cart added]`, `[metrics/cart/added]`.
fn parts_of_header(
    &Here {
        line, end, after, ..
    }: &Here<'_>,
) -> Option<Slip> {
    let unclosed = || Slip::new(end, 0, "unclosed table", "expected `]`");
    let unclosed = after.is_empty().then(unclosed);
    let inner = line.trim_start().strip_prefix('[');
    let Some((inner, _)) = inner.and_then(|inner| inner.split_once(']')) else {
        return unclosed;
    };
    let mut words: Vec<_> = inner.split([' ', '.', '\t', '/', ':', '>']).collect();
    words.retain(|word| !word.is_empty());
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    if words.len() < 2 || !words.iter().all(|word| word.chars().all(plain)) {
        return unclosed;
    }
    let start = line.find(inner)?;
    let problem = "the parts of a table name must be joined by dots";
    let label = format!("expected `[{}]`", words.join("."));
    Some(Slip::new(start, inner.len(), problem, label))
}

/// Explains `max = 1,000` and `start = 0,5`.
fn comma_in_number(&Here { line, .. }: &Here<'_>) -> Option<Slip> {
    let digits = |text: &str| word(text, &|c| c.is_ascii_digit()).len();
    // Strings and comments may contain such text.
    let code = word(line, &|c| !"\"'#".contains(c));
    for (equals, _) in code.match_indices('=') {
        let value = line[equals + 1..].trim_start();
        let start = line.len() - value.len();
        let whole = digits(value);
        let Some(after) = value[whole..].strip_prefix(',').filter(|_| whole > 0) else {
            continue;
        };
        let part = digits(after);
        if part == 0 {
            continue;
        }
        let (one, other) = (&value[..whole], &after[..part]);
        let point = if part == 3 && !one.starts_with('0') {
            '_'
        } else {
            '.'
        };
        let label = format!("expected `{one}{point}{other}`");
        let length = whole + 1 + part;
        return Some(Slip::new(start, length, "a comma inside a number", label));
    }
    None
}

/// The message about a line that begins with a dash.
pub(super) const BARE_ITEM: &str = "a list item on its own line";

/// The label for a list in other brackets.
const IN_BRACKETS: &str = "expected square brackets around a list: `[...]`";

/// Explains a key without a value, YAML, samples of an exposition, and comments of other languages.
fn of_another_language(here: &Here<'_>) -> Option<Slip> {
    let &Here {
        line,
        at,
        end,
        after,
        ..
    } = here;
    let text = line.trim_start();
    let indent = line.len() - text.len();
    if let Some(comment) = comment(indent, text) {
        return Some(comment);
    }
    let item = text.strip_prefix('-');
    let item = item.filter(|item| item.is_empty() || item.starts_with(' '));
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
    let key = word(item.unwrap_or(text).trim_start(), &is_part);
    let colon = line.find(key)? + key.len();
    let rest = line[colon..].strip_prefix(':');
    let is_colon = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
    if is_colon && !key.is_empty() {
        return Some(Slip::yaml(colon, "a colon after a key", "expected `=`"));
    }
    if item.is_some() {
        let label = "expected all items after the key: `KEY = [\"...\", \"...\"]`";
        return Some(Slip::yaml(indent, BARE_ITEM, label));
    }
    if after.starts_with(':') {
        return Some(Slip::yaml(at, "a colon after a key", "expected `=`"));
    }
    if after.starts_with('{') {
        let label = "expected `KEY = VALUE`; `shadowcat-metrics infer FILE` creates a schema from an exposition";
        return Some(Slip::new(at, 1, "a sample of an exposition", label));
    }
    let ends = after.is_empty() && at > 0;
    ends.then(|| Slip::new(end, 0, "key with no value", "expected `=`"))
}

fn comment(at: usize, text: &str) -> Option<Slip> {
    let mut signs = ["//", "/*", "; "].iter();
    let sign = signs.find(|sign| text.starts_with(**sign))?.trim_end();
    let text = "a comment of another language";
    Some(Slip::new(at, sign.len(), text, "comments begin with `#`"))
}

/// Explains `key := value`, `key => value`, `key == value`, and a key of two words.
fn other_sign(&Here { line, .. }: &Here<'_>) -> Option<Slip> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    let text = line.trim_start();
    let key = word(text, &is_part);
    let after = text[key.len()..].trim_start();
    let start = line.len() - after.len();
    let sign = [":=", "=>", "==", "<-"]
        .iter()
        .find(|sign| after.starts_with(**sign));
    if let Some(sign) = sign.filter(|_| !key.is_empty()) {
        let text = "a wrong sign between a key and its value";
        return Some(Slip::new(start, sign.len(), text, "expected `=`"));
    }
    let second = word(after, &is_part);
    let is_key = after[second.len()..].trim_start().starts_with('=');
    (is_key && !key.is_empty() && !second.is_empty()).then(|| {
        let begin = line.len() - text.len();
        let length = start + second.len() - begin;
        let label = format!("expected one word, such as `{key}_{second}`");
        Slip::new(begin, length, "a space in a key", label)
    })
}

/// Explains `values = {"card", "invoice"}`.
fn list_in_braces(&Here { line, .. }: &Here<'_>) -> Option<Slip> {
    let value = line.split_once('=')?.1.trim_start();
    let inner = value.strip_prefix('{')?;
    let start = line.len() - value.len();
    (!inner.contains(['=', ':']) && !inner.trim_start().starts_with('}'))
        .then(|| Slip::new(start, 1, "a list in braces", IN_BRACKETS))
}

/// Returns the start of a text, as far as its characters match.
fn word<'t>(text: &'t str, is_part: &dyn Fn(char) -> bool) -> &'t str {
    &text[..text.find(|c| !is_part(c)).unwrap_or(text.len())]
}
