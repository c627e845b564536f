//! Problems with a schema: their data, and the report that collects them.

use crate::codes::Code;
use crate::fix::Fix;
use crate::look_alikes;
use crate::source::Span;

/// Whether a problem stops the build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Stops the build: no recorders are generated.
    Error,
    /// Does not stop the build.
    Warning,
}

impl Severity {
    /// Returns the word for it in messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// One problem, with everything that is needed to fix it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its stable code.
    pub code: Code,
    /// Whether it stops the build.
    pub severity: Severity,
    /// What is wrong, in one line that stands alone.
    pub message: String,
    /// The position of the fault.
    pub primary: Span,
    /// What was expected there, shown under the caret. May be empty.
    pub label: String,
    /// Related positions, each with a label.
    pub secondary: Vec<(Span, String)>,
    /// How to fix it, if that is not obvious from the label.
    pub help: Option<String>,
    /// The automatic fix, if there is one.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// Creates an error.
    #[must_use]
    pub fn error(code: Code, primary: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, primary, message.into())
    }

    /// Creates a warning.
    #[must_use]
    pub fn warning(code: Code, primary: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, primary, message.into())
    }

    fn new(severity: Severity, code: Code, primary: Span, message: String) -> Self {
        Self {
            code,
            severity,
            message: look_alikes::escape(message),
            primary,
            label: String::new(),
            secondary: Vec::new(),
            help: None,
            fix: None,
        }
    }

    /// Sets the label under the caret.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        Reported(&mut self).label(label);
        self
    }

    /// Adds a related position.
    #[must_use]
    pub fn secondary(mut self, span: Span, label: impl Into<String>) -> Self {
        Reported(&mut self).secondary(span, label);
        self
    }

    /// Sets the help.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        Reported(&mut self).help(help);
        self
    }

    /// Sets the automatic fix, if there is one. It must do what the label and the help ask for.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<Option<Fix>>) -> Self {
        Reported(&mut self).fix(fix);
        self
    }
}

/// A problem that is already in a report. Its methods complete it, like those of [`Diagnostic`].
#[derive(Debug)]
pub struct Reported<'r>(&'r mut Diagnostic);

#[expect(
    clippy::return_self_not_must_use,
    reason = "the problem is already in the report"
)]
impl Reported<'_> {
    /// Sets the label under the caret.
    pub fn label(self, label: impl Into<String>) -> Self {
        self.0.label = look_alikes::escape(label.into());
        self
    }

    /// Suggests a name in the label, and sets the automatic fix that writes it, if there is one.
    pub fn did_you_mean(self, name: &str, fix: impl Into<Option<Fix>>) -> Self {
        self.label(format!("did you mean `{name}`?")).fix(fix)
    }

    /// Adds a related position.
    pub fn secondary(self, span: Span, label: impl Into<String>) -> Self {
        let label = look_alikes::escape(label.into());
        self.0.secondary.push((span, label));
        self
    }

    /// Sets the help.
    pub fn help(self, help: impl Into<String>) -> Self {
        self.0.help = Some(help.into());
        self
    }

    /// Sets the automatic fix, if there is one.
    pub fn fix(self, fix: impl Into<Option<Fix>>) -> Self {
        self.0.fix = fix.into();
        self
    }
}

/// All problems of one run.
#[derive(Debug, Clone, Default)]
pub struct Report {
    diagnostics: Vec<Diagnostic>,
}

impl Report {
    /// Adds an error.
    pub fn error(&mut self, code: Code, at: Span, message: impl Into<String>) -> Reported<'_> {
        let position = self.diagnostics.len();
        self.push(Diagnostic::error(code, at, message));
        Reported(&mut self.diagnostics[position])
    }

    /// Adds a problem.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Adds several problems.
    pub fn extend(&mut self, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        self.diagnostics.extend(diagnostics);
    }

    /// Adds another position with the same problem, identified by its number in this report.
    pub(crate) fn also(&mut self, index: usize, span: Span) {
        /// Readers skip longer lists.
        const SHOWN: usize = 8;
        let Some(diagnostic) = self.diagnostics.get_mut(index) else {
            return;
        };
        let places = &mut diagnostic.secondary;
        if places.len() < SHOWN {
            places.push((span, "and here".to_owned()));
        } else if let Some((_, label)) = places.last_mut() {
            "here, and in more places".clone_into(label);
        }
    }

    /// Removes problems that are consequences of others.
    pub(crate) fn retain(&mut self, is_kept: impl FnMut(&Diagnostic) -> bool) {
        self.diagnostics.retain(is_kept);
    }

    /// Adds the problems of another report, with every span moved by `by` bytes.
    pub(crate) fn append_moved(&mut self, other: Self, by: usize) {
        for mut diagnostic in other.diagnostics {
            diagnostic.primary = diagnostic.primary.moved(by);
            for (span, _) in &mut diagnostic.secondary {
                *span = span.moved(by);
            }
            if let Some(fix) = &mut diagnostic.fix {
                fix.span = fix.span.moved(by);
            }
            self.push(diagnostic);
        }
    }

    /// Sorts the problems by position.
    pub fn sort(&mut self) {
        let key = |problem: &Diagnostic| (problem.primary, problem.code.id());
        self.diagnostics
            .sort_by(|one, other| key(one).cmp(&key(other)));
    }

    /// Returns the problems. Those of [`compile`](crate::compile) are sorted by position.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// Returns the problems that stop the build.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.of(Severity::Error)
    }

    /// Returns the problems that do not stop the build.
    pub fn warnings(&self) -> impl Iterator<Item = &Diagnostic> {
        self.of(Severity::Warning)
    }

    fn of(&self, severity: Severity) -> impl Iterator<Item = &Diagnostic> {
        let problems = self.diagnostics.iter();
        problems.filter(move |problem| problem.severity == severity)
    }

    /// Returns whether any problem stops the build.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.errors().next().is_some()
    }
}
