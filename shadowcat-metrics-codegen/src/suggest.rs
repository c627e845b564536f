//! "Did you mean": the nearest of the names that would have been right, and the list of all of them.

/// Names longer than this are not compared: no slip is to be found in them, and hostile ones are a megabyte long.
const LONGEST: usize = 64;

/// The candidate that `name` is most likely a slip of, if any is near enough: one letter in three.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = name.chars().count();
    if length > LONGEST {
        return None;
    }
    let name = name.to_lowercase();
    candidates
        .into_iter()
        .filter_map(|candidate| distance(&name, candidate).map(|distance| (distance, candidate)))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How many slips make `name` of `candidate`, if they are few enough; word by word in `group.metric`, because that two
/// metrics are of one group does not make them alike.
fn distance(name: &str, candidate: &str) -> Option<usize> {
    let (words, others) = (name.split('.'), candidate.split('.'));
    if words.clone().count() != others.clone().count() {
        return distance_of_words(name, candidate);
    }
    words
        .zip(others)
        .map(|(word, other)| distance_of_words(word, other))
        .sum()
}

fn distance_of_words(name: &str, candidate: &str) -> Option<usize> {
    let (length, other) = (name.chars().count(), candidate.chars().count());
    let longer = length.max(other);
    let possible = longer <= LONGEST && length.abs_diff(other) <= longer.max(3) / 3;
    let distance = possible.then(|| strsim::damerau_levenshtein(name, candidate))?;
    // At least one letter is shared: `b` is no slip of `a`.
    (distance <= longer.max(3) / 3 && distance < length).then_some(distance)
}

/// "`a`, `b` or `c`".
pub fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<_> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [] => "none".to_owned(),
        [only] => only.clone(),
        [init @ .., last] => format!("{} or {last}", init.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_near_and_another_word_is_not() {
        let names = ["transport", "pool", "phase"];
        assert_eq!(nearest("transprot", names), Some("transport"));
        assert_eq!(nearest("Pool", names), Some("pool"));
        assert_eq!(nearest("direction", names), None);
        assert_eq!(nearest("", names), None);
        assert_eq!(nearest("b", ["a"]), None);
        assert_eq!(nearest(&"x".repeat(1 << 20), names), None);
    }

    #[test]
    fn lists_read_as_sentences() {
        assert_eq!(list([]), "none");
        assert_eq!(list(["a"]), "`a`");
        assert_eq!(list(["a", "b", "c"]), "`a`, `b` or `c`");
    }
}
