//! Formats values: arrays on one line if they fit, otherwise with one item per line; inline tables on one line.

use std::fmt::Write as _;

use toml_edit::{Array, InlineTable, Value};

use super::order::sort_inline_keys;
use super::shape::Shape;
use super::text_of;

/// Maximum width of a line with an array.
const WIDTH: usize = 120;
const INDENT: &str = "    ";

/// Formats the inside of a value that starts after `used` characters of its line. Leaves the space around it unchanged.
pub(super) fn format_value(value: &mut Value, shape: Shape, used: usize) {
    match value {
        Value::Array(array) => format_array(array, shape, used),
        // TOML 1.1 allows comments in inline tables; which item such a comment belongs to is unknown.
        Value::InlineTable(table) if !has_comment(table) => format_braces(table, shape),
        _ => {}
    }
}

fn format_braces(table: &mut InlineTable, shape: Shape) {
    fn entries(table: &mut InlineTable, shape: Shape) {
        sort_inline_keys(table, shape);
        for (mut key, value) in table.iter_mut() {
            let inner = shape.under(key.get());
            match value {
                Value::InlineTable(dotted) if dotted.is_dotted() => {
                    key.dotted_decor_mut().clear();
                    entries(dotted, inner);
                    continue;
                }
                Value::Array(array) => on_one_line(array),
                _ => format_value(value, inner, 0),
            }
            *key.leaf_decor_mut() = toml_edit::Decor::new(" ", " ");
            *value.decor_mut() = toml_edit::Decor::new(" ", "");
        }
    }
    entries(table, shape);
    table.set_trailing_comma(false);
    table.set_trailing(if table.is_empty() { "" } else { " " });
}

fn format_array(array: &mut Array, shape: Shape, used: usize) {
    if array.iter().any(is_commented) {
        return;
    }
    let comments = Comments::of(array);
    for item in array.iter_mut() {
        format_value(item, shape, 0);
    }
    if comments.is_empty() {
        on_one_line(array);
        let line = array.to_string();
        // The decor around the array is not part of it.
        let fits = used + line.trim().chars().count() <= WIDTH;
        if fits || array.is_empty() || line.trim().contains('\n') {
            return;
        }
    }
    on_many_lines(array, comments);
}

fn on_one_line(array: &mut Array) {
    for (index, item) in array.iter_mut().enumerate() {
        let before = if index == 0 { "" } else { " " };
        if let Value::Array(inner) = item {
            on_one_line(inner);
        }
        *item.decor_mut() = toml_edit::Decor::new(before, "");
    }
    array.set_trailing_comma(false);
    array.set_trailing("");
}

fn on_many_lines(array: &mut Array, comments: Comments) {
    let mut after = String::new();
    let Comments { items, end } = comments;
    for (item, around) in array.iter_mut().zip(items) {
        let mut before = after;
        for comment in around.above {
            let _ = write!(before, "\n{INDENT}{comment}");
        }
        before.push('\n');
        before.push_str(INDENT);
        *item.decor_mut() = toml_edit::Decor::new(before, "");
        after = around
            .after
            .map(|comment| format!(" {comment}"))
            .unwrap_or_default();
    }
    for comment in end {
        let _ = write!(after, "\n{INDENT}{comment}");
    }
    after.push('\n');
    array.set_trailing_comma(!array.is_empty());
    array.set_trailing(after);
}

/// The comments of an array.
#[derive(Debug, Default)]
struct Comments {
    items: Vec<Around>,
    /// Comments after the last item.
    end: Vec<String>,
}

/// The comments of one item.
#[derive(Debug, Default)]
struct Around {
    above: Vec<String>,
    /// Comment on the item's line.
    after: Option<String>,
}

impl Comments {
    fn of(array: &Array) -> Self {
        let mut comments = Self::default();
        for item in array {
            comments.between(text_of(item.decor().prefix()));
            comments.items.push(Around {
                above: std::mem::take(&mut comments.end),
                after: None,
            });
            comments.between(text_of(item.decor().suffix()));
        }
        comments.between(text_of(Some(array.trailing())));
        comments
    }

    /// Assigns the comments after the latest item: one on its line belongs to it, the others to the next item.
    fn between(&mut self, text: &str) {
        for (index, line) in text.split('\n').enumerate() {
            let line = line.trim();
            if line.is_empty() {
                continue;
            }
            match self.items.last_mut() {
                Some(last) if index == 0 && last.after.is_none() && self.end.is_empty() => {
                    last.after = Some(line.to_owned());
                }
                _ => self.end.push(line.to_owned()),
            }
        }
    }

    fn is_empty(&self) -> bool {
        let bare = |around: &Around| around.above.is_empty() && around.after.is_none();
        self.end.is_empty() && self.items.iter().all(bare)
    }
}

/// Returns whether an inline table contains a comment.
fn has_comment(table: &InlineTable) -> bool {
    let in_decor = |decor: &toml_edit::Decor| {
        text_of(decor.prefix()).contains('#') || text_of(decor.suffix()).contains('#')
    };
    text_of(Some(table.trailing())).contains('#')
        || table.iter().any(|(key, value)| {
            let key = table
                .key(key)
                .is_some_and(|key| in_decor(key.leaf_decor()) || in_decor(key.dotted_decor()));
            key || is_commented(value) || in_decor(value.decor())
        })
}

/// Returns whether an array or inline table contains a comment.
fn is_commented(value: &Value) -> bool {
    let in_array =
        |array: &Array| !Comments::of(array).is_empty() || array.iter().any(is_commented);
    value.as_inline_table().is_some_and(has_comment) || value.as_array().is_some_and(in_array)
}
