//! Renders problems as plain text with excerpts, like `annotate-snippets`, so that users of the macro need not compile that
//! crate, which takes a tenth of the processor time of a clean build.

use std::fmt::Write as _;
use std::iter::once;

use shadowcat_metrics_codegen::{Diagnostic, Source, Span};

/// A marked part of a line.
struct Mark<'a> {
    file: (&'a str, Span),
    span: Span,
    line: usize,
    text: &'a str,
    /// Start and end of the part in terminal columns, counted from 0.
    columns: (usize, usize),
    sign: char,
    label: &'a str,
}

/// Renders a problem without colors and without a final newline.
pub(crate) fn plain(problem: &Diagnostic, source: &Source) -> String {
    let primary = mark(source, problem.primary, '^', &problem.label);
    let secondary = problem.secondary.iter();
    let secondary = secondary.map(|(span, label)| mark(source, *span, '-', label));
    let mut marks: Vec<_> = once(primary).chain(secondary).collect();
    let position = source.position(problem.primary.start);
    let severity = problem.severity.name();
    let mut shown = format!("{severity}[{}]: {}", problem.code.id(), problem.message);
    let widest = marks.iter().map(|mark| mark.line).max().unwrap_or(0);
    let width = widest.to_string().len();
    let mut arrow = format!(
        "--> {}:{}:{}",
        marks[0].file.0, position.line, position.column
    );
    while let Some(first) = marks.first() {
        let (file, span) = (first.file, first.span);
        let (mut here, others): (Vec<_>, Vec<_>) = marks
            .into_iter()
            .partition(|mark| source.are_near(span, mark.span));
        marks = others;
        let _ = write!(shown, "\n{:width$}{arrow}\n{:width$} |", "", "");
        here.sort_by_key(|mark| (mark.line, mark.columns));
        let mut before = here[0].line;
        for marks in here.chunk_by(|one, other| one.line == other.line) {
            match marks[0].line - before {
                0 | 1 => {}
                2 => {
                    let between = source.slice(file.1).lines().nth(before);
                    shown += &numbered(before + 1, width, between.unwrap_or_default());
                }
                _ => shown += "\n...",
            }
            before = marks[0].line;
            shown += &numbered(before, width, marks[0].text);
            for row in underlined(marks) {
                let _ = write!(shown, "\n{:width$} | {row}", "");
            }
        }
        if let Some(next) = marks.first() {
            let _ = write!(shown, "\n{:width$} |", "");
            arrow = format!("::: {}:{}:{}", next.file.0, next.line, next.columns.0 + 1);
        }
    }
    if let Some(help) = &problem.help {
        let indent = format!("\n{:width$}         ", "");
        let help = help.replace('\n', &indent);
        let _ = write!(shown, "\n{:width$} |\n{:width$} = help: {help}", "", "");
    }
    shown
}

fn mark<'a>(source: &'a Source, span: Span, sign: char, label: &'a str) -> Mark<'a> {
    let file = source.file_at(span.start);
    let (start, text) = line(source, file.1, span.start);
    let column = |offset: usize| {
        let part = text.get(..offset.saturating_sub(start));
        shown(part.unwrap_or(text)).chars().map(columns).sum()
    };
    let (from, to) = (column(span.start), column(span.end));
    Mark {
        file,
        span,
        line: source.position(span.start).line,
        text,
        columns: (from, to.max(from + 1)),
        sign,
        label,
    }
}

/// Returns the start and the text of the line at an offset.
fn line(source: &Source, file: Span, offset: usize) -> (usize, &str) {
    let text = source.text();
    let offset = offset.clamp(file.start, file.end);
    let start = text[file.start..offset].rfind('\n');
    let start = start.map_or(file.start, |newline| file.start + newline + 1);
    let line = text[start..file.end].split('\n').next().unwrap_or_default();
    (start, line.trim_end_matches('\r'))
}

fn numbered(number: usize, width: usize, text: &str) -> String {
    let text = shown(text);
    format!("\n{number:>width$} | {text}").trim_end().to_owned()
}

/// Returns a text as shown on a terminal, with countable columns.
fn shown(text: &str) -> String {
    let picture = |c: char| match c {
        '\0'..='\x1f' => char::from_u32(u32::from(c) + 0x2400).unwrap_or(c),
        '\x7f' => '\u{2421}',
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        c => c,
    };
    text.replace('\t', "    ").chars().map(picture).collect()
}

/// Returns the width of a character in terminal columns.
fn columns(c: char) -> usize {
    let is_wide = matches!(
        c,
        '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}'
            | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}' | '\u{1f300}'..='\u{1faff}' | '\u{20000}'..='\u{3fffd}'
    );
    // Characters that are not seen, and those that are drawn over the one before.
    let has_no_width = matches!(
        c,
        '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
    );
    if has_no_width {
        0
    } else {
        1 + usize::from(is_wide)
    }
}

/// Returns the rows below a line: its marks with the label of the last one, then the other labels from right
/// to left.
fn underlined(marks: &[Mark<'_>]) -> Vec<String> {
    let end = marks.iter().map(|mark| mark.columns.1).max().unwrap_or(0);
    let mut row = vec![' '; end];
    for mark in marks
        .iter()
        .filter(|mark| mark.sign == '-')
        .chain(marks.iter().filter(|mark| mark.sign == '^'))
    {
        row[mark.columns.0..mark.columns.1].fill(mark.sign);
    }
    let Some((last, others)) = marks.split_last() else {
        return Vec::new();
    };
    let mut rows = vec![format!("{} {}", row.iter().collect::<String>(), last.label)];
    let bars = |marks: &[Mark<'_>]| {
        let mut row = String::new();
        for mark in marks {
            let _ = write!(row, "{:1$}|", "", mark.columns.0.saturating_sub(row.len()));
        }
        row
    };
    if !others.is_empty() {
        rows.push(bars(others));
    }
    for (index, mark) in others.iter().enumerate().rev() {
        let bars = bars(&others[..index]);
        rows.push(format!(
            "{bars}{:1$}{2}",
            "",
            mark.columns.0.saturating_sub(bars.len()),
            mark.label
        ));
    }
    rows.iter().map(|row| row.trim_end().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::plain;
    use shadowcat_metrics_authoring::codes::{EXAMPLE_RELEASE, Explain, complete_example};
    use shadowcat_metrics_authoring::{Style, compile_files, lint, render};
    use shadowcat_metrics_codegen::Source;

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
        let table = "[labels.a]\nhelp = \"A.\"\n";
        let far = [table, &"\n".repeat(2000), table].concat();
        for schema in examples
            .chain(mistakes)
            .chain([wide.into(), far.into(), Vec::new()])
        {
            let source = Source::from_bytes("metrics.toml", &schema);
            let outcome = compile_files(source, None, Some(&EXAMPLE_RELEASE));
            for problem in outcome.report.diagnostics() {
                let expected = render(problem, &outcome.source, Style::Plain);
                assert_eq!(plain(problem, &outcome.source), expected);
            }
        }
    }
}
