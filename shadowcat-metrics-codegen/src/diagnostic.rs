//! Problems with a schema: what one is, how all of them are collected, and how one is shown.

#[cfg(feature = "documents")]
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use crate::codes::Code;
use crate::fix::Fix;
#[cfg(feature = "documents")]
use crate::source::Source;
use crate::source::Span;

/// Whether a problem stops the build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// It does: there are no recorders.
    Error,
    /// It does not.
    Warning,
}

/// One problem, with all that is needed to mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its stable code.
    pub code: Code,
    /// Whether it stops the build.
    pub severity: Severity,
    /// What is wrong, in one line that can stand alone.
    pub message: String,
    /// Where.
    pub primary: Span,
    /// What was expected there, shown at the caret. May be empty.
    pub label: String,
    /// Other places that have part in it, and which.
    pub secondary: Vec<(Span, String)>,
    /// How to mend it, where that needs more words.
    pub help: Option<String>,
    /// What mends it without a decision of the author's, if anything does.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// Makes an error.
    #[must_use]
    pub fn error(code: Code, primary: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, primary, message.into())
    }

    /// Makes a warning.
    #[must_use]
    pub fn warning(code: Code, primary: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, primary, message.into())
    }

    fn new(severity: Severity, code: Code, primary: Span, message: String) -> Self {
        Self {
            code,
            severity,
            message: one_line(message),
            primary,
            label: String::new(),
            secondary: Vec::new(),
            help: None,
            fix: None,
        }
    }

    /// Says at the caret what was expected.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = one_line(label.into());
        self
    }

    /// Points at another place that has part in it.
    #[must_use]
    pub fn secondary(mut self, span: Span, label: impl Into<String>) -> Self {
        self.secondary.push((span, one_line(label.into())));
        self
    }

    /// Says how to mend it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Says what mends it, if anything does. It must be what the label and the help ask for.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<Option<Fix>>) -> Self {
        self.fix = fix.into();
        self
    }
}

/// Names and values stand in messages as they are written, and may hold anything: a message stays one line.
fn one_line(text: String) -> String {
    if !text.contains(char::is_control) {
        return text;
    }
    let escaped = |c: char| {
        if c.is_control() {
            c.escape_default().to_string()
        } else {
            c.to_string()
        }
    };
    text.chars().map(escaped).collect()
}

/// All problems of one run.
#[derive(Debug, Clone, Default)]
pub struct Report {
    diagnostics: Vec<Diagnostic>,
}

impl Report {
    /// Adds a problem.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Adds several problems.
    pub fn extend(&mut self, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        self.diagnostics.extend(diagnostics);
    }

    /// Points at one more place that has the same problem, by its number among those found so far.
    pub(crate) fn also(&mut self, index: usize, span: Span) {
        /// More are not read.
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

    /// Leaves out what follows from another problem.
    pub(crate) fn retain(&mut self, is_kept: impl FnMut(&Diagnostic) -> bool) {
        self.diagnostics.retain(is_kept);
    }

    /// Moves every place so many bytes further behind.
    pub(crate) fn shift(&mut self, by: usize) {
        for diagnostic in &mut self.diagnostics {
            diagnostic.primary = diagnostic.primary.moved(by);
            for (span, _) in &mut diagnostic.secondary {
                *span = span.moved(by);
            }
            if let Some(fix) = &mut diagnostic.fix {
                fix.shift(by);
            }
        }
    }

    /// Puts the problems in source order, however the stages found them.
    pub fn sort(&mut self) {
        self.diagnostics
            .sort_by_key(|diagnostic| (diagnostic.primary, diagnostic.code.id()));
    }

    /// The problems, to be put into another report.
    pub(crate) fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.diagnostics
    }

    /// The problems, in source order once [`compile`](crate::compile) has returned them.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// Those that stop the build.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Those that do not.
    pub fn warnings(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity == Severity::Warning)
    }

    /// Whether anything stops the build.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.errors().next().is_some()
    }
}

/// Whether a rendered problem has terminal colours.
#[cfg(feature = "documents")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Style {
    /// Text alone: for logs, `compile_error!` and files.
    Plain,
    /// With ANSI escapes, for a terminal.
    Color,
}

/// Shows a problem as rustc would: message, `file:line:column`, excerpt with caret, help. No newline at the end.
#[cfg(feature = "documents")]
#[must_use]
pub fn render(diagnostic: &Diagnostic, source: &Source, style: Style) -> String {
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Color => Renderer::styled(),
    };
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let snippet = |(name, file): (&'_ str, Span)| {
        let secondary = diagnostic.secondary.iter();
        let here = secondary.filter(move |(span, _)| source.file_at(span.start).1 == file);
        let primary = Some(diagnostic.primary).filter(|span| source.file_at(span.start).1 == file);
        let lines = lines_around(
            source,
            file,
            primary
                .into_iter()
                .chain(here.clone().map(|(span, _)| *span)),
        );
        let annotations = here.map(move |(span, label)| {
            AnnotationKind::Context
                .span(span.relative_to(lines.start).range())
                .label(label.as_str())
        });
        let snippet = Snippet::source(source.slice(lines))
            .path(name.to_owned())
            .line_start(source.position(lines.start).line)
            .annotations(annotations);
        let primary = primary.map(|primary| {
            AnnotationKind::Primary
                .span(primary.relative_to(lines.start).range())
                .label(diagnostic.label.as_str())
        });
        snippet.annotations(primary)
    };
    let file = source.file_at(diagnostic.primary.start);
    let mut group = level
        .primary_title(diagnostic.message.as_str())
        .id(diagnostic.code.id())
        .element(snippet(file));
    let mut shown = vec![file];
    for (span, _) in &diagnostic.secondary {
        let file = source.file_at(span.start);
        if !shown.contains(&file) {
            shown.push(file);
            group = group.element(snippet(file));
        }
    }
    let group = match &diagnostic.help {
        Some(help) => group.element(Level::HELP.message(help.as_str())),
        None => group,
    };
    renderer.render(&[group])
}

/// The lines of a file from the first of some spans to the last: a renderer that gets no more than these need not read the
/// whole file for each problem.
#[cfg(feature = "documents")]
fn lines_around(source: &Source, file: Span, spans: impl Iterator<Item = Span>) -> Span {
    let (mut start, mut end) = (file.end, file.start);
    for span in spans {
        start = start.min(span.start);
        end = end.max(span.end);
    }
    let text = source.text();
    let start = text[file.start..start]
        .rfind('\n')
        .map_or(file.start, |at| file.start + at + 1);
    let end = text[end..file.end]
        .find('\n')
        .map_or(file.end, |at| end + at + 1);
    if start == end {
        file
    } else {
        Span::new(start, end)
    }
}
