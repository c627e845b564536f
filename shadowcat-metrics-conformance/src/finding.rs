//! Findings about a page, each with a stable code. A code is declared next to its rule; [`Code::ALL`] lists them.

use std::fmt;

/// The severity of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Probably a mistake.
    Warning,
    /// The program and its schema disagree.
    Error,
}

impl Severity {
    /// Returns the word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Declares codes next to the rules that report them: id, name and severity, the meaning, and the recommended action.
/// A test checks that [`Code::ALL`] lists them.
macro_rules! codes {
    ($($constant:ident = $id:literal $name:literal $severity:ident: $meaning:literal, $advice:literal;)*) => {
        impl $crate::finding::Code {
            $(
                #[doc = concat!("`", $id, "`: ", $meaning)]
                pub const $constant: Self = Self(&$crate::finding::CodeInfo {
                    id: $id,
                    name: $name,
                    severity: $crate::finding::Severity::$severity,
                    meaning: $meaning,
                    advice: $advice,
                });
            )*
        }

        #[cfg(test)]
        #[test]
        fn codes_are_listed() {
            use $crate::finding::Code;

            for code in [$(Code::$constant),*] {
                assert!(Code::ALL.contains(&code), "{code:?}");
            }
        }
    };
}
pub(crate) use codes;

/// The stable code of a finding.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub(crate) &'static CodeInfo);

/// The texts of a code.
#[derive(PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct CodeInfo {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) severity: Severity,
    pub(crate) meaning: &'static str,
    pub(crate) advice: &'static str,
}

impl Code {
    /// Every code, sorted by id.
    pub const ALL: &'static [Self] = &[
        Self::UNREADABLE_LINE,
        Self::UNKNOWN_FAMILY,
        Self::MISSING_FAMILY,
        Self::WRONG_TYPE,
        Self::WRONG_UNIT,
        Self::WRONG_HELP,
        Self::WRONG_LABELS,
        Self::UNKNOWN_LABEL_VALUE,
        Self::WRONG_BUCKETS,
        Self::BROKEN_HISTOGRAM,
        Self::TOO_MANY_SERIES,
        Self::MISSING_SERIES,
        Self::DUPLICATE_SERIES,
        Self::BROKEN_STATE,
        Self::BROKEN_COUNTER,
        Self::NEVER_MOVED,
        Self::EXPIRED_NAME,
        Self::OTHER_SPELLING,
        Self::WRONG_CONTENT_TYPE,
        Self::NO_ANSWER,
        Self::DISPUTED_LINE,
        Self::MISSING_OWN_FAMILY,
        Self::MISSING_UNIT,
        Self::UNDECLARED_EXEMPLAR,
    ];

    /// Returns the id, such as `LC01`.
    #[must_use]
    pub const fn id(self) -> &'static str {
        self.0.id
    }

    /// Returns the name, such as `unknown-family`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.0.name
    }

    /// Returns the severity.
    #[must_use]
    pub const fn severity(self) -> Severity {
        self.0.severity
    }

    /// Returns the meaning.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        self.0.meaning
    }

    /// Returns the recommended action.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        self.0.advice
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({})", self.id(), self.name())
    }
}

/// A fault on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The kind of fault.
    pub code: Code,
    /// The metric's exposed name, or the family's name on the page. Empty for a fault of the whole page or of
    /// a line.
    pub family: String,
    /// Line of the page, counted from 1, if it has lines.
    pub line: Option<usize>,
    /// What is wrong, in one line, with the found and the expected value.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]", self.code.severity().name(), self.code.id())?;
        if let Some(line) = self.line {
            write!(f, " line {line}")?;
        }
        write!(f, ": {}", self.message)
    }
}

#[test]
fn ids_have_no_gaps() {
    for (number, code) in (1..).zip(Code::ALL) {
        assert_eq!(code.id(), format!("LC{number:02}"));
    }
}
