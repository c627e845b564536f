//! What a sentence ends with, for the check of `help`, for the JSON Schema, and for whoever writes a `help`.

/// Full stops of the scripts that have one of their own, and what else ends a sentence.
const ENDS: &[char] = &[
    '.', '!', '?', '…', '。', '．', '｡', '！', '？', '।', '۔', '։', '።',
];

/// What may stand behind it.
const CLOSERS: &[char] = &[')', ']', '"', '\'', '”', '’', '»', '」', '』', '）'];

/// Whether a text ends as a sentence does.
#[must_use]
pub fn ends(text: &str) -> bool {
    text.trim_end().trim_end_matches(CLOSERS).ends_with(ENDS)
}

/// Whether a full stop is all that a text lacks: behind other punctuation the sentence may go on.
#[must_use]
pub fn lacks_full_stop(text: &str) -> bool {
    !ends(text) && text.ends_with(|c: char| c.is_alphanumeric() || matches!(c, ')' | '`'))
}

/// The same as a regular expression of JSON Schema.
#[cfg(feature = "documents")]
pub(crate) fn pattern() -> String {
    let ends: String = ENDS.iter().collect();
    let closers: String = CLOSERS.iter().collect::<String>().replace(']', "\\]");
    format!("[{ends}][{closers}]*\\s*$")
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_sentence_ends_in_its_own_script() {
        for text in [
            "A.",
            "A. ",
            "A!",
            "A?",
            "カートに入れた商品。",
            "(A.)",
            "कार्ट।",
            "A \"b.\"",
        ] {
            assert!(super::ends(text), "{text}");
        }
        for text in ["A", "A,", "", ")", "商品"] {
            assert!(!super::ends(text), "{text}");
        }
        for (text, lacks) in [
            ("A", true),
            ("a (b)", true),
            ("A,", false),
            ("A?", false),
            ("", false),
        ] {
            assert_eq!(super::lacks_full_stop(text), lacks, "{text}");
        }
    }
}
