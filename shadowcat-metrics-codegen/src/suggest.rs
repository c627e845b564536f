//! "Did you mean": the nearest valid name, and lists of valid names.

/// Longer names are not compared: they are not typos, and hostile ones can have a megabyte.
const MAX_LENGTH: usize = 64;

/// Returns the candidate that `name` is most likely a typo of, if any is near enough: at most one
/// wrong letter in three.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest_of(name, &mut candidates.into_iter())
}

fn nearest_of<'a>(name: &str, candidates: &mut dyn Iterator<Item = &'a str>) -> Option<&'a str> {
    if name.chars().count() > MAX_LENGTH {
        return None;
    }
    let name = name.to_lowercase();
    let whole = Text::new(name.chars())?;
    let words: Vec<_> = name
        .split('.')
        .filter_map(|word| Text::new(word.chars()))
        .collect();
    let mut nearest: Option<(usize, &str)> = None;
    for candidate in candidates {
        if let Some(distance) = distance(&whole, &words, candidate)
            && nearest.is_none_or(|(least, _)| distance < least)
        {
            nearest = Some((distance, candidate));
        }
    }
    nearest.map(|(_, candidate)| candidate)
}

/// Returns the number of typos between a name and `candidate`, if it is small enough. Compares `group.metric` word by word:
/// a shared group does not make two metrics similar.
fn distance(name: &Text, words: &[Text], candidate: &str) -> Option<usize> {
    let others = candidate.split('.');
    if words.len() == 1 || words.len() != others.clone().count() {
        return distance_of_words(name, candidate);
    }
    let mut sum = 0;
    for (word, other) in words.iter().zip(others) {
        sum += distance_of_words(word, other)?;
    }
    Some(sum)
}

fn distance_of_words(name: &Text, candidate: &str) -> Option<usize> {
    let (length, other) = (name.length, candidate.chars().count());
    let longer = length.max(other);
    let possible = longer <= MAX_LENGTH && length.abs_diff(other) <= longer.max(3) / 3;
    let distance = possible.then(|| name.edits(candidate.chars()))?;
    // At least one letter must match: `b` is not a typo of `a`.
    (distance <= longer.max(3) / 3 && distance < length).then_some(distance)
}

/// Returns the number of characters to insert, remove, replace or swap with the next one that turn `one` into `other`:
/// the distance that rustc uses, optimal string alignment. Returns `None` if more than 64 characters of `one` differ.
#[must_use]
pub fn edits(one: &str, other: &str) -> Option<usize> {
    let (one, other): (Vec<_>, Vec<_>) = (one.chars().collect(), other.chars().collect());
    let [one, other] = differing(&one, &other);
    let one = Text::new(one.iter().copied())?;
    Some(one.edits(other.iter().copied()))
}

/// A text that is compared with many others.
struct Text {
    length: usize,
    /// The positions of each ASCII character in the text: bit `n` is set if it is character `n`.
    ascii: [u64; 128],
    /// The other characters, each with its position.
    others: Vec<(char, u64)>,
}

impl Text {
    /// Returns `None` if the text has more characters than a position has bits.
    fn new(text: impl Iterator<Item = char>) -> Option<Self> {
        let mut new = Self {
            length: 0,
            ascii: [0; 128],
            others: Vec::new(),
        };
        for character in text {
            let position = 1_u64.checked_shl(u32::try_from(new.length).ok()?)?;
            match new.ascii.get_mut(character as usize) {
                Some(positions) => *positions |= position,
                None => new.others.push((character, position)),
            }
            new.length += 1;
        }
        Some(new)
    }

    fn positions(&self, character: char) -> u64 {
        if let Some(positions) = self.ascii.get(character as usize) {
            return *positions;
        }
        let others = self.others.iter().filter(|(other, _)| *other == character);
        others.fold(0, |positions, (_, position)| positions | position)
    }

    /// Returns the number of edits that turn this text into `other`.
    ///
    /// The usual table of distances between all prefixes of two texts takes a step for each pair of characters. Neighbors in it
    /// differ by at most 1, so this computes a whole column at a time from bits that say where the distance grows or falls:
    /// "A bit-vector algorithm for computing Levenshtein and Damerau edit distances" (Hyyrö, 2003).
    fn edits(&self, other: impl Iterator<Item = char>) -> usize {
        let Some(last) = self.length.checked_sub(1) else {
            return other.count();
        };
        let mut distance = self.length;
        // Where the distance is greater, and less, than one row above.
        let (mut greater, mut less) = (u64::MAX, 0_u64);
        // Where the last column's diagonal did not grow, and where its character is.
        let (mut equal, mut before) = (0_u64, 0_u64);
        for character in other {
            let same = self.positions(character);
            let swapped = ((!equal & same) << 1) & before;
            let carried = (same & greater).wrapping_add(greater) ^ greater;
            equal = carried | same | less | swapped;
            let (grown, fallen) = (less | !(equal | greater), equal & greater);
            distance += usize::from(grown >> last & 1 == 1);
            distance -= usize::from(fallen >> last & 1 == 1);
            let (grown, fallen) = (grown << 1 | 1, fallen << 1);
            (greater, less) = (fallen | !(equal | grown), equal & grown);
            before = same;
        }
        distance
    }
}

/// Returns two texts without their common beginning and end, which need no edits. Names of one schema begin alike, and the number
/// of characters that a [`Text`] can have is limited.
fn differing<'t>(one: &'t [char], other: &'t [char]) -> [&'t [char]; 2] {
    let is_same = |(one, other): &(&char, &char)| one == other;
    let start = one.iter().zip(other).take_while(is_same).count();
    let (one, other) = (&one[start..], &other[start..]);
    let ends = one.iter().rev().zip(other.iter().rev());
    let end = ends.take_while(is_same).count();
    [&one[..one.len() - end], &other[..other.len() - end]]
}

/// Returns the label for an unknown name: the known name that it is most likely a typo of, or all of them.
pub fn expected<'a>(name: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    match nearest(name, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("expected {}", list(known)),
    }
}

/// Formats "`a`, `b` or `c`".
pub fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    list_of(&mut names.into_iter())
}

fn list_of(names: &mut dyn Iterator<Item = &str>) -> String {
    let mut quoted = Vec::new();
    for name in names {
        quoted.push(format!("`{name}`"));
    }
    match quoted.as_slice() {
        [] => "none".to_owned(),
        [only] => only.clone(),
        [init @ .., last] => format!("{} or {last}", init.join(", ")),
    }
}

#[test]
fn typos_are_near_and_other_words_are_not() {
    let names = ["transport", "pool", "phase"];
    assert_eq!(nearest("transprot", names), Some("transport"));
    assert_eq!(nearest("Pool", names), Some("pool"));
    assert_eq!(nearest("direction", names), None);
    assert_eq!(nearest("", names), None);
    assert_eq!(nearest("b", ["a"]), None);
    assert_eq!(nearest(&"x".repeat(1 << 20), names), None);
}

#[test]
fn edits_are_counted_by_character() {
    for (one, other, count) in [
        ("", "", 0),
        ("", "abc", 3),
        ("pool", "pol", 1),
        ("pool", "pools", 1),
        ("pool", "poll", 1),
        ("pool", "polo", 1),
        ("kitten", "sitting", 3),
        ("größe", "grösse", 2),
        ("aaa", "aa", 1),
        ("abcab", "acbab", 1),
        ("app_requests_total", "app_retries_total", 5),
    ] {
        assert_eq!(edits(one, other), Some(count), "{one} {other}");
        assert_eq!(edits(other, one), Some(count), "{other} {one}");
    }
}

#[test]
fn lists_read_as_sentences() {
    assert_eq!(list([]), "none");
    assert_eq!(list(["a"]), "`a`");
    assert_eq!(list(["a", "b", "c"]), "`a`, `b` or `c`");
}
