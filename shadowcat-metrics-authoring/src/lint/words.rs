//! Names and sentences as words, such that `requests_sent` and `sent_request` are seen to be alike.

use super::has_word;

/// Names longer than this are not compared with others: nobody wrote them.
const LONGEST: usize = 64;

/// The words of a name; none of a name that is too long to compare.
pub(super) fn words(name: &str) -> impl Iterator<Item = &str> {
    let name = if name.len() > LONGEST { "" } else { name };
    name.split('_').filter(|word| !word.is_empty())
}

/// The first word of the row that has a word; the word itself if no row has it.
pub(super) fn first_of_row(rows: &[&str], word: String) -> String {
    let row = rows.iter().find(|row| has_word(row, &word));
    row.and_then(|row| row.split(' ').next())
        .map_or(word, str::to_owned)
}

/// The words of a sentence, in lower case.
pub(super) fn sentence_words(sentence: &str) -> impl Iterator<Item = String> {
    sentence
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

/// An English noun in the singular, near enough to compare by: `retries` and `retry`, `boxes` and `box`.
pub(super) fn singular(word: &str) -> String {
    if let Some(stem) = word.strip_suffix("ies").filter(|stem| stem.len() > 1) {
        return format!("{stem}y");
    }
    for ending in ["tches", "shes", "sses", "xes"] {
        if word.ends_with(ending) {
            return word[..word.len() - 2].to_owned();
        }
    }
    // `status`, `address` and `analysis` are singular already.
    let plural = word.len() > 3
        && word.ends_with('s')
        && !["ss", "us", "is"].iter().any(|end| word.ends_with(end));
    if plural {
        word[..word.len() - 1].to_owned()
    } else {
        word.to_owned()
    }
}

/// The words of a name in the singular and in the order of the alphabet, so that names that differ in no more are equal.
pub(super) fn bag<'a>(words: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut bag: Vec<_> = words.map(singular).collect();
    bag.sort_unstable();
    bag
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
    fn order_and_number_do_not_count() {
        assert_eq!(bag(words("sizes_of_body")), bag(words("body_size_of")));
        assert!(bag(words(&"x".repeat(100))).is_empty());
    }
}
