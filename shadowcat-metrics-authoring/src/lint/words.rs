//! Splits names and sentences into words, so that `requests_sent` and `sent_request` compare as similar.

use super::has_word;

/// Longer names are not compared: nobody writes them by hand.
const MAX_LENGTH: usize = 64;

/// Returns the words of a name. Empty if the name is too long to compare.
pub(super) fn words(name: &str) -> impl Iterator<Item = &str> {
    let name = if name.len() > MAX_LENGTH { "" } else { name };
    name.split('_').filter(|word| !word.is_empty())
}

/// Returns the first word of the row that contains a word, or the word itself.
pub(super) fn first_of_row(rows: &[&str], word: String) -> String {
    let row = rows.iter().find(|row| has_word(row, &word));
    row.and_then(|row| row.split(' ').next())
        .map_or(word, str::to_owned)
}

/// Returns the words of a sentence, in lower case.
pub(super) fn sentence_words(sentence: &str) -> impl Iterator<Item = String> {
    sentence
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

/// Returns the singular of an English noun, approximately: `retries` and `retry`, `boxes` and `box`.
pub(super) fn singular(word: &str) -> String {
    if let Some(stem) = word.strip_suffix("ies").filter(|stem| stem.len() > 1) {
        return format!("{stem}y");
    }
    for ending in ["tches", "shes", "sses", "xes"] {
        if word.ends_with(ending) {
            return word[..word.len() - 2].to_owned();
        }
    }
    // `status`, `address` and `analysis` are already singular.
    let plural = word.len() > 3
        && word.ends_with('s')
        && !["ss", "us", "is"].iter().any(|end| word.ends_with(end));
    if plural {
        word[..word.len() - 1].to_owned()
    } else {
        word.to_owned()
    }
}

/// Returns the words of a name, in the singular and sorted, to compare names regardless of number and order.
pub(super) fn sorted_words<'a>(words: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut sorted_words: Vec<_> = words.map(singular).collect();
    sorted_words.sort_unstable();
    sorted_words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plurals() {
        for (plural, one) in [
            ("requests", "request"),
            ("retries", "retry"),
            ("boxes", "box"),
            ("matches", "match"),
            ("misses", "miss"),
            ("caches", "cache"),
            ("status", "status"),
            ("address", "address"),
            ("ms", "ms"),
            ("größen", "größen"),
        ] {
            assert_eq!(singular(plural), one);
        }
    }

    #[test]
    fn word_order_and_plurals_are_ignored() {
        assert_eq!(
            sorted_words(words("sizes_of_body")),
            sorted_words(words("body_size_of"))
        );
        assert!(sorted_words(words(&"x".repeat(100))).is_empty());
    }
}
