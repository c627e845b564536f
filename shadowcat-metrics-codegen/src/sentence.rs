//! The end of a sentence, for the check of `help`, for the JSON Schema, and to complete a `help`. Also articles, for messages.

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

/// Returns whether a text only lacks a full stop. After other punctuation, the sentence may continue.
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

#[cfg(test)]
mod tests {
    #[test]
    fn sentences_end_in_every_script() {
        let ends = [
            "A.",
            "A. ",
            "A!",
            "A?",
            "商品。",
            "(A.)",
            "कार्ट।",
            "A \"b.\"",
        ];
        assert!(ends.into_iter().all(super::ends));
        let open = ["A", "A,", "", ")", "商品"];
        assert!(!open.into_iter().any(super::ends));
        let lacks = ["A", "a (b)", "A,", "A?", ""].map(super::lacks_full_stop);
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
            assert_eq!(super::with_article(bare), noun);
        }
    }
}
