//! "Did you mean": the nearest valid name, and lists of valid names.

/// Longer names are not compared: they are not typos, and hostile ones can have a megabyte.
const MAX_LENGTH: usize = 64;

/// Returns the candidate that `name` is most likely a typo of, if any is near enough: at most one
/// wrong letter in three.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest_of(name, &mut candidates.into_iter())
}

fn nearest_of<'a>(name: &str, candidates: &mut dyn Iterator<Item = &'a str>) -> Option<&'a str> {
    let length = name.chars().count();
    if length > MAX_LENGTH {
        return None;
    }
    let name = name.to_lowercase();
    let mut nearest: Option<(usize, &str)> = None;
    for candidate in candidates {
        if let Some(distance) = distance(&name, candidate)
            && nearest.is_none_or(|(least, _)| distance < least)
        {
            nearest = Some((distance, candidate));
        }
    }
    nearest.map(|(_, candidate)| candidate)
}

/// Returns the number of typos between `name` and `candidate`, if it is small enough. Compares `group.metric` word by word:
/// a shared group does not make two metrics similar.
fn distance(name: &str, candidate: &str) -> Option<usize> {
    let (words, others) = (name.split('.'), candidate.split('.'));
    if words.clone().count() != others.clone().count() {
        return distance_of_words(name, candidate);
    }
    let mut sum = 0;
    for (word, other) in words.zip(others) {
        sum += distance_of_words(word, other)?;
    }
    Some(sum)
}

fn distance_of_words(name: &str, candidate: &str) -> Option<usize> {
    let (length, other) = (name.chars().count(), candidate.chars().count());
    let longer = length.max(other);
    let possible = longer <= MAX_LENGTH && length.abs_diff(other) <= longer.max(3) / 3;
    let distance = possible.then(|| edits(name, candidate))?;
    // At least one letter must match: `b` is not a typo of `a`.
    (distance <= longer.max(3) / 3 && distance < length).then_some(distance)
}

/// Returns the number of characters to insert, remove, replace or swap with the next one that turn `one` into `other`:
/// the distance that rustc uses, optimal string alignment.
#[must_use]
pub fn edits(one: &str, other: &str) -> usize {
    let (one, other): (Vec<_>, Vec<_>) = (one.chars().collect(), other.chars().collect());
    let [one, other] = differing(&one, &other);
    // A row for each start of `one`, with its distance from each start of `other`.
    let mut rows: Vec<Vec<usize>> = vec![(0..=other.len()).collect()];
    for i in 1..=one.len() {
        let mut row = vec![i];
        for j in 1..=other.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(one[i - 1] != other[j - 1]);
            let mut least = replaced.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && one[i - 2] == other[j - 1] && one[i - 1] == other[j - 2] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[one.len()][other.len()]
}

/// Returns two texts without their common beginning and end, which need no edits. Names of one schema begin alike, and the time
/// to compare two texts grows with the product of their lengths.
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
        assert_eq!(edits(one, other), count, "{one} {other}");
        assert_eq!(edits(other, one), count, "{other} {one}");
    }
}

#[test]
fn lists_read_as_sentences() {
    assert_eq!(list([]), "none");
    assert_eq!(list(["a"]), "`a`");
    assert_eq!(list(["a", "b", "c"]), "`a`, `b` or `c`");
}
