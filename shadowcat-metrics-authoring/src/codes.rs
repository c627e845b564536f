//! The codes of the schema language: finding them, their explanations, and their examples.

use std::borrow::Cow;

use crate::language;
use shadowcat_metrics_codegen::codes::errors::{
    BUCKETS, BUDGET, HEADER, INCLUDE, LABEL_VALUES, LABELS, LIFECYCLE, METRIC_TABLES, METRICS,
    NAMES, NATIVE, OTEL, RATIOS, REFERENCES, SUMS, SYNTAX_ERRORS, TREE, UNKNOWN, WORDS, WRONG,
};
use shadowcat_metrics_codegen::{Code, Version, suggest};

/// Returns every error, sorted by id.
pub fn errors() -> impl Iterator<Item = Code> {
    let tables = [
        HEADER,
        WORDS,
        REFERENCES,
        NAMES,
        OTEL,
        LABELS,
        SUMS,
        LABEL_VALUES,
        METRICS,
        LIFECYCLE,
        BUCKETS,
        NATIVE,
        RATIOS,
        BUDGET,
        SYNTAX_ERRORS,
        TREE,
        UNKNOWN,
        WRONG,
        INCLUDE,
        METRIC_TABLES,
    ];
    let mut codes: Vec<_> = tables.concat();
    codes.sort_by_key(|code| code.id());
    codes.into_iter()
}

/// Codes that were merged into another.
const MERGED: [(&str, &str); 5] = [
    ("SM0404", "SM0402"),
    ("SM0406", "SM0402"),
    ("SM0407", "SM0402"),
    ("SM0408", "SM0402"),
    ("SM0812", "SM0402"),
];

/// Finds a code by its id (`SM0004`, ignoring case) or its name (`unknown-key`). The id of a merged code
/// finds the code that it was merged into.
pub fn find(codes: impl IntoIterator<Item = Code>, text: &str) -> Option<Code> {
    let merged = MERGED
        .iter()
        .find(|(old, _)| old.eq_ignore_ascii_case(text));
    let text = merged.map_or(text, |(_, new)| new);
    let mut codes = codes.into_iter();
    codes.find(|code| code.id().eq_ignore_ascii_case(text) || code.name() == text)
}

/// Returns the name that `text` is most likely a misspelling of, if [`find`] does not find it.
pub fn nearest(codes: impl IntoIterator<Item = Code>, text: &str) -> Option<&'static str> {
    // Ids differ by a digit or two, so only names can be guessed.
    suggest::nearest(text, codes.into_iter().map(Code::name))
}

/// The texts of a code for readers.
pub trait Explain {
    /// Returns the reason, and what to do.
    fn explanation(self) -> Cow<'static, str>;

    /// Returns a part of a schema that causes this code.
    fn wrong(self) -> String;

    /// Returns the part in [`wrong`](Self::wrong), corrected.
    fn right(self) -> String;
}

impl Explain for Code {
    fn explanation(self) -> Cow<'static, str> {
        let explanation = self.info().explanation;
        match explanation.split_once("{tables}") {
            Some((before, after)) => {
                let tables: Vec<_> = language::tables()
                    .map(|name| format!("`[{name}]`"))
                    .collect();
                Cow::from(before.to_owned() + &tables.join(", ") + after)
            }
            None => Cow::from(explanation),
        }
    }

    fn wrong(self) -> String {
        side(self.info().examples.first(), '-', '+')
    }

    fn right(self) -> String {
        side(self.info().examples.last(), '+', '-')
    }
}

/// Returns one side of an example: its lines without those that are marked with `other`, which belong to the other side.
fn side(example: Option<&&str>, own: char, other: char) -> String {
    let mut side = String::new();
    for line in example
        .into_iter()
        .flat_map(|example| example.split_inclusive('\n'))
    {
        let unmarked = line.strip_prefix([own, other]);
        match unmarked.filter(|text| text.starts_with([' ', '\n'])) {
            Some(text) if line.starts_with(own) => side += text.strip_prefix(' ').unwrap_or(text),
            Some(_) => {}
            None => side += line,
        }
    }
    side
}

/// The release for which examples are compiled, so that anything due for removal before it is an error.
pub const EXAMPLE_RELEASE: Version = Version::new(1, 0, 0);

/// Completes a code's example with the lines that every schema needs.
///
/// An example that sets `format` or `namespace` does not get the other; one without `[groups.]` gets a group
/// `http`.
#[must_use]
pub fn complete_example(example: &str) -> String {
    let mut schema = String::new();
    if !example.contains("format =") && !example.contains("namespace =") {
        schema.push_str("format = 1\nnamespace = \"app\"\n\n");
    }
    schema + &with_group(example)
}

/// Adds the group of an example's metrics at the end, so that line numbers stay the same.
#[must_use]
pub fn with_group(example: &str) -> String {
    let group = if example.contains("[groups.") {
        ""
    } else {
        "\n\n[groups.http]\nhelp = \"Requests over HTTP.\"\n"
    };
    format!("{example}{group}")
}
