//! The number of edits between two texts is that of the usual table.

use proptest::prelude::*;
use shadowcat_metrics_codegen::suggest::edits;

/// Computes the optimal string alignment distance cell by cell.
fn table(one: &str, other: &str) -> usize {
    let (one, other): (Vec<_>, Vec<_>) = (one.chars().collect(), other.chars().collect());
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

proptest! {
    #[test]
    fn edits_are_those_of_the_table(one in "[abcé日]{0,64}", other in "[abcé日]{0,80}") {
        prop_assert_eq!(edits(&one, &other), Some(table(&one, &other)));
    }

    #[test]
    fn long_texts_have_edits_if_few_characters_differ(start in "[ab]{0,200}", one in "[abc]{0,4}", other in "[abc]{0,4}") {
        let (one, other) = (start.clone() + &one, start + &other);
        prop_assert_eq!(edits(&one, &other), Some(table(&one, &other)));
    }
}

#[test]
fn texts_that_differ_in_more_than_64_characters_have_no_edits() {
    assert_eq!(edits(&"a".repeat(64), &"b".repeat(1_000)), Some(1_000));
    assert_eq!(edits(&"a".repeat(65), "b"), None);
}
