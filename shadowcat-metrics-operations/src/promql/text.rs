//! The text of a query: its code, strings and comments, for code that reads PromQL without the parser, and the text that the
//! parser reads instead.
//!
//! The parser does not know Grafana's variables, and refuses some text that Prometheus accepts. `replace` puts valid text of the
//! same length in place of both, so positions stay the same.

use std::ops::Range;

use super::query::Place;

/// The kind of a piece of a query's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece {
    /// One character of code.
    Code(char),
    /// A string with its quotes. `closed` is false if the closing quote is missing.
    Quoted { closed: bool },
    /// From `#` to the end of the line.
    Comment,
}

/// Returns the first piece of a text, and its length in bytes.
fn first(text: &str) -> Option<(Piece, usize)> {
    let letter = text.chars().next()?;
    Some(match letter {
        '#' => {
            let end = text.find(['\n', '\r']).unwrap_or(text.len());
            (Piece::Comment, end)
        }
        '"' | '\'' | '`' => match closing(text, letter) {
            Some(end) => (Piece::Quoted { closed: true }, end),
            None => (Piece::Quoted { closed: false }, text.len()),
        },
        _ => (Piece::Code(letter), letter.len_utf8()),
    })
}

/// Returns the offset after the quote that closes the string at the beginning of a text.
fn closing(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if letter == '\\' && quote != '`' {
            escaped = true;
        } else if letter == quote {
            return Some(at + 1);
        }
    }
    None
}

/// Returns every piece of a text, in order.
pub(crate) fn pieces(text: &str) -> impl Iterator<Item = (Piece, Range<usize>)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let (piece, length) = first(&text[at..])?;
        let range = at..at + length;
        at = range.end;
        Some((piece, range))
    })
}

/// Removes the quotes around a string. Other text has none.
pub(super) fn unquoted(text: &str) -> &str {
    text.trim_matches(['"', '\'', '`'])
}

/// Removes leading white space and comments.
fn trim_start(text: &str) -> &str {
    let mut rest = text;
    while let Some((piece, length)) = first(rest) {
        let is_space = match piece {
            Piece::Code(letter) => letter.is_whitespace(),
            Piece::Quoted { .. } => false,
            Piece::Comment => true,
        };
        if !is_space {
            break;
        }
        rest = &rest[length..];
    }
    rest
}

/// Returns the unclosed brackets of a text with their offsets, the outermost first.
pub(super) fn open_brackets(text: &str) -> Vec<(char, usize)> {
    let mut open = Vec::new();
    for (piece, range) in pieces(text) {
        match piece {
            Piece::Code(letter @ ('(' | '[' | '{')) => open.push((letter, range.start)),
            Piece::Code(')' | ']' | '}') => drop(open.pop()),
            Piece::Code(_) | Piece::Quoted { .. } | Piece::Comment => {}
        }
    }
    open
}

/// Characters that replace an escape in backquotes for the parser: two bytes, like the escape, from a block
/// of letters that PromQL does not use. The parser would interpret the backslash, which is literal in
/// backquotes.
const ESCAPED: Range<u32> = 0x780..0x800;
/// Replaces a backslash before a character that is not ASCII.
const BACKSLASH: char = '\u{1}';

/// Rewrites text that Prometheus accepts and the parser does not, without changing positions: underscores
/// between digits, and backslashes in backquotes. [`restore`] reverts the latter.
fn for_parser(text: &str) -> String {
    let mut rewritten = String::with_capacity(text.len());
    let mut pieces = pieces(text).peekable();
    while let Some((piece, range)) = pieces.next() {
        match piece {
            Piece::Quoted { .. } if text[range.clone()].starts_with('`') => {
                rewritten.push_str(&hide_escapes(&text[range]));
            }
            Piece::Code(letter) if is_word(letter) => {
                let mut end = range.end;
                while let Some((Piece::Code(letter), more)) = pieces.peek() {
                    if !is_word(*letter) && *letter != '.' {
                        break;
                    }
                    end = more.end;
                    pieces.next();
                }
                let word = &text[range.start..end];
                match without_underscores(word) {
                    Some(number) => rewritten.push_str(&number),
                    None => rewritten.push_str(word),
                }
            }
            Piece::Code(_) | Piece::Quoted { .. } | Piece::Comment => {
                rewritten.push_str(&text[range]);
            }
        }
    }
    rewritten
}

fn is_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_' || letter == ':'
}

fn hide_escapes(quoted: &str) -> String {
    let mut hidden = String::with_capacity(quoted.len());
    let mut letters = quoted.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            hidden.push(letter);
            continue;
        }
        let next = letters.next_if(|next| next.is_ascii() && *next != '`');
        let code = next.and_then(|next| char::from_u32(ESCAPED.start + u32::from(next)));
        hidden.push(code.unwrap_or(BACKSLASH));
    }
    hidden
}

/// Returns a string's value as it was before [`for_parser`].
pub(super) fn restore(value: &str) -> String {
    let mut restored = String::with_capacity(value.len());
    for letter in value.chars() {
        let code = u32::from(letter);
        if letter == BACKSLASH {
            restored.push('\\');
        } else if ESCAPED.contains(&code) {
            restored.push('\\');
            restored.extend(char::from_u32(code - ESCAPED.start));
        } else {
            restored.push(letter);
        }
    }
    restored
}

/// Removes the underscores between the digits of a number, and pads it to the same length. Returns `None` for
/// other words.
fn without_underscores(word: &str) -> Option<String> {
    let is_number = word.starts_with(|c: char| c.is_ascii_digit());
    if !is_number || !word.contains('_') {
        return None;
    }
    let hex = ["0x", "0X"].iter().any(|prefix| word.starts_with(prefix));
    let (prefix, digits) = word.split_at(if hex { 2 } else { 0 });
    let is_digit = |c: char| {
        if hex {
            c.is_ascii_hexdigit()
        } else {
            c.is_ascii_digit()
        }
    };
    let mut before = if hex { '0' } else { '_' };
    for letter in digits.chars() {
        let fits = match letter {
            '_' => is_digit(before),
            '.' => !hex && is_digit(before),
            'e' | 'E' if !hex => is_digit(before) || before == '.',
            letter => is_digit(letter),
        };
        if !fits {
            return None;
        }
        before = letter;
    }
    if before == '_' {
        return None;
    }
    let plain = digits.replace('_', "");
    let padding = digits.len() - plain.len();
    // Octal and hexadecimal numbers may begin with more zeros.
    if hex || (plain.starts_with('0') && !plain.contains(['.', 'e', 'E'])) {
        return Some(format!("{prefix}{}{plain}", "0".repeat(padding)));
    }
    let end = plain.find(['e', 'E']).unwrap_or(plain.len());
    let (mantissa, exponent) = plain.split_at(end);
    let point = if mantissa.contains('.') { "" } else { "." };
    let zeros = "0".repeat(padding - point.len());
    Some(format!("{mantissa}{point}{zeros}{exponent}"))
}

/// A query that a parser can read, with the positions of its variables outside strings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Replaced {
    pub(super) text: String,
    pub(super) variables: Vec<Place>,
    /// Whether all variables are ranges or offsets, so that the query is certainly valid.
    pub(super) only_durations: bool,
}

/// Replaces a query's variables.
pub(super) fn replace(query: &str) -> Replaced {
    let mut replaced = Replaced {
        text: String::with_capacity(query.len()),
        variables: Vec::new(),
        only_durations: true,
    };
    let mut surroundings = Surroundings::default();
    // The text so far, without comments.
    let mut code = String::with_capacity(query.len());
    let mut rest = query;
    while let Some((piece, length)) = first(rest) {
        let variable = variable(rest);
        if variable > 0 {
            let around = surroundings.around(&code, &rest[variable..]);
            let start = replaced.text.len();
            let number = replaced.variables.len();
            let stand_in = stand_in(around, variable, number);
            code.push_str(&stand_in);
            replaced.text.push_str(&stand_in);
            replaced.variables.push(start..start + variable);
            replaced.only_durations &= matches!(around, Around::Duration | Around::PartOfDuration);
            rest = &rest[variable..];
            continue;
        }
        match piece {
            Piece::Code(letter) => {
                surroundings.pass(&code, letter);
                code.push(letter);
            }
            Piece::Quoted { .. } => code.push_str(&rest[..length]),
            Piece::Comment => code.push(' '),
        }
        replaced.text.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    replaced.text = for_parser(&replaced.text);
    replaced
}

/// Returns whether a text contains a Grafana variable.
pub(super) fn is_variable(text: &str) -> bool {
    let is_stand_in = !text.is_empty() && text.chars().all(|c| c == '_');
    text.contains('$') || text.contains("[[") || is_stand_in
}

/// Returns a regular expression for a text whose variables have any values.
pub(super) fn pattern_of(text: &str) -> String {
    if !text.contains(['$', '[']) && is_variable(text) {
        return ".*".to_owned();
    }
    let mut pattern = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let length = variable(rest);
        if length == 0 {
            pattern.push(letter);
        } else {
            pattern.push_str(".*");
        }
        rest = &rest[length.max(letter.len_utf8())..];
    }
    pattern
}

/// Returns the length of the variable at the beginning of a text: `$name`, `${name:format}`, `[[name]]`.
fn variable(text: &str) -> usize {
    if let Some(rest) = text.strip_prefix("${") {
        return rest.find('}').map_or(0, |end| end + 3);
    }
    if let Some(rest) = text.strip_prefix("[[") {
        // The first of three brackets opens a range.
        let end = rest.find("]]").filter(|_| !rest.starts_with('['));
        return end.map_or(0, |end| end + 4);
    }
    let Some(rest) = text.strip_prefix('$') else {
        return 0;
    };
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    match rest.find(|c| !word(c)).unwrap_or(rest.len()) {
        0 => 0,
        length => length + 1,
    }
}

/// Returns a replacement of the same length for a variable. It has at least two letters. Replacements for
/// names differ, because a label must not be listed twice.
fn stand_in(around: Around, length: usize, number: usize) -> String {
    let padded = |text: &str| format!("{text: <length$}");
    let letter = ('a'..='z').cycle().nth(number % 26).unwrap_or('a');
    let name = || format!("{letter:_>length$}");
    match around {
        Around::Duration => format!("{:0>length$}", "5m"),
        Around::PartOfDuration => format!("{:0>length$}", "5"),
        Around::Number => format!("{:0>length$}", "1"),
        Around::Text => format!("\"{}\"", "_".repeat(length - 2)),
        Around::Matchers { comma } => {
            let comma = if comma { "," } else { "" };
            match length.checked_sub(comma.len() + 4) {
                Some(more) => format!("{comma}{}=\"\"", "_".repeat(more + 1)),
                None => " ".repeat(length),
            }
        }
        Around::Aggregation if length >= 3 => padded("sum"),
        Around::Function { of_range: false } if length >= 3 => padded("abs"),
        Around::Function { of_range: false } => padded("ln"),
        Around::Function { of_range: true } if length >= 4 => padded("rate"),
        Around::Aggregation | Around::Function { of_range: true } | Around::Name => name(),
    }
}

/// The role of a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Around {
    /// A range, a step or an offset.
    Duration,
    /// The digits of a duration.
    PartOfDuration,
    Number,
    /// A string with its quotes.
    Text,
    /// Matchers of a selector, preceded by a comma if necessary.
    Matchers {
        comma: bool,
    },
    /// An aggregation before `by` or `without`.
    Aggregation,
    /// A function before a parenthesis.
    Function {
        of_range: bool,
    },
    /// A series, a label, or a part of a name.
    Name,
}

/// The open constructs at a position in a query.
#[derive(Debug, Default)]
struct Surroundings {
    open: Vec<Open>,
    /// An aggregation whose labels were read and whose operands follow.
    pending: String,
}

#[derive(Debug)]
enum Open {
    /// Operands of a function, and how many were read.
    Operands(String, usize),
    /// Labels.
    Labels,
    Selector,
    Range,
}

impl Surroundings {
    /// Advances past a character outside strings.
    fn pass(&mut self, before: &str, letter: char) {
        match letter {
            '(' => {
                let word = last_word(before).to_ascii_lowercase();
                let opened = match word.as_str() {
                    "by" | "without" => {
                        let aggregation = before.trim_end();
                        let aggregation = &aggregation[..aggregation.len() - word.len()];
                        self.pending = last_word(aggregation).to_ascii_lowercase();
                        Open::Labels
                    }
                    "on" | "ignoring" | "group_left" | "group_right" => Open::Labels,
                    "" => Open::Operands(std::mem::take(&mut self.pending), 0),
                    _ => Open::Operands(word, 0),
                };
                self.open.push(opened);
            }
            '{' => self.open.push(Open::Selector),
            '[' => self.open.push(Open::Range),
            ')' | '}' | ']' => drop(self.open.pop()),
            ',' => {
                if let Some(Open::Operands(_, position)) = self.open.last_mut() {
                    *position += 1;
                }
            }
            _ => {}
        }
    }

    /// Returns the role of a variable between two parts of a query.
    fn around(&self, before: &str, rest: &str) -> Around {
        let trimmed = before.trim_end();
        let last = trimmed.chars().next_back();
        let after = trim_start(rest);
        let next = after.chars().next();
        match self.open.last() {
            Some(Open::Range) => duration(rest),
            Some(Open::Labels) => Around::Name,
            Some(Open::Selector) => match (last, next) {
                (Some('=' | '~'), _) => Around::Text,
                (_, Some('=' | '!')) => Around::Name,
                (last, _) => Around::Matchers {
                    comma: matches!(last, Some('"' | '\'' | '`')),
                },
            },
            Some(Open::Operands(function, position)) if is_scalar(function, *position) => {
                Around::Number
            }
            Some(Open::Operands(..)) | None => {
                let signed = trimmed.strip_suffix('-').map(str::trim_end);
                if last_word(signed.unwrap_or(trimmed)).eq_ignore_ascii_case("offset") {
                    return duration(rest);
                }
                if is_number_before(before) || before_number(trimmed) {
                    return Around::Number;
                }
                let word = after.split(|c: char| !c.is_alphanumeric()).next();
                match (word, next) {
                    (Some("by" | "without"), _) => Around::Aggregation,
                    (_, Some('(')) => Around::Function {
                        of_range: is_range(rest),
                    },
                    _ => Around::Name,
                }
            }
        }
    }
}

fn duration(rest: &str) -> Around {
    let goes_on = |c: char| c.is_ascii_alphanumeric() || c == '$';
    if rest.starts_with(goes_on) || rest.starts_with("[[") {
        Around::PartOfDuration
    } else {
        Around::Duration
    }
}

/// Returns whether an operand must be a number.
fn is_scalar(function: &str, position: usize) -> bool {
    match function {
        "topk" | "bottomk" | "limitk" | "limit_ratio" | "quantile" | "quantile_over_time"
        | "histogram_quantile" | "vector" => position == 0,
        "histogram_fraction" => position < 2,
        "clamp" | "holt_winters" | "double_exponential_smoothing" => position > 0,
        "clamp_min" | "clamp_max" | "round" | "predict_linear" => position == 1,
        _ => false,
    }
}

/// Returns whether the variable continues a number, as in `0.$x`.
fn is_number_before(before: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || "_:.".contains(c);
    let start = before.trim_end_matches(word).len();
    before[start..].starts_with(|c: char| c.is_ascii_digit() || c == '.')
}

/// Returns whether a number is likely here: after most operators.
fn before_number(before: &str) -> bool {
    before.ends_with(['>', '<', '=', '*', '+', '-', '^', '%', '@'])
        || last_word(before).eq_ignore_ascii_case("bool")
}

/// Returns whether the content of the parenthesis at the beginning of a text ends with a range.
fn is_range(rest: &str) -> bool {
    let (mut depth, mut last) = (0_usize, ' ');
    for (piece, _) in pieces(rest) {
        let Piece::Code(letter) = piece else {
            continue;
        };
        match letter {
            '(' => depth += 1,
            ')' if depth <= 1 => return last == ']',
            ')' => depth -= 1,
            _ => {}
        }
        if !letter.is_whitespace() {
            last = letter;
        }
    }
    false
}

/// Returns the word at the end of a text, or an empty string.
fn last_word(text: &str) -> &str {
    let text = text.trim_end();
    let start = text.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
    &text[start.len()..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_quotes_are_not_code() {
        let code = |text: &str| -> String {
            pieces(text)
                .filter_map(|(piece, _)| match piece {
                    Piece::Code(letter) => Some(letter),
                    Piece::Quoted { .. } | Piece::Comment => None,
                })
                .collect()
        };
        assert_eq!(code("a # it's\nb"), "a \nb");
        assert_eq!(code("a'#\\''b`\\`c\"#\"d"), "abcd");
        assert_eq!(code("a\"b"), "a");
        assert_eq!(trim_start(" # a\r\n # b\n c # d"), "c # d");
        assert_eq!(open_brackets("f(x{a='}'} # (\n[5"), [('(', 1), ('[', 15)]);
    }

    #[test]
    fn numbers_lose_their_underscores_and_keep_their_length() {
        for (written, read) in [
            ("x > 1_000", "x > 1000."),
            ("1_000_000", "1000000.0"),
            ("1_0.5_0", "10.5000"),
            ("1_0e1_0", "10.0e10"),
            ("0x_1F", "0x01F"),
            ("0xAB_CD", "0x0ABCD"),
            ("0_17", "0017"),
            ("1__0", "1__0"),
            ("1_", "1_"),
            ("x_1_2 # 1_0", "x_1_2 # 1_0"),
            ("'1_0'", "'1_0'"),
        ] {
            assert_eq!(for_parser(written), read);
        }
        assert_eq!("1000.".parse::<f64>(), Ok(1000.0));
    }

    #[test]
    fn backslashes_in_backquotes_are_restored() {
        let written = "x{a=~`\\d+\\(é\\é|\\\\`, b=\"\\\\d\"}";
        let hidden = for_parser(written);
        assert_eq!(hidden.len(), written.len());
        assert!(!hidden[..20].contains('\\'));
        assert_eq!(restore(&hidden), written);
    }

    #[test]
    fn variables_are_replaced_by_valid_text() {
        let cases = [
            ("rate(x[$__rate_interval])", "rate(x[000000000000005m])"),
            ("rate(x{a=~\"$a\"}[${w}])", "rate(x{a=~\"$a\"}[005m])"),
            ("x[${w}m:$s] offset -$o", "x[0005m:5m] offset -5m"),
            ("x[[[w]]]", "x[0005m]"),
            ("topk($n, x) > [[limit]]", "topk(01, x) > 000000001"),
            ("topk by (a) ($n, $x)", "topk by (a) (01, _b)"),
            ("clamp(x, $min, ${m:raw})", "clamp(x, 0001, 00000001)"),
            ("sum by ($label) ($metric)", "sum by (_____a) (______b)"),
            ("quantile(0.$q, a1$b)", "quantile(0.01, a1_b)"),
            ("x{$filters, a=\"b\"$more}", "x{_____=\"\", a=\"b\",_=\"\"}"),
            (
                "x{$label=~${v:doublequote}}",
                "x{_____a=~\"______________\"}",
            ),
            ("$sum by (a) ($f(x))", "sum  by (a) (ln(x))"),
            ("$func(x{a=\"]\"}[5m] )", "rate (x{a=\"]\"}[5m] )"),
            ("x{a='\\'$b'} + $c @ $d", "x{a='\\'$b'} + 01 @ 01"),
            ("x[5m] $ é", "x[5m] $ é"),
            ("# it's $a (\nrate(x[$w])", "# it's $a (\nrate(x[5m])"),
            (
                "sum by ($a) ($b) # by (`\n + $c",
                "sum by (_a) (_b) # by (`\n + 01",
            ),
            ("f # by\n ($x, `$y`)", "f # by\n (_a, `$y`)"),
            ("[[fn]] # y\n (x[5m])", "rate   # y\n (x[5m])"),
        ];
        for (query, expected) in cases {
            assert_eq!(replace(query).text, expected);
            assert_eq!(query.len(), expected.len());
        }
        assert!(replace("rate(x[$a:$b] offset $c)").only_durations);
        assert!(!replace("rate($x[$a])").only_durations);
        assert_eq!(replace("a_$b + $c").variables, [2..4, 7..9]);
    }
}
