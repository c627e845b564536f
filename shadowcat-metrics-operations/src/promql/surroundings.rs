//! Where in a query a variable of Grafana's stands, which tells what it may be.

/// What a variable may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Around {
    /// A range, a step, an offset.
    Duration,
    /// The digits of one.
    PartOfDuration,
    Number,
    /// A text with its quotes.
    Text,
    /// Matchers of a selector, with a comma before them if there is none.
    Matchers {
        comma: bool,
    },
    /// What stands before `by` or `without`.
    Aggregation,
    /// What stands before a parenthesis.
    Function {
        of_range: bool,
    },
    /// A series, a label, or a part of such a name.
    Name,
}

/// What is open where a query has been read to.
#[derive(Debug, Default)]
pub(super) struct Surroundings {
    open: Vec<Open>,
    /// The aggregation that has had its labels, and will have its operands.
    pending: String,
}

#[derive(Debug)]
enum Open {
    /// The operands of a function, and how many of them there were.
    Operands(String, usize),
    /// Labels.
    Labels,
    Selector,
    Range,
}

impl Surroundings {
    /// Goes past a letter that is in no text.
    pub(super) fn pass(&mut self, before: &str, letter: char) {
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

    /// What a variable between two parts of a query may be.
    pub(super) fn around(&self, before: &str, behind: &str) -> Around {
        let trimmed = before.trim_end();
        let last = trimmed.chars().next_back();
        let next = behind.trim_start().chars().next();
        match self.open.last() {
            Some(Open::Range) => duration(behind),
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
                    return duration(behind);
                }
                if is_number_before(before) || before_number(trimmed) {
                    return Around::Number;
                }
                let word = behind
                    .trim_start()
                    .split(|c: char| !c.is_alphanumeric())
                    .next();
                match (word, next) {
                    (Some("by" | "without"), _) => Around::Aggregation,
                    (_, Some('(')) => Around::Function {
                        of_range: is_range(behind),
                    },
                    _ => Around::Name,
                }
            }
        }
    }
}

fn duration(behind: &str) -> Around {
    let goes_on = |c: char| c.is_ascii_alphanumeric() || c == '$';
    if behind.starts_with(goes_on) || behind.starts_with("[[") {
        Around::PartOfDuration
    } else {
        Around::Duration
    }
}

/// Whether an operand is a number and no series.
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

/// Whether the variable is the rest of a number, as in `0.$x`.
fn is_number_before(before: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || "_:.".contains(c);
    let start = before.trim_end_matches(word).len();
    before[start..].starts_with(|c: char| c.is_ascii_digit() || c == '.')
}

/// Whether a number is likely: behind most operators.
fn before_number(before: &str) -> bool {
    before.ends_with(['>', '<', '=', '*', '+', '-', '^', '%', '@'])
        || last_word(before).eq_ignore_ascii_case("bool")
}

/// Whether what stands in the parenthesis that a text begins with ends with a range.
fn is_range(behind: &str) -> bool {
    let (mut depth, mut quote, mut last) = (0, None, ' ');
    for c in behind.chars() {
        match c {
            _ if quote == Some(c) => quote = None,
            _ if quote.is_some() => {}
            '"' | '\'' | '`' => quote = Some(c),
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 && c == ')' {
            return last == ']';
        }
        if !c.is_whitespace() {
            last = c;
        }
    }
    false
}

/// The word that a text ends with; none if something else is there.
fn last_word(text: &str) -> &str {
    let text = text.trim_end();
    let start = text.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
    &text[start.len()..]
}
