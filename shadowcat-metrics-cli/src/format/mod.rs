//! The format of schema files: order of sections and keys, spacing, and position of comments. Values are not changed; metrics,
//! labels and label values keep the author's order.
//!
//! Sections and keys follow the order of the language's tables; groups and metrics stay interleaved. A comment belongs to the
//! item below it or on its line, and moves with that item. A comment directly below the last line of a table belongs to that
//! table if a blank line follows. Comments at the top of the file above a blank line stay there. CRLF line endings are kept if all
//! lines have them.

mod comments;
mod order;
mod shape;
#[cfg(test)]
mod tests;
mod values;

use shadowcat_metrics_authoring::language::{FILE, METRIC, tables};
use toml_edit::{DocumentMut, Item, KeyMut, RawString, Table, TomlError};

use crate::newline;
use comments::{Gap, lines_above, split_header, trailing};
pub(crate) use comments::{split_foot, split_last_foot};
pub(crate) use order::each_table;
use order::{order_tables, sort_keys};

use shape::Shape;
use values::format_value;

/// Returns a schema's text in the format of `fmt`.
///
/// # Errors
///
/// If the text is not valid TOML.
pub(crate) fn format_schema(text: &str) -> Result<String, TomlError> {
    let mut document: DocumentMut = text.parse()?;
    let header = take_header(document.as_table_mut());
    order_tables(&mut document);
    format_table(document.as_table_mut(), Shape::Table(&FILE));
    let (foot, end) = split_last_foot(text_of(Some(document.trailing())));
    let end = lines_above(foot, Gap::None) + &lines_above(end, Gap::Always);
    document.set_trailing(end);
    // Each table has a blank line above it, except at the top of the file.
    let formatted = document.to_string();
    let body = formatted.trim_matches('\n');
    let formatted = match (header.is_empty(), body.is_empty()) {
        (true, true) => String::new(),
        (true, false) => format!("{body}\n"),
        (false, true) => header,
        (false, false) => format!("{header}\n{body}\n"),
    };
    Ok(newline::as_in(text, formatted))
}

/// Lists the sections of a file in order: `[defaults], [labels], ...`.
pub(crate) fn section_names() -> String {
    let names: Vec<_> = tables().map(|name| format!("[{name}]")).collect();
    names.join(", ")
}

pub(crate) fn text_of(raw: Option<&RawString>) -> &str {
    raw.and_then(RawString::as_str).unwrap_or_default()
}

/// Returns whether an item is written as `key = value`.
fn is_entry(item: &Item) -> bool {
    item.is_value() || item.as_table().is_some_and(Table::is_dotted)
}

/// Removes the comments about the file: those above its first entry or, without entries, above its first table.
fn take_header(root: &mut Table) -> String {
    let mut header = String::new();
    let mut take = |decor: &mut toml_edit::Decor| {
        let (above, rest) = split_header(text_of(decor.prefix()));
        header = above;
        decor.set_prefix(rest);
    };
    let first = root.iter().find(|(_, item)| is_entry(item));
    if let Some(key) = first.map(|(key, _)| key.to_owned()) {
        with_first_leaf(root, &key, &mut take);
        return header;
    }
    let mut first = None;
    each_table(root, &mut |_, table| {
        first = first.into_iter().chain(table.position()).min();
    });
    each_table(root, &mut |_, table| {
        if first.is_some() && table.position() == first {
            take(table.decor_mut());
        }
    });
    header
}

/// Calls `act` with the decor of an entry's key; for a dotted key, of its last part.
fn with_first_leaf(table: &mut Table, key: &str, act: &mut dyn FnMut(&mut toml_edit::Decor)) {
    let Some((mut leaf, item)) = table.get_key_value_mut(key) else {
        return;
    };
    match item {
        Item::Table(inner) if inner.is_dotted() => {
            let first = inner.iter().next().map(|(key, _)| key.to_owned());
            if let Some(first) = first {
                with_first_leaf(inner, &first, act);
            }
        }
        Item::None | Item::Value(_) | Item::Table(_) | Item::ArrayOfTables(_) => {
            act(leaf.leaf_decor_mut());
        }
    }
}

/// Formats a new metric's table.
pub(crate) fn format_metric(table: &mut Table) {
    format_table(table, Shape::Table(&METRIC));
}

/// Formats a table, its entries, and the tables below it.
fn format_table(table: &mut Table, shape: Shape) {
    sort_keys(table, shape);
    let mut first = true;
    format_entries(table, shape, &mut first);
    for (key, item) in table.iter_mut() {
        let inner = shape.under(key.get());
        match item {
            Item::Table(below) if !below.is_dotted() => format_headed(key, below, inner),
            Item::ArrayOfTables(tables) => {
                for below in tables.iter_mut() {
                    format_header(below);
                    format_table(below, inner);
                }
            }
            Item::None | Item::Value(_) | Item::Table(_) => {}
        }
    }
}

fn format_headed(mut key: KeyMut<'_>, table: &mut Table, shape: Shape) {
    key.leaf_decor_mut().clear();
    key.dotted_decor_mut().clear();
    format_header(table);
    format_table(table, shape);
}

fn format_header(table: &mut Table) {
    let (foot, own) = split_foot(text_of(table.decor().prefix()));
    let above = lines_above(foot, Gap::None) + &lines_above(own, Gap::Always);
    let after = trailing(text_of(table.decor().suffix()));
    table.decor_mut().set_prefix(above);
    table.decor_mut().set_suffix(after);
}

/// Formats `key = value` lines; `first` is true until the first one is seen.
fn format_entries(table: &mut Table, shape: Shape, first: &mut bool) {
    for (mut key, item) in table.iter_mut() {
        let inner = shape.under(key.get());
        match item {
            Item::Value(value) => {
                let gap = if *first { Gap::None } else { Gap::Keep };
                *first = false;
                let above = lines_above(text_of(key.leaf_decor().prefix()), gap);
                key.leaf_decor_mut().set_prefix(above);
                key.leaf_decor_mut().set_suffix(" ");
                let used = key.display_repr().len() + " = ".len();
                format_value(value, inner, used);
                let after = trailing(text_of(value.decor().suffix()));
                value.decor_mut().set_prefix(" ");
                value.decor_mut().set_suffix(after);
            }
            Item::Table(dotted) if dotted.is_dotted() => {
                key.dotted_decor_mut().clear();
                format_entries(dotted, inner, first);
            }
            Item::None | Item::Table(_) | Item::ArrayOfTables(_) => {}
        }
    }
}
