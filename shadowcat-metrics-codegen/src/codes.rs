//! The codes of messages with their explanations, and the macro that declares them.
//!
//! Codes are never renumbered or reused. Errors are `SM0xxx`, grouped by subject in hundreds; lints are
//! `SM1xxx`.

use std::fmt;

/// The texts of a code.
#[derive(Debug, PartialEq, Eq)]
pub struct CodeInfo {
    /// `SM0004`.
    pub id: &'static str,
    /// Its name, such as `unknown-key`. `allow` lists name lints by it.
    pub name: &'static str,
    /// What is wrong, in a few words.
    pub title: &'static str,
    /// The reason, and what to do. `{tables}` stands for the tables of a file.
    pub explanation: &'static str,
    /// A part of a schema that causes the code, and the same part, corrected; a caller adds the rest. If it is one text, the
    /// lines that begin with `- ` belong only to the first part, and those that begin with `+ ` only to the corrected one.
    pub examples: &'static [&'static str],
}

/// The stable code of a kind of problem.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Code(&'static CodeInfo);

impl Code {
    /// Creates a code from its row, for the macro `codes!`.
    #[must_use]
    pub const fn new(info: &'static CodeInfo) -> Self {
        Self(info)
    }

    /// Returns its id, such as `SM0004`.
    #[must_use]
    pub const fn id(self) -> &'static str {
        self.0.id
    }

    /// Returns its name, such as `unknown-key`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.0.name
    }

    /// Returns what is wrong, in a few words.
    #[must_use]
    pub const fn title(self) -> &'static str {
        self.0.title
    }

    /// Returns all its texts.
    #[must_use]
    pub const fn info(self) -> &'static CodeInfo {
        self.0
    }
}

/// The codes of errors. Each is declared in the file of the rule that reports it.
pub mod errors {
    pub use crate::check::{
        buckets::*, budget::*, header::*, labels::*, lifecycle::*, metrics::*, names::*, native::*,
        otel::*, ratios::*, scope::*, sums::*, values::*, words::*,
    };
    pub use crate::parse::{include::*, metrics::*, reader::*, syntax::*, tree::*};
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({})", self.id(), self.name())
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

/// Declares a constant for each code, next to the rule that reports it, and a table that lists them.
///
/// ```text
/// codes! {
///     table FILE;
///
///     UNKNOWN_KEY = "SM0004" "unknown-key": "unknown key",
///     "What it means and what to do.",
///     example: "
/// - A line that is wrong.
/// + The same line, corrected.
/// A line of both.
/// ";
/// }
/// ```
///
/// Examples that have few lines in common can be two texts, `wrong: "...", right: "..."`.
#[macro_export]
macro_rules! codes {
    (
        table $table:ident;
        $(
            $constant:ident = $id:literal $name:literal: $title:literal,
            $explanation:expr,
            $($side:ident: $example:expr),+;
        )*
    ) => {
        $($crate::codes::codes! {
            $constant = $id $name: $title,
            $explanation,
            $($side: $example),+;
        })*
        #[doc = "Every code of this table, in the order of their ids."]
        pub const $table: &[$crate::codes::Code] = &[$($constant),*];
    };
    (
        $constant:ident = $id:literal $name:literal: $title:literal,
        $explanation:expr,
        $($side:ident: $example:expr),+;
    ) => {
        #[doc = concat!("`", $id, "`: ", $title, ".")]
        pub const $constant: $crate::codes::Code = $crate::codes::Code::new(&$crate::codes::CodeInfo {
            id: $id,
            name: $name,
            title: $title,
            explanation: $explanation,
            examples: &[$($example),+],
        });
    };
}
#[doc(inline)]
pub use crate::codes;
