//! Renders problems like rustc, with `annotate-snippets`. The macro renders the same text without that crate, with
//! [`plain`](shadowcat_metrics_codegen::plain); a test compares them.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
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

#[cfg(test)]
mod tests {
    use super::{Style, render};
    use crate::codes::{EXAMPLE_RELEASE, complete_example};
    use crate::{compile_files, lint};
    use shadowcat_metrics_codegen::{Source, plain};

    #[test]
    fn excerpts_equal_those_of_annotate_snippets() {
        let wide = "# \u{1f600} 日本\n[\tmetrics]\nx = { é = \"日\"\t, y= 1 }\n";
        let examples = lint::all_codes().map(|code| complete_example(&code.wrong()).into_bytes());
        let mistakes = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../shadowcat-metrics-codegen/tests/frontend/mistakes"
        );
        let mistakes = std::fs::read_dir(mistakes).expect("the folder of mistakes");
        let mistakes = mistakes.filter_map(|file| {
            let path = file.expect("a file").path();
            let is_schema = path
                .extension()
                .is_some_and(|extension| extension == "toml");
            is_schema.then(|| std::fs::read(path).expect("a schema"))
        });
        for schema in examples.chain(mistakes).chain([wide.into(), Vec::new()]) {
            let source = Source::from_bytes("metrics.toml", &schema);
            let outcome = compile_files(source, None, Some(&EXAMPLE_RELEASE));
            for problem in outcome.report.diagnostics() {
                let expected = render(problem, &outcome.source, Style::Plain);
                assert_eq!(plain(problem, &outcome.source), expected);
            }
        }
    }
}
