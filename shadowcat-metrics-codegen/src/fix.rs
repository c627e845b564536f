//! Fixes: changes to a schema's text that correct a problem without a decision by the author.
//!
//! A fix is created with its problem. The authoring crate makes an edit of it once the text is available.

use std::fmt::Write as _;

use crate::source::Span;

/// An automatic correction of a problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// The text to change.
    pub span: Span,
    /// What to do with it.
    pub change: Change,
}

/// What a fix does with a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Replaces the text.
    Replace(String),
    /// Appends to the string.
    Append(&'static str),
    /// Removes the array item. An array on a separate line is removed with its last item.
    RemoveItem,
}

impl Fix {
    /// Replaces a key, number or boolean.
    #[must_use]
    pub fn replace(span: Span, replacement: impl Into<String>) -> Self {
        Self {
            span,
            change: Change::Replace(replacement.into()),
        }
    }

    /// Replaces a string.
    #[must_use]
    pub fn replace_text(span: Span, text: &str) -> Self {
        Self::replace(span, quoted(text))
    }

    /// Appends to a string.
    #[must_use]
    pub const fn append(span: Span, text: &'static str) -> Self {
        Self {
            span,
            change: Change::Append(text),
        }
    }

    /// Removes a string from an array.
    #[must_use]
    pub const fn remove_item(span: Span) -> Self {
        Self {
            span,
            change: Change::RemoveItem,
        }
    }
}

/// Formats a TOML string.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
