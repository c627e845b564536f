//! The notations of other languages: YAML, pages of metrics, comments, signs, lists, words for nothing.

use super::{Slip, word};

/// What is said of a line that begins with a dash.
pub(in super::super) const BARE_ITEM: &str = "an item of a list by itself";

/// What is said of a list in other brackets.
pub(super) const IN_BRACKETS: &str = "expected square brackets around a list: `[...]`";

/// Lines of YAML, of a page of metrics, and comments of other languages.
pub(super) fn of_another_language(line: &str, at: usize, behind: &str) -> Option<Slip> {
    let text = line.trim_start();
    let indent = line.len() - text.len();
    if let Some(comment) = comment(indent, text) {
        return Some(comment);
    }
    let item = text.strip_prefix('-');
    let item = item.filter(|item| item.is_empty() || item.starts_with(' '));
    let key = word(item.unwrap_or(text).trim_start(), |c| {
        c.is_ascii_alphanumeric() || "_-./".contains(c)
    });
    let colon = line.find(key).map(|start| start + key.len());
    let colon = colon.filter(|colon| {
        let rest = line[*colon..].strip_prefix(':');
        !key.is_empty() && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    });
    if let Some(colon) = colon {
        return Some(Slip::yaml(colon, "a colon behind a key", "expected `=`"));
    }
    if item.is_some() {
        return Some(Slip::yaml(
            indent,
            BARE_ITEM,
            "expected all items behind the key: `KEY = [\"...\", \"...\"]`",
        ));
    }
    if behind.starts_with(':') {
        return Some(Slip::yaml(at, "a colon behind a key", "expected `=`"));
    }
    behind.starts_with('{').then(|| {
        Slip::new(
            at,
            1,
            "a sample, as programs expose it",
            "expected `KEY = VALUE`; `shadowcat-metrics infer FILE` makes a schema of a page",
        )
    })
}

pub(super) fn comment(at: usize, text: &str) -> Option<Slip> {
    let mut signs = ["//", "/*", "; "].iter();
    let sign = signs.find(|sign| text.starts_with(**sign))?.trim_end();
    let text = "a comment of another language";
    Some(Slip::new(at, sign.len(), text, "comments begin with `#`"))
}

/// `key := value`, `key => value`, `key == value`; and a key of two words.
pub(super) fn other_sign(line: &str) -> Option<Slip> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    let text = line.trim_start();
    let key = word(text, is_part);
    let behind = text[key.len()..].trim_start();
    let start = line.len() - behind.len();
    let sign = [":=", "=>", "==", "<-"]
        .iter()
        .find(|sign| behind.starts_with(**sign));
    if let Some(sign) = sign.filter(|_| !key.is_empty()) {
        let text = "another sign between a key and its value";
        return Some(Slip::new(start, sign.len(), text, "expected `=`"));
    }
    let second = word(behind, is_part);
    let is_key = behind[second.len()..].trim_start().starts_with('=');
    (is_key && !key.is_empty() && !second.is_empty()).then(|| {
        let begin = line.len() - text.len();
        let label = format!("expected one word, such as `{key}_{second}`");
        Slip::new(
            begin,
            start + second.len() - begin,
            "a space in a key",
            label,
        )
    })
}

/// `values = {"card", "invoice"}`.
pub(super) fn list_in_braces(line: &str) -> Option<Slip> {
    let value = line.split_once('=')?.1.trim_start();
    let inner = value.strip_prefix('{')?;
    let start = line.len() - value.len();
    (!inner.contains('=')).then(|| Slip::new(start, 1, "a list in curly brackets", IN_BRACKETS))
}

pub(super) fn null(at: usize, behind: &str) -> Option<Slip> {
    let word = word(behind, char::is_alphanumeric);
    ["null", "nil", "none"]
        .contains(&word.to_lowercase().as_str())
        .then(|| {
            let text = "TOML has no word for nothing";
            Slip::new(at, word.len(), text, "leave the key out")
        })
}
