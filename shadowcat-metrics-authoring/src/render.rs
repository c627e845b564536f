//! Renders problems like rustc, with `annotate-snippets`. The macro renders the same text without that crate, with its
//! `excerpt.rs`, whose test compares them.

use std::iter::once;
use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Level, Renderer, Snippet};
use shadowcat_metrics_codegen::{Diagnostic, Severity, Source, Span};

/// Whether to render problems in color.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Style {
    /// Plain text, for logs, `compile_error!` and files.
    Plain,
    /// ANSI escapes, for a terminal.
    Color,
}

/// Renders a problem like rustc: message, `file:line:column`, excerpt with caret, help. There is no final newline.
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
    let primary = (
        diagnostic.primary,
        &diagnostic.label,
        AnnotationKind::Primary,
    );
    let secondary = diagnostic.secondary.iter();
    let secondary = secondary.map(|(span, label)| (*span, label, AnnotationKind::Context));
    let mut places: Vec<_> = once(primary).chain(secondary).collect();
    let mut snippets = Vec::new();
    while let Some((first, ..)) = places.first().copied() {
        let (here, others) = places
            .into_iter()
            .partition(|(span, ..)| source.are_near(first, *span));
        places = others;
        snippets.push(snippet(source, here));
    }
    let group = level
        .primary_title(diagnostic.message.as_str())
        .id(diagnostic.code.id())
        .elements(snippets);
    let group = match &diagnostic.help {
        Some(help) => group.element(Level::HELP.message(help.as_str())),
        None => group,
    };
    renderer.render(&[group])
}

/// Returns an excerpt of one file with marked places.
fn snippet<'a>(
    source: &'a Source,
    places: Vec<(Span, &'a String, AnnotationKind)>,
) -> Snippet<'a, Annotation<'a>> {
    let (name, file) = source.file_at(places[0].0.start);
    let lines = lines_around(source, file, places.iter().map(|(span, ..)| *span));
    let annotations = places
        .into_iter()
        .map(|(span, label, kind)| kind.span(range_in(lines, span)).label(label.as_str()));
    Snippet::source(source.slice(lines))
        .path(name.to_owned())
        .line_start(source.position(lines.start).line)
        .annotations(annotations)
}

/// Returns the part of `outer` that a span in it covers.
fn range_in(outer: Span, span: Span) -> Range<usize> {
    span.start.saturating_sub(outer.start)..span.end.saturating_sub(outer.start)
}

/// Returns the lines of a file from the first span to the last, so that the renderer need not scan the whole
/// file for each problem.
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
