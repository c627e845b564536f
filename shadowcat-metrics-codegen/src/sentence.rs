//! The end of a sentence, for the check of `help`, for the JSON Schema, and to complete a `help`. Also articles and counts,
//! for messages.

use std::fmt::Display;

/// Characters that end a sentence, in all scripts.
pub const ENDS: &[char] = &[
    '.', '!', '?', '…', '。', '．', '｡', '！', '？', '।', '۔', '։', '።',
];

/// Characters that may follow the end.
pub const CLOSERS: &[char] = &[')', ']', '"', '\'', '”', '’', '»', '」', '』', '）'];

/// Returns whether a text ends as a sentence does.
#[must_use]
pub fn ends(text: &str) -> bool {
    text.trim_end().trim_end_matches(CLOSERS).ends_with(ENDS)
}

/// Returns whether a text only lacks a period. After other punctuation, the sentence may continue.
#[must_use]
pub fn lacks_full_stop(text: &str) -> bool {
    !ends(text) && text.ends_with(|c: char| c.is_alphanumeric() || matches!(c, ')' | '`'))
}

/// Returns a noun with its article, in backquotes or not: "a group", "an `info`".
pub(crate) fn with_article(noun: &str) -> String {
    // The nouns here that begin with `u`, such as `updown_counter`, are not pronounced like "unit".
    let vowel = noun
        .trim_start_matches('`')
        .starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {noun}", if vowel { "an" } else { "a" })
}

/// Returns a number with its noun: `1 metric`, `2 metrics`, `2 queries`, `2 series`.
#[must_use]
pub fn count<N: Copy + Display + PartialEq + From<u8>>(number: N, noun: &str) -> String {
    let stem = noun.strip_suffix('y');
    let stem = stem.filter(|stem| !stem.ends_with(['a', 'e', 'o', 'u']));
    match stem {
        _ if number == N::from(1) || noun.ends_with('s') => format!("{number} {noun}"),
        Some(stem) => format!("{number} {stem}ies"),
        None => format!("{number} {noun}s"),
    }
}

#[test]
fn only_one_is_singular() {
    let counts =
        ["value", "query", "key", "series"].map(|noun| [count(1_u64, noun), count(0_usize, noun)]);
    let expected = [
        ["1 value", "0 values"],
        ["1 query", "0 queries"],
        ["1 key", "0 keys"],
        ["1 series", "0 series"],
    ];
    assert_eq!(counts, expected);
}

#[test]
fn sentences_end_in_every_script() {
    let sentences = [
        "A.",
        "A. ",
        "A!",
        "A?",
        "商品。",
        "(A.)",
        "कार्ट।",
        "A \"b.\"",
    ];
    assert!(sentences.into_iter().all(ends));
    let open = ["A", "A,", "", ")", "商品"];
    assert!(!open.into_iter().any(ends));
    let lacks = ["A", "a (b)", "A,", "A?", ""].map(lacks_full_stop);
    assert_eq!(lacks, [true, true, false, false, false]);
}

#[test]
fn articles_go_by_the_sound() {
    for noun in [
        "a group",
        "an alert",
        "an `info`",
        "an `updown_counter`",
        "a `counter`",
    ] {
        let (_, bare) = noun.split_once(' ').expect("two words");
        assert_eq!(with_article(bare), noun);
    }
}
