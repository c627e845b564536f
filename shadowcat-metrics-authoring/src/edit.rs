//! The change to a schema's text that a fix stands for.
//!
//! `check --fix` applies an edit, compiles the result, and keeps it if it is an improvement.

use shadowcat_metrics_codegen::fix::{Change, Fix};
use shadowcat_metrics_codegen::{Source, Span};

/// A change to a text: `replacement` replaces the text at `span`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The position. Empty for an insertion.
    pub span: Span,
    /// The new text. Empty for a removal.
    pub replacement: String,
}

/// Returns the change to the text with the problem, or `None` if it would remove a comment or cannot be
/// determined from the text.
#[must_use]
pub fn edit(fix: &Fix, source: &Source) -> Option<Edit> {
    let text = source.text();
    let written = text.get(fix.span.range())?;
    match &fix.change {
        Change::Replace(replacement) => Some(Edit {
            span: fix.span,
            replacement: replacement.clone(),
        }),
        Change::Append(more) => {
            let delimiters = ["\"\"\"", "'''", "\"", "'"];
            let end = delimiters.iter().find(|end| written.ends_with(**end))?;
            let content = &written[..written.len() - end.len()];
            let at = fix.span.start + content.trim_end().len();
            Some(Edit {
                span: Span::new(at, at),
                replacement: (*more).to_owned(),
            })
        }
        Change::RemoveItem => remove_item(text, fix.span),
    }
}

/// Removes an item and its comma from an array.
fn remove_item(text: &str, span: Span) -> Option<Edit> {
    let (before, after) = (&text[..span.start], &text[span.end..]);
    let space = |c: char| c == ' ' || c == '\t';
    let cut = |start, end| {
        Some(Edit {
            span: Span::new(start, end),
            replacement: String::new(),
        })
    };
    let behind = after.trim_start_matches(space);
    if let Some(rest) = behind.strip_prefix(',') {
        // The next item takes its place. If the item is alone on a line, the line is removed.
        let rest = rest.trim_start_matches(space);
        let alone = before.trim_end_matches(space).ends_with('\n');
        return match rest
            .strip_prefix("\r\n")
            .or_else(|| rest.strip_prefix('\n'))
        {
            Some(next) if alone => cut(
                before.trim_end_matches(space).len(),
                text.len() - next.len(),
            ),
            _ => cut(span.start, text.len() - rest.len()),
        };
    }
    // A line break or a comment may come first.
    let rest = behind.trim_start().strip_prefix(']')?;
    let front = before.trim_end();
    if front.ends_with(',') {
        return cut(front.len() - 1, span.end);
    }
    let front = front.strip_suffix('[')?;
    let line = front.rfind('\n').map_or(0, |newline| newline + 1);
    let key = front[line..].trim().strip_suffix('=').map(str::trim);
    let is_key = key.is_some_and(|key| {
        key.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    });
    // A comment above or after the array would lose its subject.
    let explained = front[..line]
        .trim_end_matches(['\r', '\n'])
        .lines()
        .last()
        .is_some_and(|above| above.trim_start().starts_with('#'));
    let rest = rest.trim_start_matches(space);
    let next = rest
        .strip_prefix("\r\n")
        .or_else(|| rest.strip_prefix('\n'));
    match next.or_else(|| rest.is_empty().then_some("")) {
        Some(next) if is_key && !explained => cut(line, text.len() - next.len()),
        _ => cut(span.start, span.end),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Applies a fix to the text between `<` and `>`.
    fn fixed(marked: &str, fix: impl FnOnce(Span) -> Fix) -> Option<String> {
        let start = marked.find('<').expect("a mark");
        let end = marked.find('>').expect("a mark") - 1;
        let mut text = marked.replace(['<', '>'], "");
        let edit = edit(&fix(Span::new(start, end)), &Source::new("t", &*text))?;
        text.replace_range(edit.span.range(), &edit.replacement);
        Some(text)
    }

    #[test]
    fn strings_are_replaced_and_continued() {
        let replaced = fixed("a = <'x'> # y", |span| {
            Fix::replace_text(span, "say \"hi\"\n")
        });
        assert_eq!(
            replaced.as_deref(),
            Some("a = \"say \\\"hi\\\"\\u000A\" # y")
        );
        for (marked, whole) in [
            ("a = <\"x\">", "a = \"x.\""),
            ("a = <'x '>", "a = 'x. '"),
            ("a = <\"\"\"\nx\n\"\"\">", "a = \"\"\"\nx.\n\"\"\""),
        ] {
            assert_eq!(
                fixed(marked, |span| Fix::append(span, ".")).as_deref(),
                Some(whole)
            );
        }
    }

    #[test]
    fn items_are_removed_with_their_comma_only() {
        for (marked, left) in [
            ("a = [<\"x\">, \"y\"]", "a = [\"y\"]"),
            ("a = [\"x\", <\"y\">]", "a = [\"x\"]"),
            ("a = [\"x\", <\"y\">, \"z\"]", "a = [\"x\", \"z\"]"),
            ("a = [\n  <\"x\">,\n  \"y\",\n]", "a = [\n  \"y\",\n]"),
            (
                "a = [\n  \"x\", # one\n  <\"y\">, # two\n]",
                "a = [\n  \"x\", # one\n  # two\n]",
            ),
            ("b = 1\na = [<\"x\">]\nc = 2\n", "b = 1\nc = 2\n"),
            ("b = 1\r\na = [<\"x\">]\r\nc = 2\r\n", "b = 1\r\nc = 2\r\n"),
            ("b = 1\na = [ <\"x\"> ]", "b = 1\n"),
            ("# why\na = [<\"x\">]\n", "# why\na = []\n"),
            ("a = [<\"x\">] # why\n", "a = [] # why\n"),
            ("t = { a = [<\"x\">] }\n", "t = { a = [] }\n"),
        ] {
            assert_eq!(
                fixed(marked, Fix::remove_item).as_deref(),
                Some(left),
                "{marked}"
            );
        }
        assert_eq!(fixed("a = [<\"x\"> # why\n]", Fix::remove_item), None);
    }
}
