//! Writing Markdown. Text from the schema's author goes through [`text`] or [`code`], so that it appears as
//! written in paragraphs and table cells, on GitHub, in mdBook and in rustdoc.

use std::fmt::Write as _;

/// Escapes text, except for code spans such as `` `this` ``, and joins it on one line.
#[must_use]
pub fn text(text: &str) -> String {
    let mut markdown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('`') {
        let fence = rest[start..]
            .bytes()
            .take_while(|byte| *byte == b'`')
            .count();
        let behind = &rest[start + fence..];
        escape(&rest[..start], &mut markdown);
        // Without a closing fence, a backtick is an ordinary character.
        let Some(end) = closing_fence(behind, fence) else {
            markdown.push_str(&"\\`".repeat(fence));
            rest = behind;
            continue;
        };
        markdown.push_str(&code(behind[..end].trim()));
        rest = &behind[end + fence..];
    }
    escape(rest, &mut markdown);
    markdown.trim().to_owned()
}

/// Renders text literally, such as a name.
#[must_use]
pub fn code(content: &str) -> String {
    let plain = |c: char| !c.is_control() && !matches!(c, '`' | '|' | '\\');
    if content.chars().all(plain) && !content.is_empty() && content.trim() == content {
        return format!("`{content}`");
    }
    // Inside backticks, these cannot be escaped in a way that works both in and out of tables; character
    // references can.
    let mut html = String::from("<code>");
    for c in content.chars() {
        if c.is_control() {
            html.extend(c.escape_default());
        } else if c.is_ascii_punctuation() || c == ' ' {
            let _ = write!(html, "&#{};", u32::from(c));
        } else {
            html.push(c);
        }
    }
    html + "</code>"
}

/// Returns the position of the next run of exactly `fence` backticks in `text`.
fn closing_fence(text: &str, fence: usize) -> Option<usize> {
    let mut from = 0;
    loop {
        let start = from + text[from..].find('`')?;
        let run = text[start..]
            .bytes()
            .take_while(|byte| *byte == b'`')
            .count();
        if run == fence {
            return Some(start);
        }
        from = start + run;
    }
}

fn escape(text: &str, markdown: &mut String) {
    let mut before = ' ';
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let inside_word = before.is_alphanumeric()
            && characters.peek().is_some_and(|next| next.is_alphanumeric());
        let special = match c {
            // Between letters it has no meaning, and names contain many.
            '_' => !inside_word,
            '\\' | '*' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '$' => true,
            // At the beginning of a line, these would start a heading, a list or an underline.
            '#' | '+' | '-' | '=' => markdown.is_empty(),
            '.' | ')' => !markdown.is_empty() && markdown.bytes().all(|byte| byte.is_ascii_digit()),
            _ => false,
        };
        if special {
            markdown.push('\\');
        }
        markdown.push(if c.is_whitespace() || c.is_control() {
            ' '
        } else {
            c
        });
        before = c;
    }
}

#[test]
fn text_is_shown_as_written() {
    assert_eq!(
        text("a|b *c* [d](e) <f> &amp; g_h _i_ j\\k"),
        r"a\|b \*c\* \[d\](e) \<f\> \&amp; g_h \_i\_ j\\k"
    );
    assert_eq!(text("two\n\n# lines\r\n- x"), r"two  # lines  - x");
}

#[test]
fn text_does_not_begin_a_block() {
    assert_eq!(text("# a"), r"\# a");
    assert_eq!(text("- a"), r"\- a");
    assert_eq!(text("12. a"), r"12\. a");
    assert_eq!(text("1.5 a"), r"1\.5 a");
    assert_eq!(text("a 1. b"), "a 1. b");
}

#[test]
fn code_spans_in_text_are_kept() {
    assert_eq!(
        text("count as `other_*`, or ``a`b``"),
        "count as `other_*`, or <code>a&#96;b</code>"
    );
    assert_eq!(text("an `open one"), r"an \`open one");
    assert_eq!(text("``open` one"), r"\`\`open\` one");
}

#[test]
fn code_survives_tables() {
    assert_eq!(code("tools/call"), "`tools/call`");
    assert_eq!(code(r"a\|b"), "<code>a&#92;&#124;b</code>");
    assert_eq!(code(""), "<code></code>");
    assert_eq!(code("a\nb"), r"<code>a\nb</code>");
    assert_eq!(code(" a"), "<code>&#32;a</code>");
}
