//! Characters that a reader cannot tell from others: those that look like ASCII, and those that are invisible.

/// Cyrillic and Greek letters, each with the ASCII letter that it looks like in most fonts below it.
const LETTERS: [(&str, &str); 2] = [
    (
        "асԁеһіјорԛѕԝхуАВСЕНІЈКМОРЅТХУ",
        "acdehijopqswxyABCEHIJKMOPSTXY",
    ),
    ("ονιΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "oviABEZHIKMNOPTYX"),
];

/// Returns the ASCII character that a character looks like.
pub(crate) fn ascii(c: char) -> Option<char> {
    if ('\u{ff01}'..='\u{ff5e}').contains(&c) {
        // The full-width forms are in the order of ASCII.
        return char::from_u32(u32::from(c) - 0xfee0);
    }
    LETTERS.iter().find_map(|(letters, ascii)| {
        let position = letters.chars().position(|letter| letter == c)?;
        ascii.chars().nth(position)
    })
}

/// Returns whether a character is invisible, or a space that is not ASCII.
pub(crate) fn is_invisible(c: char) -> bool {
    let is_unseen = matches!(
        c,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
    );
    is_unseen || (c.is_whitespace() && !c.is_ascii())
}

/// Escapes control characters, invisible characters, and letters that look like ASCII in a word with ASCII letters. Words that
/// are entirely in another script stay as they are.
pub(crate) fn escape(text: String) -> String {
    if text.is_ascii() && !text.contains(char::is_control) {
        return text;
    }
    let mut escaped = String::with_capacity(text.len());
    for word in text.split_inclusive(|c: char| !c.is_alphanumeric()) {
        let has_ascii = word.contains(|c: char| c.is_ascii_alphabetic());
        for c in word.chars() {
            if c.is_control() {
                escaped.extend(c.escape_default());
            } else if is_invisible(c) || (has_ascii && c.is_alphabetic() && ascii(c).is_some()) {
                escaped.extend(c.escape_unicode());
            } else {
                escaped.push(c);
            }
        }
    }
    escaped
}

#[test]
fn only_what_cannot_be_told_apart_is_escaped() {
    for (text, expected) in [
        ("a\tb\n", "a\\tb\\n"),
        ("unknown label `w\u{430}y`", "unknown label `w\\u{430}y`"),
        (
            "`\u{440}\u{430}\u{443}`, `größe`, 5 µm",
            "`\u{440}\u{430}\u{443}`, `größe`, 5 µm",
        ),
        (
            "`counter\u{200b}`, a\u{a0}b",
            "`counter\\u{200b}`, a\\u{a0}b",
        ),
        ("＝", "＝"),
    ] {
        assert_eq!(escape(text.to_owned()), expected);
    }
    assert_eq!(ascii('＝'), Some('='));
    for (letters, ascii) in LETTERS {
        assert!(letters.chars().all(|letter| !letter.is_ascii()) && ascii.is_ascii());
        assert_eq!(letters.chars().count(), ascii.len());
    }
}
