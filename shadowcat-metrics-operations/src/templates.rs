//! Texts of alerts: whether the labels that they are filled in with are there.

use std::collections::BTreeSet;
use std::ops::Range;

use shadowcat_metrics_codegen::suggest;

/// A label that a text names and an alert lacks.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Missing<'t> {
    pub(crate) name: &'t str,
    /// Where in the text.
    pub(crate) range: Range<usize>,
    /// What was expected there.
    pub(crate) expected: String,
}

/// The labels that a text asks for as `$labels.NAME`, and that are none of some.
pub(crate) fn missing<'t>(text: &'t str, labels: &BTreeSet<String>) -> Vec<Missing<'t>> {
    const LABEL: &str = "$labels.";
    let mut missing = Vec::new();
    for (at, _) in text.match_indices(LABEL) {
        let start = at + LABEL.len();
        let rest = &text[start..];
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let name = &rest[..rest.find(|c| !word(c)).unwrap_or(rest.len())];
        if labels.contains(name) {
            continue;
        }
        let known = labels.iter().map(String::as_str);
        let expected = match suggest::nearest(name, known.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("expected {}", suggest::list(known)),
        };
        missing.push(Missing {
            name,
            range: start..start + name.len(),
            expected,
        });
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_that_are_not_there() {
        let labels = BTreeSet::from(["server".to_owned()]);
        let missing = |text| missing(text, &labels);
        assert_eq!(missing("{{ $labels.server }} {{ $value }}"), []);
        let [found] = &missing("{{ $labels.servr | title }}")[..] else {
            panic!("one label is missing");
        };
        assert_eq!((found.name, found.range.clone()), ("servr", 11..16));
        assert_eq!(found.expected, "did you mean `server`?");
    }
}
